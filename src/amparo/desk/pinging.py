"""One ping on its way: by mail or through a command. The text is constant; nothing of a case is known here.

Every way to fail has a code and an end in time: a server that hangs, drips, lies about its certificate or takes the
text and then refuses it; a command that fails or never returns.
"""

import contextlib
import email.utils
import os
import signal
import smtplib
import ssl
import subprocess
import threading
import uuid
from email.message import EmailMessage

from amparo.desk import configuration, site
from amparo.desk.configuration import Pings
from amparo.desk.pinged_at import COMMAND, MAIL, WAYS, Addresses

SENT = ""
NO_ADDRESS, NO_ANSWER, NO_TLS, REFUSED, FAILED, LATE = CODES = (
    "no-address", "no-answer", "no-tls", "refused", "failed", "late",
)
_HOST = "localhost"  # what the mail server is told as our name, on every desk


def deliver(pings: Pings, to: Addresses) -> str:
    """Ping one colleague, by the first way that works; SENT, or the code of the last that failed."""
    code = NO_ADDRESS
    for way in WAYS:
        address = getattr(to, way)
        if address and (pings.mail_host if way == MAIL else pings.command):
            code = _within(pings.seconds, way, pings, address)
            if code == SENT:
                return SENT
    return code


def _within(seconds: float, way: str, pings: Pings, address: str) -> str:
    """One way, with an end: a server that sends a byte now and then keeps no timeout of a socket."""
    found: list[str] = []
    send = _by_mail if way == MAIL else _by_command

    def run() -> None:
        found.append(send(pings, address))

    thread = threading.Thread(target=run, name=f"ping-{way}", daemon=True)
    thread.start()
    thread.join(seconds + 1)
    return found[0] if found else LATE


def message(pings: Pings, address: str) -> EmailMessage:
    """The mail: the same for every alarm but for the moment and a random number."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = pings.mail_from, address, pings.subject
    made["Date"] = email.utils.formatdate(usegmt=True)
    made["Message-ID"] = f"<{uuid.uuid4().hex}@ping.invalid>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(pings.text)
    return made


def _by_mail(pings: Pings, address: str) -> str:
    try:
        secure = ssl.create_default_context()
        if pings.mail_tls == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                pings.mail_host, pings.mail_port, _HOST, timeout=pings.seconds, context=secure)
        else:
            server = smtplib.SMTP(pings.mail_host, pings.mail_port, _HOST, timeout=pings.seconds)
        with contextlib.closing(server):
            if pings.mail_tls == "starttls":
                server.starttls(context=secure)
            if pings.mail_user:
                server.login(pings.mail_user, _password())
            server.send_message(message(pings, address), pings.mail_from, [address])
            with contextlib.suppress(smtplib.SMTPException, OSError):
                server.quit()  # it has said that it takes the mail: what it says to a farewell changes nothing
    except (ssl.SSLError, smtplib.SMTPNotSupportedError):
        return NO_TLS
    except TimeoutError:
        return LATE
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused):
        return REFUSED
    except OSError:
        return NO_ANSWER
    except Exception:
        return FAILED
    return SENT


def _password() -> str:
    return (site.folder() / "mail-password").read_text().rstrip("\r\n")


def _by_command(pings: Pings, address: str) -> str:
    """The command gets the text on its input and nothing from our environment; its output is not looked at."""
    command = [part.replace("{to}", address) for part in pings.command]
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={}, cwd="/",
            start_new_session=True,
        )
    except OSError:
        return FAILED
    try:
        process.communicate(f"{pings.text}\n".encode(), timeout=pings.seconds)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # and whatever it started
        process.wait()
        return LATE
    return SENT if process.returncode == 0 else FAILED


def now(to: Addresses) -> str:
    """`deliver` with the configuration in force."""
    return deliver(configuration.current().pings, to)


__all__ = ["CODES", "COMMAND", "MAIL", "SENT", "deliver", "message", "now"]
