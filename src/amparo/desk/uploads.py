"""Files are sealed while they stream in: no plaintext ever touches a disk.

Django parses a form before any view runs, because the forgery check must read the token from it. So what a
view would check is checked here, before the first byte of a file is taken: the token (which stands before the
file in the form), a draft or an open report in the session, a colleague's right to what the address names, the
limits, the room on the disk.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn
from uuid import UUID, uuid4

import multipart
from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.middleware.csrf import _check_token_format, _does_token_match
from django.utils.datastructures import MultiValueDict

from amparo import seal
from amparo.desk import accounts, blobs, configuration, directory, opening, policy
from amparo.desk.accounts import OpenStaff
from amparo.desk.drafts import DraftFile, stored_draft
from amparo.desk.errors import DeskError, DiskFull, NotAllowedHere, NotFound, TooLarge
from amparo.desk.records import Case
from amparo.words.errors import AmparoError
from amparo.words.writings import clean_type

FIELD = "file"
ADDING = "adding"  # the address of a delegate's one page
BRING = "bring"  # the address that takes a sealed report from anyone
TO, SHEET = "to", "sheet"  # a form's field that says what its file is for; a sheet to be imported
TOUCH_EVERY = 60.0  # seconds between signs of life of the session during a long upload
SLACK = 3_000_000  # bytes of a form around its file
READ_SIZE = 512 * 1024
MOST_FIELDS, MOST_TEXT = 1000, 2_000_000  # where the settings name no bound
Decider = Callable[[OpenStaff, dict[str, Any]], "Target"]


class UploadRefused(DeskError):
    code = "upload"


class SealedUpload(UploadedFile):
    """A finished upload, already sealed in a `.part`: in request.FILES["file"].

    name, size, content_type as the browser said (cleaned); `draft_file` is what attach() will add. Its
    bytes cannot be read through it. It holds the file's data key, in memory, until the request ends.
    """

    def __init__(
        self, *, context: seal.Context, data_key: bytes, facts: seal.FileFacts, part: Path, file: DraftFile
    ) -> None:
        super().__init__(name=file.name, content_type=file.type, size=file.size)
        self.id, self.context, self.data_key, self.facts, self.part = file.id, context, data_key, facts, part
        self.draft_file = file
        self.undo: Callable[[], None] | None = None  # set by attach(): takes the file back out

    @property
    def attached(self) -> bool:
        """Whether a draft or a case has adopted it."""
        return self.undo is not None

    def discard(self) -> None:
        """Delete what was sealed, adopted or not."""
        if self.undo is not None:
            self.undo()
        self.part.unlink(missing_ok=True)


class Target:
    """Where an upload would go: a draft not sent yet, an open report, or what a colleague's address names.

    `case` stands in the context that the file is sealed to. `most`: bytes of all its files together; None: no bound
    but the disk's.
    """

    def __init__(self, case: UUID, epoch: int, *, most: int | None = None) -> None:
        self.case, self.epoch, self.most = case, epoch, most


def target_of(session: Any, to: str = "") -> Target:
    """Raises NotAllowedHere when this session may not send files. `to`: the form's own field, before the file."""
    from amparo.desk import returning

    if to == SHEET:
        staff = accounts.open_staff(session)
        if staff is None or not policy.may(staff.role, "none", "import.run"):
            raise NotAllowedHere("Your role here does not allow this.")
        return Target(staff.id, 1)
    draft = stored_draft(session)
    if draft is not None and draft.channel_keys is not None:
        return Target(draft.case, 1, most=configuration.current().max_draft)
    access = returning.access_of(session)
    if access is not None:
        epoch = directory.epoch_of(Case.objects.get(id=access.case)).epoch
        return Target(access.case, epoch, most=configuration.current().max_draft)
    raise NotAllowedHere("This page takes no files.", advice="Start a report, or open yours with its words.")


STAFF_TARGETS: dict[str, Decider] = {}
"""By URL name: where a signed-in colleague's upload goes, from the address alone; raises where they may not."""


def staff_target(name: str) -> Callable[[Decider], Decider]:
    """Registers what decides, before the first byte, over uploads sent to the address of this name."""
    def register(decide: Decider) -> Decider:
        STAFF_TARGETS[name] = decide
        return decide
    return register


def target_for(request: HttpRequest, to: str = "") -> Target:
    """Raises NotAllowedHere (or NotFound) when this session may not send files to this address."""
    match = request.resolver_match
    decide = STAFF_TARGETS.get(match.view_name) if match is not None else None
    if match is not None and match.view_name == ADDING:
        return _of_a_delegate(request.session)
    if match is not None and match.view_name == BRING:
        return Target(uuid4(), 1, most=configuration.current().max_draft)
    if match is None or decide is None:
        return target_of(request.session, to)
    staff = accounts.open_staff(request.session)  # type: ignore[arg-type]
    if staff is None:
        raise NotAllowedHere("Your session has ended.", advice="Sign in again, then choose the file once more.")
    return decide(staff, dict(match.kwargs))


