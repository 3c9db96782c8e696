"""Phones with plants and look-alikes, written from the description of the matcher alone.

    python build.py FOLDER            the four acquisitions and truth.json into FOLDER
    python build.py --truth           truth.json to standard output
    python build.py --check FOLDER    the cases against every STIX 2 set found below FOLDER

A plant is something a correct examination must report; a decoy is something it must not. The people, places
(QX, QY, QZ) and quiet sites are invented; the indicators are real and were drawn once from each published set with
random.Random("blind-2"), several of every pattern type, and written down here so that nothing else is needed:

- Amnesty International Security Lab, AmnestyTech/investigations (pegasus, cytrox, malware, wintego_helios, novispy):
  CC BY 2.0
- MVT project community, mvt-project/mvt-indicators (candiru, cellebrite, coruna, darksword, eaglemsgspy, kingspawn,
  operation_triangulation, predator, rcs, residentbat, wyrmspy_dragonegg): MIT, (c) 2022 MVT
- Julien Voisin and Tek for Echap, AssoEchap/stalkerware-indicators, converted to STIX: CC BY 4.0

Standard library only; the same bytes in, the same cases out.
"""

import hashlib
import json
import plistlib
import random
import re
import shutil
import sqlite3
import sys
import tempfile
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

SEED = "amparo-blind-1"
T0 = 1_767_225_600  # 2026-01-01T00:00:00Z
APPLE = 978_307_200  # 2001-01-01
CHROME = 11_644_473_600  # 1601-01-01
UDID = "00008110-000QXQYQZ0000001"
AQF_ID = "5e1f0c52-0a0b-4c4d-8e8f-51a5e0000001"

PLANTS: list[dict] = []
DECOYS: list[dict] = []


def plant(ident, where, artefact, value, *, kind, indicator=(), seen=(), word=(), exact=(), levels=(), names=()):
    """Something to find. `seen`: one of these must occur in the finding's "seen" (case-folded); `word`: the same,
    as a whole word; `exact`: or it equals one of these. `indicator`: one of these must be named by the finding.
    `levels`: where the description says. `names`: collections that must be named."""
    indicator = [indicator] if isinstance(indicator, str) else list(indicator)
    seen = [seen] if isinstance(seen, str) else list(seen)
    case = {"id": ident, "acquisition": where, "artefact": artefact, "kind": kind, "value": value}
    case |= {"seen": seen or ([] if word else [value]), "word": list(word), "exact": list(exact),
             "indicator": indicator}
    case |= {"levels": list(levels), "names": list(names)}
    PLANTS.append(case)
    return value


def decoy(ident, where, artefact, value, *, kind, absent=(), exact=(), near="", only_indicator=False):
    """Something that must not be found: none of `absent` may occur in any finding's "seen" (case-folded), and no
    "seen" may equal one of `exact`. `near`: the indicator it resembles, which no finding at all may name.
    `only_indicator`: a rule of thumb may report the row for another reason, so only a finding that shows the value
    and names `near` counts."""
    absent = [absent] if isinstance(absent, str) else list(absent)
    DECOYS.append(
        {"id": ident, "acquisition": where, "artefact": artefact, "kind": kind, "value": value,
         "absent": absent or [value], "exact": list(exact), "near": near, "only_indicator": only_indicator}
    )
    return value


# --- the cases: iOS -------------------------------------------------------------------------------------------------

IOS, AQF = "ios", "androidqf"
SMS: list[dict] = []  # text, body ("" | "plain" | "mutable"), handle
ATTACHMENTS: list[tuple[str, int]] = []
APPLE_1 = (
    "ALERT: State-sponsored attackers may be targeting your iPhone. Apple believes you are being targeted "
    "individually because of who you are or what you do."
)
APPLE_2 = (
    "ALERT: Apple detected a targeted mercenary spyware attack against your iPhone. Lockdown Mode is recommended. "
    "No reply is needed — see the page of your account."
)


def sms(text, body="", handle="+990001"):
    SMS.append({"text": text, "body": body, "handle": handle})


def sms_host(ident, text, host, indicator, **more):
    plant("sms-" + ident, IOS, "sms", text, kind="host", seen=more.pop("seen", host), indicator=indicator,
          names=more.pop("names", ()))
    sms(text, **more)


def sms_not(ident, text, absent, near, **more):
    decoy("sms-not-" + ident, IOS, "sms", text, kind="host", absent=absent, near=near, exact=more.pop("exact", ()))
    sms(text, **more)


sms_host("exact", "Agenda for Thursday https://natureviral.net/qx/agenda", "natureviral.net", "natureviral.net")
sms_host("deep", "Photos: https://cdn.a7.amicoaiuto.com/p?i=1", "cdn.a7.amicoaiuto.com", "amicoaiuto.com")
sms_host("subdomain-indicator", "http://eagle.zrtsafe.com/l", "eagle.zrtsafe.com", "eagle.zrtsafe.com")
sms_host("below-subdomain-indicator", "see http://files.novosti.dn.ua/p", "files.novosti.dn.ua", "novosti.dn.ua")
sms_host("subdomain-indicator-port", "http://e5.malaymoil.com:8443/a", "e5.malaymoil.com", "e5.malaymoil.com")
sms_host("below-subdomain-indicator-port", "go http://x1.sqwas.shapelie.com:81/", "x1.sqwas.shapelie.com",
         "sqwas.shapelie.com")
sms_host("upper", "HTTPS://GAUGINGRESOURCE.NET/Login", "gaugingresource.net", "gaugingresource.net")
sms_host("port", "new server https://swaytablet.net:8080/", "swaytablet.net", "swaytablet.net")
sms_host("trailing-dot", "http://rackvaliant.com./x", "rackvaliant.com", "rackvaliant.com")
sms_host("trailing-dot-port", "http://amplifiedsound.net.:8000/x", "amplifiedsound.net", "amplifiedsound.net")
sms_host("bare-path", "open tidinessabiding.com/x before noon", "tidinessabiding.com", "tidinessabiding.com")
sms_host("bare-sentence", "The page is mangokeep.net. Do not share it.", "mangokeep.net", "mangokeep.net")
sms_host("bare-mixed-case", "Look at CanyonLakes.NET, it is about QX", "canyonlakes.net", "canyonlakes.net")
sms_host("bare-deep", "try up.load.crouchluckless.net tonight", "up.load.crouchluckless.net", "crouchluckless.net")
sms_host("defanged-square", "warn them: hxxps://unspoiledsaint[.]net/a", "", "unspoiledsaint.net",
         seen=["unspoiledsaint[.]net", "unspoiledsaint.net"])
sms_host("defanged-round", "this came again: onshorecarmaker(.)com/win", "", "onshorecarmaker.com",
         seen=["onshorecarmaker(.)com", "onshorecarmaker.com"])
sms_host("defanged-scheme", "hxxp://swimmablespoiler.net/q", "swimmablespoiler.net", "swimmablespoiler.net")
sms_host("defanged-bare-deep", "blocked m[.]kingdom-news[.]com here", "", "kingdom-news.com",
         seen=["m[.]kingdom-news[.]com", "m.kingdom-news.com"])
sms_host("defanged-mixed-case", "hXXpS://RoundedSquares[.]net:8443/z", "", "roundedsquares.net",
         seen=["roundedsquares[.]net", "roundedsquares.net"])
sms_host("no-handle", "Reminder https://same-old.net/visit", "same-old.net", "same-old.net", handle=None)
sms_host("body-only", "Your parcel waits: https://updateapps.net/track", "updateapps.net", "updateapps.net",
         body="plain")
sms_host("body-long", "Dear colleague, the committee of QY has moved the hearing of the case to the small hall; the "
         "list of speakers, the map and the way in are at coffecups.online/list and nowhere else — please confirm.",
         "coffecups.online", "coffecups.online", body="mutable")
# the length byte of this body is 0x61, a letter, so a careless reader glues it to the host that opens the text
BODY_97 = "advert-track.com/a has the programme of the meeting in QZ"
sms_host("body-host-first", BODY_97 + "." * (97 - len(BODY_97)), "advert-track.com", "advert-track.com", body="plain")
sms_host("body-empty-text", "Vote here https://outgoingurl.com/v", "outgoingurl.com", "outgoingurl.com", body="empty")
sms_host("userinfo", "https://qx.user:pw1@lowervalues.com/in", "lowervalues.com", "lowervalues.com")
sms_host("userinfo-disguise", "http://bank-of-qx.example@the-only-way-out.com/", "the-only-way-out.com",
         "the-only-way-out.com")
sms_host("idna-letters", "sale http://noki\u0251.com/sale", "", "xn--noki-t5b.com",
         seen=["noki\u0251.com", "xn--noki-t5b.com"])
sms_host("idna-ascii-deep", "https://web.xn--telegrm-qbd.com/", "", "xn--telegrm-qbd.com",
         seen=["web.xn--telegrm-qbd.com", "web.telegr\u0251m.com"])
sms_host("www-indicator", "http://www.andropwn.xyz/a", "andropwn.xyz", ["www.andropwn.xyz", "andropwn.xyz"])
sms_host("starts-with-w", "https://webwatcher-child-app.firebaseio.com/x.json", "webwatcher-child-app.firebaseio.com",
         "webwatcher-child-app.firebaseio.com")
sms_host("www-before", "https://www.squaretables.net/", "squaretables.net", "squaretables.net")
sms_host("ip", "http://62.72.21.10/a", "62.72.21.10", "62.72.21.10")
sms_host("ip-port", "cam http://47.112.137.199:8080/a", "47.112.137.199", "47.112.137.199")
sms_host("ip-as-domain", "https://195.178.51.251/", "195.178.51.251", "195.178.51.251")
sms_host("query-no-slash", "https://indrive.info?id=7", "indrive.info", "indrive.info")
sms_host("fragment-no-slash", "https://shortfb.com#top", "shortfb.com", "shortfb.com")
sms_host("angle", "(<https://bitforeat.net/a>), thanks", "bitforeat.net", "bitforeat.net")
sms_host("arabic", "متابعة:https://eyestoip.com/ar، شكرا", "eyestoip.com", "eyestoip.com")
sms_host("arabic-bare", "افتح dns-analytics.com، الآن", "dns-analytics.com", "dns-analytics.com")
sms_host("newline", "one\nhttps://forward-page.com\ntwo", "forward-page.com", "forward-page.com")
sms_host("two-sets", "https://shortenurls.me/k", "shortenurls.me", "shortenurls.me", names=["amnesty", "mvt"])
plant("sms-handle-email", IOS, "sms handle", "bekkerfredi@gmail.com", kind="email", indicator="bekkerfredi@gmail.com")
sms("Hello, can we talk about the report?", handle="bekkerfredi@gmail.com")
plant("sms-apple-1", IOS, "sms", APPLE_1, kind="heuristic", seen="ALERT: State-sponsored attackers may",
      levels=["high"])
sms(APPLE_1)
plant("sms-apple-2-body-only", IOS, "sms", APPLE_2, kind="heuristic", seen="ALERT: Apple detected a targeted",
      levels=["high"])
sms(APPLE_2, body="mutable")
plant("sms-shortener", IOS, "sms", "List: https://bit.ly/3qxLst", kind="heuristic", seen="bit.ly")
sms("List: https://bit.ly/3qxLst")
plant("sms-attachment", IOS, "sms attachment", "/var/tmp/tmp.qxK7u/msg-1", kind="heuristic", levels=["medium"])
ATTACHMENTS.append(("/var/tmp/tmp.qxK7u/msg-1", 0))

sms_not("glued", "https://notleafconfuse.net/a", "leafconfuse.net", "leafconfuse.net")
sms_not("glued-bare", "look mycitecivilization.com/x", "citecivilization.com", "citecivilization.com")
sms_not("hyphen", "get-fileswaper.com and www-fileswaper.com", "fileswaper.com", "fileswaper.com")
sms_not("left-part", "https://backxercise.com.qx.example/a", "backxercise.com", "backxercise.com")
sms_not("left-part-bare", "write at baseagriculture.com.qy.example", "baseagriculture.com", "baseagriculture.com")
sms_not("left-part-trailing-dot", "http://informburo.info.qy.example./", "informburo.info", "informburo.info")
sms_not("query", "https://search.example/?q=deducedefend.com", "deducedefend.com", "deducedefend.com")
sms_not("path", "https://mirror.example/guitarcalculate.com/index", "guitarcalculate.com", "guitarcalculate.com")
sms_not("nested", "https://proxy.example/https://sunsetpotential.com/", "sunsetpotential.com", "sunsetpotential.com")
sms_not("encoded", "https://safe.example/?u=https%3A%2F%2Fsecurefilter.net%2F", "securefilter.net",
        "securefilter.net")
