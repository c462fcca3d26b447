"""Settings of the public door: a site of its own, with no people, no sessions, no cookies and no other room."""

from pathlib import Path

from tocsin.config.configuration import Configuration, home_folder, load
from tocsin.config.doors import database_of
from tocsin.intake.configured import secret_key

HOME: Path = home_folder()
CONFIGURATION: Configuration = load(HOME)
DOOR_DATABASE = "default"
RECEIPT_COST = (2, 19 * 1024 * 1024)

SECRET_KEY = secret_key(HOME / "intake")
DEBUG = False
# By number, by name or as an onion: the door doesn't need to know what it is called.
ALLOWED_HOSTS = [one.strip() for one in CONFIGURATION.intake_names.split(",") if one.strip()] or ["*"]
INSTALLED_APPS = ["tocsin.intake.apps.IntakeConfig"]
MIDDLEWARE: list[str] = []
ROOT_URLCONF = "tocsin.intake.urls"
ASGI_APPLICATION = "tocsin.intake.asgi.application"
DATABASES = {"default": database_of(HOME, CONFIGURATION)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = False
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
# No part of Django is to find a body to read; if one did, it must not be able to write it anywhere.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1
FILE_UPLOAD_HANDLERS: list[str] = []

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "tocsin.lib.logs.BodyFree"}},
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["out"], "level": "ERROR"},
    "loggers": {
        "tocsin": {"level": "INFO"},
        # Their lines are about what somebody sent, or from where.
        "python_multipart": {"level": "CRITICAL", "propagate": False},
        "uvicorn.access": {"level": "CRITICAL", "propagate": False},
        "django.request": {"level": "ERROR"},
    },
}
