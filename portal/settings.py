"""Settings of the portal, driven by the environment (README.md, configuration table)."""

from urllib.parse import urlsplit

from django.utils.csp import CSP

from portal.environment import (
    ROOT,
    database,
    env,
    flag,
    mail_address,
    mail_server,
    percentages,
    required,
    web_address,
    whole_number,
    workflow_arns,
)

# Environment
DEBUG = flag("DEBUG", default=False)
DEMO = flag("DEMO", default=False)
# The sign-in page of the demo fills it in; outside the demo it is never read.
DEMO_PASSWORD = env.str("DEMO_PASSWORD", default="") if DEMO else ""
SECRET_KEY = required("SECRET_KEY", "a long random text that signs sessions")
PORTAL_URL = web_address("PORTAL_URL", default="http://127.0.0.1:8000")
PORTAL_HOST = urlsplit(PORTAL_URL).hostname or "localhost"
SECURE = PORTAL_URL.startswith("https://")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS = [PORTAL_URL]

# AWS. boto3 itself reads AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_LAMBDA and credentials.
AWS_REGION = env.str("AWS_REGION", default="us-east-1")
APPROVALS_TABLE_NAME = required("APPROVALS_TABLE_NAME", "the stack output ApprovalsTableName")
RUNS_TABLE_NAME = required("RUNS_TABLE_NAME", "the stack output RunsTableName")
CHANGES_QUEUE_URL = required("CHANGES_QUEUE_URL", "the stack output ChangesQueueUrl")
CHANGES_DEAD_LETTER_QUEUE_URL = required("CHANGES_DEAD_LETTER_QUEUE_URL", "the stack output ChangesDeadLetterQueueUrl")
WORKFLOW_ARNS = workflow_arns()
# The first delivery runs beside the request that made it; off, the worker alone delivers.
PROMPT_DELIVERY = flag("PROMPT_DELIVERY", default=True)
# /readyz fails and the portal says so when the mirror is further behind, in seconds.
MIRROR_LAG_LIMIT = whole_number("MIRROR_LAG_LIMIT", default=120, least=1)

# E-mail. Without EMAIL_URL people are told in the portal only.
_mail = mail_server("EMAIL_URL")
SENDS_EMAIL = _mail is not None
MAILERS = {"default": _mail} if _mail else {}
# "There is no default mailer": where none is set, nothing is ever sent.
SILENCED_SYSTEM_CHECKS = [] if _mail else ["mail.W001"]
DEFAULT_FROM_EMAIL = mail_address("DEFAULT_FROM_EMAIL", default="Countersign <countersign@localhost>")
# When those who have not answered are reminded, in per cent of the time between asking and deadline.
REMIND_AT = percentages("REMIND_AT", default="50,80")
# What was read or is over goes after so many days, and its e-mails; 0 keeps all. The record is never shortened.
NOTIFICATIONS_KEPT_DAYS = whole_number("NOTIFICATIONS_KEPT_DAYS", default=180)
# The demo's page of e-mails (local/inbox.py); its banner leads there.
DEMO_INBOX_URL = env.str("DEMO_INBOX_URL", default="") if DEMO else ""

# Application
INSTALLED_APPS = [
    "approvals",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.admin",
    "axes",
    "django_htmx",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Every page needs a sign-in unless its view says otherwise.
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "approvals.web.middleware.SignedOutFragmentMiddleware",
    "approvals.web.middleware.ViewerMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "approvals.web.context.portal",
            ],
            "libraries": {"countersign": "approvals.web.templatetags.countersign"},
        },
    },
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Data
DATABASES = {"default": database(env.str("DATABASE_URL", default=f"sqlite:///{ROOT}/.local/countersign.sqlite3"))}
MEDIA_ROOT = env.str("MEDIA_ROOT", default=str(ROOT / ".local" / "media"))
MAX_RECEIPT_BYTES = whole_number("MAX_RECEIPT_BYTES", default=10 * 1024 * 1024, least=1024)
FILE_UPLOAD_HANDLERS = [
    "approvals.web.uploads.BoundedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# People
AUTH_USER_MODEL = "approvals.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
SESSION_COOKIE_AGE = whole_number("SESSION_HOURS", default=12, least=1) * 3600
# ASVS 6.3.1: guessing is slowed per account and address, never by locking the account for everybody.
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "approvals.web.sign_in.locked_out"
AXES_CLIENT_IP_CALLABLE = "approvals.web.middleware.address_of"
AXES_VERBOSE = False
# The way on may be the link of an e-mail.
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "next"]

# How long a claim holds that is not renewed.
CLAIM_MINUTES = whole_number("CLAIM_MINUTES", default=30, least=1)

# Language and time. The record and the logs are in the first one; each name is in its own language.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("fr", "Français")]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = SECURE
FORMAT_MODULE_PATH = ["portal.formats"]
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="UTC")

# Static files
STATIC_URL = "static/"
STATIC_ROOT = ROOT / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = DEBUG

# Security (ASVS 3.3, 3.4)
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
    "form-action": [CSP.SELF],
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "approvals.web.errors.csrf_failure"
if SECURE:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    SECURE_SSL_REDIRECT = flag("SECURE_SSL_REDIRECT", default=True)
    SECURE_HSTS_SECONDS = whole_number("SECURE_HSTS_SECONDS", default=365 * 24 * 3600)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$"]
# Behind a proxy that sets X-Forwarded-For: how many proxies to believe. 0 believes nobody.
TRUSTED_PROXIES = whole_number("TRUSTED_PROXIES", default=0)

# Logs: one line of JSON each, on standard error
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "portal.logs.JsonFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {"django.server": {"handlers": ["console"], "propagate": False}, "axes": {"level": "WARNING"}},
}
