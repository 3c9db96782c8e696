"""A report sealed away from the desk, into one file that somebody carries, and what such a file says when it is opened.

The same keys, epoch, grants and items as a report that is sent on the web (desk.filing), made from the desk's card
alone. The desk opens the wrapping; what lies inside opens for those whom the reporter let read, as ever.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, BinaryIO, Final, Literal
from uuid import UUID, uuid4

import msgspec

from amparo import seal
from amparo.words import consents, questionnaires, reports, writings
from amparo.words.errors import AmparoError

WAY: Final = "carrier"
RECOVERY_ID: Final = UUID(int=0)
MOST_FILES: Final = 500
MOST_ITEMS: Final = MOST_FILES + 8
MOST_BODY: Final = 1_000_000  # bytes of one sealed writing
MOST_MANIFEST: Final = 8_000_000
_READ: Final = 524_288
_Key = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
_Grant = Annotated[bytes, msgspec.Meta(min_length=64, max_length=1000)]
_Size = Annotated[int, msgspec.Meta(ge=0, lt=2**62)]


class CarriedRefused(AmparoError):
    """Why nothing was sealed."""

    code = "carried"


class File(msgspec.Struct, frozen=True):
    """A file to seal: its name, media type, and where its bytes are read from."""

    name: str
    type: str
    below: BinaryIO


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What the reporter says: answers of the questionnaire "report", purposes allowed, and whom to keep out.

    `presses`: somebody at the desk is to be woken when it comes.
    """

    answers: dict[str, list[str]]
    presses: bool = False
    purposes: tuple[str, ...] = ()
    excluded: writings.Exclusion = writings.Exclusion()
    language: str = "en"


class Given(msgspec.Struct, frozen=True, array_like=True):
    """A grant to one colleague, and the key it was sealed to."""

    who: UUID
    kex_public: _Key
    sealed: _Grant


class Writing(msgspec.Struct, frozen=True, array_like=True):
    """One sealed item of the case, in the order in which they were written."""

    id: UUID
    kind: Literal["opening", "consent", "answers", "file"]
    channel: Literal["staff", "dialogue"]
    body: Annotated[bytes, msgspec.Meta(max_length=MOST_BODY)]
    sealed_key: _Grant


