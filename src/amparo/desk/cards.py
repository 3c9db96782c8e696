"""The desk's card: whom a report is sealed to today, signed by a lead for those who can't reach the desk's pages."""

import datetime as dt

from django.db import transaction

from amparo import seal
from amparo.desk import clock, configuration, custody, directory, policy, site
from amparo.desk.accounts import OpenStaff
from amparo.desk.errors import DeskError

DAYS = (30, 90, 180)
LONGEST_ADDRESS = 200


class NoCard(DeskError):
    code = "card"
    advice = "Choose one of the days offered, and an address of this desk of at most 200 signs."


def make(*, lead: OpenStaff, address: str, days: int) -> str:
    """The lines of a card that ends after so many days. Custody notes who signed one.

    Made again on the same day for the same colleagues, it is the same card.
    """
    policy.require(lead.role, "none", "desk.card")
    address = " ".join(address.split())
    if days not in DAYS or len(address) > LONGEST_ADDRESS:
        raise NoCard("This card can't be made.")
    me = directory.everyone().get(lead.id)
    people = directory.case_people()
    if me is None or not me.active or me.role != "lead" or not people:
        raise NoCard("This card can't be made.", advice="Your own key must be signed first; ask another lead.")
    desk, today = configuration.current(), clock.today()
    card = seal.DeskCard(
        desk=site.desk_id(), name=desk.name, address=address,
        carrier_public=seal.carrier_public_of(site.carrier_private()), recovery_public=site.recovery_public() or b"",
        made=today.isoformat(), last=(today + dt.timedelta(days=days)).isoformat(), most=desk.max_upload,
        readers=tuple(
            seal.CardReader(one.id, one.role, "" if one.hidden else one.pseudonym, one.kex_public) for one in people
        ),
        lead_kex=me.kex_public, lead_sign=me.sign_public,
    )
    with transaction.atomic():
        custody.record(custody.entry("card-made", actor_kind="staff", actor=lead.id))
    return seal.sign_card(lead.keys.sign.private, card)


def fingerprint(lead: OpenStaff) -> str:
    """What stands beside the card, and what a lead reads out: the same as on the page of people."""
    return directory.key_fingerprint(lead.keys.kex.public, lead.keys.sign.public)
