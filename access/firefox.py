"""The same hand in Firefox ESR, by Marionette (Firefox's own remote protocol), scripts switched off by preference.

Tor Browser is a Firefox ESR; its "Safest" level switches scripts off. Marionette is spoken over one socket:
`LENGTH:[0, id, command, parameters]` and `LENGTH:[1, id, error, result]`. Source: Firefox source docs, "Marionette".
"""

import json
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

PREFERENCES = {
    "javascript.enabled": False,
    "network.proxy.type": 0,
    "network.dns.disablePrefetch": True,
    "network.prefetch-next": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "browser.safebrowsing.downloads.remote.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.aboutwelcome.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.enabled": False,
    "app.update.enabled": False,
    "extensions.update.enabled": False,
    "extensions.systemAddon.update.enabled": False,
    "services.settings.server": "",
}
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the key of an element reference (W3C WebDriver)


class FirefoxSaid(Exception):
    """An error of the browser, in its own words."""


def program() -> str | None:
    return shutil.which("firefox-esr") or shutil.which("firefox")


class FirefoxHand:
    """What a person does: open, read, fill, press. See access.journeys.Hand."""

    name = "Firefox"

    def __init__(self, origin: str):
        self._origin = origin
        self._profile = Path(tempfile.mkdtemp(prefix="amparo-firefox-"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        wanted = {**PREFERENCES, "marionette.port": port}
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in wanted.items()]
        (self._profile / "user.js").write_text("\n".join(lines) + "\n", encoding="utf-8")
        self._process = subprocess.Popen(
            [program() or "firefox-esr", "--headless", "--marionette", "--no-remote", "--profile", self._profile],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={"HOME": str(self._profile), "PATH": "/usr/bin:/bin", "MOZ_HEADLESS": "1", "LANG": "C.UTF-8"},
        )
        self._number = 0
        self._socket = self._connect(port)
        self._stream = self._socket.makefile("rb")
        self._receive()  # the browser's greeting
        self._call("WebDriver:NewSession", {"capabilities": {"alwaysMatch": {"acceptInsecureCerts": False}}})
        self._call("WebDriver:SetTimeouts", {"pageLoad": 60_000, "implicit": 0})

    def _connect(self, port: int) -> socket.socket:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                return socket.create_connection(("127.0.0.1", port), timeout=90)
            except OSError:
                if self._process.poll() is not None:
                    raise FirefoxSaid("Firefox stopped before it could be reached") from None
                time.sleep(0.3)
        raise FirefoxSaid("Firefox did not open its remote port within 60 s")

    def _receive(self) -> Any:
        digits = b""
        while not digits.endswith(b":"):
            one = self._stream.read(1)
            if not one:
                raise FirefoxSaid("Firefox closed the connection")
            digits += one
        return json.loads(self._stream.read(int(digits[:-1])))

    def _call(self, command: str, parameters: dict[str, Any] | None = None) -> Any:
        self._number += 1
        body = json.dumps([0, self._number, command, parameters or {}]).encode()
        self._socket.sendall(b"%d:%s" % (len(body), body))
        _, _, error, result = self._receive()
        if error:
            raise FirefoxSaid(f"{command}: {error['error']}: {error['message']}")
        return result

    def _find(self, selector: str) -> list[dict[str, str]]:
        found: list[dict[str, str]] = self._call("WebDriver:FindElements", {"using": "css selector", "value": selector})
        return found

    def _one(self, selector: str) -> str:
        found = self._find(selector)
        if not found:
            raise FirefoxSaid(f"nothing like {selector!r} on {self.address()}")
        return found[0][ELEMENT]

    def _attribute(self, element: str, name: str) -> str:
        return str(self._call("WebDriver:GetElementAttribute", {"id": element, "name": name})["value"] or "")

    # -- Hand ---------------------------------------------------------------------------------------------------

    def open(self, address: str, name: str = "") -> None:
        self._call("WebDriver:Navigate", {"url": address})

    def address(self) -> str:
        return str(self._call("WebDriver:GetCurrentURL")["value"])

    def has(self, selector: str) -> bool:
        return bool(self._find(selector))

    def text(self, selector: str = "body") -> str:
        return str(self._call("WebDriver:GetElementText", {"id": self._one(selector)})["value"])

    def texts(self, selector: str) -> list[str]:
        return [
            str(self._call("WebDriver:GetElementText", {"id": part[ELEMENT]})["value"]) for part in self._find(selector)
        ]

    def links(self, selector: str) -> list[str]:
        found = [self._attribute(part[ELEMENT], "href") for part in self._find(selector)]
        return [urljoin(self.address(), href) for href in found]

    def names(self, selector: str) -> list[str]:
        return [self._attribute(part[ELEMENT], "name") for part in self._find(selector)]

    def fill(self, selector: str, text: str) -> None:
        element = self._one(selector)
        self._call("WebDriver:ElementClear", {"id": element})
        self._call("WebDriver:ElementSendKeys", {"id": element, "text": text})

    def tick(self, selector: str) -> None:
        element = self._one(selector)
        if not self._call("WebDriver:IsElementSelected", {"id": element})["value"]:
            self._call("WebDriver:ElementClick", {"id": element})

    def attach(self, selector: str, path: Path) -> None:
        self._call("WebDriver:ElementSendKeys", {"id": self._one(selector), "text": str(path)})

    def press(self, selector: str, name: str = "") -> None:
        self._call("WebDriver:ElementClick", {"id": self._one(selector)})

    def unfold(self, selector: str) -> None:
        self._call("WebDriver:ElementClick", {"id": self._one(selector)})

    def scripts_are_off(self) -> bool:
        """A page of our own that would change its text by a script keeps it."""
        page = self._profile / "off.html"
        page.write_text("<p id=p>off</p><script>document.getElementById('p').textContent='on'</script>")
        self.open(page.as_uri())
        return self.text("#p") == "off"

    def close(self) -> None:
        try:
            self._call("Marionette:Quit", {"flags": ["eForceQuit"]})
        except (FirefoxSaid, OSError):
            pass
        try:
            self._process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._socket.close()
        shutil.rmtree(self._profile, ignore_errors=True)
