"""What a finding says, why it matters and what it does not mean: one entry for each kind of trace.

The words "contacted", "received", "installed" and "ran" are never mixed. Each heuristic names its cause of false alarms
in `does_not_say`, where the reader meets it.
"""

import msgspec

from amparo.words.findings import Category, Level


class Phrase(msgspec.Struct, frozen=True):
    """`says` may hold {fields} that the finding fills in. `techniques` are ATT&CK for Mobile candidates."""

    code: str
    category: Category
    says: str
    matters: str
    does_not_say: str
    techniques: tuple[str, ...] = ()
    level: Level = Level.HIGH
    rule: str = ""


NATURES = {
    "spyware": ("spyware", "{about}, spyware reported in published research", Level.HIGH),
    "stalkerware": ("stalkerware", "{about}, an app made to watch somebody in secret", Level.HIGH),
    "watchware": (
        "watchware",
        "{about}, an app sold openly to supervise children or staff, which can also be used to control somebody",
        Level.MEDIUM,
    ),
    "phishing": (
        "phishing",
        "{about}, a campaign that stole passwords of people in civil society",
        Level.MEDIUM,
    ),
    "forensic-tool": ("forensic-tool", "{about}, a tool that copies the contents of a phone", Level.HIGH),
}
"""Nature of the program: its word in codes, how it is described, and the level of a match."""

_LISTED = "The list may be old or wrong, and addresses change owners."

KNOWN: dict[str, Phrase] = {
    phrase.code: phrase
    for phrase in (
        Phrase(
            "site-contacted",
            Category.CONTACTED,
            "The phone went to an address that is listed for {described}.",
            "Such addresses deliver the program, or receive what it takes from the phone.",
            "It does not mean that anything was installed: many visits come from a link, an advertisement or "
            "curiosity. " + _LISTED,
            ("T1456", "T1437.001"),
        ),
        Phrase(
            "link-received",
            Category.RECEIVED,
            "A message on this phone holds an address that is listed for {described}.",
            "Such links are sent so that the person taps on them.",
            "It does not mean that the link was opened or that anything was installed. People also send such links to "
            "warn each other. " + _LISTED,
            ("T1660",),
        ),
        Phrase(
            "mailbox-seen",
            Category.RECEIVED,
            "An account that is listed for {described} stands on this phone.",
            "Attackers used such accounts to reach a phone through its message services, at times without any tap.",
            "It does not mean that an attack succeeded, and an address can be named here without any contact. "
            + _LISTED,
            ("T1660",),
        ),
        Phrase(
            "process-ran",
            Category.RAN,
            "A program ran under a name that is listed for {described}.",
            "A record of it means that something of this name was active on the phone.",
            "A name alone is not proof: another program may bear the same name, and this record may cut names to 16 "
            "signs. Ask for a full examination before concluding.",
            ("T1437.001",),
        ),
        Phrase(
            "path-found",
            Category.INSTALLED,
            "A file lies at a place that is listed for {described}.",
            "Ordinary programs do not put files there.",
            "The file itself was not examined, so its content is not known; some system files share such names.",
            ("T1544",),
        ),
        Phrase(
            "file-name-found",
            Category.INSTALLED,
            "A file bears a name that is listed for {described}.",
            "The name was used by that program on other phones.",
            "A name alone is weak: another program may use it for an innocent file.",
            ("T1544",),
        ),
        Phrase(
            "app-installed",
            Category.INSTALLED,
            "An app is on this phone whose identifier is listed for {described}.",
            "Such an app can read messages, follow the location or record sound.",
            "It does not say who installed it or when. Do not remove it before a plan is made: whoever watches may "
            "notice, and the evidence goes with it.",
            ("T1417", "T1430"),
        ),
        Phrase(
            "app-traced",
            Category.CONTACTED,
            "The records of the phone name an app whose identifier is listed for {described}.",
            "The app was on the phone at some time, or asked for a permission there.",
            "It does not mean that the app is still there. " + _LISTED,
            ("T1430",),
        ),
        Phrase(
            "certificate-found",
            Category.INSTALLED,
            "An app is signed with a key that is listed for {described}.",
            "Makers of such apps sign many of them with one key, under changing names.",
            "Some makers share keys, so another app of theirs, or a test build, may bear it too.",
            ("T1417", "T1430"),
        ),
        Phrase(
            "hash-found",
            Category.INSTALLED,
            "A file on this phone is, byte for byte, one that is listed for {described}.",
            "The same file was found in published investigations.",
            "It does not say that the file was ever started, or who put it there.",
            ("T1544",),
        ),
        Phrase(
            "profile-installed",
            Category.SETTING,
            "A configuration profile is installed whose identifier is listed for {described}.",
            "A profile can route the phone's traffic through somebody else's servers or hide notices.",
            "It does not say who installed it. " + _LISTED,
            ("T1632.001",),
        ),
        Phrase(
            "property-set",
            Category.SETTING,
            "A system property exists whose name is listed for {described}.",
            "The program leaves this mark on phones that it has entered.",
            "A name alone is weak: a maker of phones may use the same one.",
            ("T1544",),
        ),
    )
}

WEBSITE = (
    " The address is the seller's website: people go there to buy the program, but also to read about it or "
    "to find out "
    "how to remove it."
)
