"""What one colleague leaves for another, sealed to the reader; and what the whole team shares a key of."""

import uuid

from django.db import models


class Letter(models.Model):
    """A signed writing sealed to one colleague: a hand-over note, a complaint, a request for a second person."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    to = models.ForeignKey("desk.Staff", on_delete=models.CASCADE, related_name="letters")
    kind = models.CharField(max_length=16)  # letters.KINDS: structure, never a word of a case
    thread = models.UUIDField(db_index=True)  # copies of one letter to several readers, and its answers
    body = models.BinaryField()
    made_on = models.DateField()  # the day; the exact time is inside the seal
    read = models.BooleanField(default=False)

    class Meta:
        app_label = "desk"
        indexes = [models.Index(fields=["to", "kind"])]


class TeamKey(models.Model):
    """The key of the blind index, sealed to each colleague who works on cases. A new generation when one leaves."""

    staff = models.OneToOneField("desk.Staff", primary_key=True, on_delete=models.CASCADE, related_name="team_key")
    generation = models.PositiveIntegerField(default=1)
    sealed = models.BinaryField()

    class Meta:
        app_label = "desk"


class HandedOver(models.Model):
    """A grant that a colleague in danger gave away: what a lead gives back. Ids only."""

    case = models.ForeignKey("desk.Case", on_delete=models.CASCADE, related_name="handed_over")
    giver = models.ForeignKey("desk.Staff", on_delete=models.CASCADE, related_name="gave")
    holder = models.ForeignKey("desk.Staff", on_delete=models.CASCADE, related_name="holds")

    class Meta:
        app_label = "desk"
        constraints = [models.UniqueConstraint(fields=["case", "giver"], name="one_hand_over")]


class Import(models.Model):
    """A sheet on its way to becoming cases. The sealed file's key lies in the session of who brought it.

    In clear: how far it is. What is in it, and what it is called, is sealed to that colleague.
    """

    id = models.UUIDField(primary_key=True)
    staff = models.ForeignKey("desk.Staff", on_delete=models.CASCADE, related_name="imports")
    state = models.CharField(max_length=16, default="uploaded")  # uploaded, running, done, undoing, undone
    name = models.CharField(max_length=64, unique=True, null=True)  # random name on disk; null when the file is gone
    facts = models.BinaryField(default=b"")  # file, mapping, results: sealed to the colleague
    made_on = models.DateField(auto_now_add=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    beat_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "desk"


class ImportedRow(models.Model):
    """That a row was made into a case: its keyed digest, so that the same sheet twice makes nothing twice.

    `source` tells which cases came in together, as their custody entries do: it is how an import is gone on with
    after a crash, and taken back.
    """

    digest = models.BinaryField(primary_key=True, max_length=32)
    case = models.ForeignKey("desk.Case", on_delete=models.CASCADE, related_name="imported_rows")
    source = models.ForeignKey(Import, null=True, on_delete=models.SET_NULL, related_name="rows")

    class Meta:
        app_label = "desk"
