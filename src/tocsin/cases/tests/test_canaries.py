"""What is written in a case stands nowhere else: not in a clear column, not in the record, not on others' pages."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connection, router
from django.test import Client
from django.urls import reverse

from tocsin.audit.models import Entry as Audited
from tocsin.cases import members
from tocsin.cases.tests.conftest import Browse, Found, Know, read
from tocsin.cases.tests.every_kind import fill, write_all
from tocsin.keys.tests.conftest import Open
from tocsin.lib.tests.disk import database_files
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db
CANARY = "Zwxq7canary"
ELSEWHERE = ("/", "/search/?words=editor", "/cases/", "/desk/", "/alerts/", "/people/",
             "/audit/", "/situations/", "/keys/", "/settings/", "/duty/")  # fmt: skip


def _stored() -> Iterator[tuple[str, bytes]]:
    """Every value of every column of every table, as bytes."""
    for model in apps.get_models():
        if router.db_for_read(model) != DEFAULT_DB_ALIAS:
            continue
        for row in model._default_manager.values_list():
            for value in row:
                raw = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                yield model._meta.label, raw


def _leaks() -> set[str]:
    return {label for label, raw in _stored() if CANARY.lower().encode() in raw.lower()}


def test_words_of_every_kind_stand_nowhere_in_clear(
    opened: Open, know: Know, enter: Browse, found: Found, alice: Person, bob: Person, charlie: Person,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    know(alice, bob, charlie)
    caplog.set_level(logging.DEBUG)
    case = found(alice, (bob, "caseworker"), line=f"{CANARY}-about")
    client = enter(alice)
    kinds = write_all(client, case, CANARY, alice.pk, lambda: read(opened(alice), case))
    assert len(kinds) >= 20
    members.keep_out(opened(alice), case, charlie.pk, f"{CANARY}-conflict")
    opening = {"purpose": "contact", "words": f"{CANARY}-purpose"}
    assert f"{CANARY}-person-name" in client.post(reverse("cases:identity", args=[case]), opening).text
    assert _leaks() == set()
    assert CANARY not in caplog.text
    assert not any(CANARY in str(row) for row in Audited.objects.values_list())
    for person in (charlie, bob):
        for address in ELSEWHERE:
            text = enter(person).get(address, follow=True).text
            assert (CANARY in text) is (person == bob and address in {"/cases/", "/desk/"}), address


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="there is no file to read")
def test_the_database_file_and_its_log_hold_no_word(
    opened: Open, enter: Browse, found: Found, alice: Person, settings: Any
) -> None:
    case = found(alice, line=f"{CANARY}-about")
    fill(opened(alice), case, CANARY)
    assert [name for name, content in database_files().items() if CANARY.encode() in content] == []


def test_a_planted_word_is_found(alice: Person) -> None:
    Person.objects.filter(pk=alice.pk).update(name=f"x{CANARY}x")
    assert _leaks() == {"people.Person"}


def test_a_form_that_is_refused_keeps_its_words_to_itself(
    opened: Open, enter: Browse, found: Found, alice: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    case, client = found(alice), enter(alice)
    address = reverse("cases:add", args=[case, "contact"])
    answer = client.post(address, {"said": f"{CANARY}-refused", "compartment": "account", "reply": "substance",
                                   "way": "call", "with_whom": "person"})  # fmt: skip
    assert answer.status_code == 422
    assert _leaks() == set()
    assert CANARY not in caplog.text


def test_pages_of_a_case_are_stored_by_no_browser(enter: Browse, found: Found, alice: Person) -> None:
    client: Client = enter(alice)
    case = found(alice)
    for name in ("case", "people", "sheet", "log", "handover", "close", "identity"):
        answer = client.get(reverse(f"cases:{name}", args=[case]))
        assert answer.headers["Cache-Control"] == "no-store", name