sms_not("userinfo", "http://realmac.org@inbox-qx.example/a", ["realmac.org", "inbox-qx.example"], "realmac.org")
sms_not("userinfo-port", "http://globalbikeshop.org:443@post.example/", ["globalbikeshop.org", "post.example"],
        "globalbikeshop.org")
sms_not("underscore", "file old_nicetreasures.com here", "nicetreasures.com", "nicetreasures.com")
sms_not("letter-glue", "https://éwaterfit.org/", "waterfit.org", "waterfit.org")
sms_not("letter-glue-bare", "es ñhistory-guidance.net, dicen", "history-guidance.net", "history-guidance.net")
sms_not("defanged-glued", "hxxp://notautotechhelp[.]net/a", ["autotechhelp[.]net", "autotechhelp.net"],
        "autotechhelp.net")
sms_not("defanged-left", "maplebook[.]org[.]qz[.]example", ["maplebook[.]org", "maplebook.org"], "maplebook.org")
sms_not("longer-tld", "our biznomex.community meets", "biznomex.com", "biznomex.com")
sms_not("shorter-tld", "https://youristores.co/", "youristores.co", "youristores.com")
sms_not("file-name", "install job4uhunt.com.apk", "job4uhunt.com", "job4uhunt.com")
sms_not("parent", "http://dn.ua/ and http://zrtsafe.com/ and https://firebaseio.com/",
        ["http://dn.ua", "http://zrtsafe.com", "//firebaseio.com"], "",
        exact=["dn.ua", "zrtsafe.com", "firebaseio.com"])
sms_not("sibling", "https://clean-app.firebaseio.com/ and https://wiki.zrtsafe.com/ and http://a5.malaymoil.com/",
        ["clean-app.firebaseio.com", "wiki.zrtsafe.com", "a5.malaymoil.com"], "")
sms_not("subdomain-glued", "http://xeagle.tzsafe.tk/", "eagle.tzsafe.tk", "eagle.tzsafe.tk")
sms_not("ip-left-part", "http://185.248.103.247.qx.example/", "185.248.103.247", "185.248.103.247")
sms_not("idna-plain", "https://nokia.com/ and https://nissan.com/", ["nokia.com", "nissan.com"], "xn--nissn-3jc.com")
sms_not("idna-left", "http://xn--nissn-3jc.com.example/", "xn--nissn-3jc.com", "xn--nissn-3jc.com")
sms_not("body", "https://notlinestrip.online/q", "linestrip.online", "linestrip.online", body="plain")
sms_not("port-like", "https://quiet.example:8443/zeebefg.com:8443", "zeebefg.com", "zeebefg.com")
sms_not("shortener-like", "https://bit.ly.qx.example/abc and https://news.example/bit.ly/abc",
        ["bit.ly.qx", "news.example/bit.ly"], "")
decoy("sms-not-apple", IOS, "sms", "Imani asks: what is “ALERT: State-sponsored attackers may …”? Her cousin Oyelu got "
      "it.", kind="heuristic", absent=["Imani asks", "Oyelu"])
sms(DECOYS[-1]["value"])
for number, (name, outgoing) in enumerate([
    ("/var/tmp/tmp.qyOut/msg-1", 1), ("/var/tmp/tmp.qzTwelve/msg-12", 0),
    ("~/Library/SMS/Attachments/qx/photo-1", 0),
]):
    decoy(f"sms-not-attachment-{number}", IOS, "sms attachment", name, kind="heuristic")
    ATTACHMENTS.append((name, outgoing))

SAFARI: list[str] = []
PROFILE: list[str] = []
CHROME_URLS: list[str] = []
FIREFOX: list[str] = []
FIREFOX_WAL: list[str] = []
WHATSAPP: list[dict] = []
REDIRECTS: list[tuple[str, str, float, bool]] = []  # from, to, seconds, linked


def url_plant(ident, artefact, rows, url, host, indicator, **more):
    plant(ident, IOS, artefact, url, kind="host", seen=more.pop("seen", host), indicator=indicator, **more)
    rows.append(url)


def url_decoy(ident, artefact, rows, url, absent, near, exact=()):
    decoy(ident, IOS, artefact, url, kind="host", absent=absent, near=near, exact=exact)
    rows.append(url)


url_plant("safari-exact", "safari", SAFARI, "https://addmyid.net/a", "addmyid.net", "addmyid.net")
url_plant("safari-deep-port", "safari", SAFARI, "http://k3.buypresent4me.net:30303/b", "k3.buypresent4me.net",
          "buypresent4me.net")
url_plant("safari-upper", "safari", SAFARI, "HTTP://WWW.SMALLPERFUMERAIN.COM/", "smallperfumerain.com",
          "smallperfumerain.com")
url_plant("safari-ip-as-domain-port", "safari", SAFARI, "http://178.63.71.15:8081/x", "178.63.71.15", "178.63.71.15")
url_plant("safari-ip", "safari", SAFARI, "https://121.42.149.52/", "121.42.149.52", "121.42.149.52")
url_plant("safari-stalkerware", "safari", SAFARI, "https://my.spyfone.com/login", "my.spyfone.com", "spyfone.com")
url_plant("safari-storage", "safari", SAFARI, "https://edlnc255s2q.s3.amazonaws.com/apk", "edlnc255s2q.s3.amazonaws",
          "edlnc255s2q.s3.amazonaws.com")
url_plant("safari-www-indicator", "safari", SAFARI, "http://www.tzsafe.com/", "tzsafe.com",
          ["www.tzsafe.com", "tzsafe.com"])
url_plant("safari-profile", "safari profile", PROFILE, "https://yuxbaozh1.com/", "yuxbaozh1.com", "yuxbaozh1.com")
plant("safari-injection", IOS, "safari", "http://bulletin.weekly-qx.example/news", kind="heuristic", levels=["medium"],
      seen=["bulletin.weekly-qx.example", "f247.downloads-qy.example"])
REDIRECTS.append(("http://bulletin.weekly-qx.example/news", "https://f247.downloads-qy.example/s?i=9", 0.41, True))
for ident, source, target, seconds, linked in [
    ("slow", "http://slow-a.example/", "https://slow-b.example/x", 3.2, True),
    ("https", "https://secure-a.example/", "https://secure-b.example/x", 0.3, True),
    ("same-host", "http://upgrade-a.example/p", "https://upgrade-a.example/p", 0.2, True),
    ("unlinked", "http://tab-one.example/", "https://tab-two.example/", 0.3, False),
]:
    decoy(f"safari-not-injection-{ident}", IOS, "safari", source, kind="heuristic",
          absent=[source.split("/")[2], target.split("/")[2]])
    REDIRECTS.append((source, target, seconds, linked))
url_decoy("safari-not-query", "safari", SAFARI, "https://find.example/?q=http://vestinfo.org/", "vestinfo.org",
          "vestinfo.org")
url_decoy("safari-not-path", "safari", SAFARI, "https://archive.example/web/2026/http://jornalf8.com/",
          "jornalf8.com", "jornalf8.com")
url_decoy("safari-not-fragment", "safari", SAFARI, "https://reader.example/#imparcialpress.com",
          "imparcialpress.com", "imparcialpress.com")
url_decoy("safari-not-prefix", "safari", SAFARI, "https://universedades.com-login.example/", "universedades.com",
          "universedades.com")
url_decoy("safari-not-glued", "safari", SAFARI, "https://thealmasrylayoum.com/", "almasrylayoum.com",
          "almasrylayoum.com")
url_decoy("safari-not-hyphen", "safari", SAFARI, "https://a-thintank.co/", "thintank.co", "thintank.co")
url_decoy("safari-not-userinfo", "safari", SAFARI, "https://sicnoticia.com@press.example/",
          ["sicnoticia.com", "press.example"], "sicnoticia.com")
url_decoy("safari-not-userinfo-query", "safari", SAFARI, "https://forum.example?next=//x@get-location.net/",
          "get-location.net", "get-location.net")
url_decoy("safari-not-ip-longer", "safari", SAFARI, "http://141.105.130.2371.example/ip/141.105.130.237",
          "141.105.130.237", "141.105.130.237")
url_decoy("safari-not-ip-prefix", "safari", SAFARI, "http://162.144.212.5/", "//162.144.212.5/", "162.144.212.52",
          ["162.144.212.5"])
url_decoy("safari-not-ip-before", "safari", SAFARI, "http://172.67.82.18/", "//172.67.82.18", "172.67.82.183",
          ["172.67.82.18"])
url_decoy("safari-not-ip-more-digits", "safari", SAFARI, "http://191.196.212.202/", "91.196.212.202",
          "91.196.212.202")
url_decoy("safari-not-ip-swapped", "safari", SAFARI, "http://40.23.252.47/", "40.23.252.47", "47.252.23.40")
url_decoy("safari-not-ip-in-query", "safari", SAFARI, "https://whois.example/?ip=175.126.146.147", "175.126.146.147",
          "175.126.146.147")
url_decoy("safari-not-storage-sibling", "safari", SAFARI, "https://edlnc255s2qx.s3.amazonaws.com/",
          "edlnc255s2qx.s3", "")
url_decoy("safari-not-parent", "safari", SAFARI, "https://s3.amazonaws.com/edlnc255s2q/x", "//s3.amazonaws.com", "",
          ["s3.amazonaws.com"])
url_decoy("safari-not-profile", "safari profile", PROFILE, "https://xvestinfos.net/", "vestinfos.net",
          "vestinfos.net")

url_plant("chrome-exact", "chrome", CHROME_URLS, "https://mobilegamerstats.com/r", "mobilegamerstats.com",
          "mobilegamerstats.com")
url_plant("chrome-deep-upper", "chrome", CHROME_URLS, "https://A.B.DataMarketPlace.net/r", "a.b.datamarketplace.net",
          "datamarketplace.net")
url_plant("chrome-trailing-dot", "chrome", CHROME_URLS, "https://koppercables.com./", "koppercables.com",
          "koppercables.com")
url_decoy("chrome-not-glued", "chrome", CHROME_URLS, "https://superportalxa.com/", "portalxa.com", "portalxa.com")
url_decoy("chrome-not-left", "chrome", CHROME_URLS, "https://schedulefestival.com.qz.example/",
          "schedulefestival.com", "schedulefestival.com")
url_decoy("chrome-not-path", "chrome", CHROME_URLS, "https://shop.example/go/ddus17.com", "ddus17.com", "ddus17.com")
url_plant("firefox-exact", "firefox", FIREFOX, "https://swimporchingnow.com/", "swimporchingnow.com",
          "swimporchingnow.com")
url_plant("firefox-idna", "firefox", FIREFOX, "https://m.xn--noki-t5b.com/", "", "xn--noki-t5b.com",
          seen=["m.xn--noki-t5b.com", "m.noki\u0251.com"])
url_plant("firefox-wal", "firefox (row only in the -wal)", FIREFOX_WAL, "https://adtreks.net/only-in-the-log",
          "adtreks.net", "adtreks.net")
url_decoy("firefox-not-glued", "firefox", FIREFOX, "https://notappstoreconn.com/", "appstoreconn.com",
          "appstoreconn.com")
url_decoy("firefox-not-userinfo", "firefox", FIREFOX, "https://tubeluck.com:x@video.example/",
          ["tubeluck.com", "video.example"], "tubeluck.com")


def whatsapp(text="", media="", link=""):
    WHATSAPP.append({"text": text, "media": media, "link": link})


for ident, row, host, indicator in [
    ("text", {"text": "Come in: https://adsfreetracking.com/i"}, ["adsfreetracking.com"], "adsfreetracking.com"),
    ("bare", {"text": "quickdatafeed.com, have a look"}, ["quickdatafeed.com"], "quickdatafeed.com"),
    ("defanged", {"text": "careful: hxxp://kena-mobile[.]info/"}, ["kena-mobile[.]info", "kena-mobile.info"],
     "kena-mobile.info"),
    ("media", {"media": "https://d1.133-tre.info/f.enc"}, ["d1.133-tre.info"], "133-tre.info"),
    ("data-item", {"text": "read this", "link": "https://mobilepays.info/card"}, ["mobilepays.info"],
     "mobilepays.info"),
]:
    plant("whatsapp-" + ident, IOS, "whatsapp", " ".join(row.values()), kind="host", seen=host, indicator=indicator)
    whatsapp(**row)
