"""Queue sheets (one sealed sheet a handler), rate buckets without addresses, and site settings."""

from django.db import models


class QueueSheet(models.Model):
    staff = models.OneToOneField("desk.Staff", primary_key=True, on_delete=models.CASCADE)
    body = models.BinaryField()  # sealed to the handler
    updated_at = models.DateTimeField(auto_now=True)
    built = models.PositiveIntegerField(default=0)  # of a build in the background: cases read so far, of `total`
    total = models.PositiveIntegerField(default=0)
    beat_at = models.DateTimeField(null=True)  # last sign of life of that build

    class Meta:
        app_label = "desk"


class SearchSheet(models.Model):
    """A part of what one colleague can search: texts of their cases, sealed to them. Newer parts win."""

    staff = models.ForeignKey("desk.Staff", on_delete=models.CASCADE, related_name="search_sheets")
    number = models.PositiveIntegerField()
    body = models.BinaryField()

    class Meta:
        app_label = "desk"
        constraints = [models.UniqueConstraint(fields=["staff", "number"], name="one_search_sheet")]


class Bucket(models.Model):
    """A token bucket. The name is a purpose or a keyed hash, never an address."""

    name = models.CharField(max_length=80, primary_key=True)
    tokens = models.FloatField()
    filled_at = models.FloatField()

    class Meta:
        app_label = "desk"


class Setting(models.Model):
    """Public facts of the site: root lead's fingerprint, desk id, recovery public key, last time seen."""

    name = models.CharField(max_length=40, primary_key=True)
    value = models.BinaryField()

    class Meta:
        app_label = "desk"
