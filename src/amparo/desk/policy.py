"""Who may do what. One table, read by every door and every service; nothing else decides.

Roles are people's work at the desk; relations are between a person and one case. `granted` means that the
person holds a key of the case, so the table can only narrow what cryptography already limits: a role
without a key reads nothing, whatever stands here.
"""

from collections.abc import Collection
from typing import Final

from amparo.desk.errors import NotAllowedHere

# unsigned: an account that no lead has vouched for yet; it only reaches its own set-up. switched-off: its role is not
# in desk.toml (any more). Neither is ever given to anybody; both are what somebody is until a lead or the file says.
ROLES: Final = (
    "handler", "lead", "intake", "evidence", "auditor", "analyst", "admin", "outside", "unsigned", "switched-off",
)
STANDINGS: Final = ("unsigned", "switched-off")
# Invited where desk.toml says so.
OPTIONAL_ROLES: Final = ("intake", "evidence", "auditor", "analyst", "admin", "outside")
AWAY: Final = "away"  # no role that is given: what is left to whoever signs in to a travel profile
CASE_ROLES: Final = ("handler", "lead")  # the roles that are given keys of every report
MEMBER_ROLES: Final = (*CASE_ROLES, "evidence")  # those that a colleague may add to a case
_HANDLERS: Final = ("handler", "lead")
# none: no key of this case. granted: holds one. excluded: the reporter named this person or their role.
RELATIONS: Final = ("none", "granted", "excluded")
ANYWHERE: Final = frozenset(RELATIONS)
GRANTED: Final = frozenset({"granted"})

# action -> role -> relations in which the role may. An action on no case is asked with relation "none".
MATRIX: Final[dict[str, dict[str, frozenset[str]]]] = {
    "queue.see": dict.fromkeys(_HANDLERS, ANYWHERE),
    "case.read": dict.fromkeys(_HANDLERS, GRANTED),
    "case.reply": dict.fromkeys(_HANDLERS, GRANTED),
    "case.note": dict.fromkeys(_HANDLERS, GRANTED),
    "case.decide": dict.fromkeys(_HANDLERS, GRANTED),
    "case.state": dict.fromkeys(_HANDLERS, GRANTED),
    "case.retention": dict.fromkeys(_HANDLERS, GRANTED),
    "case.members": dict.fromkeys(_HANDLERS, GRANTED),
    "case.consent": dict.fromkeys(_HANDLERS, GRANTED),
    "case.exam": dict.fromkeys(_HANDLERS, GRANTED),
    "case.event": dict.fromkeys(_HANDLERS, GRANTED),
    "case.shred": {"lead": GRANTED},
    "evidence.preview": dict.fromkeys(_HANDLERS, GRANTED),
    "evidence.original": dict.fromkeys(_HANDLERS, GRANTED),
    "intake.write": dict.fromkeys((*_HANDLERS, "intake"), ANYWHERE),  # write a report down; no key comes of it
    "case.add": dict.fromkeys(_HANDLERS, GRANTED),  # put evidence into a case
    "case.triage": dict.fromkeys(_HANDLERS, GRANTED),
    "case.watch": dict.fromkeys(_HANDLERS, GRANTED),  # the escalation watch: add, refute, sign
    "case.assign": dict.fromkeys(_HANDLERS, GRANTED),
    "case.check-in": dict.fromkeys(_HANDLERS, GRANTED),  # its protocol opens only when an alarm rings
    "case.task": dict.fromkeys(_HANDLERS, GRANTED),
    "case.wave": dict.fromkeys(_HANDLERS, GRANTED),
    "case.twin": dict.fromkeys(_HANDLERS, GRANTED),
    "case.mask": dict.fromkeys(_HANDLERS, GRANTED),
    "case.vet": dict.fromkeys(_HANDLERS, GRANTED),
    "case.delegate": dict.fromkeys(_HANDLERS, GRANTED),
    "case.receipt": dict.fromkeys(_HANDLERS, GRANTED),
    "case.identity": dict.fromkeys(_HANDLERS, GRANTED),
    "case.conflict": dict.fromkeys(_HANDLERS, GRANTED),
    "case.export": dict.fromkeys(_HANDLERS, GRANTED),
    "case.keep": {"lead": GRANTED},  # a lead's veto against erasing
    "files.list": {"evidence": ANYWHERE},
    "evidence.see": dict.fromkeys((*_HANDLERS, "evidence"), GRANTED),
    "import.run": dict.fromkeys(_HANDLERS, ANYWHERE),
    "desk.export": {"lead": ANYWHERE},
    "desk.card": {"lead": ANYWHERE},  # sign the keys that reports are sealed to away from the desk
    "shift.hand-over": dict.fromkeys(_HANDLERS, ANYWHERE),
    "alarm.see": dict.fromkeys(_HANDLERS, ANYWHERE),  # those that are sealed to oneself
    "rota.own": dict.fromkeys(_HANDLERS, ANYWHERE),  # see it, hand a turn on, take a break
    "rota.plan": {"lead": ANYWHERE},
    "playbooks.see": dict.fromkeys((*MEMBER_ROLES, "intake"), ANYWHERE),  # advice that is public; no case in it
    "retention.see": dict.fromkeys(_HANDLERS, ANYWHERE),
    "retention.date": dict.fromkeys(_HANDLERS, ANYWHERE),  # say that the desk's clock is right after a jump
    "requests.answer": dict.fromkeys(_HANDLERS, ANYWHERE),
    "own.travel": dict.fromkeys(MEMBER_ROLES, ANYWHERE),
    "people.lock": dict.fromkeys((*MEMBER_ROLES, "intake", "admin"), ANYWHERE),
    "people.return": dict.fromkeys(_HANDLERS, ANYWHERE),  # a lead; two handlers where none is at work
    "complaints.read": dict.fromkeys(("auditor", "outside"), ANYWHERE),
    "log.export": dict.fromkeys(("lead", "auditor", "outside"), ANYWHERE),
    "people.see": dict.fromkeys(("lead", "admin"), ANYWHERE),
    "people.invite": dict.fromkeys(("lead", "admin"), ANYWHERE),
    "people.sign": {"lead": ANYWHERE},
    "people.remove": {"lead": ANYWHERE},
    "people.hide": {"lead": ANYWHERE},
    "log.see": dict.fromkeys(("lead", "auditor", "outside"), ANYWHERE),
    "numbers.see": {"analyst": ANYWHERE},
    "settings.see": dict.fromkeys(("lead", "admin"), ANYWHERE),
    "own.account": dict.fromkeys((*ROLES, AWAY), ANYWHERE),
    "own.password": dict.fromkeys(ROLES, ANYWHERE),
}
ACTIONS: Final = tuple(MATRIX)


def given(enabled: Collection[str]) -> tuple[str, ...]:
    """The roles that a desk may give to somebody, where `enabled` are the optional ones in its desk.toml."""
    return tuple(role for role in ROLES if role not in STANDINGS and (role not in OPTIONAL_ROLES or role in enabled))


def may(role: str, relation: str, action: str) -> bool:
    """Whether a person of `role`, standing in `relation` to the case, may do `action`. Unknown words: no."""
    return relation in MATRIX.get(action, {}).get(role, frozenset())


def require(role: str, relation: str, action: str) -> None:
    """Raises NotAllowedHere unless `may`."""
    if not may(role, relation, action):
        raise NotAllowedHere("Your role here does not allow this.")