plant("whatsapp-shortener", IOS, "whatsapp", "see https://tinyurl.com/qz-list", kind="heuristic", seen="tinyurl.com")
whatsapp(text="see https://tinyurl.com/qz-list")
for ident, row, absent, near in [
    ("glued", {"text": "https://my-amex-co.info.example/"}, "amex-co.info", "amex-co.info"),
    ("path", {"text": "https://pay.example/store-apple.info"}, "store-apple.info", "store-apple.info"),
    ("media-path", {"media": "https://mmg.whatsapp.net/d/f/119-tim.info.enc"},
     ["119-tim.info", "mmg.whatsapp.net"], "119-tim.info"),
    ("data-item", {"text": "ok", "link": "https://not146-fastweb.info/"}, "146-fastweb.info", "146-fastweb.info"),
]:
    decoy("whatsapp-not-" + ident, IOS, "whatsapp", " ".join(row.values()), kind="host", absent=absent, near=near)
    whatsapp(**row)

# data usage: rows 1..420 without 317 (deleted) and 389 (deleted, yet in live use)
PROCESSES: list[str] = []
GAP, GHOST, LAST = 317, 389, 420
for ident, value, indicator in [
    ("exact", "natgd", "natgd"),
    ("exact-2", "xpccfd", "xpccfd"),
    ("sixteen", "contextstoremgrd", "contextstoremgrd"),
    ("truncated", "CommsCenterRootH", "CommsCenterRootHelper"),
    ("truncated-dots", "com.apple.Mappit", "com.apple.Mappit.SnapshotService"),
    ("truncated-kingspawn", "com.apple.avcapt", "com.apple.avcapture"),
]:
    plant("datausage-" + ident, IOS, "data usage", value, kind="process", indicator=indicator)
    PROCESSES.append(value)
BEFORE, AFTER = "org.gap-before.qx", "org.gap-after.qx"
GHOST_BEFORE, GHOST_AFTER = "org.ghost-before.qx", "org.ghost-after.qx"
plant("datausage-deleted-row", IOS, "data usage", str(GAP), kind="heuristic", seen=[BEFORE, AFTER], word=[str(GAP)],
      levels=["low"])
plant("datausage-live-without-row", IOS, "data usage", str(GHOST), kind="heuristic", seen=[GHOST_BEFORE, GHOST_AFTER],
      word=[str(GHOST)], levels=["high"])
for value, near in [
    ("diagnosticd", "Diagnosticd"), ("BackupAgent2", "BackupAgent"), ("cfprefsd", "cfprefssd"),
    ("accountsd", ""), ("xneagentd", "neagentd"), ("neagentd-helper", "neagentd"), ("passd", "passsd"),
    ("ReminderIntents", "ReminderIntentsUIExtension"), ("ReminderIntentsX", "ReminderIntentsUIExtension"),
    ("ReminderIntentsUIExtensionHost", "ReminderIntentsUIExtension"), ("JarvisPluginMgr2", "JarvisPluginMgr"),
    ("bundpwrd.app", "bundpwrd"),
]:
    decoy("datausage-not-" + value, IOS, "data usage", value, kind="process", near=near)
    PROCESSES.append(value)

TCC: list[tuple[str, str, int]] = []
for ident, client, indicator in [
    ("name", "seraccountd", "seraccountd"), ("path", "/usr/libexec/launchafd", "launchafd"),
]:
    plant("tcc-" + ident, IOS, "tcc", client, kind="process", indicator=indicator)
    TCC.append(("kTCCServiceMicrophone", client, client.startswith("/")))
for ident, client, near in [
    ("suffix", "launchrexd2", "launchrexd"), ("folder", "/usr/libexec/launchrexd/agent", "launchrexd"),
    ("prefix", "com.apple.launchrexd", "launchrexd"),
]:
    decoy("tcc-not-" + ident, IOS, "tcc", client, kind="process", near=near)
    TCC.append(("kTCCServiceAddressBook", client, client.startswith("/")))

CALENDAR: list[tuple[str, str, str]] = []
plant("calendar-quadream", IOS, "calendar", "Meeting", kind="heuristic", levels=["high"])
CALENDAR.append(("Meeting", "Notes", "quiet.person@mail.example"))
for ident, email, indicator in [
    ("email", "oskarschalcher@outlook.com", "oskarschalcher@outlook.com"),
    ("email-upper", "Krystynajasinska86@Gmail.COM", "krystynajasinska86@gmail.com"),
]:
    plant("calendar-" + ident, IOS, "calendar", email, kind="email", indicator=indicator)
    CALENDAR.append(("Seminar of QX", "Room 4", email))
for ident, event in [
    ("description", ("Meeting", "Notes from the assembly of QX", "")),
    ("summary", ("Team Meeting of QY", "Notes", "")),
    ("swapped", ("Notes", "Meeting with the elders of QZ", "")),
]:
    token = max(event[:2], key=len)
    decoy("calendar-not-" + ident, IOS, "calendar", token, kind="heuristic")
    CALENDAR.append((event[0], event[1], "quiet.person@mail.example"))
for ident, email, near in [
    ("prefix", "xbenjiburns8@gmail.com", "benjiburns8@gmail.com"),
    ("suffix", "benjiburns8@gmail.com.example", "benjiburns8@gmail.com"),
    ("other-host", "mitchkremer14@gmail.com", "mitchkremer14@outlook.com"),
]:
    decoy("calendar-not-" + ident, IOS, "calendar", email, kind="email", near=near)
    CALENDAR.append(("Choir", "Bring water", email))

IDSTATUS: list[str] = []
for ident, key, email in [
    ("email", "mailto:popanddangle@outlook.com", "popanddangle@outlook.com"),
    ("email-upper", "mailto:SuperCatMan15@Hotmail.com", "supercatman15@hotmail.com"),
    ("email-pegasus", "mailto:natalymarinova@proton.me", "natalymarinova@proton.me"),
]:
    plant("idstatus-" + ident, IOS, "idstatuscache", key.removeprefix("mailto:"), kind="email", indicator=email)
    IDSTATUS.append(key)
plant("idstatus-nul", IOS, "idstatuscache", "wanderer.qx@mail.example", kind="heuristic", levels=["high"])
IDSTATUS.append("mailto:" + "\0" * 20 + "wanderer.qx@mail.example")
for ident, email, near in [
    ("plus", "chongwonnam+1@gmail.com", "chongwonnam@gmail.com"),
    ("dots", "chong.won.nam@gmail.com", "chongwonnam@gmail.com"),
    ("prefix", "a.chongwonnam@gmail.com", "chongwonnam@gmail.com"),
    ("host", "chongwonnam@gmail.com.example", "chongwonnam@gmail.com"),
    ("other-host", "chongwonnam@googlemail.com", "chongwonnam@gmail.com"),
    ("cut", "chongwonna@gmail.com", "chongwonnam@gmail.com"),
]:
    decoy("idstatus-not-" + ident, IOS, "idstatuscache", email, kind="email", near=near)
    IDSTATUS.append("mailto:" + email)

OSANALYTICS: list[str] = []
for ident, value, indicator in [
    ("exact", "lobbrogd", "lobbrogd"), ("mixed", "PDPDialogs", "PDPDialogs"), ("exact-2", "brfstagingd", "brfstagingd"),
]:
    plant("osanalytics-" + ident, IOS, "osanalytics", value, kind="process", indicator=indicator)
    OSANALYTICS.append(value)
for value, near in [("brstagedx", "brstaged"), ("netservcomd.plugin", "netservcomd"), ("mobileargd_old", "mobileargd"),
                    ("xGoldenGate", "GoldenGate")]:
    decoy("osanalytics-not-" + value, IOS, "osanalytics", value, kind="process", near=near)
    OSANALYTICS.append(value)

LOCATIOND: list[tuple[str, dict]] = []
SUBRIDGED = "/private/var/db/com.apple.xpc.roleaccountd.staging/subridged"
PLUGIN = "/private/var/db/com.apple.xpc.roleaccountd.staging/PlugIns/fud.appex/"
plant("locationd-key", IOS, "locationd", "com.apple.rapports.events", kind="process",
      indicator="com.apple.rapports.events")
LOCATIOND.append(("com.apple.rapports.events:", {}))
plant("locationd-bundle", IOS, "locationd", "misbrigd", kind="process", indicator="misbrigd")
LOCATIOND.append(("org.quiet.carrier:", {"BundleId": "misbrigd"}))
plant("locationd-executable", IOS, "locationd", "/usr/libexec/corecomnetd", kind="process", indicator="corecomnetd")
LOCATIOND.append(("org.quiet.second:", {"BundleId": "org.quiet.second", "Executable": "/usr/libexec/corecomnetd"}))
plant("locationd-path", IOS, "locationd", SUBRIDGED, kind="path", indicator=SUBRIDGED)
LOCATIOND.append(("org.quiet.third:", {"BundleId": "org.quiet.third", "Executable": SUBRIDGED}))
plant("locationd-path-below", IOS, "locationd", PLUGIN + "fud", kind="path", indicator=[PLUGIN, PLUGIN.rstrip("/")])
LOCATIOND.append(("org.quiet.fourth:", {"BundleId": "org.quiet.fourth", "Executable": PLUGIN + "fud"}))
for ident, value, near, kind in [
    ("sibling", "/private/var/tmp/stopwatch", "/private/var/tmp/stop", "path"),
    ("folder-sibling", "/private/var/logs/keybagd-report/tool", "/private/var/logs/keybagd/", "path"),
    ("not-at-start", "/private/var/containers/private/var/tmp/hooker", "/private/var/tmp/hooker", "path"),
    ("process", "/usr/libexec/eventfssdx", "eventfssd", "process"),
    ("process-folder", "/usr/libexec/eventfssd/Agent", "eventfssd", "process"),
]:
    decoy("locationd-not-" + ident, IOS, "locationd", value, kind=kind, near=near)
    LOCATIOND.append((f"org.quiet.l-{ident}:", {"BundleId": f"org.quiet.l-{ident}", "Executable": value}))

WEBKIT: list[str] = []
for ident, value, indicator in [
    ("exact", "buyeasyspy.com", "buyeasyspy.com"), ("second", "justseries.net", "justseries.net"),
]:
    plant("webkit-" + ident, IOS, "webkit observations", value, kind="host", indicator=indicator)
    WEBKIT.append(value)
for value, near in [("myxpcpanel.com", "xpcpanel.com"), ("theodoi24h.co", "theodoi24h.com"),
                    ("virsis-net.example", "virsis.net")]:
    decoy("webkit-not-" + value, IOS, "webkit observations", value, kind="host", near=near)
    WEBKIT.append(value)

SHORTCUTS: list[str] = []
url_plant("shortcut", "shortcuts", SHORTCUTS, "https://api.ispytic.com/up", "api.ispytic.com", "ispytic.com")
url_decoy("shortcut-not-path", "shortcuts", SHORTCUTS, "https://hooks.example/mcontrolapp.com", "mcontrolapp.com",
          "mcontrolapp.com")
url_decoy("shortcut-not-glued", "shortcuts", SHORTCUTS, "https://amobilespyonline.com.example/",
          "mobilespyonline.com", "mobilespyonline.com")

APPS: list[tuple[str, dict]] = []


def app(key, source="com.apple.AppStore", bundle=None, name=None):
    meta = {"itemName": name or key.rsplit(".", 1)[-1], "bundleVersion": "1.0", "artistName": "Cooperative of QX",
            "purchaseDate": "2026-01-07T09:00:00Z"}
    if source:
        meta["sourceApp"] = source
    if bundle != "":
        meta["softwareVersionBundleId"] = bundle or key
    APPS.append((key, meta))


for ident, value, indicator in [
    ("id", "com.vodaservices", "com.vodaservices"), ("id-upper", "COM.Xdja.SafeKeyService", "com.xdja.safekeyservice"),
]:
    plant("ios-app-" + ident, IOS, "apps", value, kind="app", indicator=indicator)
    app(value)
plant("ios-app-sideloaded", IOS, "apps", "org.river-qy.viewer", kind="heuristic", levels=["medium"])
app("org.river-qy.viewer", source="com.qy.workshop.installer")
plant("ios-app-no-bundle-id", IOS, "apps", "org.nameless-qz.tool", kind="heuristic", levels=["medium"],
      seen=["org.nameless-qz.tool", "Nameless Lantern"])
app("org.nameless-qz.tool", bundle="", name="Nameless Lantern")
for ident, value, near in [
    ("suffix", "com.fintur.support.desk", "com.fintur.support"), ("prefix", "org.com.fintur.support",
                                                                 "com.fintur.support"),
    ("glued", "com.fintur.supports", "com.fintur.support"),
]:
    decoy("ios-app-not-" + ident, IOS, "apps", value, kind="app", near=near)
    app(value)
