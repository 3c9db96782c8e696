"""The desk's refusals: constant sentences with named gaps, so that they can be translated."""

from amparo.words.errors import AmparoError


class DeskError(AmparoError):
    """An error whose `says` may hold `%(name)s` gaps; `params` fills them after translation.

    `code` is one of: disk-full, busy, too-large, not-allowed, expired, changed, not-found, or a code of the
    subclass. A code never holds a text of a case.
    """

    code = "desk"

    def __init__(self, says: str, *, advice: str | None = None, code: str | None = None, **params: object):
        super().__init__(says, advice=advice, code=code)
        self.params = params

    def __str__(self) -> str:
        return f"{self.says % self.params if self.params else self.says} {self.advice}".strip()


class NotAllowedHere(DeskError):
    """The policy says no."""

    code = "not-allowed"
    advice = "Ask a lead of this desk if you think that you should be able to do this."


class NotFound(DeskError):
    """There is no such thing, or not for this person: the same answer for both."""

    code = "not-found"
    advice = "Go back to the queue and open the case from there."


class Expired(DeskError):
    """The session ended."""

    code = "expired"
    advice = "Start again from the first page. What you typed is shown below, where we still have it."


class Busy(DeskError):
    """Too much at once."""

    code = "busy"
    advice = "Wait a minute and send it again. Nothing you typed is lost."


class DiskFull(DeskError):
    """No room left to seal something."""

    code = "disk-full"
    advice = "Send the text without files, or try again later. The people of this desk can see that it is full."


class TooLarge(DeskError):
    """A file or a report over the desk's limits."""

    code = "too-large"
    advice = "Send the report without this file and tell us that it exists; we will find a way with you."


class ChangedMeanwhile(DeskError):
    """Somebody else wrote to the case between reading and writing."""

    code = "changed"
    advice = "Look at what changed, then send it again. What you typed is kept below."


class WhyMissing(DeskError):
    code = "why-missing"
    advice = "Write in a few words why; a colleague, or a court, may ask later."
