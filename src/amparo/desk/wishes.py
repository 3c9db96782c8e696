"""Whom the reporter asked to be answered by, and whether a colleague has said that they answer so.

What colleagues say of themselves helps and forbids nothing: whoever gives or takes a case against the wish is asked
once more. A wish that is not proven counts as a wish.
"""

from uuid import UUID

from amparo.desk import membership, speaking
from amparo.desk.directory import Colleague
from amparo.desk.errors import DeskError
from amparo.desk.opening import OpenCase
from amparo.desk.payloads import Opening

ANYBODY = "any"


class AsksForAnother(DeskError):
    """The reporter asked to be answered by a woman, or by a man."""

    code = "asks-for"
    advice = "Give it to a colleague who answers as one, or confirm it on the page of the case and tell the reporter."


def of_case(opened: OpenCase) -> str:
    """ "woman", "man", or "any"."""
    reads = membership.record_of(opened)
    filed = membership.filing_of(reads)
    if filed is not None:
        return filed.gender
    return next((one.payload.gender for one in reads if isinstance(one.payload, Opening)), ANYBODY)


def against(wish: str, person: Colleague | None, told: speaking.Told | None) -> bool:
    """Whether this colleague is not known to answer as the reporter wishes."""
    if wish not in speaking.AS:
        return False
    answers_as = (told.answers_as if told else "") or (person.answers_as if person else "")
    return answers_as != wish


def check(opened: OpenCase, who: UUID) -> None:
    """Raises AsksForAnother where giving the case to `who` goes against the reporter's wish."""
    wish = of_case(opened)
    if against(wish, opened.people.get(who), speaking.everyone().get(who)):
        if wish == "woman":
            raise AsksForAnother(
                "The reporter asks for a woman to answer, and this colleague has not said to answer as one."
            )
        raise AsksForAnother("The reporter asks for a man to answer, and this colleague has not said to answer as one.")
