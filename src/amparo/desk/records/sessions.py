"""Sealed sessions: the cookie holds the secret, the row only ciphertext."""

from django.db import models


class SessionRow(models.Model):
    id = models.BinaryField(primary_key=True, max_length=32)  # SHA-256 of the cookie
    body = models.BinaryField()
    idle_until = models.DateTimeField(db_index=True)
    ends_at = models.DateTimeField()

    class Meta:
        app_label = "desk"
