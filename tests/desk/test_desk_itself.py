"""Settings, configuration, policy, the log, doctor: what the desk is made of."""

import ast
import datetime as dt
import logging
import os
import stat
from pathlib import Path

import pytest
from django.conf import settings

from amparo import seal
from amparo.desk import (
    casework,
    configuration,
    custody,
    doctor,
    founding,
    policy,
    quiet,
    reading,
    site,
    throttle,
)
from amparo.desk.records import LogEntry, LogNode
from tests.desk import people


def test_nothing_that_keeps_a_trace_is_installed() -> None:
    assert settings.DEBUG is False
    assert not {app for app in settings.INSTALLED_APPS if app.rsplit(".", 1)[-1] in
                ("auth", "contenttypes", "admin", "messages", "sessions")}
    assert settings.SESSION_COOKIE_HTTPONLY and settings.SESSION_COOKIE_SAMESITE == "Strict"
    assert settings.CSRF_USE_SESSIONS and settings.SESSION_EXPIRE_AT_BROWSER_CLOSE
    assert settings.FILE_UPLOAD_HANDLERS == ["amparo.desk.uploads.SealingUploadHandler"]


def test_the_desk_package_imports_nothing(root: Path) -> None:
    """A child behind walls imports amparo.desk.exam_child: it must not bring the web framework along."""
    tree = ast.parse((root / "src/amparo/desk/__init__.py").read_text())
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]


def test_the_log_prints_codes_and_places_only() -> None:
    formatter = quiet.QuietFormatter()
    try:
        raise ValueError("a secret value")
    except ValueError as error:
        foreign = logging.LogRecord("django.request", 40, "p", 1, "secret %s", ("path",), (ValueError, error, None))
        own = logging.LogRecord(
            "amparo.desk", 40, "p", 1, "tend.shred_due", (), (ValueError, error, error.__traceback__)
        )
    assert "secret" not in formatter.format(foreign) and "ValueError" in formatter.format(foreign)
    assert "tend.shred_due ValueError test_desk_itself.py:" in formatter.format(own)
    assert "secret" not in formatter.format(own)


@pytest.mark.parametrize(("text", "says"), [
    ("retention_days = 0", "retention_days"), ("nonsense = 1", "nonsense"), ("skin = 'dark'", "skin"),
    ("max_upload = 'big'", "max_upload"), ("languages = ['xx']", "xx"), ("= 3", "can't be read"),
    ("leave_url = 'javascript:alert(1)'", "leave_url"), ("max_upload = 9000000000", "max_upload"),
    *((f"[[referrals]]\nservice = '{service}'\nname = '{name}'\nreach = {reach}\nchecked_on = {day}", says)
      for service, name, reach, day, says in (
          ("magic", "House", "'000'", "2026-11-02", "service of [[referrals]] 1"),
          ("desk", "House", "'000'", "2026-11-02", "service of [[referrals]] 1"),
          ("medical", " ", "'000'", "2026-11-02", "name of [[referrals]] 1"),
          ("medical", "House", "{en = ''}", "2026-11-02", "reach of [[referrals]] 1"),
          ("medical", "House", "'000'", "'soon'", "checked_on"))),
])
def test_a_wrong_configuration_names_its_line(text: str, says: str) -> None:
    with pytest.raises(configuration.BadConfiguration) as caught:
        configuration.parse(text.encode())
    assert says in caught.value.says and caught.value.advice


def test_configuration_has_sane_defaults() -> None:
    plain = configuration.parse(b"")
    assert plain.max_upload == 2_000_000_000 and not plain.demo and not plain.state_body
    assert configuration.parse(b"name = 'Casa Abierta'\nstate_body = true").state_body


def test_unknown_words_are_refused_by_policy() -> None:
    assert not policy.may("lead", "granted", "case.everything")
    assert not policy.may("king", "granted", "case.read")
    assert not policy.may("lead", "friend", "case.read")


@pytest.mark.parametrize("action", [a for a in policy.ACTIONS if a.startswith(("case.", "evidence."))])
def test_no_content_without_a_key_nor_in_a_role_without_content(action: str) -> None:
    for role in policy.ROLES:
        for relation in ("none", "excluded"):
            assert not policy.may(role, relation, action)
        content = role in policy.CASE_ROLES or (role == "evidence" and action.startswith("evidence."))
        if not content:
            assert not policy.may(role, "granted", action)
    assert policy.may("lead", "granted", action)


def test_an_unsigned_account_reaches_only_itself() -> None:
    assert {a for a in policy.ACTIONS for r in policy.RELATIONS if policy.may("unsigned", r, a)} == {
        "own.account", "own.password"
    }


def test_folders_and_secrets_are_for_this_account_alone(ground: None) -> None:
    for name in site.SECRETS:
        path = site.folder() / name
        before = path.read_bytes()
        assert stat.S_IMODE(path.stat().st_mode) == 0o400
        founding.prepare()
        assert path.read_bytes() == before  # never replaced
    assert stat.S_IMODE(configuration.data_folder().stat().st_mode) == 0o700


