"""Fifty kills at random moments and random writes, of pagers and web servers, beside a provider that misbehaves."""

import json
import os
import subprocess
import sys

import pytest
from django.db import connection

from tests.rules.house import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
KILLS = 50


def test_fifty_kills_lose_no_page_and_double_none_that_was_known() -> None:
    database = "postgres" if connection.vendor == "postgresql" else "sqlite"
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("TOCSIN_", "DJANGO_"))}
    words = ["bench", "page", "--alerts", "60", "--people", "12", "--kills", str(KILLS), "--db", database]
    done = subprocess.run(
        [sys.executable, "-m", "tocsin.config.cli", *words], cwd=ROOT, env=plain, capture_output=True, text=True,
        timeout=1200,  # one that hangs must fail, not hold up everything
    )  # fmt: skip
    assert done.stdout, done.stderr[-2000:]
    line = json.loads(done.stdout.splitlines()[-1])
    assert (line["db"], line["accepted"]) == (database, 60)
    assert line["kills"] >= KILLS
    assert (line["lost"], line["duplicated_with_known_outcome"]) == (0, 0)
    assert (line["calm"]["lost"], line["calm"]["duplicated"]) == (0, 0)
