"""Views that need no session and keep none."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from amparo.desk import intake
from amparo.doors import offered
from amparo.doors.headers import CLEAR_SITE_DATA


@require_safe
def language(request: HttpRequest) -> HttpResponse:
    """To the start page in the language the browser asks for, among those this desk offers."""
    among = offered.languages()
    wanted = translation.get_language_from_request(request).split("-")[0]
    return redirect(f"/{wanted if wanted in among else among[0]}/")


@csrf_exempt
def leave(request: HttpRequest) -> HttpResponse:
    """Erase the draft and the session, tell the browser to forget this site, and go to a neutral page.

    A plain link must work, also when the session is broken: so by GET, without a token, and a failure to
    erase (a full disk, say) never keeps a person here. SameSite=Strict keeps other sites from calling this
    in somebody's name: their request carries no cookie.
    """
    try:
        intake.discard(request.session)
        request.session.flush()
    except Exception:  # leaving comes first; what could not be erased now expires by itself
        request.session.modified = False
    response = HttpResponseRedirect(offered.leave_url())
    response.headers["Clear-Site-Data"] = CLEAR_SITE_DATA
    # A redirect to another site must not say where the person comes from.
    response.headers["Referrer-Policy"] = "no-referrer"
    response.delete_cookie(settings.SESSION_COOKIE_NAME, path="/", samesite="Strict")
    return response


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """One word for whoever watches the machine."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """No picture: a tab with a symbol would tell what it is."""
    return HttpResponse(status=204)
