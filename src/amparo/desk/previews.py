"""Previews: what staff look at instead of the original.

The child behind the walls makes the copy (exam_rendering); here it is signed by the worker and sealed to the staff
channel. The original is another action, with a warning and an entry in the log.
"""

import datetime as dt
from uuid import UUID

import msgspec
from django.db import transaction

from amparo import seal
from amparo.desk import clock, conversations, directory, sandbox, writing
from amparo.desk.examining import living_item, settle
from amparo.desk.records import Lease


class Preview(msgspec.Struct, frozen=True, tag="preview", tag_field="is"):
    """Payload of a "preview" item: a copy of the file `of`.

    `kind`: "image" (`data` and `blurred` are JPEGs without metadata), "text", "email" (`headers`, `text`) or "none";
    `says` is a sentence for the page, also where nothing can be shown.
    """

    at: dt.datetime
    of: UUID
    kind: str
    media_type: str = ""
    data: bytes = b""
    blurred: bytes = b""
    text: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    says: str = ""
    conversation: UUID | None = None  # the item that holds the messages of a chat or mailbox
    messages: int = 0


CANNOT = "No copy could be made for looking at. Download the original after the warning."


def read_preview(payload: bytes) -> Preview:
    """The preview in an opened item. Errors: msgspec.DecodeError."""
    return msgspec.msgpack.decode(payload, type=Preview)


def record(
    *, lease: Lease, outcome: sandbox.Outcome, worker: seal.WorkerKeys, version: str,
    talk: sandbox.Outcome | None = None,
) -> str:
    """Write the preview, and the conversation `talk` if there is one, as items of the staff channel.

    Returns the code; "gone" where the file was erased.
    """
    author = seal.Author("worker", worker.id, worker.sign.private)
    with transaction.atomic():
        item = living_item(lease.item_id)
        if item is None:
            return "gone"
        epoch = directory.epoch_of(item.case)
        preview = _preview(item.id, outcome)
        if talk is not None and (head := conversations.write(case=item.case, of=item.id, outcome=talk,
                                                             author=author, epoch=epoch)):
            preview = msgspec.structs.replace(
                preview, conversation=head, messages=talk.heard.messages if talk.heard else len(talk.said)
            )
        writing.write_item(
            case=item.case, payload=msgspec.msgpack.encode(preview), kind="preview", author=author, epoch=epoch,
        )
        settle(lease, outcome.code, version)
    return outcome.code


def _preview(of: UUID, outcome: sandbox.Outcome) -> Preview:
    made = outcome.rendering
    now = clock.now()
    if outcome.code != "done" or made is None or made.kind not in ("image", "text", "email", "none"):
        why = sandbox.WHY.get(outcome.code, "")
        return Preview(now, of, "none", says=f"{CANNOT} ({why})" if why else CANNOT)
    pictures = made.kind == "image"
    if pictures and not (_is_jpeg(made.data) and _is_jpeg(made.blurred)):
        return Preview(now, of, "none", says=CANNOT)  # a captured parser may send anything as "picture"
    return Preview(
        now, of, made.kind, media_type="image/jpeg" if pictures else "text/plain",
        data=made.data if pictures else b"", blurred=made.blurred if pictures else b"",
        text=made.text[:8_000], says=made.says[:400],
        headers=tuple((name[:100], value[:1_000]) for name, value in made.headers[:40]),
    )


def _is_jpeg(data: bytes) -> bool:
    return data.startswith(b"\xff\xd8\xff") and data.endswith(b"\xff\xd9")
