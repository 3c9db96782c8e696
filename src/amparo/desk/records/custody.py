"""The custody log in SQL: entries and complete subtree hashes (RFC 6962), append only."""

from django.db import models


class LogEntry(models.Model):
    index = models.BigIntegerField(primary_key=True)
    body = models.BinaryField()  # canonical entry; hashes, ids and codes only (seal.custody)
    case = models.UUIDField(null=True)  # both stand in the body, too; here to find entries by
    item = models.UUIDField(null=True)

    class Meta:
        app_label = "desk"
        indexes = [models.Index(fields=["case", "index"]), models.Index(fields=["item", "index"])]


class LogNode(models.Model):
    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        app_label = "desk"
        constraints = [models.UniqueConstraint(fields=["level", "index"], name="one_node")]
