"""The tables that the code describes are those that the migrations make, step by step, in homes that are older."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command

_STEPS = ("from tocsin.config.starting import load; load(); from django.core.management import call_command; "
          "call_command('migrate', verbosity=0)")  # fmt: skip
_SQLITE = {
    "columns": 'SELECT m.name, c.name, c.type, c."notnull", c.dflt_value, c.pk FROM sqlite_master m, '
    "pragma_table_info(m.name) c WHERE m.type = 'table'",
    "keys": 'SELECT m.name, k."from", k."table", k."to", k.on_delete FROM sqlite_master m, '
    "pragma_foreign_key_list(m.name) k WHERE m.type = 'table'",
    "others": "SELECT name, sql FROM sqlite_master WHERE type <> 'table'",
}
_POSTGRESQL = {
    "columns": "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default, "
    "is_identity FROM information_schema.columns WHERE table_schema = 'public' "
    # Django's own, which nobody fills: its number is wider where it was made by the steps.
    "AND (table_name, column_name) <> ('auth_group_permissions', 'id')",
    "constraints": "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE connamespace = 'public'::regnamespace",
    "named": "SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'u')",
    "indexes": "SELECT tablename, regexp_replace(indexdef, 'INDEX \\S+ ON', 'INDEX ON') FROM pg_indexes "
    "WHERE schemaname = 'public'",
    "triggers": "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
}


@pytest.mark.django_db(databases=["default", "door"])
def test_no_change_of_a_table_lacks_its_migration(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        call_command("makemigrations", check=True, dry_run=True, verbosity=1)
    except SystemExit:
        pytest.fail(f"makemigrations would write:\n{capsys.readouterr().out}")


@pytest.mark.slow
@pytest.mark.django_db
def test_a_new_database_is_what_an_older_home_becomes(tmp_path: Path) -> None:
    made, stepped = (_tables(tmp_path / name, words) for name, words in (
        ("made", ["-m", "tocsin.config.cli", "migrate"]),
        ("stepped", ["-c", _STEPS]),
    ))  # fmt: skip
    assert all(made.values())
    for kind, rows in made.items():
        assert rows == stepped[kind], kind


def _tables(home: Path, words: list[str]) -> dict[str, list[str]]:
    """What a process that runs these words makes of an empty database, in rows that can be compared."""
    home.mkdir(mode=0o700)
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("TOCSIN_", "DJANGO_"))}
    own = {"TOCSIN_HOME": str(home), "DJANGO_SETTINGS_MODULE": "tocsin.config.settings"}
    server = settings.CONFIGURATION.database
    if not server:
        subprocess.run([sys.executable, *words], env=outside | own, check=True, capture_output=True)
        with closing(sqlite3.connect(home / "tocsin.sqlite3")) as database:
            return {kind: sorted(map(repr, database.execute(query))) for kind, query in _SQLITE.items()}
    name = f"tables_{uuid4().hex}"
    address = server.replace("/postgres?", f"/{name}?")
    with psycopg.connect(server, autocommit=True) as control:
        control.execute(f"CREATE DATABASE {name}")
        try:
            own["TOCSIN_DATABASE"] = address
            subprocess.run([sys.executable, *words], env=outside | own, check=True, capture_output=True)
            with psycopg.connect(address) as database:
                return {kind: sorted(map(repr, database.execute(query))) for kind, query in _POSTGRESQL.items()}
        finally:
            control.execute(f"DROP DATABASE {name} WITH (FORCE)")
