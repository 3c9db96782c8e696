"""What the child does for a conversation: reads the messages of a chat export or a mailbox, and sends them on.

Runs behind the walls only. A copy of somebody's phone is not read here: its examination asks that person first, and its
logs would only look like a conversation.
"""

import codecs
import importlib

import msgspec

from amparo import gather as readers
from amparo import seal
from amparo.desk.exam_child import Job, Send
from amparo.desk.sandbox.wire import Ended, Heard, Said
from amparo.words.messages import Message

_BATCH = 100  # messages in one frame
_NEEDED = ("amparo.identify.examining", "amparo.identify.trees.archives", "xml.parsers.expat", "email.charset")
# The character sets of mails: found by name at first use, which no wall would allow any more.
_CODECS = (
    "big5", "cp1253", "cp1254", "cp1255", "cp1257", "cp1258", "cp866", "cp874", "cp932", "cp949", "euc-jp", "euc-kr",
    "gb18030", "gb2312", "gbk", "hz", "iso-2022-jp", "iso-2022-kr", "iso8859-2", "iso8859-3", "iso8859-4",
    "iso8859-5", "iso8859-6", "iso8859-7", "iso8859-8", "iso8859-9", "iso8859-13", "iso8859-15", "iso8859-16",
    "koi8-r", "koi8-u", "shift-jis", "tis-620", "utf-7",
)


class _Name(msgspec.Struct):
    """The one field of a file's sealed facts that is needed."""

    name: str = ""


def preload(level: str) -> None:
    """What reads program files, done before the walls."""
    from amparo.identify import detectors

    for name in _NEEDED:
        importlib.import_module(name)
    for name in _CODECS:
        codecs.lookup(name)
    detectors()


def gather(job: Job, send: Send) -> None:
    """Messages as they come, then what they were, then the end. Whatever the file does is a code or a gap."""
    from amparo import identify

    try:
        name = msgspec.msgpack.decode(job.meta(), type=_Name).name or "the file"
        evidence = job.open()
        if identify.device_evidence(evidence, name):
            agreed = job.options.get("device_consent")
            send(Ended("nothing-read" if agreed else "needs-device-consent", detected="device"))
            return
        try:
            reading = readers.read(evidence, name)
        except readers.NotGathered:
            send(Ended("nothing-read"))
            return
        batch: list[Message] = []
        for one in reading:
            # the key only tells two exports apart; it repeats the text, so it stays here
            batch.append(msgspec.structs.replace(one, key=""))
            if len(batch) == _BATCH:
                send(Said(tuple(batch)))
                batch.clear()
        if batch:
            send(Said(tuple(batch)))
        send(Heard(reading.summary()))
    except seal.Tampered:
        send(Ended("tampered"))
        return
    send(Ended("done", detected=reading.form))
