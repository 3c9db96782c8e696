"""Evidence for the demonstration, made on the spot: fictional letters, mails, pictures and phones.

The phones come from the specimens that the detector itself is measured on: generated, with planted traces of
published indicators and with look-alikes that must stay silent.
"""

import functools
import io
from pathlib import Path

import msgspec


class DemoFile(msgspec.Struct, frozen=True):
    """One file as a browser would send it."""

    name: str
    type: str
    data: bytes


PHONES = {
    "ios-backup": ("phone-with-traces.zip", "ios"),
    "androidqf": ("tablet-with-traces.zip", "android"),
    "ios-backup-clean": ("phone-without-traces.zip", "ios-clean"),
}
_TEXTS = {
    "threat-es": ("chat.txt", "[ayer 23:41] numero desconocido: el viernes a las seis, delante de la escuela\n"
                  "[ayer 23:42] numero desconocido: sabes de que escuela hablo\n"),
    "threat-ar": ("chat.txt", "[23:05] رقم غير معروف: مساء الأحد عند باب مكتبك\n[23:06] رقم غير معروف: تعرف لماذا\n"),
    "summons-fr": ("convocation.txt", "REPUBLIQUE DE QY\nConvocation\nVous etes prie de vous presenter demain a 9 h.\n"
                   "Motif : sera communique sur place.\n"),
    "summons-en": ("summons.txt", "PROSECUTOR'S OFFICE OF QX\nSummons no. 0000\n"
                   "You are to appear in two days at 9:00.\n"
                   "Matter: insulting an institution. Exhibit: one post of the 3rd.\n"),
    "log-en": ("access.log", "".join(
        f'192.0.2.{n} - - "POST /admin/login HTTP/1.1" {200 if n == 19 else 403} 512\n' for n in range(1, 20))),
}


def make(name: str) -> DemoFile:
    """The file of this name. Errors: KeyError for one that no report has."""
    if name in _TEXTS:
        shown, text = _TEXTS[name]
        return DemoFile(shown, "text/plain", text.encode())
    if name == "photo":
        return DemoFile("IMG_0042.jpg", "image/jpeg", photo())
    if name.startswith("phish-"):
        return DemoFile("message.eml", "message/rfc822", mail(name.removeprefix("phish-")))
    shown, _ = PHONES[name]
    return DemoFile(shown, "application/zip", phone(name))


def photo() -> bytes:
    """A drawn wall with a painted cross, and the hidden data a camera adds (an invented place and name)."""
    from PIL import Image, ImageDraw

    picture = Image.effect_noise((1600, 1200), 28).convert("RGB")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((500, 300, 1100, 1200), fill=(92, 70, 52))
    draw.line((620, 480, 980, 980), fill=(150, 30, 25), width=44)
    draw.line((980, 480, 620, 980), fill=(150, 30, 25), width=44)
    hidden = Image.Exif()
    hidden[0x010F], hidden[0x0110], hidden[0x013B] = "Demo Camera", "D-1", "an invented owner"
    hidden[0x8825] = {1: "N", 2: (0.0, 0.0, 1.0), 3: "E", 4: (0.0, 0.0, 1.0)}
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=82, exif=hidden)
    return out.getvalue()


def mail(language: str) -> bytes:
    """An invented bait by e-mail; all addresses are reserved for examples (RFC 2606)."""
    bodies = {
        "en": ("Workshop invitation", "Dear team,\n\nplease register your team before Friday:\n"
               "https://institute-workshops.example/register\n\nThe organisers\n"),
        "es": ("Factura pendiente", "Buenos días:\n\nadjuntamos la factura. Ábrala aquí:\n"
               "https://imprenta-facturas.example/entrar\n\nAdministración\n"),
    }
    subject, body = bodies[language]
    from email.message import EmailMessage

    message = EmailMessage()
    message["From"] = "Institute <info@lnstitute.example>"
    message["To"] = "team@radio.example"
    message["Subject"] = subject
    message["Message-ID"] = "<demo-0001@lnstitute.example>"
    message["Received"] = "from relay.example ([192.0.2.77]) by mx.radio.example"
    message.set_content(body)
    return message.as_bytes()


@functools.cache
def phone(name: str) -> bytes:
    """A zip of a generated phone: PHONES says which. The same bytes each time."""
    from amparo.identify.spyware import specimens

    makers = {"ios": specimens.demo_ios, "android": specimens.demo_android, "ios-clean": specimens.demo_clean}
    return makers[PHONES[name][1]]()


def lay_out(folder: Path) -> tuple[Path, ...]:
    """Write the three phones into a folder, for trying `amparo identify` by hand; the paths."""
    folder.mkdir(mode=0o700, exist_ok=True)
    made = []
    for name, (shown, _) in PHONES.items():
        path = folder / shown
        path.write_bytes(phone(name))
        made.append(path)
    return tuple(made)
