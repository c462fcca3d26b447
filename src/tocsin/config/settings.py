"""Django's settings, made from the home folder's configuration."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONE, SELF
from django.conf.locale import LANG_INFO

from tocsin.alerts.channels.base import Settings
from tocsin.config import channel_settings, configuration, doors, exercise
from tocsin.config.configuration import Configuration, home_folder, load, secret

HOME = home_folder()
CONFIGURATION: Configuration = load(HOME)
PACKAGE = Path(__file__).resolve().parent.parent

SECRET_KEY = secret(HOME, "secret_key")
DEBUG = CONFIGURATION.debug
EXERCISE = CONFIGURATION.exercise
PUBLIC_URL = configuration.public_url(CONFIGURATION)
_public = urlsplit(PUBLIC_URL)
SECURE = _public.scheme == "https"
ALLOWED_HOSTS = [_public.hostname or "localhost", "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"]

INSTALLED_APPS = [
    "tocsin.lib.apps.LibConfig",
    "tocsin.audit",
    "tocsin.people",
    "tocsin.oncall",
    "tocsin.alerts",
    "tocsin.keys",
    "tocsin.alliances",
    "tocsin.mailbox",
    "tocsin.streams",
    "tocsin.signals",
    "tocsin.situations",
    "tocsin.rollcalls",
    "tocsin.cases",
    "tocsin.responses",
    "tocsin.resilience",
    "tocsin.reports",
    "tocsin.console",
    "tocsin.intake.apps.IntakeConfig",
    "tocsin.config.apps.ConfigConfig",
    "tocsin.config.apps.AccountsConfig",
    "tocsin.config.apps.NamesConfig",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "csp",
    "django_htmx",
]

MIDDLEWARE = [
    "tocsin.config.metrics.timed",
    "django.middleware.security.SecurityMiddleware",
    # Django pads what it compresses and masks its tokens, so that lengths tell nothing of a secret on the page.
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tocsin.alerts.doors.cookieless.cookieless",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
    "tocsin.people.middleware.session_limits",
    "tocsin.people.middleware.second_factor",
    "tocsin.people.middleware.preferences",
    "tocsin.people.middleware.kept_private",
    "tocsin.config.roomless.Roomless",
]

ROOT_URLCONF = "tocsin.config.urls"
ASGI_APPLICATION = "tocsin.config.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "django.template.context_processors.tz",
                "tocsin.console.context.page",
            ],
        },
    },
]


# A network that is cut must not hold a process for hours, nor the rows that its transaction had locked.
_NETWORK = {"connect_timeout": "5", "keepalives_idle": "5", "keepalives_interval": "3", "keepalives_count": "3",
            "tcp_user_timeout": "10000"}  # fmt: skip
_SESSION = (
    "-c synchronous_commit=on -c idle_in_transaction_session_timeout=60000 "
    "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=3 -c tcp_keepalives_count=3 -c tcp_user_timeout=10000"
)


def _database(address: str) -> dict[str, Any]:
    if not address:
        return {
            "ENGINE": "tocsin.lib.sqlite",
            "NAME": str(HOME / "tocsin.sqlite3"),
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-32000;",
            },
        }
    parts = urlsplit(address)
    options: dict[str, Any] = {"options": _SESSION, **_NETWORK, **dict(parse_qsl(parts.query))}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": secret(HOME, "database_password") or unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or options.pop("host", "")),
        "PORT": str(parts.port or options.pop("port", "")),
        "OPTIONS": options,
    }


# The door's rows are in the door's own database; the worker copies them from there.
DATABASES = {"default": _database(CONFIGURATION.database), "door": doors.database_of(HOME, CONFIGURATION)}
DATABASE_ROUTERS = ["tocsin.intake.routing.DoorRouter"]
DOOR_DATABASE = "door"

# People
AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "tocsin.people.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_FORMS = {
    "login": "tocsin.people.forms.LoginForm",
    "reauthenticate": "tocsin.people.forms.ConfirmPasswordForm",
    "change_password": "tocsin.people.forms.ChangePasswordForm",
}
MFA_ADAPTER = "tocsin.people.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Tocsin"
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "authenticate": "tocsin.people.forms.SignInCodeForm",
    "reauthenticate": "tocsin.people.forms.ConfirmCodeForm",
    "activate_totp": "tocsin.people.forms.ActivateAppForm",
    "add_webauthn": "tocsin.people.forms.AddPasskeyForm",
    "edit_webauthn": "tocsin.people.forms.RenamePasskeyForm",
}
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "tocsin.people.lockout.name_of"
AXES_CLIENT_IP_CALLABLE = "tocsin.people.lockout.address_of"
AXES_LOCKOUT_CALLABLE = "tocsin.people.lockout.refused"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "login", "csrfmiddlewaretoken", "next"]
# Limits on codes and on requests must hold across processes, so they are counted in the database.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache_entry",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    }
}

# Cookies and headers
SESSION_COOKIE_AGE = CONFIGURATION.session_days * 86_400
SESSION_IDLE_SECONDS = CONFIGURATION.session_idle_hours * 3_600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
CSRF_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = ["^healthz$", "^metrics$"]  # asked by machines behind the proxy
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
# Not "no-referrer": under it browsers send every form with "Origin: null", which the forgery check must refuse.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# Words and times
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = CONFIGURATION.language
LANGUAGES = list(configuration.LANGUAGES)
LOCALE_PATHS = [PACKAGE / "config" / "locale", HOME / "locale"]
# Unicode's CLDR calls its test language with letters from right to left ar-XB; Django knows real languages only.
LANG_INFO["ar-xb"] = {"bidi": True, "code": "ar-xb", "name": "Right-to-left test", "name_local": "Right-to-left test"}

# Static files
STATIC_URL = "/static/"
STATICFILES_DIRS = [path for path in [PACKAGE.parent.parent / "build" / "static"] if path.is_dir()]
# Fonts of printed reports: those that the assets step fetches, and those that an operator adds.
FONT_FOLDERS = [PACKAGE.parent.parent / "build" / "fonts", HOME / "fonts"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 30_000_000
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

# Channels
PAGING: Settings = channel_settings.settings_of(CONFIGURATION, lambda name: secret(HOME, name), PUBLIC_URL, SECRET_KEY)

# In an exercise every message ends on its phone: the number that a newcomer should use, and the page that shows it.
_played = exercise.phone_of(HOME, CONFIGURATION)
EXERCISE_PHONE: tuple[str, str] | None = (exercise.FIRST_NUMBER, _played.phone_url) if _played else None

# The sealed world
VAULT_COST = (3, 512 * 1024 * 1024)  # passes over bytes, for each try of a passphrase
RECEIPT_COST = (2, 19 * 1024 * 1024)  # for each try of a receipt
VAULT_COOKIE = "__Host-vault" if SECURE else "vault"
KEYHOLDER = HOME / "run" / "keyholder.sock"
SEALED_FILES = HOME / "vault"
# Who stamps the hash of evidence: address, certificates that its answers lead to, and host:port if it is inside.
TIMESTAMPS: dict[str, Any] = configuration.timestamps(CONFIGURATION, HOME)

# Letters: their sealed files, and the emergency address
LETTER_FILES = HOME / "vault" / "letters"
EMERGENCY_ADDRESS = CONFIGURATION.emergency_address
EMERGENCY_SIGNAL = CONFIGURATION.emergency_signal

# Paths of data
LAKE = Path(CONFIGURATION.lake) if CONFIGURATION.lake else HOME / "lake"
DROP_FOLDER = Path(CONFIGURATION.documents) if CONFIGURATION.documents else HOME / "documents"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "tocsin.lib.logs.BodyFree"}},
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["out"], "level": "WARNING"},
    "loggers": {"tocsin": {"level": "INFO"}},
}
