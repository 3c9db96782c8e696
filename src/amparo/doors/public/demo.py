"""The demonstration's own pages: the strip "do this next", and a phone checked on the spot. 404 on a real desk."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_safe

from amparo.desk import configuration, demo, demo_evidence, demo_phone

SENTENCES = {
    "ios-backup": "A phone with planted traces (iOS backup)",
    "androidqf": "A tablet with planted traces (androidqf archive)",
    "ios-backup-clean": "An everyday phone (iOS backup): only look-alikes that must stay silent",
}


def _only_in_a_demonstration() -> None:
    if not configuration.current().demo:
        raise Http404


@require_safe
def strip(request: HttpRequest) -> HttpResponse:
    """Three doors and six steps."""
    _only_in_a_demonstration()
    return render(request, "public/demo.html", {"strip": demo.strip()})


@require_http_methods(["GET", "HEAD", "POST"])
def phone(request: HttpRequest) -> HttpResponse:
    """Choose a generated phone, see what a worker finds in it and what that does not mean."""
    _only_in_a_demonstration()
    chosen = request.POST.get("phone", "")
    checked = demo_phone.check(chosen) if chosen in demo_evidence.PHONES else None
    phones = [(name, SENTENCES[name], shown) for name, (shown, _) in demo_evidence.PHONES.items()]
    return render(request, "public/demo_phone.html", {"phones": phones, "checked": checked, "chosen": chosen})


@require_safe
def specimen(request: HttpRequest, name: str) -> HttpResponse:
    """Download one of the generated phones, to hand it in with a report or try it in a terminal."""
    _only_in_a_demonstration()
    if name not in demo_evidence.PHONES:
        raise Http404
    made = demo_evidence.make(name)
    return HttpResponse(made.data, content_type=made.type, headers={
        "Content-Disposition": f'attachment; filename="{made.name}"', "Content-Security-Policy": "sandbox",
    })


urlpatterns = [
    path("", strip, name="demo"),
    path("phone/", phone, name="demo-phone"),
    path("specimen/<slug:name>/", specimen, name="demo-specimen"),
]
