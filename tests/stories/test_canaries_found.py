"""What looks for leaks finds one that is planted, by whatever way it would come out."""

import base64
import gzip
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.db import connection, transaction
from django.test import Client

from tests.stories import canaries
from tests.stories.canaries import Canaries, leaks
from tocsin.audit.actions import record
from tocsin.people.models import Person
from tocsin.reports.forms import Form, render
from tocsin.reports.forms.tests import samples
from tocsin.situations.models import Situation

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True, databases="__all__")]


@pytest.fixture
def planted() -> Canaries:
    found = Canaries()
    found.plant("her name")
    return found


def _everywhere(planted: Canaries, caplog: pytest.LogCaptureFixture) -> list[str]:
    return leaks(planted, canaries.everything_stored(caplog.records))


def test_a_house_without_a_leak_has_none(planted: Canaries, caplog: pytest.LogCaptureFixture, alice: Person) -> None:
    assert _everywhere(planted, caplog) == []


def test_a_leak_into_a_row_is_found(planted: Canaries, caplog: pytest.LogCaptureFixture, alice: Person) -> None:
    alice.name = planted.planted["her name"].upper()
    alice.save()
    assert any("people_person" in one for one in _everywhere(planted, caplog))
    if connection.vendor == "sqlite":
        assert any(".sqlite3" in one for one in _everywhere(planted, caplog))


def test_a_leak_into_the_record_is_found(planted: Canaries, caplog: pytest.LogCaptureFixture) -> None:
    with transaction.atomic():
        record(None, "x", "x:1", purpose=planted.planted["her name"].split()[1])
    assert any("audit_entry" in one for one in _everywhere(planted, caplog))


@pytest.mark.parametrize(
    "coded",
    [
        lambda raw: raw,
        gzip.compress,
        lambda raw: b"x" + base64.b64encode(b"a" + raw + b"bc"),
        lambda raw: base64.b64encode(b"ab" + raw + b"bc"),
        lambda raw: raw.hex().encode(),
        lambda raw: raw.decode().encode("utf-16-le"),
        lambda raw: _in_a_form(raw, Form.DOCX),
        lambda raw: _in_a_form(raw, Form.PDF),
    ],
    ids=["plain", "gzip", "base64", "base64 shifted", "hex", "utf-16", "Word file", "PDF"],
)
def test_a_leak_into_a_file_is_found(
    planted: Canaries, caplog: pytest.LogCaptureFixture, settings: Any, coded: Callable[[bytes], bytes]
) -> None:
    path = Path(settings.HOME) / "logs" / "left.log"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(coded(f"it was {planted.planted['her name']}!".encode()))
    try:
        assert any("left.log" in one for one in _everywhere(planted, caplog))
    finally:
        path.unlink()


def _in_a_form(raw: bytes, form: Form) -> bytes:
    return render(samples.document(title=raw.decode()), form)


def test_a_leak_into_a_mail_or_a_log_line_is_found(planted: Canaries, caplog: pytest.LogCaptureFixture) -> None:
    mail.send_mail("About", planted.planted["her name"], "a@example.org", ["b@example.org"])
    logging.getLogger("tocsin").warning("failed", extra={"kind": planted.planted["her name"]})
    found = _everywhere(planted, caplog)
    assert any(one.startswith("mail") for one in found)
    assert any(one.startswith("log of tocsin") for one in found)


def test_a_leak_onto_a_page_and_into_an_answer_for_programs_is_found(
    planted: Canaries, browse: Callable[[Person], Client], alice: Person
) -> None:
    now = "2026-01-01T00:00Z"
    Situation.objects.create(
        public_id="leaked11", title=planted.planted["her name"], country="TR", harm="arrest", signals=1,
        first_at=now, last_at=now, changed_at=now,
    )  # fmt: skip
    found = leaks(planted, canaries.pages({"lead": browse(alice)}, ["/situations/", "/api/situations"]))
    assert any("at /situations/" in one for one in found)
    assert leaks(planted, canaries.pages({"nobody": Client()}, ["/"])) == []
