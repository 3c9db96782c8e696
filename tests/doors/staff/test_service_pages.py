"""Lists for accounts at the staff door: all of them, in each language, with the day of their sources."""

import datetime as dt
import html

import pytest

from amparo.desk import clock
from amparo.mitigate import accounts, ways
from tests.doors.seeded import Desk

pytestmark = pytest.mark.django_db


def test_every_list_is_shown_whole_in_the_reporters_language(seeded_desk: Desk) -> None:
    client = seeded_desk.client("handler:none")
    assert "/staff/services/" in client.get("/staff/playbooks/").content.decode()
    page = client.get("/staff/services/").content.decode()
    for code in accounts.codes():
        mark = ways.mark("account", code)
        assert f"/staff/services/{mark}/en/" in page
        for language in accounts.LANGUAGES:
            found = accounts.load(code, language)
            shown = html.unescape(client.get(f"/staff/services/{mark}/{language}/").content.decode())
            assert found is not None and "has reviewed these steps" in shown
            for line in (*found.common.before, *found.common.avoid, *(
                    one.text for lines in found.sections.values() for one in lines)):
                assert line in shown, (code, language)
            for other in accounts.LANGUAGES:
                assert (f'href="/staff/services/{mark}/{other}/"' in shown) is (other != language)


def test_the_handler_sees_how_old_the_sources_are(seeded_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    client = seeded_desk.client("intake")
    dated = sum(found.service.checked_on is not None for code in accounts.codes()
                if (found := accounts.load(code, "en")) is not None)
    page = client.get("/staff/services/").content.decode()
    assert page.count("Sources read on") == dated == len(accounts.codes()) - 1 and "outdated" not in page
    monkeypatch.setattr(clock, "today", lambda: dt.date(2027, 6, 1))
    assert client.get("/staff/services/").content.decode().count("This may be outdated.") == dated
    one = client.get(f"/staff/services/{ways.mark('account', 'signal')}/en/").content.decode()
    assert "more than 180 days ago" in one


@pytest.mark.parametrize("path", ["000000/en/", f"{ways.mark('account', 'signal')}/xx/", "signal/en/"])
def test_what_is_no_list_says_so(seeded_desk: Desk, path: str) -> None:
    assert seeded_desk.client("intake").get(f"/staff/services/{path}").status_code == 404
