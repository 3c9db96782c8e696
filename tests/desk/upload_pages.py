"""The smallest pages that take a file, for tests of what happens before any view runs."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.urls import path

from amparo.desk import intake


def page(request: HttpRequest) -> HttpResponse:
    """GET: a draft and a token. POST: adopt the files; text and refusals are told back."""
    if request.method == "GET":
        intake.begin(request.session, "en")
        return HttpResponse(get_token(request))
    for upload in request.FILES.getlist("file"):
        if not request.POST.get("ignore"):
            intake.attach(request.session, upload)  # type: ignore[arg-type]
    if request.POST.get("fail"):
        return HttpResponse(status=400)
    if request.POST.get("crash"):
        raise RuntimeError("the page failed")
    refusals = [error.code for error in request.upload_refusals]  # type: ignore[attr-defined]
    if not refusals and request.POST.get("redirect"):
        return HttpResponseRedirect("/")
    return HttpResponse(repr((request.POST.get("text"), refusals)))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return HttpResponse(f"forged: {request.POST.get('text')}", status=403)


urlpatterns = [path("", page)]
