"""Who may do what. One table, read by every door and every service; nothing else decides.

Roles are people's work at the desk; relations are between a person and one case. `granted` means that the
person holds a key of the case, so the table can only narrow what cryptography already limits: a role
without a key reads nothing, whatever stands here.
"""

from typing import Final

from amparo.desk.errors import NotAllowedHere

# unsigned: an account that no lead has vouched for yet; it only reaches its own set-up.
ROLES: Final = ("handler", "lead", "intake", "evidence", "auditor", "analyst", "admin", "unsigned")
CASE_ROLES: Final = ("handler", "lead")  # the roles that are given keys of cases
# none: no key of this case. granted: holds one. excluded: the reporter named this person or their role.
RELATIONS: Final = ("none", "granted", "excluded")
ANYWHERE: Final = frozenset(RELATIONS)
GRANTED: Final = frozenset({"granted"})

# action -> role -> relations in which the role may. An action on no case is asked with relation "none".
MATRIX: Final[dict[str, dict[str, frozenset[str]]]] = {
    "queue.see": dict.fromkeys(("handler", "lead"), ANYWHERE),
    "case.read": dict.fromkeys(("handler", "lead"), GRANTED),
    "case.reply": dict.fromkeys(("handler", "lead"), GRANTED),
    "case.note": dict.fromkeys(("handler", "lead"), GRANTED),
    "case.decide": dict.fromkeys(("handler", "lead"), GRANTED),
    "case.state": dict.fromkeys(("handler", "lead"), GRANTED),
    "case.retention": dict.fromkeys(("handler", "lead"), GRANTED),
    "case.members": dict.fromkeys(("handler", "lead"), GRANTED),
    "case.consent": dict.fromkeys(("handler", "lead"), GRANTED),
    "case.exam": dict.fromkeys(("handler", "lead"), GRANTED),
    "case.event": dict.fromkeys(("handler", "lead"), GRANTED),
    "case.shred": {"lead": GRANTED},
    "evidence.preview": dict.fromkeys(("handler", "lead"), GRANTED),
    "evidence.original": dict.fromkeys(("handler", "lead"), GRANTED),
    "people.see": dict.fromkeys(("lead", "admin"), ANYWHERE),
    "people.invite": dict.fromkeys(("lead", "admin"), ANYWHERE),
    "people.sign": {"lead": ANYWHERE},
    "people.remove": {"lead": ANYWHERE},
    "log.see": dict.fromkeys(("lead", "auditor"), ANYWHERE),
    "settings.see": dict.fromkeys(("lead", "admin"), ANYWHERE),
    "own.account": dict.fromkeys(ROLES, ANYWHERE),
    "own.password": dict.fromkeys(ROLES, ANYWHERE),
}
ACTIONS: Final = tuple(MATRIX)


def may(role: str, relation: str, action: str) -> bool:
    """Whether a person of `role`, standing in `relation` to the case, may do `action`. Unknown words: no."""
    return relation in MATRIX.get(action, {}).get(role, frozenset())


def require(role: str, relation: str, action: str) -> None:
    """Raises NotAllowedHere unless `may`."""
    if not may(role, relation, action):
        raise NotAllowedHere("Your role here does not allow this.")