class Piece(msgspec.Struct, frozen=True, array_like=True):
    """A sealed file: which item it belongs to, where it stands, its SHA-256, and the commitment for the custody log."""

    item: UUID
    at: _Size
    size: _Size
    sha256: _Key
    commitment: _Key


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The last piece: everything of the case that a desk stores, and nothing that it could read."""

    case: UUID
    reporter_kex: _Key
    reporter_sign: _Key
    lookup_seed: _Key
    wrap: _Grant
    staff_public: _Key
    dialogue_public: _Key
    epoch_signature: Annotated[bytes, msgspec.Meta(min_length=64, max_length=64)]
    readers: Annotated[tuple[Given, ...], msgspec.Meta(min_length=1, max_length=1000)]
    reporter_grant: _Grant
    recovery: tuple[_Key, _Grant] | None
    minor: bool
    presses: bool
    writings: Annotated[tuple[Writing, ...], msgspec.Meta(max_length=MOST_ITEMS)]
    files: Annotated[tuple[Piece, ...], msgspec.Meta(max_length=MOST_FILES)] = ()

    def reader_ids(self) -> tuple[UUID, ...]:
        """Those whom the reporter let read."""
        return tuple(one.who for one in self.readers)


class Made(msgspec.Struct, frozen=True):
    """What was made: the words that open it, the size of the file in bytes, and how many people can read it."""

    words: tuple[str, ...]
    size: int
    readers: int


def readers_of(card: seal.DeskCard, excluded: writings.Exclusion) -> tuple[seal.CardReader, ...]:
    """Who is left. CarriedRefused for a name that the card does not tell: it would keep nobody out."""
    known = {one.pseudonym.casefold() for one in card.readers if one.pseudonym}
    for name in excluded.pseudonyms:
        if name.casefold() not in known:
            raise CarriedRefused(f"Nobody on this card is called “{name}”.",
                                 advice="Look at the names on the card, or keep out everyone but the leads.")
    left = tuple(one for one in card.readers if not excluded.covers(one.role, one.pseudonym))
    if not left:
        raise CarriedRefused("With these exclusions, nobody at this desk could read your report.",
                             advice="Take back one of them, or write to another desk.")
    return left


def seal_report(
    card: seal.DeskCard, told: Told, files: Sequence[File], *, now: dt.datetime, write: Callable[[bytes], object]
) -> Made:
    """Seal the report and its files to the readers of the card. The words are made here, and are kept nowhere.

    Raises CarriedRefused, or questionnaires.AnswersRefused for a text that is too long.
    """
    asked = questionnaires.load("report")
    checked = asked.check(told.answers)
    if checked.problems:
        raise CarriedRefused(checked.problems[0].says % checked.problems[0].params, advice=checked.problems[0].advice)
    if len(files) > MOST_FILES:
        raise CarriedRefused(f"These are more than {MOST_FILES} files.", advice="Pack them into one archive.")
    left = readers_of(card, told.excluded)
    words = seal.new_receipt(told.language)
    sealing = _Sealing(card, left, now, write)
    try:
        for file in files:
            sealing.file(file)
        minor = reports.is_minor(checked.answers)
        allowed = consents.given(told.purposes, minor=minor)
        answers = asked.kept(checked.answers, allowed)
        size = sealing.finish(told, answers, allowed, minor, words)
    except BaseException:
        sealing.outer.abandon()
        raise
    return Made(words, size, len(left))


class _Sealing:
    """One report on its way into a file."""

    def __init__(
        self, card: seal.DeskCard, readers: tuple[seal.CardReader, ...], now: dt.datetime,
        write: Callable[[bytes], object],
    ) -> None:
        self.card, self.readers, self.now = card, readers, now
        self.keys, self.channels = seal.new_reporter_keys(), seal.new_channel_keys()
        self.case = seal.case_id_for(self.keys.kex.public, self.keys.sign.public)
        self.author = seal.Author("reporter", self.case, self.keys.sign.private)
        self.outer = seal.CarrierSealer(card.carrier_public, card.desk, write)
        self.writings: list[Writing] = []
        self.files: list[tuple[Writing, Piece]] = []

    def file(self, file: File) -> None:
        context = seal.Context(self.case, uuid4(), "file", 1)
        key, at = seal.new_data_key(), self.outer.position
        sealer = seal.FileSealer(key, context, self.outer.update)
        while data := file.below.read(_READ):
            sealer.update(data)
        facts, salt = sealer.finish(), seal.new_salt()
        meta = writings.FileMeta(
            at=self.now, name=file.name, size=facts.size, type=file.type, sha256=facts.sha256,
            sealed_size=facts.sealed_size, sealed_sha256=facts.sealed_sha256, chunk=facts.chunk, salt=salt,
        )
        piece = Piece(context.item, at, facts.sealed_size, facts.sealed_sha256, seal.commit(salt, facts.sha256))
        self.files.append((self._sealed("staff", "file", meta, context.item, key), piece))

    def finish(
        self, told: Told, answers: dict[str, list[str]], allowed: tuple[str, ...], minor: bool, words: tuple[str, ...]
    ) -> int:
        answers.pop("files", None)
        if self.files:
            answers["files"] = [str(piece.item) for _, piece in self.files]
        see_again = reports.sees_again(answers)
        self._write("staff", "opening", writings.Opening(
            at=self.now, language=told.language, excluded=told.excluded, minor=minor, see_again=see_again,
            gender=next(iter(answers.get("answered-by", ())), "any"), way=WAY,
        ))
        self._write("dialogue", "consent", writings.Consent(
            at=self.now, purposes=allowed, minor=minor, language=told.language
        ))
        said = writings.Answers(at=self.now, answers=answers, language=told.language)
        self._write("staff", "answers", said)
        if see_again:
            self._write("dialogue", "answers", said)
        self.writings += [writing for writing, _ in self.files]
        body = msgspec.msgpack.encode(self._manifest(minor, told.presses, words))
        signature = seal.sign(self.keys.sign.private, seal.carried_bytes(self.card.desk, body))
        return self.outer.finish(signature + body)

    def _manifest(self, minor: bool, presses: bool, words: tuple[str, ...]) -> Manifest:
        receipt = seal.derive_receipt(seal.normalise_receipt(" ".join(words)).canonical, self.card.desk)
        public = (self.channels.staff.public, self.channels.dialogue.public)
        stated = seal.epoch_bytes(self.case, 1, *public, seal.reader_bytes(one.id for one in self.readers))
        recovery = self.card.recovery_public
        return Manifest(
            case=self.case, reporter_kex=self.keys.kex.public, reporter_sign=self.keys.sign.public,
            lookup_seed=receipt.lookup_seed, wrap=seal.wrap_reporter(receipt.wrap, self.keys, self.case),
            staff_public=public[0], dialogue_public=public[1],
            epoch_signature=seal.sign(self.keys.sign.private, stated),
            readers=tuple(
                Given(one.id, one.kex_public, self._grant("staff", one.id, one.kex_public)) for one in self.readers
            ),
            reporter_grant=seal.grant_dialogue(
                self.channels, self.case, 1, seal.Grantee("reporter", self.case), self.keys.kex.public, self.author
            ),
            recovery=(recovery, self._grant("recovery", RECOVERY_ID, recovery)) if recovery else None,
            minor=minor, presses=presses, writings=tuple(self.writings), files=tuple(piece for _, piece in self.files),
        )

    def _grant(self, kind: Literal["staff", "recovery"], who: UUID, public: bytes) -> bytes:
        return seal.grant(self.channels, self.case, 1, seal.Grantee(kind, who), public, self.author)

    def _write(
        self, channel: Literal["staff", "dialogue"], kind: Literal["opening", "consent", "answers"],
        payload: writings.Payload,
    ) -> None:
        self.writings.append(self._sealed(channel, kind, payload, uuid4(), None))

    def _sealed(
        self, channel: Literal["staff", "dialogue"], kind: Literal["opening", "consent", "answers", "file"],
        payload: writings.Payload, item: UUID, key: bytes | None,
    ) -> Writing:
        public = (self.channels.staff if channel == "staff" else self.channels.dialogue).public
        made = seal.seal_item(
            public, seal.Context(self.case, item, kind, 1), 1, msgspec.msgpack.encode(payload), self.author, key
        )
        return Writing(item, kind, channel, made.body, made.sealed_key)


class Carried(msgspec.Struct, frozen=True):
    """An opened file: what it holds, verified as far as somebody without a key of the case can."""

    manifest: Manifest
    opener: seal.CarrierOpener

    def sealed_file(self, piece: Piece) -> Iterator[bytes]:
        """The bytes of one sealed file. NotCarried at the end unless they are those that the manifest names."""
        digest = hashlib.sha256()
        first = True
        for some in self.opener.piece(piece.at, piece.size):
            if first and not seal.sealed_for(some, seal.Context(self.manifest.case, piece.item, "file", 1)):
                raise seal.not_whole()
            first = False
            digest.update(some)
            yield some
        if first or digest.digest() != piece.sha256:
            raise seal.not_whole()


def open_carried(carrier_private: bytes, desk: bytes, below: BinaryIO, size: int) -> Carried:
    """The report in a carried file of `size` bytes. Raises seal.NotCarried, and then nothing of it may be stored."""
    opener = seal.CarrierOpener(carrier_private, desk, below, size, MOST_MANIFEST)
    signature, body = opener.last[:64], opener.last[64:]
    try:
        found = msgspec.msgpack.decode(body, type=Manifest)
    except msgspec.DecodeError:
        raise seal.not_whole() from None
    ours = found.case == seal.case_id_for(found.reporter_kex, found.reporter_sign)
    stated = seal.epoch_bytes(
        found.case, 1, found.staff_public, found.dialogue_public, seal.reader_bytes(found.reader_ids())
    )
    signed = (
        seal.verify(found.reporter_sign, seal.carried_bytes(desk, body), signature)
        and seal.verify(found.reporter_sign, stated, found.epoch_signature)
    )
    if not ours or not signed or not _whole(found, opener.end):
        raise seal.not_whole()
    return Carried(found, opener)


def _whole(found: Manifest, end: int) -> bool:
    """Whether it has what a report has, each once: what was signed by a stranger's program is counted, not believed.

    Files stand one after the other, so that none is told twice and the file that was brought is as large as they are.
    """
    at = 0
    for one in found.files:
        if one.at != at:
            return False
        at += one.size
    kinds = [(one.kind, one.channel) for one in found.writings if one.kind != "file"]
    must = [("opening", "staff"), ("consent", "dialogue"), ("answers", "staff")]
    ids = [one.id for one in found.writings]
    files = [(one.id, one.channel) for one in found.writings if one.kind == "file"]
    return (
        at == end
        and kinds in (must, [*must, ("answers", "dialogue")])
        and len(set(ids)) == len(ids)
        and files == [(one.item, "staff") for one in found.files]
        and len(set(found.reader_ids())) == len(found.readers)
    )