for value, source in [("org.weaver-qx.store", "com.apple.AppStore.ProductPageExtension"),
                      ("org.weaver-qx.school", "com.apple.dmd"), ("org.weaver-qx.desk", "dmd")]:
    decoy("ios-app-not-sideloaded-" + value, IOS, "apps", value, kind="heuristic")
    app(value, source=source)

PROFILE_ID = "76DAB334-7E17-475D-A5D6-0794EB5818A5"
PROFILES = [
    {"PayloadUUID": PROFILE_ID, "PayloadIdentifier": "qz.office.settings", "PayloadDisplayName": "Office",
     "PayloadContent": [{"PayloadType": "com.apple.wifi.managed", "PayloadUUID": "A0000000-0000-4000-8000-00000000000A",
                         "PayloadIdentifier": "qz.office.wifi"}]},
    {"PayloadUUID": "B1111111-1111-4111-8111-1111111111B1", "PayloadIdentifier": "qy.hush.profile",
     "PayloadDisplayName": "Hush", "PayloadContent": [
         {"PayloadType": "com.apple.notificationsettings", "PayloadUUID": "B2222222-2222-4222-8222-2222222222B2",
          "PayloadIdentifier": "qy.hush.notifications", "NotificationSettings": []}]},
    {"PayloadUUID": PROFILE_ID[:-1] + "6", "PayloadIdentifier": "qx.library.wifi", "PayloadDisplayName": "Library",
     "PayloadContent": [{"PayloadType": "com.apple.wifi.managed", "PayloadUUID": "C0000000-0000-4000-8000-00000000000C",
                         "PayloadIdentifier": "qx.library.wifi.1"}]},
]
plant("profile-id", IOS, "configuration profile", PROFILE_ID, kind="profile", indicator=PROFILE_ID)
plant("profile-notifications", IOS, "configuration profile", "com.apple.notificationsettings", kind="heuristic",
      levels=["medium"], seen=["com.apple.notificationsettings", "qy.hush", "B1111111-1111", "B2222222-2222", "Hush"])
plant("profile-event", IOS, "profile events", "qz.caravan.profile", kind="heuristic", levels=["low"])
decoy("profile-not-id", IOS, "configuration profile", PROFILE_ID[:-1] + "6", kind="profile", near=PROFILE_ID,
      only_indicator=True)

MANIFEST: list[tuple[str, str]] = []
PHOTOLIB = "Library/Preferences/com.apple.photolibraryd.plist"
for ident, domain, path, indicator, seen in [
    ("relative-path", "HomeDomain", PHOTOLIB, [PHOTOLIB, "com.apple.photolibraryd.plist"], PHOTOLIB),
    ("name", "RootDomain", "Library/Preferences/roleaccountd.plist", ["roleaccountd.plist"], "roleaccountd.plist"),
    ("name-dot", "HomeDomain", "Library/Caches/deep/.com.apple.notes.cache.plist", [".com.apple.notes.cache.plist"],
     ".com.apple.notes.cache.plist"),
    ("name-2", "AppDomain-org.quiet.reader", "tmp/pl.sp.exec.guard.lock", ["pl.sp.exec.guard.lock"],
     "pl.sp.exec.guard.lock"),
    ("name-script", "AppDomain-org.quiet.reader", "Library/Caches/sbx1_main.js", ["sbx1_main.js"], "sbx1_main.js"),
]:
    plant("manifest-" + ident, IOS, "manifest", path, kind="name", indicator=indicator, seen=seen)
    MANIFEST.append((domain, path))
for ident, path, host, indicator in [
    ("storage-host", "Library/WebKit/WebsiteData/LocalStorage/https_surveilstar.com_0.localstorage", "surveilstar.com",
     "surveilstar.com"),
    ("storage-deep", "Library/WebKit/WebsiteData/LocalStorage/http_go.mspymax.com_0.localstorage", "go.mspymax.com",
     "mspymax.com"),
]:
    plant("manifest-" + ident, IOS, "manifest", path, kind="host", indicator=indicator, seen=host)
    MANIFEST.append(("AppDomain-com.apple.mobilesafari", path))
LOCALSTORE = "Library/WebKit/WebsiteData/LocalStorage/"
for ident, domain, path, absent, near in [
    ("name-suffix", "HomeDomain", "Library/Caches/roleaccountd.plist.old", "roleaccountd.plist.old", ""),
    ("name-prefix", "HomeDomain", "Library/Caches/xrce_worker_18.4.js", "rce_worker_18.4.js", "rce_worker_18.4.js"),
    ("name-as-folder", "AppDomain-org.quiet.reader", "Documents/rce_module.js/readme.txt", "rce_module.js",
     "rce_module.js"),
    ("name-longer", "HomeDomain", "Library/Caches/pe_main.json", "pe_main.js", "pe_main.js"),
    ("path-sibling", "HomeDomain", PHOTOLIB + ".bak", PHOTOLIB + ".bak", ""),
    ("path-not-at-start", "AppDomain-org.quiet.reader", "Documents/private/var/tmp/takePhoto",
     "Documents/private/var/tmp", "/private/var/tmp/takePhoto"),
    ("storage-glued", "AppDomain-com.apple.mobilesafari", LOCALSTORE + "https_notmobellspy.com_0.localstorage",
     "mobellspy.com", "mobellspy.com"),
    ("storage-left", "AppDomain-com.apple.mobilesafari", LOCALSTORE + "https_phonemonitor.com.qx.example_0.local",
     "phonemonitor.com", "phonemonitor.com"),
    ("storage-hyphen", "AppDomain-com.apple.mobilesafari", LOCALSTORE + "https_my-freefonespy.com_0.localstorage",
     "freefonespy.com", "freefonespy.com"),
]:
    decoy("manifest-not-" + ident, IOS, "manifest", path, kind="host" if "storage" in ident else "name", absent=absent,
          near=near)
    MANIFEST.append((domain, path))
decoy("ios-quiet", IOS, "noise everywhere", "quiet", kind="noise",
      absent=["quiet.example", "+99001", "quiet.person", "org.quiet.app"])

# --- the cases: androidqf -------------------------------------------------------------------------------------------

PACKAGES: list[dict] = []


def hexes(text, name="sha256"):
    return hashlib.new(name, text.encode()).hexdigest()


def package(name, installer="com.android.vending", *, sha1=None, cert256=None, apk=None, disabled=False, system=False):
    path = f"/data/app/~~{hexes(name, 'md5')[:22]}==/{name}-1/base.apk"
    if system:
        path = f"/system/app/{name}/{name}.apk"
    certificate = {
        "Md5": hexes("c" + name, "md5"), "Sha1": sha1 or hexes("c" + name, "sha1"),
        "Sha256": cert256 or hexes("c" + name), "ValidFrom": "2020-01-01T00:00:00Z",
        "ValidTo": "2050-01-01T00:00:00Z", "Issuer": "C=QX, O=Invented, CN=Invented",
        "Subject": "C=QX, O=Invented, CN=Invented", "SignatureAlgorithm": "SHA256-RSA", "SerialNumber": 7,
    }
    file = {
        "path": path, "local_name": "", "md5": hexes("f" + name, "md5"), "sha1": hexes("f" + name, "sha1"),
        "sha256": apk or hexes("f" + name), "sha512": hexes("f" + name, "sha512"), "error": "",
        "verified_certificate": True, "certificate": certificate, "certificate_error": "",
        "trusted_certificate": False,
    }
    PACKAGES.append({"name": name, "files": [file], "installer": installer, "uid": 10000 + len(PACKAGES),
                     "disabled": disabled, "system": system, "third_party": not system})


for ident, value, indicator in [
    ("novispy", "com.accesibilityservice", "com.accesibilityservice"),
    ("residentbat", "com.linkedln.service", "com.linkedln.service"),
    ("rcs", "com.xdja.jxclient", "com.xdja.jxclient"),
    ("cellebrite", "com.client.appA", "com.client.appA"),
    ("wyrmspy", "com.adobe.flash.dex", "com.adobe.flash.dex"),
    ("stalkerware", "com.hellospy.system", "com.hellospy.system"),
    ("short", "wosc.cwf", "wosc.cwf"),
    ("upper", "COM.Brot.Storage.Work", "com.brot.storage.work"),
]:
    plant("package-id-" + ident, AQF, "packages", value, kind="app", indicator=indicator)
    package(value)
SHA1S = ["4474D3395029E6C6744A470EE5F2107DBAEF16A0", "32F6E28DD3E2E61ED94446591E31F89AEE3A9BD2"]
for number, sha1 in enumerate(SHA1S):
    name = f"org.lanternqx.cert{number}"
    plant(f"package-cert-sha1-{number}", AQF, "packages", sha1.lower(), kind="cert", indicator=sha1,
          seen=[sha1, name])
    package(name, sha1=sha1.lower())
for number, cert in enumerate(["38693e1ea0fbf39d28f66b1714fdeed4e23b3973276481097d2d66e87f3647eb",
                               "a6a067b0d899fb514b7b4597d4fe16fcd4d7e5c361f6c84b3d45ed7e394036c7"]):
    name = f"org.lanternqy.cert{number}"
    plant(f"package-cert-sha256-{number}", AQF, "packages", cert, kind="cert", indicator=cert, seen=[cert, name])
    package(name, cert256=cert)
for number, sha in enumerate(["d55e492d5fce87898e065572a5553d1ac1389cd12bf3d28cabc1218cb29780af",
                              "9146e0ede1c0e9014341ef0859ca62d230bea5d6535d800591a796e8dfe1dff9",
                              "2a9d21ca07244932939c6c58699448f2147992c1f49cd3bc7d067bd92cb54f3a"]):
    name = f"org.lanternqz.file{number}"
    plant(f"package-hash-{number}", AQF, "packages", sha, kind="hash", indicator=sha, seen=[sha, name])
    package(name, apk=sha)
plant("package-browser", AQF, "packages", "org.harvestqx.flyer", kind="heuristic")
package("org.harvestqx.flyer", "com.google.android.packageinstaller")
plant("package-adb", AQF, "packages", "org.harvestqy.cable", kind="heuristic")
package("org.harvestqy.cable", "null")
plant("package-store", AQF, "packages", "org.harvestqz.garden", kind="heuristic")
package("org.harvestqz.garden", "org.fdroid.fdroid")
plant("package-root", AQF, "packages", "com.topjohnwu.magisk", kind="heuristic")
package("com.topjohnwu.magisk")
plant("package-updates-disabled", AQF, "packages", "com.wssyncmldm", kind="heuristic")
package("com.wssyncmldm", "", disabled=True, system=True)
for ident, value, near in [
    ("suffix", "com.app.keylogger.free", "com.app.keylogger"), ("glued", "com.app.keyloggers", "com.app.keylogger"),
    ("prefix", "my.com.app.keylogger", "com.app.keylogger"), ("parent", "com.app", ""),
    ("cut", "tej.flashkeylogge", "tej.flashkeylogger"), ("underscore", "com.wb_production", "com.wb.production"),
    ("look-alike", "com.google.android.services", "com.google.android.service"),
    ("real-linkedin", "com.linkedin.service", ""),
]:
    decoy("package-not-" + ident, AQF, "packages", value, kind="app", near=near)
    package(value)
NEAR1 = "9ED8DD944D3EB545E1EEEEEC1D8174772CF37C07"
C256 = "18afc5c6bfaee504a26291f6bf3e6f823dbedd54bba0c4acac2e7c2414b3e24d"
H256 = "54ee2c4f3e2396b6f92def135d68abd35d63ca7f9c304633a36f705ba4728cb7"
for ident, near, more in [
    ("cert-nibble", NEAR1, {"sha1": NEAR1.lower()[:-1] + "8"}),
    ("cert-longer", NEAR1, {"cert256": NEAR1.lower() + "0" * 24}),
    ("cert-shorter", C256, {"sha1": C256[:40]}),
    ("cert-one-short", NEAR1, {"sha1": NEAR1.lower()[:-1]}),
    ("hash-nibble", H256, {"apk": "0" + H256[1:]}),
    ("hash-is-cert-of-file", C256, {"apk": C256}),
    ("cert-is-hash-of-file", H256, {"cert256": H256}),
]:
    name = f"org.orchardqx.{ident.replace('-', '_')}"
    decoy("package-not-" + ident, AQF, "packages", next(iter(more.values())), kind="hash", near=near,
          absent=[name, next(iter(more.values()))])
    package(name, **more)
