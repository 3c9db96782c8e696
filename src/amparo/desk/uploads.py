"""Files are sealed while they stream in: no plaintext ever touches a disk.

Django parses a form before any view runs, because the forgery check must read the token from it. So what a
view would check is checked here, before the first byte of a file is taken: the token (which stands before the
file in the form), a draft or an open report in the session, the limits, the room on the disk.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID, uuid4

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser
from django.http.response import HttpResponseBase
from django.middleware.csrf import _check_token_format, _does_token_match

from amparo import seal
from amparo.desk import blobs, configuration, directory
from amparo.desk.drafts import DraftFile, stored_draft
from amparo.desk.errors import DeskError, DiskFull, NotAllowedHere, TooLarge
from amparo.desk.records import Case
from amparo.words.errors import AmparoError

FIELD = "file"
TOUCH_EVERY = 60.0  # seconds between signs of life of the session during a long upload
SLACK = 1_000_000  # bytes of a form around its file


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
    """Where an upload of this session would go: a draft not sent yet, or an open report."""

    def __init__(self, case: UUID, epoch: int) -> None:
        self.case, self.epoch = case, epoch


def target_of(session: Any) -> Target:
    """Raises NotAllowedHere when this session may not send files."""
    from amparo.desk import returning

    draft = stored_draft(session)
    if draft is not None and draft.channel_keys is not None:
        return Target(draft.case, 1)
    access = returning.access_of(session)
    if access is not None:
        return Target(access.case, directory.epoch_of(Case.objects.get(id=access.case)).epoch)
    raise NotAllowedHere("This page takes no files.", advice="Start a report, or open yours with its words.")


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


class SealingUploadHandler(FileUploadHandler):
    """Refusals are kept in `request.upload_refusals: list[AmparoError]`; the page and its text survive."""

    chunk_size = 256 * 1024
    parser: MultiPartParser | None = None

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.announced = 0
        self.part: Path | None = None
        self.out: BinaryIO | None = None
        self.sealer: seal.FileSealer | None = None

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: Any = None
    ) -> None:
        self.announced = content_length

    def refuse(self, error: AmparoError) -> None:
        """Keep the reason for the page, drop what was sealed, and let the parser skip the rest of the file."""
        self.abandon()
        self.request.upload_refusals.append(error)
        raise SkipFile

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        posted = getattr(self.parser, "_post", None) or {}
        try:
            self.check(posted.get("csrfmiddlewaretoken"))
        except AmparoError as error:
            self.refuse(error)
        _, self.part = blobs.new_part()
        self.id, self.data_key = uuid4(), seal.new_data_key()
        self.context = seal.Context(self.target.case, self.id, "file", self.target.epoch)
        self.request.open_uploads.append(self)
        self.touched = time.monotonic()
        self.size = 0
        try:
            self.out = blobs.open_part(self.part)
            self.sealer = seal.FileSealer(self.data_key, self.context, self.write)
        except OSError as error:
            self.fail(error)

    def check(self, token: str | None) -> None:
        """Everything that can be known before the first byte."""
        if not token_matches(self.request, token):
            raise UploadRefused(
                "This form was not complete when it was sent.", code="expired",
                advice="Open the page again and choose the file once more.",
            )
        if self.field_name != FIELD:
            raise UploadRefused("This page takes no files here.", advice="Use the field for files.")
        self.target = target_of(self.request.session)
        settings = configuration.current()
        self.limit = settings.max_upload
        self.left = settings.max_draft - blobs.bytes_of(self.target.case)
        if self.announced > self.limit + SLACK:
            self.raise_too_large()
        if self.left <= 0:
            self.raise_full_draft()
        blobs.require_room(min(self.announced, self.limit))

    def raise_too_large(self) -> None:
        raise TooLarge("This file is larger than %(limit)s bytes, the most that this desk takes.", limit=self.limit)

    def raise_full_draft(self) -> None:
        raise TooLarge("Your files together are more than this desk takes for one report.")

    def write(self, sealed: bytes) -> None:
        """All of it: a raw file may write less than it was given."""
        view = memoryview(sealed)
        while view:
            assert self.out is not None
            view = view[self.out.write(view) :]

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        assert self.sealer is not None
        self.size += len(raw_data)
        try:
            if self.size > self.limit:
                self.raise_too_large()
            if self.size > self.left:
                self.raise_full_draft()
            self.sealer.update(raw_data)
        except AmparoError as error:
            self.refuse(error)
        except OSError as error:
            self.fail(error)
        if time.monotonic() - self.touched > TOUCH_EVERY:
            self.touched = time.monotonic()
            self.request.session.touch()

    def fail(self, error: OSError) -> None:
        """A full disk is a sentence on the page; anything else is an error of the machine."""
        if not blobs.is_full(error):
            self.abandon()
            raise error
        self.refuse(DiskFull("The disk of this desk became full while your file arrived."))

    def file_complete(self, file_size: int) -> SealedUpload | None:
        assert self.sealer is not None and self.out is not None and self.part is not None
        try:
            facts = self.sealer.finish()
            os.fsync(self.out.fileno())
            self.out.close()
        except OSError as error:
            try:
                self.fail(error)
            except SkipFile:
                return None
        file = DraftFile(
            self.id, blobs.clean_name(self.file_name or ""), facts.size, clean_type(self.content_type)
        )
        upload = SealedUpload(
            context=self.context, data_key=self.data_key, facts=facts, part=self.part, file=file
        )
        self.request.sealed_uploads.append(upload)
        self.part = self.out = self.sealer = None
        return upload

    def upload_interrupted(self) -> None:
        self.abandon()

    def abandon(self) -> None:
        """Delete what was sealed of a file that will not be finished."""
        if self.sealer is not None:
            self.sealer.abandon()
        if self.out is not None:
            self.out.close()
        if self.part is not None:
            self.part.unlink(missing_ok=True)
        self.part = self.out = self.sealer = None


def clean_type(media_type: str | None) -> str:
    """A media type as sent, if it looks like one."""
    text = (media_type or "").split(";", 1)[0].strip().lower()
    good = 3 <= len(text) <= 100 and text.count("/") == 1 and text.replace("/", "").replace("-", "").replace(
        "+", "").replace(".", "").replace("_", "").isalnum() and text.isascii()
    return text if good else "application/octet-stream"


class UploadsMiddleware:
    """Gives the handler a view of the form's earlier fields, and clears what no page adopted."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.upload_refusals = []  # type: ignore[attr-defined]
        request.sealed_uploads = []  # type: ignore[attr-defined]
        request.open_uploads = []  # type: ignore[attr-defined]

        def parse(meta: Any, post_data: Any) -> Any:
            handlers = request.upload_handlers
            parser = MultiPartParser(meta, post_data, handlers, request.encoding)
            for handler in handlers:
                handler.parser = parser  # type: ignore[attr-defined]
            request.upload_handlers = tuple(handlers)
            return parser.parse()

        request.parse_file_upload = parse  # type: ignore[method-assign]
        status = 500
        try:
            response = self.get_response(request)
            status = response.status_code
        finally:
            for handler in request.open_uploads:  # type: ignore[attr-defined]
                handler.abandon()
            for upload in request.sealed_uploads:  # type: ignore[attr-defined]
                if status >= 400 or not upload.attached:
                    upload.discard()
        return response
