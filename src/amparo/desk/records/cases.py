"""Cases, their epochs, grants, items and blobs: structure in clear, content sealed."""

from uuid import UUID

from django.db import models

STATES = (
    "open", "awaiting-vetting", "out-of-mandate", "waiting-on-reporter", "waiting-on-partner",
    "closed", "withdrawn", "erasing",
)


class Case(models.Model):
    """The frame of a case. The id is bound to the reporter's public keys (seal.case_id_for)."""

    id = models.UUIDField(primary_key=True)
    state = models.CharField(max_length=24, default="open")
    epoch = models.PositiveIntegerField(default=1)
    version = models.PositiveIntegerField(default=1)  # raised by every write: a page says which one it showed
    changed = models.BigIntegerField(default=0, db_index=True)  # place of the last write among all: for queue sheets
    opened_on = models.DateField()  # day resolution, for anonymous people
    retention_on = models.DateField()
    withdrawn_at = models.DateTimeField(null=True)  # start of the 24 hours' grace
    lookup = models.BinaryField(max_length=32, unique=True, null=True)  # HMAC(pepper, receipt's lookup seed)
    reporter_wrap = models.BinaryField(null=True)  # reporter's private keys under the receipt
    reporter_kex = models.BinaryField(max_length=32)
    reporter_sign = models.BinaryField(max_length=32)
    # "no-worker": consent to examine was given and no worker lived. "carried": nobody here could open the files when
    # they came. No word of the case: a fact of the machine.
    exam_code = models.CharField(max_length=24, default="")

    class Meta:
        app_label = "desk"
        indexes = [models.Index(fields=["state"]), models.Index(fields=["retention_on"])]


class CaseEpoch(models.Model):
    """The two public keys of one epoch: staff channel, and dialogue channel (staff and reporter)."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="epochs")
    epoch = models.PositiveIntegerField()
    staff_public = models.BinaryField(max_length=32)
    dialogue_public = models.BinaryField(max_length=32)
    # By the reporter for epoch 1, by the colleague who re-keyed for later ones: whoever can only write to the
    # database cannot make others seal to keys of their own.
    signer_kind = models.CharField(max_length=8)
    signer = models.UUIDField(null=True)
    signature = models.BinaryField(max_length=64)
    # The colleagues who read it: 16 bytes each, signed with the keys. And who was added since: msgpack of
    # [who, by whom, signature]. Grant rows tell the same ids; these say that they were meant.
    readers = models.BinaryField(default=b"")
    added = models.BinaryField(default=b"")

    # HMAC(site secret, what is signed): a reader of an earlier epoch could sign a rival row, but not write it here.
    mac = models.BinaryField(max_length=32)

    reader_ids: frozenset[UUID]  # set where the row was proven (directory.epoch_of)
    readers_by_epoch: dict[int, frozenset[UUID]]

    class Meta:
        app_label = "desk"
        constraints = [models.UniqueConstraint(fields=["case", "epoch"], name="one_epoch")]


class Grant(models.Model):
    """A case epoch's private halves, sealed to one grantee."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="grants")
    epoch = models.PositiveIntegerField()
    kind = models.CharField(max_length=8)  # staff, reporter, recovery
    staff = models.ForeignKey("desk.Staff", null=True, on_delete=models.CASCADE, related_name="grants")
    sealed = models.BinaryField()

    class Meta:
        app_label = "desk"
        constraints = [
            models.UniqueConstraint(fields=["case", "epoch", "kind", "staff"], name="one_grant"),
            models.UniqueConstraint(  # NULLs are never equal: one reporter and one recovery grant
                fields=["case", "epoch", "kind"], condition=models.Q(staff=None), name="one_lone_grant"
            ),
        ]


class Item(models.Model):
    """One sealed writing of a case. `kind` is structural (words.kinds); the size is padded."""

    id = models.UUIDField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="items")
    sequence = models.BigIntegerField()  # order within the case; the exact time is inside the seal
    kind = models.CharField(max_length=16)
    channel = models.CharField(max_length=8)  # staff, dialogue
    written_epoch = models.PositiveIntegerField()
    schema = models.PositiveSmallIntegerField(default=1)
    body = models.BinaryField()

    class Meta:
        app_label = "desk"
        constraints = [models.UniqueConstraint(fields=["case", "sequence"], name="one_sequence")]


class ItemKey(models.Model):
    """An item's data key, sealed to the case's channel key. Deleting this row shreds the item."""

    item = models.OneToOneField(Item, primary_key=True, on_delete=models.CASCADE, related_name="key")
    epoch = models.PositiveIntegerField()
    sealed = models.BinaryField()

    class Meta:
        app_label = "desk"


class Blob(models.Model):
    """A sealed file on disk. `item` is null while its draft is unsent."""

    id = models.UUIDField(primary_key=True)  # equals the item's id
    item = models.OneToOneField(Item, null=True, on_delete=models.CASCADE, related_name="blob")
    draft = models.UUIDField(null=True, db_index=True)  # the draft's case id until it is sent
    name = models.CharField(max_length=64, unique=True)  # random name on disk
    size = models.BigIntegerField()  # sealed size
    sha256 = models.BinaryField(max_length=32)  # of the ciphertext
    made_on = models.DateField(auto_now_add=True)  # the day: an exact time would point to a connection
    draft_meta = models.BinaryField(null=True)  # the file item's body, sealed to the draft; moved to Item
    draft_key = models.BinaryField(null=True)  # its data key, sealed to the draft; moved to ItemKey

    class Meta:
        app_label = "desk"


class Delegate(models.Model):
    """Somebody who may add to a case and never read it: their words open only a key to sign with.

    Who named them signs `id, case, sign_public`; a row that a stranger wrote proves nothing.
    """

    id = models.UUIDField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="delegates")
    lookup = models.BinaryField(max_length=32, unique=True, null=True)  # null once revoked
    wrap = models.BinaryField(null=True)  # the delegate's private key under their words
    sign_public = models.BinaryField(max_length=32)
    named_by_kind = models.CharField(max_length=8)  # reporter, staff
    named_by = models.UUIDField()
    signature = models.BinaryField(max_length=64)
    mac = models.BinaryField(max_length=32)  # HMAC(site secret, what is signed): nobody writes a row elsewhere
    revoked = models.BooleanField(default=False)  # stays, so that what they added keeps its origin
    ended_after = models.BigIntegerField(null=True)  # the case's sequence at the revocation: nothing later is proven

    class Meta:
        app_label = "desk"


class PaperCard(models.Model):
    """A printed card whose words nobody has used yet: which words they are, this table doesn't tell."""

    lookup = models.BinaryField(max_length=32, unique=True)  # as of a case: HMAC(pepper, receipt's lookup seed)
    last = models.DateField()  # the day after which the words open nothing and nothing is filed under them

    class Meta:
        app_label = "desk"


class Mark(models.Model):
    """An identifier of a case in the blind index (seal.blind): equal values have equal marks, and no more is told.

    Whoever holds the table learns which cases share an identifier and how often; without the team's key not which.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="marks")
    mark = models.BinaryField(max_length=16, db_index=True)

    class Meta:
        app_label = "desk"
        constraints = [models.UniqueConstraint(fields=["case", "mark"], name="one_mark")]
