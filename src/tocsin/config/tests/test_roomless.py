"""A disk that is full is told as that, and nothing is stored in part."""

import resource
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from tocsin.people.actions import issue_token
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.responses import actions, models
from tocsin.responses.log import acts, books
from tocsin.responses.log.content import Content

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def _full(path: Path) -> None:
    """Write to a real database whose file may not grow."""
    rows = sqlite3.connect(path)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        rows.execute("CREATE TABLE one (n)")
    except sqlite3.OperationalError as error:
        raise OperationalError from error
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_pages_and_programs_say_that_there_is_no_room_and_the_plan_stands(
    browse: Callable[[Person], Client], alice: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = actions.begin(alice, acts.Begun(severity=2), Content("A plan"), [], None)
    # The last write of a change: all that came before it in the transaction goes back.
    monkeypatch.setattr(books, "_follow", lambda *_any: _full(tmp_path / "full.sqlite3"))
    page = browse(alice)
    page.raise_request_exception = False
    answer = page.post(f"/plans/{book.id}/tasks/new/", {"title": "Call the host", "function": "duty"})
    assert answer.status_code == 507
    assert "The disk is full" in answer.content.decode()
    assert "Nothing of what you sent was stored." in answer.content.decode()
    program = Client(raise_request_exception=False)
    sent: Any = {"HTTP_AUTHORIZATION": f"Bearer {issue_token(alice, 'a program', [Right.PLANS], 30)}"}
    said = program.post(f"/api/plans/{book.id}/tasks", {"title": "Call"}, content_type="application/json", **sent)
    assert (said.status_code, said.json()["detail"][:17]) == (507, "The disk is full.")
    assert not models.PlanTask.objects.exists()
    assert book.read().proved


def test_another_fault_stays_one(
    browse: Callable[[Person], Client], alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = actions.begin(alice, acts.Begun(severity=2), Content("A plan"), [], None)
    monkeypatch.setattr(books, "_follow", lambda *_any: 1 / 0)
    page = browse(alice)
    page.raise_request_exception = False
    answer = page.post(f"/plans/{book.id}/tasks/new/", {"title": "Call the host", "function": "duty"})
    assert answer.status_code == 500
