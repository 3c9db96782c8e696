"""A small fictional desk for tests: who founds it, who joins, how they sign in, how a report is made."""

import time
from dataclasses import dataclass, field
from uuid import uuid4

from amparo import seal
from amparo.desk import accounts, adopting, blobs, configuration, drafts, intake, people, policy, uploads
from amparo.desk.payloads import Exclusion
from amparo.desk.sessions import SessionStore

PASSWORD = "seven quiet herons walk along cold rivers"


@dataclass
class Desk:
    """One lead and some colleagues, each with open keys, and what they need to sign in again."""

    lead: accounts.OpenStaff
    lead_session: SessionStore
    founded: accounts.Founded
    team: dict[str, accounts.OpenStaff] = field(default_factory=dict)
    factors: dict[str, accounts.SecondFactorSetUp] = field(default_factory=dict)


def session() -> SessionStore:
    one = SessionStore()
    one.create()
    return one


def again(one: SessionStore) -> SessionStore:
    """The next request of the same browser: saved, and read from its row by the cookie alone."""
    one.save()
    return SessionStore(one.session_key)


def code_of(secret: bytes, ahead: int = 0) -> str:
    return seal.totp_code(secret, time.time() + ahead)


def found(pseudonym: str = "Heron", login: str = "lead-login-name") -> Desk:
    founded = accounts.found_desk(pseudonym=pseudonym, login=login, password=PASSWORD)
    one = session()
    accounts.login_password(session=one, login=login, password=PASSWORD)
    lead = accounts.login_totp(session=one, code=code_of(founded.set_up.secret))
    one.save()
    return Desk(lead, one, founded, {}, {pseudonym: founded.set_up})


def use_roles(*roles: str) -> None:
    """The optional roles that desk.toml names from now on; its other lines stay."""
    path = configuration.data_folder() / "desk.toml"
    kept = path.read_text().splitlines() if path.exists() else []
    path.write_text("\n".join([f"roles = {list(roles)!r}", *(line for line in kept if not line.startswith("roles ="))]))
    configuration._read.cache_clear()


def join(desk: Desk, pseudonym: str, role: str = "handler", sign: bool = True) -> accounts.OpenStaff:
    if role in policy.OPTIONAL_ROLES and role not in configuration.current().roles:
        use_roles(*configuration.current().roles, role)
    secret = accounts.invite(lead=desk.lead, pseudonym=pseudonym, role=role)
    accounts.accept_invitation(secret=secret, login=f"login of {pseudonym}", password=PASSWORD)
    one = session()
    pending = accounts.login_password(session=one, login=f"login of {pseudonym}", password=PASSWORD)
    assert pending.needs_set_up
    set_up = accounts.begin_second_factor(session=one)
    staff = accounts.finish_second_factor(session=one, code=code_of(set_up.secret))
    desk.factors[pseudonym] = set_up
    assert staff.role == "unsigned"
    if sign:
        people.sign_colleague(lead=desk.lead, staff_id=staff.id, fingerprint=people.own_fingerprint(staff))
        one.save()
        opened = accounts.open_staff(SessionStore(one.session_key))
        assert opened is not None and opened.role == role
        staff = opened
    desk.team[pseudonym] = staff
    return staff


def upload(one: SessionStore, name: str, content: bytes, media_type: str = "text/plain") -> uploads.SealedUpload:
    """What the handler makes of a file of this session, without the HTTP around it."""
    return upload_to(uploads.target_of(one), name, content, media_type)


def upload_to(
    target: uploads.Target, name: str, content: bytes, media_type: str = "text/plain"
) -> uploads.SealedUpload:
    """The same, where the target is known."""
    _, part = blobs.new_part()
    context = seal.Context(target.case, uuid4(), "file", target.epoch)
    key = seal.new_data_key()
    with blobs.open_part(part) as out:
        sealer = seal.FileSealer(key, context, out.write)
        for start in range(0, len(content), 65536):
            sealer.update(content[start : start + 65536])
        facts = sealer.finish()
    file = drafts.DraftFile(context.item, blobs.clean_name(name), facts.size, media_type)
    return uploads.SealedUpload(context=context, data_key=key, facts=facts, part=part, file=file)


def report(
    text: str = "They followed me home.", *, files: tuple[tuple[str, bytes], ...] = (),
    consents: tuple[str, ...] = (), excluded: Exclusion = Exclusion(), see_again: bool = False,
    language: str = "en", **answers: list[str],
) -> tuple[tuple[str, ...], SessionStore]:
    """A report made request by request; the receipt and the session it was made in."""
    one = session()
    intake.begin(one, language)
    one = again(one)
    told = {"what-happened": [text], "see-again": ["yes" if see_again else "no"]}
    told |= {code.replace("_", "-"): values for code, values in answers.items()}
    assert intake.answer(one, told) == ()
    for name, content in files:
        one = again(one)
        adopting.attach(one, upload(one, name, content))
    one = again(one)
    draft = intake.draft_of(one)
    assert draft is not None
    draft.consents, draft.excluded = list(consents), excluded
    intake.keep(one, draft)
    one = again(one)
    words = intake.send(one)
    return words, again(one)