def test_every_act_on_a_case_is_in_the_log_and_the_log_holds_together(desk: people.Desk) -> None:
    people.report("one", files=(("a.txt", b"x"),))
    from amparo.desk import queue

    case = queue.load(desk.lead).rows[0].case
    file = reading.case_page(desk.lead, case).evidence[0]
    reader, _, _ = reading.original(desk.lead, case, file.item)
    reader.close()
    casework.remove_colleague(staff=desk.lead, case_id=case, colleague=desk.team["Wren"].id)
    casework.set_retention(
        staff=desk.lead, case_id=case, day=dt.datetime.now(dt.UTC).date() + dt.timedelta(days=30), why="trial"
    )
    actions = [line.entry.action for line in reversed(custody.lines(case=case))]
    assert actions == ["collected", "collected", "viewed", "revoked", "re-keyed", "retention"]
    collected = next(line.entry for line in custody.lines(case=case) if line.entry.item == file.item
                     and line.entry.action == "collected")
    assert file.custody_index is not None and collected.at % 86400 == 0  # a reporter's act: the day, not the hour
    assert custody.log().audit()
    size, root = custody.head()
    assert size == LogEntry.objects.count()
    index = file.custody_index
    proof = custody.log().inclusion(index, size)
    leaf = seal.leaf_hash(bytes(LogEntry.objects.get(index=index).body))
    assert seal.verify_inclusion(leaf, index, size, proof, root)


@pytest.mark.parametrize("what", ["body", "hash"])
def test_a_changed_log_is_found(desk: people.Desk, what: str) -> None:
    assert custody.log().audit()
    if what == "body":
        row = LogEntry.objects.get(index=1)
        body = bytearray(row.body)
        body[30] ^= 1
        LogEntry.objects.filter(index=1).update(body=bytes(body))
    else:
        LogNode.objects.filter(level=1, index=0).update(hash=b"\0" * 32)
    assert not custody.log().audit()


def test_a_refused_act_leaves_no_line(desk: people.Desk) -> None:
    people.report("one")
    from amparo.desk import queue

    case = queue.load(desk.lead).rows[0].case
    size = custody.head()[0]
    with pytest.raises(Exception, match="no reason"):
        casework.set_retention(staff=desk.lead, case_id=case, day=dt.date(2099, 1, 1), why=" ")
    with pytest.raises(Exception, match="passed"):
        casework.set_retention(staff=desk.lead, case_id=case, day=dt.date(2001, 1, 1), why="x")
    assert custody.head()[0] == size


def advice(code: str) -> list[str]:
    return [one.level for one in doctor.check() if one.code == code]


def test_doctor_sees_what_is_unsafe(desk: people.Desk) -> None:
    for one in configuration.data_folder().glob("*"):  # pytest-django made the test's database before the umask
        one.chmod(one.stat().st_mode & 0o700)
    assert advice("data-modes") == ["good"]
    path = configuration.data_folder() / "open"
    path.write_bytes(b"")
    path.chmod(0o644)
    assert advice("data-modes") == ["bad"]
    path.unlink()
    assert advice("site-secrets") == ["good"] * len(site.SECRETS)
    (site.folder() / "pepper").chmod(0o600)
    assert advice("site-secrets") == ["bad", *["good"] * (len(site.SECRETS) - 1)]
    (site.folder() / "pepper").chmod(0o400)
    assert advice("address") == ["bad"] and advice("people") == ["warn"] and advice("worker") == ["warn"]
    assert advice("recovery-key") == ["warn"] and advice("audit") == ["warn"]
    assert all(one.says and (one.mend or one.level == "good") for one in doctor.check())


def test_a_check_that_fails_says_so(monkeypatch: pytest.MonkeyPatch, ground: None) -> None:
    def breaks() -> None:
        raise OSError("secret path")

    monkeypatch.setattr(doctor, "CHECKS", (breaks,))
    _folder, one = doctor.check()
    assert one.level == "unknown" and "secret" not in one.says


def test_buckets_slow_down_and_lock_nobody(ground: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [throttle.take("x", rate=1, burst=3) for _ in range(3)] == [0, 0, 0]
    waits = [throttle.take("x", rate=1, burst=3) for _ in range(20)]
    assert waits[0] > 0.9 and max(waits) <= throttle.LONGEST
    assert throttle.take("y", rate=1, burst=3) == 0


def test_a_recovery_key_gets_a_grant_and_two_hands_open_it(desk: people.Desk) -> None:
    from amparo.desk import intake
    from amparo.desk.filing import RECOVERY_ID
    from amparo.desk.records import Grant

    recovery = seal.new_recovery(["one passphrase", "two passphrases", "three passphrases"])
    path = site.folder() / "recovery.pub"
    path.write_text(recovery.public.hex())
    assert intake.readers().recovery_hands == 3
    people.report("one")
    grant = Grant.objects.get(kind="recovery")
    pair = seal.join_recovery([(recovery.shares[0], "one passphrase"), (recovery.shares[2], "three passphrases")])
    keys = seal.open_grant(
        pair.private, bytes(grant.sealed), grant.case_id, 1, seal.Grantee("recovery", RECOVERY_ID)
    )
    assert keys.staff.public == bytes(grant.case.epochs.get().staff_public)
    os.unlink(path)
