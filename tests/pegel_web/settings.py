"""The settings under which the tests run: the application's own, on a data folder of their own.

The database is SQLite, or PostgreSQL where ``PEGEL_TEST_POSTGRES_URL`` names a server.
"""

import os
import tempfile
from pathlib import Path

os.environ["PEGEL_DATA_DIR"] = tempfile.mkdtemp(prefix="pegel-test-")
# WhiteNoise warns where nothing was collected yet.
Path(os.environ["PEGEL_DATA_DIR"], "static").mkdir()
os.environ["PEGEL_LANGUAGE"] = "en"
os.environ.pop("PEGEL_DATABASE_URL", None)
if url := os.environ.get("PEGEL_TEST_POSTGRES_URL"):
    os.environ["PEGEL_DATABASE_URL"] = url

from pegel_web.config.settings import *  # noqa: F403  (the application's settings, all of them)
from pegel_web.config.settings import DATABASES, STORAGES

# Argon2 is made to be slow; what it protects is not what the tests are about.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# A manifest exists only after `collectstatic`.
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
if "sqlite3" in DATABASES["default"]["ENGINE"]:
    # A file, as in production: servers and threads of a test have connections of their own.
    DATABASES["default"]["TEST"] = {"NAME": Path(os.environ["PEGEL_DATA_DIR"], "test.sqlite3")}
# A pool outlives the test database.
DATABASES["default"].get("OPTIONS", {}).pop("pool", None)
# Tests sign in without a second factor, except those about it.
PEGEL_TWO_FACTOR = "optional"
