"""People who work at the desk: known by pseudonym only."""

import uuid

from django.db import models


class Staff(models.Model):
    """One colleague. Name, mail and login name never stand here in clear.

    In clear: the pseudonym (the desk publishes it so that a reporter can exclude its bearer), the
    role and the public keys (everyone who seals needs them).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    login = models.BinaryField(max_length=32, unique=True, null=True)  # HMAC(pepper, folded login name)
    pseudonym = models.CharField(max_length=40, unique=True)
    role = models.CharField(max_length=16)  # policy.ROLES
    state = models.CharField(max_length=16, default="invited")  # invited, unsigned, active, locked, away, removed
    invitation = models.BinaryField(max_length=32, null=True)  # SHA-256 of the one-time invitation
    invited_until = models.DateTimeField(null=True)
    kdf = models.BinaryField(null=True)  # salt and Argon2id parameters, msgpack of seal.KdfParameters
    auth = models.BinaryField(max_length=32, null=True)  # SHA-256 of the login verifier
    keys = models.BinaryField(null=True)  # private keys under the password's key-encryption key
    kex_public = models.BinaryField(max_length=32, null=True)
    sign_public = models.BinaryField(max_length=32, null=True)
    signed_by = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    directory_signature = models.BinaryField(max_length=64, null=True)  # by a lead, over the directory entry
    second_factor = models.BinaryField(null=True)  # TOTP secret and recovery codes, sealed under a subkey
    totp_used = models.BigIntegerField(default=0)  # last time step used, so that no code works twice
    generation = models.PositiveIntegerField(default=1)  # raised to end every session of this colleague
    profile = models.BinaryField(null=True)  # gender shown to reporters, languages, notices: sealed to self
    answers_as = models.CharField(max_length=16, default="any")  # "woman", "man", "any": published, so in clear
    hidden = models.BooleanField(default=False)  # reads and counts as a reader; the pseudonym is not published
    locked_by = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    demo_link = models.BinaryField(max_length=32, null=True)  # demo mode only: hash of the one-time sign-in secret
    demo_keys = models.BinaryField(null=True)  # demo mode only: keys wrapped by that secret; deleted at use

    class Meta:
        app_label = "desk"