decoy("package-not-disabled", AQF, "packages", "org.orchardqy.unused", kind="heuristic")
package("org.orchardqy.unused", disabled=True)

FILES: list[tuple[str, dict]] = []
WD = ["/data/local/tmp/wd/", "/data/local/tmp/wd"]
for ident, path, indicator in [
    ("exact", "/data/local/tmp/dropbox", ["/data/local/tmp/dropbox"]),
    ("exact-two-sets", "/data/local/tmp/wd/fs.db", ["/data/local/tmp/wd/fs.db", *WD]),
    ("below", "/data/local/tmp/wd/cfg/a.bin", WD),
    ("below-file", "/data/local/tmp/dropbox/in/1", ["/data/local/tmp/dropbox"]),
    ("other-root", "/tmp/l/agent", ["/tmp/l/", "/tmp/l"]),
    ("icloud", "/private/var/tmp/icloud_dump/1.db", ["/private/var/tmp/icloud_dump/", "/private/var/tmp/icloud_dump"]),
    ("name", "/sdcard/Download/rce_loader.js", ["rce_loader.js"]),
    ("name-2", "/sdcard/Android/data/org.quiet/sbx0_main_18.4.js", ["sbx0_main_18.4.js"]),
]:
    plant("files-" + ident, AQF, "files", path, kind="path", indicator=indicator)
    FILES.append((path, {}))
for number, (path, sha) in enumerate([
    ("/sdcard/Download/Invitation_QX.apk", "7c14daae75adaae4cf1679c7688efce11746d2c9574c6aca426f9b2dbb57e3dd"),
    ("/sdcard/Download/Programme_QY.apk", "d517c3868c5e7808202f53fa78d827a308d94500ae9051db0a62e11f7852e802"),
    ("/data/data/org.quiet.one/files/.c", "92ce9de120ebd88f0126644697e9840489b2c2497e5c99acfa7dd680d98cf075"),
    ("/data/data/org.quiet.two/cache/x", "c3b92d05b105465881c0f68f5cf6c3edb24d2e5317ffd1256cb68c7921fe0721"),
]):
    plant(f"files-hash-{number}", AQF, "files", sha, kind="hash", indicator=sha, seen=[sha, path])
    FILES.append((path, {"sha256": sha}))
plant("files-temporary", AQF, "files", "/data/local/tmp/qx_harness", kind="heuristic", levels=["high"])
FILES.append(("/data/local/tmp/qx_harness", {}))
KEYBAGD = "/private/var/logs/keybagd/"
for ident, path, near in [
    ("sibling", "/private/var/logs/keybagd2/x", KEYBAGD), ("sibling-name", "/private/var/logs/keybagd.txt", KEYBAGD),
    ("not-at-start", "/sdcard/backup/private/var/tmp/takePhoto", "/private/var/tmp/takePhoto"),
    ("not-at-start-2", "/mnt/card/private/var/logs/keybagd/y", KEYBAGD),
    ("upper", "/PRIVATE/VAR/LOGS/KEYBAGD/z", KEYBAGD),
    ("parent", "/private/var/logs", KEYBAGD),
    ("name-suffix", "/sdcard/Download/rce_worker_18.6.js.txt", "rce_worker_18.6.js"),
    ("name-prefix", "/sdcard/Download/my_rce_worker_18.6.js", "rce_worker_18.6.js"),
    ("name-as-folder", "/sdcard/rce_worker_18.6.js/notes.txt", "rce_worker_18.6.js"),
    ("name-other-version", "/sdcard/Download/rce_worker_18.5.js", "rce_worker_18.6.js"),
]:
    decoy("files-not-" + ident, AQF, "files", path, kind="path", near=near)
    FILES.append((path, {}))
for ident, path, near in [
    ("temporary-sibling", "/data/local/tmp/wdx/readme", "/data/local/tmp/wd/"),
    ("temporary-sibling-file", "/data/local/tmp/dropboxes", "/data/local/tmp/dropbox"),
    ("temporary-sibling-hyphen", "/data/local/tmp/wd-old", "/data/local/tmp/wd/"),
]:
    decoy("files-not-" + ident, AQF, "files", path, kind="path", near=near, only_indicator=True)
    FILES.append((path, {}))
F256 = "6b9a540801613a2abd15b5994def2ac4904a896e14e1ab364b032de5b3d1e098"
for ident, field, value in [
    ("hash-cut", "sha1", F256[:40]), ("hash-longer", "sha512", F256 + F256[::-1]),
    ("hash-nibble", "sha256", F256[:-1] + "9"), ("hash-short", "sha256", F256[:63]),
    ("hash-md5", "md5", F256[:32]),
]:
    path = f"/sdcard/Documents/{ident}.bin"
    decoy("files-not-" + ident, AQF, "files", value, kind="hash", near=F256, absent=[path, value])
    FILES.append((path, {field: value}))
path = "/sdcard/Documents/cert-as-hash.bin"
decoy("files-not-cert", AQF, "files", "fcb6f780ea8f2fe7249f66c6348572bdbd54f576", kind="hash",
      near="FCB6F780EA8F2FE7249F66C6348572BDBD54F576", absent=[path])
FILES.append((path, {"sha1": "fcb6f780ea8f2fe7249f66c6348572bdbd54f576"}))

GETPROP = [("sys.brand.notes", "1"), ("sys.brand.notebook", "1"), ("ro.sys.brand.doc", "1"), ("sys.brand.docs", "1")]
plant("getprop", AQF, "getprop", "sys.brand.notes", kind="property", indicator="sys.brand.notes")
for value, near in [("sys.brand.notebook", "sys.brand.note"), ("ro.sys.brand.doc", "sys.brand.doc"),
                    ("sys.brand.docs", "sys.brand.doc")]:
    decoy("getprop-not-" + value, AQF, "getprop", value, kind="property", near=near)

PS: list[str] = []
for ident, value, kind in [
    ("process", "ckkeyrollfd", "process"), ("path", "/data/adb/dhcp4d", "process"),
    ("app", "com.serv.services", "app"),
]:
    plant("ps-" + ident, AQF, "processes", value, kind=kind, indicator=value.rsplit("/", 1)[-1])
    PS.append(value)
for value, near in [("eventsfssd2", "eventsfssd"), ("[payload/0:1]", "payload"), ("boardframed:main", "boardframed"),
                    ("com.li.activityx", "com.li.activity"), ("/data/adb/payload/run", "payload")]:
    decoy("ps-not-" + value, AQF, "processes", value, kind="process", near=near)
    PS.append(value)

ROOT = ["/system/bin/su", "/system/xbin/busybox", "/sbin/magisk"]
for value in ROOT:
    plant("root-" + value.rsplit("/", 1)[-1], AQF, "root binaries", value, kind="heuristic", levels=["high"],
          seen=[value], word=[value.rsplit("/", 1)[-1]])
MOUNTS = [
    "/dev/block/dm-13 on /system type ext4 (rw,seclabel,relatime)",
    "/dev/block/dm-71 on /data/product/system type ext4 (ro,seclabel,relatime)",
]
plant("mount-system", AQF, "mounts", MOUNTS[0], kind="heuristic", levels=["high"], exact=["/system"],
      seen=["dm-13", "on /system", "/system type", "/system (rw", "/system rw", "/system: rw", "/system,rw"])
decoy("mount-not-system", AQF, "mounts", MOUNTS[1], kind="heuristic",
      absent=["/dev/block/dm-71", "/data/product/system"])
SETTINGS = {
    "global": ["package_verifier_enable=0", "airplane_mode_on=0", "quiet_clock=1", "device_name=Phone of QX"],
    "secure": ["install_non_market_apps=1", "bluetooth_name=Phone of QX"],
    "system": ["font_scale=1.0", "screen_brightness=80"],
}
plant("settings-verifier", AQF, "settings", "package_verifier_enable", kind="heuristic")
plant("settings-unknown-sources", AQF, "settings", "install_non_market_apps", kind="heuristic")
decoy("settings-not", AQF, "settings", "quiet_clock", kind="heuristic", absent=["quiet_clock", "font_scale"])
plant("dumpsys-accessibility", AQF, "dumpsys accessibility", "org.willowqx.reader/.ScreenService", kind="heuristic",
      levels=["medium"], seen=["org.willowqx.reader"])
plant("dumpsys-accessibility-id", AQF, "dumpsys accessibility", "com.smartback/.Keys", kind="app",
      indicator="com.smartback", seen=["com.smartback"])
plant("dumpsys-appops", AQF, "dumpsys appops", "org.willowqy.fetch", kind="heuristic")
plant("dumpsys-receiver", AQF, "dumpsys package", "org.willowqz.calls/.StateReceiver", kind="heuristic",
      seen=["org.willowqz.calls"])
plant("dumpsys-receiver-id", AQF, "dumpsys package", "com.screentime/.Boot", kind="app", indicator="com.screentime",
      seen=["com.screentime"])
decoy("dumpsys-not-shell", AQF, "dumpsys appops", "com.android.shell", kind="heuristic")
decoy("dumpsys-not-receiver", AQF, "dumpsys package", "com.epbzrqcg.syzzkuqx2/.Timer", kind="app",
      near="com.epbzrqcg.syzzkuqx", absent=["com.epbzrqcg.syzzkuqx"])
decoy("androidqf-quiet", AQF, "noise everywhere", "quiet", kind="noise", absent=["org.quietnoise", "/quietnoise/"])

DUMPSYS = """\
DUMP OF SERVICE accessibility:
ACCESSIBILITY MANAGER (dumpsys accessibility)

User state[attributes:{id=0, currentUser=true
  mIsTouchExplorationEnabled = false
  }
  installed services: {
    0 : org.willowqx.reader/.ScreenService
    1 : com.smartback/.Keys
  }
  enabled services: {
    0 : org.willowqx.reader/.ScreenService
    1 : com.smartback/.Keys
  }
  binding services: {
  }
  bound services:{
  }
  AccessibilityInputFilter:{
  }]

--------- 0.004s was the duration of dumpsys accessibility, ending at: 2026-02-01 17:37:22
-------------------------------------------------------------------------------
DUMP OF SERVICE package:
Database versions:
  Internal:
    sdkVersion=33 databaseVersion=3
    fingerprint=invented/qx

Receiver Resolver Table:
  Non-Data Actions:
      com.android.storagemanager.automatic.SHOW_NOTIFICATION:
        23fa699 com.android.storagemanager/.automatic.NotificationController
        23fa69a com.epbzrqcg.syzzkuqx2/.Timer
      android.intent.action.PHONE_STATE:
        85c0aa6 org.willowqz.calls/.StateReceiver
      android.provider.Telephony.SMS_RECEIVED:
        85c0aa7 com.screentime/.Boot

--------- 2.929s was the duration of dumpsys package, ending at: 2026-02-01 17:37:43
-------------------------------------------------------------------------------
DUMP OF SERVICE appops:
Current AppOps Service state:
  Settings:
    top_state_settle_time=+30s0ms

  Uid 2000:
    state=cch
    Package com.android.shell:
      REQUEST_INSTALL_PACKAGES (allow):
          Access: [fg-s] 2026-02-01 17:30:00.000 (-7m)
  Uid u0a104:
    state=cch
    Package org.willowqy.fetch:
      REQUEST_INSTALL_PACKAGES (allow):
          Access: [fg-s] 2026-01-20 10:00:00.000 (-12d)
  Uid u0a105:
    state=cch
    Package org.quietnoise.app5:
      VIBRATE (allow):

--------- 0.100s was the duration of dumpsys appops, ending at: 2026-02-01 17:37:50
-------------------------------------------------------------------------------
"""

# --- writing the iOS backup ------------------------------------------------------------------------------------------


