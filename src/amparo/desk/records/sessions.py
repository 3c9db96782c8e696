"""Sealed sessions: the cookie holds the secret, the row only ciphertext."""

from django.db import models


class SessionRow(models.Model):
    id = models.BinaryField(primary_key=True, max_length=32)  # SHA-256 of the cookie
    body = models.BinaryField()
    idle_until = models.FloatField(db_index=True)  # seconds since 1970, as is the next
    ends_at = models.FloatField()

    class Meta:
        app_label = "desk"
