"""From what is known to what to do next.

What enters: cleaned answers (words.questionnaires), findings a person did not reject, a language. What leaves: a
short list of first-aid steps and an urgency with its reasons. What it must never know: who the person is, any key,
any database; and it never gives a score of a person nor a probability.
"""

from amparo.mitigate import accounts, handout, ways
from amparo.mitigate.steps import LANGUAGES, first_aid, reviewed
from amparo.mitigate.urgencies import Refuted, urgency
from amparo.mitigate.urgencies import all_texts as _reasons

__all__ = ["LANGUAGES", "Refuted", "all_texts", "first_aid", "reviewed", "urgency"]


def all_texts() -> tuple[str, ...]:
    """Every English message id of this room, for translation."""
    return (*_reasons(), *ways.all_texts(), *handout.all_texts(), *accounts.all_texts())