def _of_a_delegate(session: Any) -> Target:
    from amparo.desk import delegates

    adding = delegates.adding_of(session)
    if adding is None:
        raise NotAllowedHere("This page takes no files.", advice="Type your words again.")
    epoch = directory.epoch_of(Case.objects.get(id=adding.case)).epoch
    return Target(adding.case, epoch, most=configuration.current().max_draft)


@staff_target("staff:add-evidence")
def _into_a_case(staff: OpenStaff, kwargs: dict[str, Any]) -> Target:
    opened = opening.for_staff(staff.id, staff.keys.kex.private, kwargs["case"])
    policy.require(staff.role, "granted", "case.add")
    return Target(opened.case.id, opened.epoch.epoch)


def token_matches(request: HttpRequest, typed: str | None) -> bool:
    """Whether the form's token is the session's: the check that CSRF would make only after the whole body."""
    secret = request.session.get("_csrftoken")
    if not secret or not typed:
        return False
    try:
        _check_token_format(typed)
    except Exception:  # whatever is wrong with its form, it does not match
        return False
    return bool(_does_token_match(typed, secret))


class Incoming:
    """One file on its way: checked before its first byte, sealed into a `.part`, finished or abandoned."""

    def __init__(
        self, request: HttpRequest, announced: int, segment: multipart.MultipartSegment, to: str = ""
    ) -> None:
        self.request, self.segment = request, segment
        self.size = 0
        self.touched = time.monotonic()
        self.target = target_for(request, to)
        self.limit = configuration.current().max_upload
        most = self.target.most
        self.left = self.limit if most is None else most - blobs.bytes_of(self.target.case)
        # what is announced is the whole form: several files, each of them small enough, may be in it
        if self.left <= 0 or (most is not None and announced > max(self.limit, self.left) + SLACK):
            self.draft_full()
        blobs.require_room(min(announced, self.limit))
        _, self.part = blobs.new_part()
        self.data_key = seal.new_data_key()
        self.context = seal.Context(self.target.case, uuid4(), "file", self.target.epoch)
        self.out = blobs.open_part(self.part)
        try:
            self.sealer = seal.FileSealer(self.data_key, self.context, self.write)
        except BaseException:
            self.out.close()
            self.part.unlink(missing_ok=True)
            raise

    def too_large(self) -> NoReturn:
        if self.target.most is not None:
            raise TooLarge("This file is larger than %(limit)s bytes, the most that this desk takes.", limit=self.limit)
        raise TooLarge(  # to a colleague
            "This file is larger than %(limit)s bytes, the most that this desk takes.", limit=self.limit,
            advice="Divide it, a mailbox by years for example, and bring the parts one after another; "
                   "or ask whoever runs this desk for a higher limit.",
        )

    def draft_full(self) -> NoReturn:
        raise TooLarge("Your files together are more than this desk takes for one report.")

    def write(self, sealed: bytes) -> None:
        """All of it: a raw file may write less than it was given."""
        view = memoryview(sealed)
        while view:
            view = view[self.out.write(view) :]

    def take(self, data: bytes) -> None:
        """Seal some more of the file."""
        self.size += len(data)
        if self.size > self.limit:
            self.too_large()
        if self.size > self.left:
            self.draft_full()
        self.sealer.update(data)
        if time.monotonic() - self.touched > TOUCH_EVERY:
            self.touched = time.monotonic()
            self.request.session.touch()

    def finish(self) -> SealedUpload:
        """The whole file is here, and on the disk for good."""
        facts = self.sealer.finish()
        os.fsync(self.out.fileno())
        self.out.close()
        name = blobs.clean_name(utf8(self.segment.filename or ""))
        file = DraftFile(self.context.item, name, facts.size, clean_type(self.segment.content_type))
        return SealedUpload(
            context=self.context, data_key=self.data_key, facts=facts, part=self.part, file=file
        )

    def abandon(self) -> None:
        """Delete what was sealed of a file that will not be finished."""
        self.sealer.abandon()
        self.out.close()
        self.part.unlink(missing_ok=True)


