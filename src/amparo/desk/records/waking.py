"""Who is on duty when, and the alarms that wake them. Ids and times only: what an alarm is about lies in letters."""

import uuid

from django.db import models


class Turn(models.Model):
    """One turn of duty: who, from when to when, as the first or the second to be woken. Times in UTC."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    staff = models.ForeignKey("desk.Staff", on_delete=models.CASCADE, related_name="turns")
    place = models.CharField(max_length=8)  # first, second
    starts_at = models.DateTimeField(db_index=True)
    ends_at = models.DateTimeField()

    class Meta:
        app_label = "desk"


class Absence(models.Model):
    """A break: for this time a colleague is not woken, and a turn of theirs is a gap."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    staff = models.ForeignKey("desk.Staff", on_delete=models.CASCADE, related_name="absences")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        app_label = "desk"


class Alarm(models.Model):
    """Something that somebody must look at now. Its case and its reason are sealed to each who reads the case.

    The times are needed to know when the second person is due; the row goes some days after it was acknowledged.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    urgent = models.BooleanField(default=True)
    raised_at = models.DateTimeField()
    step = models.PositiveSmallIntegerField(default=0)  # who is next: 0 the first, 1 the second, 2 every lead
    next_at = models.DateTimeField(db_index=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey("desk.Staff", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        app_label = "desk"


class Ping(models.Model):
    """That a colleague was pinged for an alarm, or could not be: one row a step, however often it is repeated."""

    alarm = models.ForeignKey(Alarm, on_delete=models.CASCADE, related_name="pings")
    staff = models.ForeignKey("desk.Staff", null=True, on_delete=models.CASCADE, related_name="+")  # null: nobody there
    step = models.PositiveSmallIntegerField()
    first_at = models.DateTimeField()
    at = models.DateTimeField()
    times = models.PositiveIntegerField(default=1)
    code = models.CharField(max_length=16, default="")  # why it could not be sent; "" where it was

    class Meta:
        app_label = "desk"
        constraints = [models.UniqueConstraint(fields=["alarm", "staff", "step"], name="one_ping_a_step")]


class CheckIn(models.Model):
    """When an alarm rings for a case unless somebody presses before. Nothing else of a plan stands in clear.

    `due_at` is the time with its grace and up to five minutes at random; `even_at` the same by the seconds that the
    desk's clock ran evenly, so that a clock set back delays nothing. `mac` is the site's word for the whole row.
    """

    id = models.UUIDField(primary_key=True)  # of the plan
    case = models.ForeignKey("desk.Case", on_delete=models.CASCADE, related_name="+")
    due_at = models.DateTimeField(db_index=True)
    even_at = models.FloatField()
    alarm = models.UUIDField(null=True)  # rang, and nobody has ended it yet
    mac = models.BinaryField(max_length=32)

    class Meta:
        app_label = "desk"
