"""Django's settings: the least that serves pages, with nothing that keeps a person's trace.

Usable by the web process, the worker and the tests alike; the data folder comes from AMPARO_DATA.
No contrib.auth, contenttypes, admin or messages: each would put names or texts into rows in clear.
"""

import secrets
from pathlib import Path

from amparo.desk import configuration

DATA = configuration.data_folder()
CONFIGURATION = configuration.current()
PACKAGE = Path(__file__).resolve().parents[1]
DOORS = PACKAGE / "doors"


def _site_secret() -> str:
    try:
        return (DATA / "site" / "django").read_text()
    except FileNotFoundError:
        return secrets.token_urlsafe(48)  # nothing lasting is signed with it before the desk is founded


SECRET_KEY = _site_secret()
DEBUG = False  # always: a debug page is a transcript of a report
DEFAULT_EXCEPTION_REPORTER = "amparo.desk.quiet.CodesOnlyReporter"
ALLOWED_HOSTS = list(CONFIGURATION.hosts)
CSRF_TRUSTED_ORIGINS = list(CONFIGURATION.origins)

INSTALLED_APPS = ["django.contrib.staticfiles", "django_tasks", "django_tasks_db", "amparo.desk"]
MIDDLEWARE = [
    "amparo.doors.machine.local.LocalDoorMiddleware",
    "amparo.doors.headers.HeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "amparo.doors.arriving.ArrivingMiddleware",
    "amparo.desk.uploads.UploadsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "amparo.doors.errors.CalmErrorsMiddleware",
]
ROOT_URLCONF = "amparo.doors.urls"
WSGI_APPLICATION = None

TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "DIRS": [str(DOORS / audience / "templates") for audience in ("reporter", "staff", "public")],
    "APP_DIRS": False,
    "OPTIONS": {"context_processors": [
        "django.template.context_processors.request",
        "django.template.context_processors.i18n",
        "django.template.context_processors.static",
    ]},
}]

DATABASES = {"default": {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": str(DATA / "desk.sqlite3"),
    "CONN_MAX_AGE": 600,
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",  # a writer waits at the start, never fails in the middle
        "timeout": 20,
        # FULL: an acknowledged report survives a power cut. temp_store: sorting never spills to a disk.
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
            "PRAGMA temp_store=MEMORY; PRAGMA foreign_keys=ON;"
        ),
    },
    "TEST": {"NAME": str(DATA / "test.sqlite3")},
}}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}  # nothing is cached

SESSION_ENGINE = "amparo.desk.sessions"
SESSION_COOKIE_NAME = "s"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_SECURE = CONFIGURATION.https
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_USE_SESSIONS = True
CSRF_FAILURE_VIEW = "amparo.doors.errors.csrf_failure"

FILE_UPLOAD_HANDLERS = ["amparo.desk.uploads.SealingUploadHandler"]  # global: CSRF parses before any view
FILE_UPLOAD_TEMP_DIR = str(DATA / "refuse")
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_000_000  # typed text of one page
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = 20

SECURE_REFERRER_POLICY = "same-origin"  # no-referrer makes browsers send "Origin: null", which CSRF refuses
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if CONFIGURATION.proxy_says_https:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

STATIC_URL = "/static/"
STATICFILES_DIRS = [str(DOORS / "static")]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español"), ("fr", "Français"), ("ar", "العربية")]
LOCALE_PATHS = [str(PACKAGE.parents[1] / "locale")]

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SILENCED_SYSTEM_CHECKS: list[str] = []
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"quiet": {"()": "amparo.desk.quiet.QuietFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "quiet"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "amparo": {"level": "INFO"},
        "django": {"handlers": ["stderr"], "level": "ERROR", "propagate": False},
        "django.server": {"handlers": [], "level": "CRITICAL", "propagate": False},
    },
}
