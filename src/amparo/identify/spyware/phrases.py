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
    "phishing": ("phishing", "{about}, a campaign that stole passwords of people in civil society", Level.MEDIUM),
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
            "It does not mean that anything was installed: many visits come from a link, an advertisement or curiosity. "
            + _LISTED,
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
            "It does not mean that an attack succeeded, and an address can be named here without any contact. " + _LISTED,
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
    " The address is the seller's website: people go there to buy the program, but also to read about it or to find out "
    "how to remove it."
)

ODD: dict[str, Phrase] = {
    phrase.code: phrase
    for phrase in (
        Phrase(
            "apple-threat-notification",
            Category.RECEIVED,
            "A message begins with the words of Apple's own threat notification.",
            "Apple sends it to people whom it believes to be targeted by mercenary spyware.",
            "The words can be forged: Apple's notice also appears after signing in at account.apple.com, and never asks "
            "to tap a link, install anything or tell a password. It does not say that the attack succeeded.",
            ("T1660",),
            Level.HIGH,
            "message begins with the wording of Apple's threat notification",
        ),
        Phrase(
            "hidden-destination",
            Category.RECEIVED,
            "{count} links in messages hide where they lead ({services}).",
            "Attackers shorten links so that the real address is not seen.",
            "Most shortened links are harmless. They were not opened: opening one would tell its maker.",
            ("T1660",),
            Level.INFO,
            "link of a shortening service",
        ),
        Phrase(
            "injected-redirect",
            Category.CONTACTED,
            "An unencrypted page led to another site within {milliseconds} milliseconds.",
            "An attacker inside the network can answer in the place of a plain http page and send the phone elsewhere.",
            "Many sites forward visitors by themselves: old addresses, advertising, hotel and airport networks do so "
            "every day. Look at where it led.",
            ("T1638",),
            Level.MEDIUM,
            "http page redirected to another domain in under one second",
        ),
        Phrase(
            "process-row-deleted",
            Category.RAN,
            "The record of data use lacks {count} of its numbered rows ({numbers}).",
            "Some spyware deletes the row that names it.",
            "iOS also removes rows, for instance when an app is deleted or the statistics are reset; gaps are common on "
            "clean phones.",
            ("T1630",),
            Level.LOW,
            "gap in the numbers of ZPROCESS",
        ),
        Phrase(
            "process-row-missing",
            Category.RAN,
            "Data use is recorded for a program (number {number}) whose own row has been removed.",
            "The traffic stayed in the record while the name was deleted, which spyware has done to hide.",
            "An interrupted clean-up by iOS or a damaged database can leave the same trace.",
            ("T1630",),
            Level.HIGH,
            "ZLIVEUSAGE row whose ZPROCESS row is absent",
        ),
        Phrase(
            "calendar-invitation-quadream",
            Category.RECEIVED,
            "A calendar entry is called “Meeting” with the description “Notes”, as in the attacks of QuaDream.",
            "Such invisible invitations were used to enter phones in 2021.",
            "A person can write an entry with exactly these words.",
            ("T1660",),
            Level.HIGH,
            "calendar entry with summary Meeting and description Notes",
        ),
        Phrase(
            "attachment-in-temporary-folder",
            Category.RECEIVED,
            "A received attachment was kept in a temporary folder under a name ending in -1.",
            "Attacks through messages left attachments in this way.",
            "An interrupted download can leave the same trace.",
            ("T1660",),
            Level.MEDIUM,
            "received attachment under /var/tmp/ whose name ends in -1",
        ),
        Phrase(
            "app-not-from-store",
            Category.INSTALLED,
            "An app came to this phone from “{source}”, not from the App Store.",
            "Apps that bypass the store are not reviewed, and stalkerware needs this way.",
            "Firms, schools, test programs and alternative stores install apps in the same way.",
            (),
            Level.MEDIUM,
            "sourceApp is neither the App Store nor device management",
        ),
        Phrase(
            "app-without-identifier",
            Category.INSTALLED,
            "An app is listed without an identifier.",
            "Every app of the store has one.",
            "A damaged record or a very old app can lack it too.",
            (),
            Level.MEDIUM,
            "no softwareVersionBundleId",
        ),
        Phrase(
            "address-with-nul",
            Category.RECEIVED,
            "The message service looked up an address that holds NUL signs.",
            "No address holds such signs; attempts to break into message services did.",
            "A fault of an app can write such an address too, though none is known.",
            ("T1658",),
            Level.HIGH,
            "NUL bytes in an address of IDStatusCache",
        ),
        Phrase(
            "profile-hides-notices",
            Category.SETTING,
            "A configuration profile changes which notifications are shown.",
            "It can silence the warnings that would give an attacker away.",
            "Schools and firms use such profiles to keep phones quiet.",
            ("T1632.001",),
            Level.MEDIUM,
            "payload com.apple.notificationsettings",
        ),
        Phrase(
            "profile-event",
            Category.SETTING,
            "A configuration profile was {operation}.",
            "A profile can route traffic or hide notices; note whether its owner remembers it.",
            "Firms, schools, mobile operators and VPN apps install profiles every day.",
            (),
            Level.LOW,
            "profile event",
        ),
        Phrase(
            "app-by-browser",
            Category.INSTALLED,
            "An app was installed from a downloaded file.",
            "Stalkerware cannot be had from the store and comes this way.",
            "Many useful apps are installed from files too, above all where stores are blocked.",
            (),
            Level.MEDIUM,
            "installer is a package installer of the system",
        ),
        Phrase(
            "app-by-cable",
            Category.INSTALLED,
            "An app was installed by cable or by another way that leaves no installer.",
            "A person with the phone in hand can install apps in this way without a store.",
            "Apps that came with the phone, developers and restored backups look the same.",
            (),
            Level.MEDIUM,
            "no installer recorded for an app that did not come with the system",
        ),
        Phrase(
            "app-by-other-store",
            Category.INSTALLED,
            "An app was installed by another store ({source}).",
            "Other stores check less, or nothing.",
            "F-Droid and the stores of makers are ordinary ways to install apps.",
            (),
            Level.INFO,
            "installer is another store",
        ),
        Phrase(
            "protection-disabled",
            Category.SETTING,
            "A program that protects or updates the phone is switched off.",
            "Who wants to put something on a phone switches this off first.",
            "Some owners and makers switch it off to save battery or data.",
            ("T1629.003",),
            Level.MEDIUM,
            "a security or update package is disabled",
        ),
        Phrase(
            "root-package",
            Category.INSTALLED,
            "An app is installed that manages full control of the phone (root).",
            "With full control any app can read everything.",
            "Owners who like to change their phone install it knowingly. Ask first.",
            ("T1404",),
            Level.MEDIUM,
            "package known to manage root access",
        ),
        Phrase(
            "root-binary",
            Category.INSTALLED,
            "A program for full control of the phone (root) lies on it.",
            "With full control any app can read everything.",
            "Owners who like to change their phone install it knowingly, and some makers ship busybox.",
            ("T1404",),
            Level.HIGH,
            "su, magisk, busybox or the like",
        ),
        Phrase(
            "system-writable",
            Category.SETTING,
            "A part of the system that must be read-only can be written to.",
            "Changes there survive a reset of the phone.",
            "Phones with a changed system (custom ROM) look the same.",
            ("T1398",),
            Level.HIGH,
            "/system or the like mounted read-write",
        ),
        Phrase(
            "file-in-temporary-folder",
            Category.INSTALLED,
            "A file lies in a folder that only the cable and attackers write to.",
            "Several spyware programs were unpacked there.",
            "Developers and tools that examine phones leave files there too.",
            ("T1544",),
            Level.HIGH,
            "file in /data/local/tmp",
        ),
        Phrase(
            "accessibility-service",
            Category.SETTING,
            "An app has the right to read the screen and act on it (accessibility).",
            "Stalkerware uses this right to read messages in other apps.",
            "Screen readers, password stores and many helpful apps need it. Ask whether it is wanted.",
            ("T1453",),
            Level.MEDIUM,
            "accessibility service of an app that did not come with the system",
        ),
        Phrase(
            "may-install-apps",
            Category.SETTING,
            "An app may install other apps.",
            "It is the way by which programs come to a phone without a store.",
            "Browsers, messengers and file managers often hold this right.",
            (),
            Level.LOW,
            "REQUEST_INSTALL_PACKAGES allowed",
        ),
        Phrase(
            "dangerous-setting",
            Category.SETTING,
            "A protective setting is off: {meaning}.",
            "Instructions for installing stalkerware begin with this setting.",
            "Owners and makers change it for other reasons too.",
            ("T1629.003",),
            Level.MEDIUM,
            "setting with a dangerous value",
        ),
        Phrase(
            "patches-old",
            Category.SETTING,
            "The last security update of this phone is {months} months older than the exam of it.",
            "Known holes stay open without updates.",
            "It does not say that anybody used them. Some makers no longer send updates.",
            (),
            Level.LOW,
            "security patch level more than six months before the acquisition",
        ),
    )
}
"""Heuristics: traces that are odd by themselves, without an indicator."""