def typedstream(text, mutable=False):
    """An archived NSAttributedString, byte for byte as NSArchiver lays it out (also the mutable kind)."""

    def number(value):
        return bytes([value]) if value < 0x80 else b"\x81" + value.to_bytes(2, "little")

    def string(name):
        return b"\x84" + bytes([len(name)]) + name

    raw = text.encode()
    units = number(len(text.encode("utf-16-le")) // 2)
    out = b"\x04\x0bstreamtyped\x81\xe8\x03" + string(b"\x40")
    if mutable:
        out += b"\x84\x84" + string(b"NSMutableAttributedString") + b"\x00"
        out += b"\x84" + string(b"NSAttributedString") + b"\x00"
        out += b"\x84" + string(b"NSObject") + b"\x00\x85"
        out += b"\x92\x84\x84" + string(b"NSMutableString") + b"\x01\x84" + string(b"NSString") + b"\x01\x95"
        root, text_class, plus, counted = b"\x95", b"\x98", b"\x98", b"\x9b"
    else:
        out += b"\x84\x84" + string(b"NSAttributedString") + b"\x00\x84" + string(b"NSObject") + b"\x00\x85"
        out += b"\x92\x84\x84" + string(b"NSString") + b"\x01\x94"
        root, text_class, plus, counted = b"\x94", b"\x96", b"\x96", b"\x99"
    out += string(b"+") + number(len(raw)) + raw + b"\x86"
    out += string(b"iI") + b"\x01" + units
    out += b"\x92\x84\x84" + string(b"NSDictionary") + b"\x00" + root + string(b"i") + b"\x01"
    key = b"__kIMMessagePartAttributeName"
    out += b"\x92\x84" + text_class + plus + bytes([len(key)]) + key + b"\x86"
    out += b"\x92\x84\x84" + string(b"NSNumber") + b"\x00\x84" + string(b"NSValue") + b"\x00" + root
    return out + string(b"*") + b"\x84" + counted + counted + b"\x00\x86\x86\x86"


class Backup:
    def __init__(self, folder: Path):
        self.folder, self.rows = folder, []
        folder.mkdir(parents=True)

    def add(self, domain, relative, data: bytes | None):
        ident = hashlib.sha1(f"{domain}-{relative}".encode()).hexdigest()
        if data is not None:
            target = self.folder / ident[:2] / ident
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(data)
        self.rows.append((ident, domain, relative, 1 if data is not None else 2, len(data or b"")))

    def finish(self):
        uid = plistlib.UID
        with sqlite3.connect(self.folder / "Manifest.db") as db:
            db.execute("CREATE TABLE Files (fileID TEXT PRIMARY KEY, domain TEXT, relativePath TEXT, flags INTEGER, "
                       "file BLOB)")
            db.execute("CREATE TABLE Properties (key TEXT PRIMARY KEY, value BLOB)")
            for place, (ident, domain, relative, flags, size) in enumerate(self.rows):
                archive = {
                    "$version": 100000, "$archiver": "NSKeyedArchiver", "$top": {"root": uid(1)},
                    "$objects": ["$null", {
                        "LastModified": T0 + place, "Flags": 0, "GroupID": 501, "LastStatusChange": T0 + place,
                        "Birth": T0 + place - 60, "Size": size, "Mode": 33188 if flags == 1 else 16877,
                        "UserID": 501, "InodeNumber": 1000 + place, "ProtectionClass": 3, "RelativePath": uid(2),
                        "$class": uid(3),
                    }, relative, {"$classname": "MBFile", "$classes": ["MBFile", "NSObject"]}],
                }
                db.execute("INSERT INTO Files VALUES (?,?,?,?,?)", (
                    ident, domain, relative, flags, plistlib.dumps(archive, fmt=plistlib.FMT_BINARY)))
        db.close()


def database(schema, fill) -> bytes:
    with tempfile.TemporaryDirectory() as place:
        name = Path(place) / "x.db"
        db = sqlite3.connect(name)
        db.executescript(schema)
        fill(db)
        db.commit()
        db.close()
        return name.read_bytes()


def database_with_wal(schema, fill, fill_log) -> tuple[bytes, bytes]:
    """The second filling is only in the write-ahead log, as after a phone that was not shut down."""
    with tempfile.TemporaryDirectory() as place:
        name = Path(place) / "x.db"
        db = sqlite3.connect(name)
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA wal_autocheckpoint=0")
        db.executescript(schema)
        fill(db)
        db.commit()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        fill_log(db)
        db.commit()
        both = name.read_bytes(), Path(f"{name}-wal").read_bytes()
        db.close()
        return both


WORDS = tuple(re.findall(r"\w+", """lamp river bread meeting bus rain school market letter choir window garden
    clinic road bridge tea paper radio harvest well stone boat field song"""))
COUNTRIES = ("QX", "QY", "QZ")


def sentence(dice, link=True):
    text = " ".join(dice.choice(WORDS) for _ in range(dice.randint(3, 12))) + f" {dice.choice(COUNTRIES)}"
    if link and dice.random() < 0.25:
        text += f" {quiet_url(dice)}"
    return text.capitalize() + dice.choice(["", ".", "!", " v1.2.3", " 10.30h"])


def quiet_url(dice):
    host = f"{dice.choice(WORDS)}-{dice.choice(WORDS)}.quiet.example"
    return f"https://{dice.choice(['', 'www.', 'm.'])}{host}/{dice.choice(WORDS)}?id={dice.randint(1, 9999)}"


def spread(dice, cases, noise):
    """Cases at fixed random places among the noise."""
    rows = list(noise)
    for case in cases:
        rows.insert(dice.randint(1, len(rows) - 1), case)
    return rows


def binary(value):
    return plistlib.dumps(value, fmt=plistlib.FMT_BINARY)


def moment(seconds):
    return datetime(2026, 1, 1) + timedelta(seconds=seconds)


def sms_db(dice):
    quiet = [{"text": sentence(dice), "body": "", "handle": f"+9900{dice.randint(10, 60)}"} for _ in range(600)]
    rows = spread(dice, SMS, quiet)

    def fill(db):
        handles = sorted({row["handle"] for row in rows if row["handle"]})
        for place, handle in enumerate(handles, 1):
            service = "iMessage" if "@" in handle else "SMS"
            db.execute("INSERT INTO handle VALUES (?,?,'qx',?,NULL)", (place, handle, service))
        for place, row in enumerate(rows, 1):
            body = typedstream(row["text"], row["body"] == "mutable") if row["body"] else None
            text = {"": row["text"], "empty": ""}.get(row["body"])
            handle = handles.index(row["handle"]) + 1 if row["handle"] else 0
            when = (T0 + place * 1800 - APPLE) * 1_000_000_000
            db.execute("INSERT INTO message (ROWID, guid, text, attributedBody, handle_id, service, date, date_read, "
                       "is_from_me) VALUES (?,?,?,?,?,'iMessage',?,?,0)",
                       (place, f"GUID-{place}", text, body, handle, when, when + 10**9))
        for place, (name, outgoing) in enumerate(
                [*ATTACHMENTS, ("~/Library/SMS/Attachments/aa/IMG_0001.HEIC", 0)], 1):
            db.execute("INSERT INTO attachment (ROWID, guid, created_date, filename, uti, mime_type, transfer_name, "
                       "is_outgoing) VALUES (?,?,?,?,'public.data','image/gif',?,?)",
                       (place, f"at-{place}", T0 + place - APPLE, name, name.rsplit("/", 1)[-1], outgoing))
            db.execute("INSERT INTO message_attachment_join VALUES (?,?)", (place + 1, place))

    return database("""
        CREATE TABLE handle (ROWID INTEGER PRIMARY KEY, id TEXT NOT NULL, country TEXT, service TEXT,
            uncanonicalized_id TEXT);
        CREATE TABLE message (ROWID INTEGER PRIMARY KEY, guid TEXT UNIQUE NOT NULL, text TEXT, replace INTEGER,
            service_center TEXT, handle_id INTEGER DEFAULT 0, subject TEXT, country TEXT, attributedBody BLOB,
            version INTEGER DEFAULT 10, type INTEGER DEFAULT 0, service TEXT, account TEXT, date INTEGER,
            date_read INTEGER, date_delivered INTEGER, is_delivered INTEGER DEFAULT 1, is_from_me INTEGER DEFAULT 0,
            cache_has_attachments INTEGER DEFAULT 0);
        CREATE TABLE attachment (ROWID INTEGER PRIMARY KEY, guid TEXT UNIQUE NOT NULL, created_date INTEGER,
            start_date INTEGER, filename TEXT, uti TEXT, mime_type TEXT, transfer_state INTEGER DEFAULT 5,
            is_outgoing INTEGER DEFAULT 0, user_info BLOB, transfer_name TEXT, total_bytes INTEGER DEFAULT 9);
        CREATE TABLE message_attachment_join (message_id INTEGER, attachment_id INTEGER);
        CREATE TABLE chat (ROWID INTEGER PRIMARY KEY, guid TEXT, chat_identifier TEXT);
        CREATE TABLE chat_message_join (chat_id INTEGER, message_id INTEGER, message_date INTEGER);
        """, fill)


def safari_db(dice, urls, redirects, noise):
    rows = [(url, None) for url in spread(dice, urls, [quiet_url(dice) for _ in range(noise)])]
    for pair in redirects:
        rows.insert(dice.randint(1, len(rows) - 1), ("", pair))

    def fill(db):
        items: dict[str, int] = {}
        visit, when = 0, T0 - APPLE + 0.25

        def visited(url, at, source=None, target=None):
            if url not in items:
                items[url] = len(items) + 1
                db.execute("INSERT INTO history_items VALUES (?,?,NULL,1)", (items[url], url))
            db.execute("INSERT INTO history_visits (id, history_item, visit_time, title, redirect_source, "
                       "redirect_destination) VALUES (?,?,?,?,?,?)", (visit, items[url], at, "Page", source, target))

        for url, pair in rows:
            when += 900
            visit += 1
            if pair is None:
                visited(url, when)
                continue
            source, target, seconds, linked = pair
            visited(source, when, None, visit + 1 if linked else None)
            visit += 1
            visited(target, when + seconds, visit - 1 if linked else None, None)

    return database("""
        CREATE TABLE history_items (id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE, domain_expansion TEXT,
            visit_count INTEGER NOT NULL);
        CREATE TABLE history_visits (id INTEGER PRIMARY KEY, history_item INTEGER NOT NULL, visit_time REAL NOT NULL,
            title TEXT, load_successful INTEGER DEFAULT 1, http_non_get INTEGER DEFAULT 0,
            synthesized INTEGER DEFAULT 0, redirect_source INTEGER, redirect_destination INTEGER,
            origin INTEGER DEFAULT 0, generation INTEGER DEFAULT 0, attributes INTEGER DEFAULT 0,
            score INTEGER DEFAULT 0);
        """, fill)


def chrome_db(dice):
    urls = spread(dice, CHROME_URLS, [quiet_url(dice) for _ in range(300)])

    def fill(db):
        for place, url in enumerate(urls, 1):
            when = (T0 + place * 700 + CHROME) * 1_000_000
            db.execute("INSERT INTO urls VALUES (?,?,'Page',1,0,?,0)", (place, url, when))
            db.execute("INSERT INTO visits (id, url, visit_time) VALUES (?,?,?)", (place, place, when))

    return database("""
        CREATE TABLE urls (id INTEGER PRIMARY KEY AUTOINCREMENT, url LONGVARCHAR, title LONGVARCHAR,
            visit_count INTEGER, typed_count INTEGER, last_visit_time INTEGER, hidden INTEGER);
        CREATE TABLE visits (id INTEGER PRIMARY KEY, url INTEGER NOT NULL, visit_time INTEGER NOT NULL,
            from_visit INTEGER DEFAULT 0, transition INTEGER DEFAULT 0, segment_id INTEGER, visit_duration INTEGER);
        """, fill)


def firefox_db(dice):
    urls = spread(dice, FIREFOX, [quiet_url(dice) for _ in range(200)])

    def put(db, start, some):
        for place, url in enumerate(some, start):
            db.execute("INSERT INTO history VALUES (?,?,?,'Page',NULL,NULL,0,0,0,1)", (place, f"g{place}", url))
            db.execute("INSERT INTO visits VALUES (?,?,?,1,1)", (place, place, (T0 + place * 600) * 1_000_000))

    return database_with_wal("""
        CREATE TABLE history (id INTEGER PRIMARY KEY, guid TEXT, url TEXT, title TEXT, server_modified INTEGER,
            local_modified INTEGER, is_deleted INTEGER, should_upload INTEGER, domain_id INTEGER, visit_count INTEGER);
        CREATE TABLE visits (id INTEGER PRIMARY KEY, siteID INTEGER, date REAL, type INTEGER, is_local INTEGER);
        """, lambda db: put(db, 1, urls), lambda db: put(db, len(urls) + 1, FIREFOX_WAL))


def whatsapp_db(dice):
    quiet = [{"text": sentence(dice), "media": "", "link": ""} for _ in range(380)]
    quiet += [{"text": "", "media": f"https://mmg.whatsapp.net/d/f/{n}.enc", "link": ""} for n in range(20)]
    rows = spread(dice, WHATSAPP, quiet)

    def fill(db):
        for place, row in enumerate(rows, 1):
            when = T0 + place * 500 - APPLE
            db.execute("INSERT INTO ZWAMESSAGE (Z_PK, Z_ENT, Z_OPT, ZISFROMME, ZCHATSESSION, ZMEDIAITEM, ZMESSAGEDATE, "
                       "ZFROMJID, ZTEXT) VALUES (?,9,1,0,1,?,?,?,?)",
                       (place, place if row["media"] else None, when, "99000@s.whatsapp.net", row["text"] or None))
            if row["media"]:
                db.execute("INSERT INTO ZWAMEDIAITEM (Z_PK, ZMESSAGE, ZMEDIAURL) VALUES (?,?,?)",
                           (place, place, row["media"]))
            if row["link"]:
                db.execute("INSERT INTO ZWAMESSAGEDATAITEM (Z_PK, ZMESSAGE, ZDATE, ZCONTENT1, ZMATCHEDTEXT, ZTITLE) "
                           "VALUES (?,?,?,?,?,'Preview')", (place, place, when, row["link"], row["link"]))

    return database("""
        CREATE TABLE ZWAMESSAGE (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER, ZISFROMME INTEGER,
            ZMESSAGETYPE INTEGER DEFAULT 0, ZCHATSESSION INTEGER, ZMEDIAITEM INTEGER, ZMESSAGEINFO INTEGER,
            ZMESSAGEDATE TIMESTAMP, ZSENTDATE TIMESTAMP, ZFROMJID VARCHAR, ZTOJID VARCHAR, ZPUSHNAME VARCHAR,
            ZSTANZAID VARCHAR, ZTEXT VARCHAR);
        CREATE TABLE ZWAMEDIAITEM (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER, ZMESSAGE INTEGER,
            ZFILESIZE INTEGER, ZMEDIAURLDATE TIMESTAMP, ZAUTHORNAME VARCHAR, ZMEDIALOCALPATH VARCHAR,
            ZMEDIAURL VARCHAR, ZTITLE VARCHAR, ZMETADATA BLOB);
        CREATE TABLE ZWAMESSAGEDATAITEM (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER, ZINDEX INTEGER,
            ZOWNSTHUMBNAIL INTEGER, ZTYPE INTEGER, ZMESSAGE INTEGER, ZDATE TIMESTAMP, ZCONTENT1 VARCHAR,
            ZCONTENT2 VARCHAR, ZMATCHEDTEXT VARCHAR, ZSENDERJID VARCHAR, ZSUMMARY VARCHAR, ZTITLE VARCHAR);
        CREATE TABLE ZWACHATSESSION (Z_PK INTEGER PRIMARY KEY, ZCONTACTJID VARCHAR, ZPARTNERNAME VARCHAR);
        """, fill)


def datausage_db(dice):
    holes = {GAP, GHOST}
    around = {GAP - 1: BEFORE, GAP + 1: AFTER, GHOST - 1: GHOST_BEFORE, GHOST + 1: GHOST_AFTER}
    free = [n for n in range(2, LAST) if n not in holes and n not in around]
    names = dict(zip(dice.sample(free, len(PROCESSES)), PROCESSES, strict=True)) | around

    def fill(db):
        for place in range(1, LAST + 1):
            if place in holes:
                continue
            name = names.get(place, f"org.quiet.app{place}")
            when = T0 + place * 3600 - APPLE
            db.execute("INSERT INTO ZPROCESS VALUES (?,9,1,?,?,?,?)", (place, when - 900, when, name, None))
            db.execute("INSERT INTO ZLIVEUSAGE VALUES (?,8,1,0,?,?,100,100,10,10)", (place, place, when))
        db.execute("INSERT INTO ZLIVEUSAGE VALUES (?,8,1,0,?,?,7000,900,10,10)",
                   (LAST + 1, GHOST, T0 + GHOST * 3600 - APPLE))

    return database("""
        CREATE TABLE ZPROCESS (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER, ZFIRSTTIMESTAMP TIMESTAMP,
            ZTIMESTAMP TIMESTAMP, ZPROCNAME VARCHAR, ZBUNDLENAME VARCHAR);
        CREATE TABLE ZLIVEUSAGE (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER, ZKIND INTEGER,
            ZHASPROCESS INTEGER, ZTIMESTAMP TIMESTAMP, ZWIFIIN FLOAT, ZWIFIOUT FLOAT, ZWWANIN FLOAT, ZWWANOUT FLOAT);
        """, fill)


def tcc_db(dice):
    quiet = [("kTCCServiceAddressBook", f"org.quiet.app{n}", 0) for n in range(60)]

    def fill(db):
        for place, (service, client, is_path) in enumerate(spread(dice, TCC, quiet), 1):
            db.execute("INSERT INTO access (service, client, client_type, auth_value, auth_reason, auth_version, "
                       "last_modified) VALUES (?,?,?,2,2,1,?)", (service, client, int(is_path), T0 + place))

    return database("""
        CREATE TABLE access (service TEXT NOT NULL, client TEXT NOT NULL, client_type INTEGER NOT NULL,
            auth_value INTEGER NOT NULL, auth_reason INTEGER NOT NULL, auth_version INTEGER NOT NULL, csreq BLOB,
            policy_id INTEGER, indirect_object_identifier TEXT DEFAULT 'UNUSED', flags INTEGER,
            last_modified INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (service, client, client_type));
        """, fill)


def calendar_db(dice):
    quiet = [(sentence(dice, False), sentence(dice, False), "quiet.person@mail.example") for _ in range(80)]
    rows = spread(dice, CALENDAR, quiet)

    def fill(db):
        for place, (summary, description, email) in enumerate(rows, 1):
            when = T0 + place * 7200 - APPLE
            db.execute("INSERT INTO Participant (ROWID, entity_type, owner_id, UUID, email) VALUES (?,8,?,?,?)",
                       (place, place, f"U-{place}", email))
            db.execute("INSERT INTO CalendarItem (ROWID, summary, description, start_date, end_date, organizer_id) "
                       "VALUES (?,?,?,?,?,?)", (place, summary, description, when, when + 3600, place))

    return database("""
        CREATE TABLE CalendarItem (ROWID INTEGER PRIMARY KEY, summary TEXT, location_id INTEGER, description TEXT,
            start_date REAL, start_tz TEXT, end_date REAL, all_day INTEGER DEFAULT 0, calendar_id INTEGER DEFAULT 1,
            organizer_id INTEGER, self_attendee_id INTEGER, url TEXT, last_modified REAL, UUID TEXT,
            has_attendees INTEGER DEFAULT 1);
        CREATE TABLE Participant (ROWID INTEGER PRIMARY KEY, entity_type INTEGER, type INTEGER, status INTEGER,
            pending_status INTEGER, role INTEGER, identity_id INTEGER, owner_id INTEGER, UUID TEXT, email TEXT,
            is_self INTEGER DEFAULT 0);
        """, fill)


def shortcuts_db(dice):
    urls = spread(dice, SHORTCUTS, [quiet_url(dice) for _ in range(20)])

    def fill(db):
        for place, url in enumerate(urls, 1):
            when = T0 + place * 60 - APPLE
            db.execute("INSERT INTO ZSHORTCUT VALUES (?,1,1,?,?,?,?)",
                       (place, f"Shortcut {place}", f"W-{place}", when, when))
            data = binary([
                {"WFWorkflowActionIdentifier": "is.workflow.actions.url",
                 "WFWorkflowActionParameters": {"WFURLActionURL": url}},
                {"WFWorkflowActionIdentifier": "is.workflow.actions.downloadurl", "WFWorkflowActionParameters": {}},
            ])
            db.execute("INSERT INTO ZSHORTCUTACTIONS VALUES (?,2,1,?,?)", (place, place, data))

    return database("""
        CREATE TABLE ZSHORTCUT (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER, ZNAME VARCHAR,
            ZWORKFLOWID VARCHAR, ZCREATIONDATE TIMESTAMP, ZMODIFICATIONDATE TIMESTAMP);
        CREATE TABLE ZSHORTCUTACTIONS (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER, ZSHORTCUT INTEGER,
            ZDATA BLOB);
        """, fill)


def webkit_db(dice):
    domains = spread(dice, WEBKIT, [f"{a}-{b}.quiet.example" for a in WORDS[:8] for b in WORDS[8:14]])

    def fill(db):
        for place, domain in enumerate(domains, 1):
            db.execute("INSERT INTO ObservedDomains (domainID, registrableDomain, lastSeen, isPrevalent) VALUES "
                       "(?,?,?,0)", (place, domain, T0 + place))

    return database("""
        CREATE TABLE ObservedDomains (domainID INTEGER PRIMARY KEY, registrableDomain TEXT NOT NULL UNIQUE,
            lastSeen REAL NOT NULL, hadUserInteraction INTEGER DEFAULT 0, mostRecentUserInteractionTime REAL DEFAULT 0,
            grandfathered INTEGER DEFAULT 0, isPrevalent INTEGER NOT NULL, isVeryPrevalent INTEGER DEFAULT 0);
        """, fill)


def build_ios(folder: Path) -> None:
    dice = random.Random(SEED)
    backup = Backup(folder)
    add = backup.add
    add("HomeDomain", "Library/SMS/sms.db", sms_db(dice))
    add("HomeDomain", "Library/Safari/History.db", safari_db(dice, SAFARI, REDIRECTS, 800))
    add("AppDomain-com.apple.mobilesafari",
        "Library/Safari/Profiles/6F2A1B00-0000-4000-8000-0000000000A1/History.db", safari_db(dice, PROFILE, [], 60))
    add("AppDomain-com.google.chrome.ios", "Library/Application Support/Google/Chrome/Default/History",
        chrome_db(dice))
    main, log = firefox_db(dice)
    add("AppDomainGroup-group.org.mozilla.ios.Firefox", "profile.profile/browser.db", main)
    add("AppDomainGroup-group.org.mozilla.ios.Firefox", "profile.profile/browser.db-wal", log)
    add("AppDomainGroup-group.net.whatsapp.WhatsApp.shared", "ChatStorage.sqlite", whatsapp_db(dice))
    add("WirelessDomain", "Library/Databases/DataUsage.sqlite", datausage_db(dice))
    add("HomeDomain", "Library/TCC/TCC.db", tcc_db(dice))
    add("HomeDomain", "Library/Calendar/Calendar.sqlitedb", calendar_db(dice))
    add("HomeDomain", "Library/Shortcuts/Shortcuts.sqlite", shortcuts_db(dice))
    add("AppDomain-com.apple.mobilesafari", "Library/WebKit/WebsiteData/ResourceLoadStatistics/observations.db",
        webkit_db(dice))
    status = spread(dice, IDSTATUS, [f"tel:+9900{n}" for n in range(100, 160)])
    half = len(status) // 2
    add("HomeDomain", "Library/Preferences/com.apple.identityservices.idstatuscache.plist", binary({
        "com.apple.madrid": {k: {"IDStatus": 1, "LookupDate": T0 + n - APPLE} for n, k in enumerate(status[:half])},
        "com.apple.ess": {k: {"IDStatus": 1, "LookupDate": T0 + n - APPLE} for n, k in enumerate(status[half:])},
    }))
    names = spread(dice, OSANALYTICS, [f"org.quiet.app{n}" for n in range(60)])
    add("HomeDomain", "Library/Preferences/com.apple.osanalytics.addaily.plist", binary({
        "netUsageBaseline": {name: [moment(n * 60), 100, 100, 10, 10] for n, name in enumerate(names)}}))
    clients = spread(dice, LOCATIOND, [
        (f"org.quiet.app{n}:", {"BundleId": f"org.quiet.app{n}",
                                "Executable": f"/private/var/containers/Bundle/Application/{n}/App.app/App"})
        for n in range(40)])
    add("RootDomain", "Library/Caches/locationd/clients.plist", binary({
        key: {"Authorization": 2, "LocationTimeStopped": float(T0 + n - APPLE), **entry}
        for n, (key, entry) in enumerate(clients)}))
    add("HomeDomain", "Library/Preferences/.GlobalPreferences.plist", binary({
        "AppleLocale": "en_QX", "AppleLanguages": ["en-QX"], "LDMGlobalEnabled": False}))
    shared = "SysSharedContainerDomain-systemgroup.com.apple.configurationprofiles"
    for profile in PROFILES:
        stub = {**profile, "PayloadType": "Configuration", "PayloadVersion": 1, "InstallDate": moment(9000),
                "SignerCerts": []}
        ident = hashlib.sha256(profile["PayloadIdentifier"].encode()).hexdigest()
        add(shared, f"Library/ConfigurationProfiles/profile-{ident}.stub", binary(stub))
    add(shared, "Library/ConfigurationProfiles/PayloadManifest.plist", binary({
        "OrderedProfiles": [hashlib.sha256(p["PayloadIdentifier"].encode()).hexdigest() for p in PROFILES],
        "HiddenProfiles": []}))
    add(shared, "Library/ConfigurationProfiles/MCProfileEvents.plist", binary({"ProfileEvents": [
        {"qz.caravan.profile": {"Operation": "install", "Process": "profiled", "timestamp": moment(8000)}}]}))
    quiet_files = [(f"AppDomain-org.quiet.app{n % 30}", f"Documents/{WORDS[n % 24]}/{n}_{WORDS[n % 7]}.txt")
                   for n in range(260)]
    for domain, relative in spread(dice, MANIFEST, quiet_files):
        add(domain, relative, f"{domain} {relative}".encode())
    backup.finish()
    applications = {}
    for key, meta in spread(dice, APPS, [(k, {
        "itemName": k, "softwareVersionBundleId": k, "sourceApp": "com.apple.AppStore", "bundleVersion": "2",
        "purchaseDate": "2026-01-03T09:00:00Z"}) for k in (f"org.quiet.app{n}" for n in range(25))]):
        applications[key] = {"ApplicationSINF": b"\0", "PlaceholderIcon": b"\0", "iTunesMetadata": binary(meta)}
    info = {
        "Build Version": "22G100", "Device Name": "Phone of QX", "Display Name": "Phone of QX", "GUID": "0" * 32,
        "IMEI": "000000000000000", "Product Type": "iPhone14,5", "Product Name": "iPhone 13",
        "Product Version": "18.6.2",
        "Serial Number": "QX0000000000", "Target Identifier": UDID, "Target Type": "Device", "Unique Identifier": UDID,
        "Last Backup Date": moment(40 * 86400), "iTunes Version": "12.12",
        "Applications": applications, "Installed Applications": list(applications),
    }
    (folder / "Info.plist").write_bytes(plistlib.dumps(info))
    (folder / "Status.plist").write_bytes(binary({
        "BackupState": "new", "Date": moment(40 * 86400), "IsFullBackup": True, "SnapshotState": "finished",
        "UUID": "5E1F0C52-0A0B-4C4D-8E8F-51A5E0000002", "Version": "3.3"}))
    (folder / "Manifest.plist").write_bytes(binary({
        "IsEncrypted": False, "Version": "10.0", "Date": moment(40 * 86400), "SystemDomainsVersion": "24.0",
        "WasPasscodeSet": True, "Lockdown": {
            "DeviceName": "Phone of QX", "ProductType": "iPhone14,5", "ProductVersion": "18.6.2",
            "BuildVersion": "22G100", "SerialNumber": "QX0000000000", "UniqueDeviceID": UDID},
        "Applications": {}}))


# --- writing the androidqf acquisition -------------------------------------------------------------------------------


def build_androidqf(folder: Path, processes: str) -> None:
    """`processes`: how the list of processes is called; older acquisitions say ps.txt, newer processes.txt."""
    dice = random.Random(SEED)
    folder.mkdir(parents=True)

    def write(name, value):
        text = value if isinstance(value, str) else json.dumps(value, indent=1, ensure_ascii=False)
        (folder / name).write_text(text, encoding="utf-8")

    kept = len(PACKAGES)
    for n in range(110):
        package(f"org.quietnoise.app{n}", "com.android.vending" if n % 3 else "", system=n % 3 == 0)
    noise = PACKAGES[kept:]
    del PACKAGES[kept:]
    write("packages.json", spread(dice, PACKAGES, noise))
    quiet = [(f"/sdcard/DCIM/quietnoise/IMG_{n:05}.jpg", {"sha256": hexes(f"n{n}"), "sha1": hexes(f"n{n}", "sha1")})
             for n in range(1500)]
    listing = []
    for n, (path, more) in enumerate(spread(dice, FILES, quiet)):
        listing.append({
            "path": path, "size": 100 + n, "mode": "-rw-rw----", "user_id": 0, "user_name": "", "group_id": 1015,
            "group_name": "", "changed_time": T0 + n, "modified_time": T0 + n, "access_time": T0 + n, "error": "",
            "context": "u:object_r:media_rw_data_file:s0", "sha1": "", "sha256": "", "sha512": "", "md5": "", **more})
    write("files.json", listing)
    quiet_properties = [
        ("ro.build.version.release", "16"), ("ro.build.version.sdk", "36"), ("ro.product.model", "Phone of QX"),
        ("ro.build.version.security_patch", "2026-01-05"), ("persist.sys.timezone", "Etc/UTC"),
        ("dalvik.vm.heapgrowthlimit", "256m"), ("ro.product.manufacturer", "Invented"),
    ]
    write("getprop.txt", "".join(f"[{k}]: [{v}]\n" for k, v in spread(dice, GETPROP, quiet_properties)))
    names = spread(dice, PS, ["init", "[kthreadd]", "[ksoftirqd/0]", "zygote64", "system_server", "surfaceflinger",
                              *(f"org.quietnoise.app{n}" for n in range(40))])
    lines = ["USER           PID  PPID     VSZ    RSS WCHAN            ADDR S NAME"]
    for n, name in enumerate(names):
        user = "root" if n < 6 else f"u0_a{n}"
        lines.append(f"{user:<12}{n + 1:>6}{1 if n else 0:>6}{57912 + n:>8}{2084 + n:>7} {'0':<20}0 S {name}")
    write(processes, "\n".join(lines) + "\n")
    write("root_binaries.json", ROOT)
    write("mounts.json", ["/dev/block/dm-12 on / type ext4 (ro,seclabel,relatime)", *MOUNTS])
    for space, values in SETTINGS.items():
        write(f"settings_{space}.txt", "\n".join(values) + "\n")
    write("dumpsys.txt", DUMPSYS)
    write("services.txt", "Found 2 services:\n0\taccessibility: []\n1\tpackage: []\n")
    write("selinux.txt", "Enforcing\n")
    write("env.txt", "ANDROID_ROOT=/system\nPATH=/system/bin\n")
    write("logcat.txt", "--------- beginning of main\n02-01 10:00:00.000  1000  1000 I Quiet: nothing\n")
    write("acquisition.json", {
        "uuid": AQF_ID, "androidqf_version": "1.7.0", "storage_path": "", "started": "2026-02-01T17:30:00Z",
        "completed": "2026-02-01T17:45:00Z", "tmp_dir": "/data/local/tmp/", "sdcard": "/sdcard/", "cpu": "arm64-v8a"})


def pack(folder: Path, target: Path, top: str) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                entry = zipfile.ZipInfo(top + file.relative_to(folder).as_posix(), (2026, 2, 1, 18, 0, 0))
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, file.read_bytes())