class Form:
    """A multipart form being read: fields as text, files sealed, refusals kept beside them."""

    def __init__(self, request: HttpRequest, announced: int, encoding: str) -> None:
        self.request, self.announced = request, announced
        self.posted = QueryDict(mutable=True, encoding=encoding)
        self.files: MultiValueDict[str, UploadedFile] = MultiValueDict()
        self.segment: multipart.MultipartSegment | None = None
        self.incoming: Incoming | None = None
        self.text = bytearray()
        self.text_left = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or MOST_TEXT
        self.fields = self.file_count = 0

    def begin(self, segment: multipart.MultipartSegment) -> None:
        """The header of one field or file."""
        self.segment, self.text = segment, bytearray()
        if segment.filename is None:
            self.fields += 1
            if self.fields > (settings.DATA_UPLOAD_MAX_NUMBER_FIELDS or MOST_FIELDS):
                raise TooManyFieldsSent("too many fields")
        elif segment.filename:  # an empty name is a file field that was left empty
            self.file_count += 1
            if self.file_count > (settings.DATA_UPLOAD_MAX_NUMBER_FILES or MOST_FIELDS):
                raise TooManyFilesSent("too many files")
            with self.refusing():
                if not token_matches(self.request, self.posted.get("csrfmiddlewaretoken")):
                    raise UploadRefused(
                        "This form was not complete when it was sent.", code="expired",
                        advice="Open the page again and choose the file once more.",
                    )
                if utf8(segment.name or "") != FIELD:
                    raise UploadRefused("This page takes no files here.", advice="Use the field for files.")
                self.incoming = Incoming(self.request, self.announced, segment, self.posted.get(TO, ""))

    def take(self, data: bytes) -> None:
        """Bytes of the present field or file; those of a refused file are read and dropped."""
        if self.incoming is not None:
            with self.refusing():
                self.incoming.take(data)
        elif self.segment is not None and self.segment.filename is None:
            self.text_left -= len(data)
            if self.text_left < 0:
                raise RequestDataTooBig("too much text")
            self.text += data

    def end(self) -> None:
        """The field or file is complete."""
        if self.incoming is not None:
            with self.refusing():
                upload = self.incoming.finish()
                self.incoming = None
                self.request.sealed_uploads.append(upload)  # type: ignore[attr-defined]
                self.files.appendlist(FIELD, upload)
        elif self.segment is not None and self.segment.filename is None:
            self.posted.appendlist(utf8(self.segment.name or ""), self.text.decode("utf-8", "replace"))
        self.segment = None

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """A refusal is kept for the page, and the rest of the form goes on; a full disk is one, too."""
        try:
            yield
        except AmparoError as error:
            self.refuse(error)
        except OSError as error:
            if not blobs.is_full(error):
                raise
            self.refuse(DiskFull("The disk of this desk became full while your file arrived."))

    def refuse(self, error: AmparoError) -> None:
        self.abandon()
        self.request.upload_refusals.append(error)  # type: ignore[attr-defined]

    def abandon(self) -> None:
        if self.incoming is not None:
            self.incoming.abandon()
            self.incoming = None


class SealingUploadHandler(FileUploadHandler):
    """Reads the whole form itself. Refusals are kept in `request.upload_refusals: list[AmparoError]`.

    `multipart` instead of Django's parser: it finds boundaries several times faster, and it lets the token,
    which stands before the file, be checked before the file is taken.
    """

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, boundary: bytes, encoding: str | None = None
    ) -> tuple[QueryDict, MultiValueDict[str, UploadedFile]]:
        form = Form(self.request, content_length, encoding or "utf-8")
        parser = multipart.PushMultipartParser(
            boundary, content_length, max_segment_count=MOST_FIELDS, header_charset="latin-1"
        )
        try:
            for event in parser.parse_blocking(input_data.read, READ_SIZE):
                if event is None:
                    form.end()
                elif isinstance(event, multipart.MultipartSegment):
                    form.begin(event)
                else:
                    form.take(bytes(event))
        except multipart.MultipartError:
            raise MultiPartParserError("This form was cut off or malformed.") from None
        finally:
            form.abandon()
        while input_data.read(READ_SIZE):  # what stands after the form's end
            pass
        form.posted._mutable = False
        return form.posted, form.files

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        raise NotFound("Files are read by handle_raw_input.")

    def file_complete(self, file_size: int) -> None:
        return None


def utf8(text: str) -> str:
    """A header's text, which was read byte by byte; what is not UTF-8 becomes U+FFFD."""
    return text.encode("latin-1", "replace").decode("utf-8", "replace")


class UploadsMiddleware:
    """Gives each request its lists, and clears what no page adopted."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.upload_refusals = []  # type: ignore[attr-defined]
        request.sealed_uploads = []  # type: ignore[attr-defined]
        status = 500
        try:
            response = self.get_response(request)
            status = response.status_code
        finally:
            for upload in request.sealed_uploads:  # type: ignore[attr-defined]
                if status >= 400 or not upload.attached:
                    upload.discard()
        return response
