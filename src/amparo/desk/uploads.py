"""Files are sealed while they stream in: no plaintext ever touches a disk."""

from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from amparo.desk.drafts import DraftFile
from amparo.desk.errors import DeskError


class UploadRefused(DeskError):
    code = "upload"


class SealedUpload(UploadedFile):
    """A finished upload, already sealed in a `.part`: in request.FILES["file"].

    name, size, content_type as the browser said (cleaned); `draft_file` is what attach() will add. Its
    bytes cannot be read through it.
    """

    id: UUID
    draft_file: DraftFile


class SealingUploadHandler(FileUploadHandler):
    """Refusals are kept in `request.upload_refusals: list[AmparoError]`; the page and its text survive."""