def truth() -> dict:
    return {"plants": PLANTS, "decoys": DECOYS}


def truth_text() -> str:
    return json.dumps(truth(), ensure_ascii=False, indent=1) + "\n"


def build(place: Path) -> dict[str, Path]:
    """The four acquisitions: a backup and an androidqf folder, each also as an archive."""
    place.mkdir(parents=True, exist_ok=True)
    made = {"ios-folder": place / UDID, "ios-zip": place / "backup.zip",
            "androidqf-folder": place / AQF_ID, "androidqf-zip": place / f"{AQF_ID}.zip"}
    build_ios(made["ios-folder"])
    pack(made["ios-folder"], made["ios-zip"], f"{UDID}/")
    build_androidqf(made["androidqf-folder"], "ps.txt")
    build_androidqf(place / "newer", "processes.txt")
    pack(place / "newer", made["androidqf-zip"], "")
    shutil.rmtree(place / "newer")
    (place / "truth.json").write_text(truth_text(), encoding="utf-8")
    return made


# --- checking the cases ----------------------------------------------------------------------------------------------


def check_cases() -> list[str]:
    """The cases among themselves: unique names, and no decoy that a plant would trip."""
    wrong = []
    idents = [case["id"] for case in PLANTS + DECOYS]
    wrong += [f"twice: {i}" for i in set(idents) if idents.count(i) > 1]
    for no in DECOYS:
        for token in no["absent"]:
            for yes in PLANTS:
                if no["only_indicator"] or yes["acquisition"] != no["acquisition"]:
                    continue
                if any(token.casefold() in text.casefold() for text in [yes["value"], *yes["seen"]]):
                    wrong.append(f"decoy {no['id']}: {token!r} is part of plant {yes['id']}")
        for yes in PLANTS:
            if no["near"] and no["near"] in yes["indicator"] and not no["only_indicator"]:
                wrong.append(f"decoy {no['id']} shares its indicator with plant {yes['id']}")
    for yes in PLANTS:
        for token in yes["seen"]:
            for no in DECOYS:
                caught = any(token.casefold() in text.casefold() for text in no["absent"])  # the decoy fails anyway
                if yes["kind"] != "heuristic" and not caught and token.casefold() in no["value"].casefold():
                    wrong.append(f"plant {yes['id']}: {token!r} is part of decoy {no['id']}")
    return wrong


