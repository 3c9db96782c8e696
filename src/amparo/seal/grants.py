"""Grants: the private halves of one case epoch, sealed to one grantee."""

from typing import Final
from uuid import UUID

from amparo.seal.boxes import ALTERED, open_grant_envelope, seal_envelope
from amparo.seal.context import UNSIGNED, Author, AuthorKind, Grantee, Verifier
from amparo.seal.encoding import canonical
from amparo.seal.errors import SealError, Tampered
from amparo.seal.frames import read_frame, write_frame
from amparo.seal.keys import ChannelKeys, KeyPair, Veiled, kex_pair

BOTH: Final = "both"
DIALOGUE: Final = "dialogue"


class Granted(Veiled, frozen=True):
    """An opened grant: the channels' keys, and who gave them."""

    keys: ChannelKeys
    author_kind: AuthorKind
    author_id: UUID
    proven: bool


class GrantedDialogue(Veiled, frozen=True):
    """An opened dialogue grant, and who gave it."""

    keys: KeyPair
    author_kind: AuthorKind
    author_id: UUID
    proven: bool


def grant_info(case: UUID, epoch: int, channels: str, grantee: Grantee) -> bytes:
    """What a grant is bound to."""
    return canonical("grant", case, epoch, channels, grantee.kind, grantee.id)


def grant(
    channel_keys: ChannelKeys, case: UUID, epoch: int, grantee: Grantee, grantee_public: bytes,
    author: Author = UNSIGNED,
) -> bytes:
    """Both channels' private halves, sealed to a colleague or the recovery key.

    `author` signs the grant inside the seal, so that the grantee can tell the channel keys the reporter (or
    a colleague) made from ones that somebody with the database put there.
    """
    if grantee.kind == "reporter":
        raise SealError("A reporter is only ever given the dialogue.", code="seal.grantee")
    info = grant_info(case, epoch, BOTH, grantee)
    secret = channel_keys.staff.private + channel_keys.dialogue.private
    return seal_envelope(grantee_public, info, write_frame(info, secret, author))


def read_grant(
    private: bytes, sealed: bytes, case: UUID, epoch: int, grantee: Grantee, verifier: Verifier | None
) -> Granted:
    """Open a grant and tell whether its giver's signature is proven. NotAllowed if it is not this key's."""
    info = grant_info(case, epoch, BOTH, grantee)
    written = read_frame(info, open_grant_envelope(private, info, sealed), verifier)
    if len(written.payload) != 64:
        raise Tampered(ALTERED)
    keys = ChannelKeys(kex_pair(written.payload[:32]), kex_pair(written.payload[32:]))
    return Granted(keys, written.author_kind, written.author_id, written.proven)


def open_grant(private: bytes, sealed: bytes, case: UUID, epoch: int, grantee: Grantee) -> ChannelKeys:
    """The channels of a case epoch; NotAllowed if the grant is not for this key, case, epoch and grantee."""
    return read_grant(private, sealed, case, epoch, grantee, None).keys


def grant_dialogue(
    dialogue: KeyPair | ChannelKeys, case: UUID, epoch: int, grantee: Grantee, grantee_public: bytes,
    author: Author = UNSIGNED,
) -> bytes:
    """The dialogue's private half alone, sealed to the reporter."""
    pair = dialogue.dialogue if isinstance(dialogue, ChannelKeys) else dialogue
    info = grant_info(case, epoch, DIALOGUE, grantee)
    return seal_envelope(grantee_public, info, write_frame(info, pair.private, author))


def read_dialogue_grant(
    private: bytes, sealed: bytes, case: UUID, epoch: int, grantee: Grantee, verifier: Verifier | None
) -> GrantedDialogue:
    """Open a dialogue grant and tell whether its giver's signature is proven."""
    info = grant_info(case, epoch, DIALOGUE, grantee)
    written = read_frame(info, open_grant_envelope(private, info, sealed), verifier)
    if len(written.payload) != 32:
        raise Tampered(ALTERED)
    return GrantedDialogue(
        kex_pair(written.payload), written.author_kind, written.author_id, written.proven
    )


def open_dialogue_grant(
    private: bytes, sealed: bytes, case: UUID, epoch: int, grantee: Grantee
) -> KeyPair:
    """The dialogue's key pair; NotAllowed if the grant is not for this key, case, epoch and grantee."""
    return read_dialogue_grant(private, sealed, case, epoch, grantee, None).keys
