"""A sheet on its way: brought by a colleague of a test desk, mapped, run to its end."""

from uuid import UUID

from amparo.desk import importing, uploads
from amparo.desk.accounts import OpenStaff
from amparo.share import casebook
from tests.desk import people
from tests.gather import workbook_parts


def register(count: int, *, start: int = 0) -> bytes:
    """A CSV register of fictional cases."""
    lines = ["What happened,Type,Date,Name,Ref"]
    lines += [
        f'"A message number {n} says that they know the street.",harassment,2024-05-{n % 28 + 1:02d},Person Q{n},R-{n}'
        for n in range(start, start + count)
    ]
    return "\r\n".join(lines).encode()


def excel() -> bytes:
    return workbook_parts.excel_register()


def seal_upload(staff: OpenStaff, content: bytes, name: str = "register.csv") -> uploads.SealedUpload:
    """What the upload handler makes of a sheet of this colleague, without the HTTP around it."""
    return people.upload_to(uploads.Target(staff.id, 1), name, content)


def bring(staff: OpenStaff, content: bytes, name: str = "register.csv") -> UUID:
    return importing.begin(staff=staff, upload=seal_upload(staff, content, name))


def mapped(staff: OpenStaff, content: bytes, *, odd: str = "make", **chosen: object) -> UUID:
    """Brought, mapped as proposed, and tried out."""
    one = bring(staff, content)
    proposal = importing.look(staff, one).mapping
    mapping = casebook.Mapping(**{
        **{name: getattr(proposal, name) for name in proposal.__struct_fields__}, "odd": odd, **chosen,  # type: ignore[arg-type]
    })
    importing.choose_mapping(staff=staff, import_id=one, mapping=mapping)
    importing.try_out(staff=staff, import_id=one)
    return one
