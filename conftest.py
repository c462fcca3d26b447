"""The cast that every test knows: Alice leads, Bob helps, Charlie must see nothing, Vera approves."""

import gc
import time
from collections.abc import Callable, Iterable, Iterator

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

from tocsin.alerts import standing
from tocsin.config import making
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.situations import work as grouping

# How fast the machine is says nothing about what a property claims.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say that another database saw every test already."""
    parser.addoption("--again", action="store_true", help="only what could end otherwise on another database")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On the second database: what asks a database in this process, or starts processes that do."""
    if config.getoption("--again"):
        kept = list(_could_end_otherwise(items))
        config.hook.pytest_deselected(items=[*{*items} - {*kept}])
        items[:] = kept


def _could_end_otherwise(items: list[pytest.Item]) -> Iterator[pytest.Item]:
    # Of a test with many values the first: which table, query and lock it meets is the same for all of them. Those that
    # kill processes are tried with every value, since there the value is the moment.
    met = set()
    for item in items:
        kills = item.get_closest_marker("slow")
        asks = {"db", "transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
        name = item.nodeid.partition("[")[0]
        if item.get_closest_marker("once") or item.get_closest_marker("browser"):
            continue
        if kills or (name not in met and (asks or item.get_closest_marker("django_db"))):
            met.add(name)
            yield item


def pytest_collection_finish() -> None:
    """Thousands of tests and all modules stay to the end: the collector need not look at them again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_sessionfinish() -> None:
    """They may go."""
    gc.unfreeze()


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """No test sees who was on duty in the one before, or what was grouped."""
    standing.forget()
    grouping.forget()


def _person(name: str, roles: Role) -> Person:
    person = Person(email=f"{name.lower()}@example.org", name=name, roles=int(roles))
    person.set_password("correct horse battery staple")
    person.save()
    return person


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """A new home's database, but on SQLite without the refusal to delete audit rows: tests empty their tables."""
    with django_db_blocker.unblock():
        with connection.schema_editor() as editor:
            making.complete(editor)
        if connection.vendor == "postgresql":
            connection.ops.sql_flush = _deletions  # type: ignore[assignment, method-assign]
        else:
            with connection.cursor() as cursor:
                for table in ("audit_entry", "audit_seal", "audit_checkpoint"):
                    cursor.execute(f"DROP TRIGGER IF EXISTS {table}_kept")


def _deletions(_style: object, tables: Iterable[str], **_how: bool) -> list[str]:
    """What empties these tables. PostgreSQL cuts off a hundred tables more slowly than it looks which hold rows."""
    with connection.cursor() as cursor:
        looks = [f"SELECT '{table}' WHERE EXISTS (SELECT FROM \"{table}\")" for table in tables]  # noqa: S608 — tables of our own
        cursor.execute(" UNION ALL ".join(looks))
        filled = [table for (table,) in cursor.fetchall()]
    deletions = [f'DELETE FROM "{table}"' for table in filled]  # noqa: S608
    # Neither keys nor the refusal to delete audit rows ask then.
    return ["SET LOCAL session_replication_role = replica", *deletions]


@pytest.fixture
def alice(db: None) -> Person:
    """The lead."""
    return _person("Alice", Role.LEAD)


@pytest.fixture
def bob(db: None) -> Person:
    """An analyst."""
    return _person("Bob", Role.ANALYST)


@pytest.fixture
def charlie(db: None) -> Person:
    """Somebody with an account and no role."""
    return _person("Charlie", Role(0))


@pytest.fixture
def vera(db: None) -> Person:
    """An approver."""
    return _person("Vera", Role.APPROVER)


@pytest.fixture
def browse() -> Callable[[Person], Client]:
    """A client that is signed in as the given person, second factor included."""

    def as_person(person: Person) -> Client:
        client = Client()
        if not Authenticator.objects.filter(user=person).exists():
            Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": ""})
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        session = client.session
        session["account_authentication_methods"] = [{"method": "mfa", "type": "totp", "at": time.time()}]
        session["account_authentication_methods_user"] = str(person.pk)
        session.save()
        return client

    return as_person
