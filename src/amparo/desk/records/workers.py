"""Workers (keys in RAM only) and the leases granted to them."""

import uuid

from django.db import models


class Worker(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    kex_public = models.BinaryField(max_length=32)
    sign_public = models.BinaryField(max_length=32)
    mac = models.BinaryField(max_length=32)  # HMAC(site secret, id and keys): a row written by a stranger gets no lease
    started_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField()

    class Meta:
        app_label = "desk"


class Lease(models.Model):
    """An item's data key, sealed to one live worker, to be started before `start_by`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    item = models.ForeignKey("desk.Item", on_delete=models.CASCADE, related_name="leases")
    worker = models.ForeignKey(Worker, on_delete=models.CASCADE, related_name="leases")
    purpose = models.CharField(max_length=16)  # examine, preview
    sealed = models.BinaryField()
    start_by = models.DateTimeField()
    state = models.CharField(max_length=16, default="waiting")  # waiting, running, done, needs-handler, failed
    code = models.CharField(max_length=40, default="")  # coded outcome; never a text of the case
    detector_version = models.CharField(max_length=40, default="")

    class Meta:
        app_label = "desk"
