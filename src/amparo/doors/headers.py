"""Headers for every answer of every door, errors and static files included.

Pages may make a header stricter by setting it themselves (a download adds `sandbox`, for instance); what a
page has set stays. `same-origin` and not `no-referrer`: the latter makes browsers send `Origin: null`, which
the forgery check must refuse (Fetch standard; Django ticket 35727 describes the same).
"""

from collections.abc import Callable
from urllib.parse import quote

from django.http import HttpRequest, HttpResponseBase

from amparo.desk import configuration

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
_NOT_ALLOWED = (
    "accelerometer", "ambient-light-sensor", "autoplay", "battery", "bluetooth", "browsing-topics", "camera",
    "clipboard-read", "clipboard-write", "display-capture", "encrypted-media", "fullscreen", "gamepad",
    "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer", "microphone", "midi",
    "payment", "picture-in-picture", "publickey-credentials-create", "publickey-credentials-get",
    "screen-wake-lock", "serial", "usb", "web-share", "xr-spatial-tracking",
)
WITH_OUR_SCRIPT = f"{CONTENT_SECURITY_POLICY}; script-src 'self'"
"""For pages of the staff door alone: one file of ours, nothing inline. Reporters' pages run no script at all."""


def permissions(*allowed: str) -> str:
    """The Permissions-Policy: nothing, but what a page of ours needs for itself."""
    return ", ".join(f"{name}=({'self' if name in allowed else ''})" for name in _NOT_ALLOWED)


FIXED: dict[str, str] = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": permissions(),
    "X-DNS-Prefetch-Control": "off",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
CLEAR_SITE_DATA = '"cache", "cookies", "storage"'
STATIC_PREFIX = "/static/"


class HeadersMiddleware:
    """Outermost, so that nothing leaves without the headers: pages, redirects, errors, static files."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in FIXED.items():
            response.headers.setdefault(name, value)
        is_static = request.path.startswith(STATIC_PREFIX) and response.status_code in (200, 206, 304)
        if not is_static:
            # Set, not defaulted: no page may be kept by a browser or a proxy.
            response.headers["Cache-Control"] = "no-store"
        host = request.META.get("HTTP_HOST", "").partition(":")[0].lower().rstrip(".")
        if host.endswith(".onion"):
            return response
        if request.is_secure():
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if onion := onion_address():
            response.headers.setdefault("Onion-Location", onion + quote(request.path))
        return response


def onion_address() -> str:
    """The desk's onion address without a final slash, or "" where it has none or the desk is not set up yet."""
    address = str(getattr(configuration.current(), "onion", "") or "").rstrip("/")
    if address and "://" not in address:
        address = "http://" + address
    return address
