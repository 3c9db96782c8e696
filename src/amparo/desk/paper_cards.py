"""Printed cards: words that are valid before there is a report, for one that is taken down on paper and entered later.

The words stand on the paper alone. The desk keeps under which lookup they would be found and until when; it can't tell
which words they are, nor find out who holds a card.
"""

import datetime as dt

from django.db import transaction

from amparo import seal
from amparo.desk import clock, custody, policy, returning, site
from amparo.desk.accounts import OpenStaff
from amparo.desk.errors import DeskError
from amparo.desk.records import Case, PaperCard

DAYS = (30, 90, 180)
MOST = 24  # at once: each costs one slow derivation


class NoCard(DeskError):
    code = "paper-card"
    advice = "Look at the card again, word by word. Without a card, leave the field empty: new words are made."


class NothingYet(seal.WrongReceipt):
    """Right words, of a card whose paper has not been entered yet."""

    code = "nothing-yet"
    advice = "Come back in some days. If it stays so, ask whoever took your paper."


def issue(*, staff: OpenStaff, count: int, language: str, days: int) -> list[tuple[str, ...]]:
    """The words of so many new cards, to be printed at once: they are kept nowhere."""
    policy.require(staff.role, "none", "intake.write")
    if not 1 <= count <= MOST or days not in DAYS:
        raise NoCard("These cards can't be made.", advice="Choose at most 24, and one of the times offered.")
    made = [seal.new_receipt(language) for _ in range(count)]
    lookups = [seal.lookup(returning.derive(words).lookup_seed, site.pepper()) for words in made]
    last = clock.today() + dt.timedelta(days=days)
    with transaction.atomic():
        PaperCard.objects.bulk_create([PaperCard(lookup=lookup, last=last) for lookup in lookups])
        custody.record(custody.entry(
            "cards-printed", actor_kind="staff", actor=staff.id, detail=(str(count), last.isoformat())
        ))
    return made


def keys_of(text: str) -> seal.ReceiptKeys:
    """The keys of a card's words as they were typed. Raises NoCard for words that are of no card, used or expired."""
    typed, keys = returning.read_words(text)
    if typed.unknown:
        raise NoCard("These words are in none of our lists: %(words)s.", words=", ".join(typed.unknown[:9]))
    found = seal.lookup(keys.lookup_seed, site.pepper())
    if Case.objects.filter(lookup=found).exists():
        raise NoCard("A report was entered under this card already.",
                     advice="If it is another paper of the same person, add it to that case.")
    if not waits(found):
        raise NoCard("No card with these words is valid.")
    return keys


def waits(lookup: bytes) -> bool:
    """Whether a card of this lookup was printed, not used and not expired."""
    return PaperCard.objects.filter(lookup=lookup, last__gte=clock.today()).exists()


def use(keys: seal.ReceiptKeys) -> None:
    """Take the card of a report that is filed now. Inside the caller's transaction; of two only one gets it."""
    found = seal.lookup(keys.lookup_seed, site.pepper())
    if not PaperCard.objects.filter(lookup=found, last__gte=clock.today()).delete()[0]:
        raise NoCard("A report was entered under this card already.")


def forget() -> int:
    """Remove cards that nobody used in time; how many."""
    return PaperCard.objects.filter(last__lt=clock.today()).delete()[0]
