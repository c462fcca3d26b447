"""Settings for tests: a home of its own, fast hashing, and the database that the run asks for."""

import os
import tempfile

os.environ.setdefault("TOCSIN_HOME", tempfile.mkdtemp(prefix="tocsin-test-"))

from tocsin.config.settings import *  # noqa: F403

SECRET_KEY = "only for tests: " + "x" * 50
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
if not os.environ.get("TOCSIN_DATABASE"):
    # A file, not memory: the tests meet the same locks and the same second connection as the real thing.
    DATABASES["default"]["TEST"] = {"NAME": str(HOME / "test.sqlite3")}  # noqa: F405
