"""Lets the database itself refuse to change or delete what was recorded.

It keeps honest programs from a mistake. Whoever owns the database can lift it; the chain is what shows that.
"""

from collections.abc import Callable, Iterator

from django.db import connection

TABLES = ("audit_entry", "audit_seal", "audit_checkpoint")
_ACTS = (("UPDATE", "unchanged"), ("DELETE", "kept"))
_WORDS = "the audit record is only added to"
_FUNCTION = (
    "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{_WORDS}'; END $$"
)


def protect(execute: Callable[[str], object], vendor: str) -> None:
    """Put the refusals in place; those that are there already are renewed."""
    lift(execute, vendor)
    if vendor == "postgresql":
        execute(_FUNCTION)
        body = "FOR EACH ROW EXECUTE FUNCTION audit_refuse()"
    else:
        body = f"BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END"
    for table, act, name in _triggers():
        execute(f"CREATE TRIGGER {name} BEFORE {act} ON {table} {body}")


def lift(execute: Callable[[str], object], vendor: str) -> None:
    """Take the refusals away."""
    for table, _act, name in _triggers():
        execute(f"DROP TRIGGER IF EXISTS {name}" + (f" ON {table}" if vendor == "postgresql" else ""))


def is_protected() -> bool:
    """Whether the database refuses to change or delete what was recorded."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname FROM pg_trigger WHERE tgname LIKE 'audit%' AND tgenabled <> 'D'")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit%'")
        present = {row[0] for row in cursor.fetchall()}
    return {name for _table, _act, name in _triggers()} <= present


def _triggers() -> Iterator[tuple[str, str, str]]:
    return ((table, act, f"{table}_{name}") for table in TABLES for act, name in _ACTS)