def check_against(folder: Path) -> list[str]:
    """The cases against every published indicator, in the plainest code there is."""
    known: dict[str, set[str]] = {}
    for file in sorted(folder.rglob("*.stix2")):
        for thing in json.loads(file.read_text(encoding="utf-8"))["objects"]:
            if thing["type"] == "indicator":
                key, value = re.fullmatch(r"\[\s*(\S+?)\s*=\s*'(.*)'\s*\]", thing["pattern"]).groups()
                known.setdefault(key, set()).add(value)
    every = set().union(*known.values()) if known else set()
    if not every:
        return [f"no indicators below {folder}"]
    folded = {value.casefold() for value in every}
    hosts = {v.casefold().removeprefix("www.") for v in known["domain-name:value"]} | known["ipv4-addr:value"]
    wrong = [f"plant {c['id']}: {c['indicator']} not published" for c in PLANTS
             if c["indicator"] and not any(i.casefold() in folded for i in c["indicator"])]
    wrong += [f"decoy {c['id']}: {c['near']} not published" for c in DECOYS if c["near"] and c["near"] not in every
              and c["near"] + "/" not in every]

    def listed(host):
        labels = host.casefold().rstrip(".").split(".")
        return [t for n in range(len(labels)) if (t := ".".join(labels[n:])) in hosts]

    def host_of(link):
        rest = re.split(r"[/?#]", link.split("://", 1)[1])[0].rpartition("@")[2]
        return re.sub(r":\d*$", "", rest).encode("idna").decode() if not rest.isascii() else re.sub(r":\d*$", "", rest)

    for case in DECOYS:
        text = case["value"].replace("hxxp", "http").replace("[.]", ".")
        if case["kind"] == "host":
            links = re.findall(r"https?://\S+", text, re.IGNORECASE)
            names = [host_of(link) for link in links]
            bare = [w.strip(",.") for w in re.sub(r"https?://\S+", " ", text).split() if "." in w.strip(",.")]
            if case["artefact"] == "manifest":
                bare = [part for part in text.split("_") if "." in part]
            wrong += [f"decoy {case['id']}: {name} falls under {listed(name)}" for name in names + bare if listed(name)]
        elif case["kind"] in {"process", "app", "email", "property", "profile", "name", "path"}:
            value = case["value"]
            tests = {value.casefold(), value.rsplit("/", 1)[-1].casefold()}
            if case["kind"] == "process":
                tests = {value, value.rsplit("/", 1)[-1]}
                cut = {v[:16] for v in known["process:name"]}
                if len(value) == 16 and value in cut:
                    wrong.append(f"decoy {case['id']} equals a cut process")
            hits = tests & (folded if case["kind"] != "process" else every)
            wrong += [f"decoy {case['id']}: {hits} is an indicator"] if hits else []
            if case["kind"] in {"path", "name"}:
                for path in known["file:path"]:
                    path = path.rstrip("/")
                    if value == path or value.startswith(path + "/"):
                        wrong.append(f"decoy {case['id']} lies under {path}")
    quiet = random.Random(1)
    wrong += [f"noise {u}" for u in (quiet_url(quiet) for _ in range(500)) if listed(host_of(u))]
    return wrong


if __name__ == "__main__":
    if sys.argv[1:2] == ["--truth"]:
        sys.stdout.write(truth_text())
    elif sys.argv[1:2] == ["--check"]:
        problems = check_cases() + check_against(Path(sys.argv[2]))
        print("\n".join(problems) or f"{len(PLANTS)} plants, {len(DECOYS)} decoys: no contradiction")
        sys.exit(bool(problems))
    else:
        for name, path in build(Path(sys.argv[1])).items():
            print(name, path.name)
