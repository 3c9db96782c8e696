"""A mail server on this machine for tests, with the faults of real ones; it keeps every byte it was sent."""

import contextlib
import datetime as dt
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class MailServer(socketserver.ThreadingTCPServer):
    """`fault`: "" takes mail; after-data: takes the text, then refuses it; hangs: never says a word; drips: a byte now
    and then; no-recipient: refuses whom it is for. Without a `certificate` it offers no TLS.
    `spool`: (recipient, text) of each mail."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, fault: str = "", certificate: Path | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Line)
        self.fault, self.certificate = fault, certificate
        self.spool: list[tuple[str, str]] = []
        self.taken = threading.Event()  # a mail was taken
        self.heard: list[bytes] = []  # everything a client ever said, envelope included

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Line(socketserver.BaseRequestHandler):
    server: MailServer

    def handle(self) -> None:
        with contextlib.suppress(OSError, ssl.SSLError):
            self._talk()

    def _talk(self) -> None:
        server, line = self.server, self.request
        if server.fault == "hangs":
            line.settimeout(30)
            line.recv(1)
            return
        if server.fault == "drips":
            for byte in b"220 " + b"x" * 600:
                line.sendall(bytes([byte]))
                time.sleep(0.2)
            return
        line.sendall(b"220 mail.test ESMTP\r\n")
        reader, to = line.makefile("rb"), ""
        while raw := reader.readline():
            server.heard.append(raw)
            word = raw.strip().upper()
            if word.startswith(b"EHLO"):
                offer = b"" if server.certificate is None or isinstance(line, ssl.SSLSocket) else b"250-STARTTLS\r\n"
                line.sendall(b"250-mail.test\r\n" + offer + b"250 8BITMIME\r\n")
            elif word == b"STARTTLS" and server.certificate is not None:
                line.sendall(b"220 go on\r\n")
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(server.certificate)
                line = context.wrap_socket(line, server_side=True)
                reader = line.makefile("rb")
            elif word.startswith(b"RCPT TO:"):
                to = raw.decode().strip()[8:].strip("<>")
                line.sendall(b"550 nobody\r\n" if server.fault == "no-recipient" else b"250 ok\r\n")
            elif word == b"DATA":
                line.sendall(b"354 go on\r\n")
                text = b""
                while (one := reader.readline()) not in (b".\r\n", b""):
                    text += one
                server.heard.append(text)
                if server.fault == "after-data":
                    line.sendall(b"554 no\r\n")
                else:
                    server.spool.append((to, text.decode()))
                    server.taken.set()
                    line.sendall(b"250 taken\r\n")
            elif word == b"QUIT":
                line.sendall(b"221 bye\r\n")
                return
            else:
                line.sendall(b"250 ok\r\n")


@contextlib.contextmanager
def serving(fault: str = "", certificate: Path | None = None) -> Iterator[MailServer]:
    """The server, for as long as it is needed."""
    with MailServer(fault, certificate) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


def certificate(folder: Path, name: str = "localhost") -> Path:
    """A key and a certificate that it signed itself, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    named = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder().subject_name(named).issuer_name(named).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256()))
    path = folder / f"{name}.pem"
    path.write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM))
    return path
