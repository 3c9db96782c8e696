"""What every page of the staff door keeps, read from the templates themselves."""

import re
from pathlib import Path

import pytest

DOOR = Path(__file__).resolve().parents[3] / "src" / "amparo" / "doors"
TEMPLATES = sorted((DOOR / "staff" / "templates").rglob("*.html"))
STYLE = (DOOR / "static" / "staff.css").read_text()


def name(path: Path) -> str:
    return path.relative_to(DOOR / "staff" / "templates" / "staff").as_posix()


@pytest.fixture(params=TEMPLATES, ids=name)
def page(request: pytest.FixtureRequest) -> str:
    return request.param.read_text()


def test_there_are_templates() -> None:
    assert len(TEMPLATES) > 20


OURS = """<script src="{% static 'staff.js' %}" defer></script>"""


def test_no_script_and_no_style_inside(page: str) -> None:
    """But the one file of ours, which the frame of the pages names once."""
    if "<!doctype html>" in page:
        assert page.count(OURS) == 1
        page = page.replace(OURS, "")
    assert not re.search(r"<script|javascript:|\son[a-z]+=|\sstyle=|<style|<iframe|<object|<embed", page, re.I)


def test_nothing_is_loaded_from_elsewhere(page: str) -> None:
    assert not re.search(r"""(src|href|action)=["'](https?:)?//""", page)


def test_every_writing_form_carries_its_token(page: str) -> None:
    forms = re.findall(r"<form\b[^>]*>.*?</form>", page, re.S)
    assert all("{% csrf_token %}" in form for form in forms)
    assert all('method="post"' in form for form in forms)  # a search in an address would stay in the history


def test_titles_are_neutral(page: str) -> None:
    """A title stands in the history, the task bar and over a shoulder: a case's code at most, never a name."""
    for title in re.findall(r"{% block title %}(.*?){% endblock %}", page, re.S):
        used = set(re.findall(r"{{ *([\w.]+)", title)) | set(re.findall(r"with \w+=([\w.]+)", title))
        assert used <= {"code", "case.code", "heading"}, title


def test_texts_are_marked_for_translation(page: str) -> None:
    """Outside tags, template code and what is typed in a terminal no letters of a sentence are left."""
    bare = re.sub(r"<code\b[^>]*>.*?</code>", "", page, flags=re.S)
    bare = re.sub(r"{% blocktranslate.*?{% endblocktranslate %}", "", bare, flags=re.S)
    bare = re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}", "", bare, flags=re.S)
    bare = re.sub(r"<!doctype html>|<[^>]*>", "", bare, flags=re.S)
    assert not re.search(r"[A-Za-z]{2,} +[A-Za-z]{2,}", bare), bare.strip()


def test_nothing_a_person_wrote_escapes_escaping(page: str) -> None:
    assert "|safe" not in page and "autoescape off" not in page


def test_style_is_small_and_keeps_both_directions() -> None:
    assert len(STYLE.encode()) <= 12_000
    assert "url(" not in STYLE and "@import" not in STYLE
    physical = r"(?<![-\w])((margin|padding|border)-(left|right|top|bottom)\b|(left|right)\s*:)"
    assert not re.search(physical, STYLE)
    assert not re.search(r"text-align:\s*(left|right)|float:", STYLE)


def test_no_page_moves_by_itself(page: str) -> None:
    """WCAG 2.2.1 and 3.2.5: who reads slowly, or by ear, would begin again every few seconds."""
    assert "http-equiv" not in page


def test_motion_is_absent() -> None:
    """No countdowns, nothing that blinks: people here are under stress already."""
    assert "animation" not in STYLE and "transition" not in STYLE
