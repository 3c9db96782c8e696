"""Every address of the house. The reporter's pages stand under their language; their names stay neutral,
because a browser's history keeps them."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

from amparo.doors.public import views as public

urlpatterns = [
    path("", public.language, name="language"),
    path("leave/", public.leave, name="leave"),
    path("healthz", public.healthz, name="healthz"),
    path("favicon.ico", public.favicon, name="favicon"),
    path("demo/", include("amparo.doors.public.demo")),  # 404 on a real desk
    path("staff/", include("amparo.doors.staff.urls")),
    *i18n_patterns(path("", include("amparo.doors.reporter.urls"))),
]

handler400 = "amparo.doors.errors.bad_request"
handler403 = "amparo.doors.errors.forbidden"
handler404 = "amparo.doors.errors.not_found"
handler500 = "amparo.doors.errors.server_error"
