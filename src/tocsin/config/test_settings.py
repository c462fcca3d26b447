"""Settings for tests: a home of its own, fast hashing, and the database that the run asks for."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

if "TOCSIN_HOME" not in os.environ:
    os.environ["TOCSIN_HOME"] = tempfile.mkdtemp(prefix="tocsin-test-")
    atexit.register(shutil.rmtree, os.environ["TOCSIN_HOME"], ignore_errors=True)
if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    # Workers run side by side: each has its own folder, so that none sees another's files.
    os.environ["TOCSIN_HOME"] = str(Path(os.environ["TOCSIN_HOME"]) / worker)
    Path(os.environ["TOCSIN_HOME"]).mkdir(mode=0o700, exist_ok=True)

from tocsin.config.settings import *  # noqa: F403

SECRET_KEY = "only for tests: " + "x" * 50
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
VAULT_COST = RECEIPT_COST = (1, 8192)
# As in a new home: straight from the tables that the code describes.
DATABASES["default"]["TEST"] = {"MIGRATE": False}  # noqa: F405
if not os.environ.get("TOCSIN_DATABASE"):
    # A file, not memory: the tests meet the same locks and the same second connection as the real thing.
    DATABASES["default"]["TEST"]["NAME"] = str(HOME / "test.sqlite3")  # noqa: F405
DATABASES["door"]["TEST"] = {"DEPENDENCIES": [], "MIGRATE": False}  # noqa: F405
on_server = bool(CONFIGURATION.intake_database)  # noqa: F405
DATABASES["door"]["TEST"]["NAME"] = "test_door" if on_server else str(HOME / "test-door.sqlite3")  # noqa: F405
