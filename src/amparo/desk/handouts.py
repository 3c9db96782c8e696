"""The hand-out: all playbooks in one signed file, made anew when it is asked for.

It is signed with a key of the site folder that signs nothing else, so that the number people compare stays the same
when colleagues come and go. Whoever holds the site folder can sign one; whoever holds the database alone cannot.
"""

from django.utils import translation
from django.utils.translation import gettext as _

from amparo import seal
from amparo.desk import clock, site
from amparo.desk.errors import NotFound
from amparo.mitigate import handout, playbook
from amparo.mitigate.playbook import LANGUAGES

ALL = "all"


def number() -> str:
    """The fingerprint of the key that signs hand-outs, to compare; "" before the data folder is ready."""
    try:
        return seal.fingerprint(site.handout_key().public)
    except site.NotFounded:
        return ""


def _say(language: str, text: str) -> str:
    with translation.override(language):
        return _(text)


def made(language: str) -> bytes:
    """The signed file in one of LANGUAGES, or in ALL of them. Raises NotFound for another language."""
    if language != ALL and language not in LANGUAGES:
        raise NotFound("There is no hand-out in this language.", advice="Choose en, es, fr, ar or all.")
    chosen = LANGUAGES if language == ALL else (language,)
    books = {one: [book for code in playbook.codes() if (book := playbook.load(code, one)) is not None]
             for one in chosen}
    key = site.handout_key()
    page = handout.build(books, _say, made_on=clock.now().date(), key=seal.fingerprint(key.public))
    return seal.sign_handout(key, page.encode())


def file_name(language: str) -> str:
    """A name that tells nothing."""
    return f"steps-{language}.html"
