"""What is not for somebody and what does not exist: the same answer to the byte, and the same work to find it out."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern

from tocsin.cases.tests.conftest import enter, found
from tocsin.config.api import api
from tocsin.keys.holder.client import Keyholder
from tocsin.keys.tests.conftest import Open, holder, know, opened
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.reports import arranging, releasing
from tocsin.reports import urls as reports
from tocsin.reports.arranging import Wanted
from tocsin.reports.laying import digest_of, document_of
from tocsin.reports.models import Issue, Report
from tocsin.responses import actions as plans
from tocsin.responses import debriefs, drills
from tocsin.responses import urls as responses
from tocsin.responses.log import acts
from tocsin.responses.models import Plan
from tocsin.responses.tests.test_plans import CONTENT, TASK

__all__ = ["enter", "found", "holder", "know", "opened"]
pytestmark = pytest.mark.django_db
Browse = Callable[[Person], Client]
FILLED = {"<slug:key>": "t1", "<int:number>": "1", "<slug:form>": "pdf", "{key}": "t1", "{number}": "1",
          "{form}": "pdf", "{verb}": "end", "{version}": "1"}  # fmt: skip
# 422: the words of a call are looked at before anything is looked for.
REFUSED = {403, 404, 405, 422}


@dataclass
class Work:
    """What was done for one request: statements without their values, and calls of the keyholder by their names."""

    statements: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of what the keyholder is asked, in order."""
    names: list[str] = []
    really = Keyholder._ask

    def noted(self: Keyholder, verb: str, *words: Any, **more: Any) -> Any:
        names.append(verb)
        return really(self, verb, *words, **more)

    monkeypatch.setattr(Keyholder, "_ask", noted)
    return names


def _answered(client: Client, how: str, address: str, asked: list[str]) -> tuple[int, str, bytes, Work]:
    asked.clear()
    with CaptureQueriesContext(connection) as done:
        answer = client.generic(how, address)
    statements = [re.sub(r"'[^']*'|\b\d+\b", "?", one["sql"]) for one in done.captured_queries]
    # Both hold a time: between two answers a second may begin.
    headers = {name: value for name, value in answer.headers.items() if name not in ("Server-Timing", "Expires")}
    return answer.status_code, str(sorted(headers.items())), answer.content, Work(statements, list(asked))


def _differ(client: Client, pairs: Iterator[tuple[str, str]], there: str, nowhere: str, asked: list[str]) -> list[str]:
    """The addresses at which one can be told from the other; each must be refused."""
    wrong, seen = [], 0
    for how, address in pairs:
        client.get("/plans/called/x/")  # what a first request does once is done
        one = _answered(client, how, address.replace("ID", there), asked)
        other = _answered(client, how, address.replace("ID", nowhere), asked)
        same = one[2].replace(there.encode(), b"") == other[2].replace(nowhere.encode(), b"")
        headers = one[1].replace(there, "") == other[1].replace(nowhere, "")
        if one[0] != other[0] or one[0] not in REFUSED or not same or not headers or one[3] != other[3]:
            wrong.append(f"{how} {address}: {one[0]} {other[0]} {_first(one[3].statements, other[3].statements)}")
        seen += one[0] == 404
    assert seen
    return wrong


def _first(one: list[str], other: list[str]) -> str:
    if len(one) != len(other):
        return f"{len(one)} statements and {len(other)}: {set(one) ^ set(other)}"
    return next((f"{a} / {b}" for a, b in zip(one, other, strict=True) if a != b), "")


def _pages(patterns: list[URLPattern], before: str, gap: str) -> Iterator[tuple[str, str]]:
    """Every address below one id, asked for and posted to."""
    for one in patterns:
        route = str(one.pattern)
        if route.startswith(gap.removesuffix("/")) or f"/{gap}" in f"/{route}":
            address = route.replace(gap, "ID/", 1)
            for name, word in FILLED.items():
                address = address.replace(name, word)
            if "<" not in address:
                yield from (("GET", before + address), ("POST", before + address))


def _calls(room: str, gap: str = "{public_id}") -> Iterator[tuple[str, str]]:
    """Every call of the API below one id."""
    for path, one in api.operations():
        if path.startswith(room) and gap in path:
            address = path.replace(gap, "ID", 1)
            for name, word in FILLED.items():
                address = address.replace(name, word)
            if "{" not in address:
                yield from ((how, f"/api{address}") for how in sorted(one.methods))


def _nowhere(name: str) -> str:
    return name[::-1] if name != name[::-1] else "z" * len(name)


@pytest.mark.parametrize("kind", ["a plan", "a drill", "a plan that was debriefed"])
def test_a_plan_that_is_not_for_somebody_is_found_missing_by_the_same_work(
    kind: str, alice: Person, bob: Person, browse: Browse, asked: list[str]
) -> None:
    book = plans.begin(alice, acts.Begun(severity=3, drill=kind == "a drill"), CONTENT, [TASK], None)
    if kind == "a drill":
        drills.start(book, alice, "block-before-election", 60)
    if kind == "a plan that was debriefed":
        debriefs.write(book, alice, acts.Debriefed("", "It was over by noon.", base=0))
    Plan.objects.update(readers=int(Role.LEAD))
    client = browse(bob)
    assert browse(alice).get(f"/plans/{book.id}/").status_code == 200
    pages = _pages(responses.urlpatterns, "/plans/", "<slug:public_id>/")
    assert _differ(client, pages, book.id, _nowhere(book.id), asked) == []
    assert _differ(client, _calls("/plans"), book.id, _nowhere(book.id), asked) == []


def test_a_sealed_plan_of_others_is_found_missing_by_the_same_work_and_the_same_questions_to_the_keyholder(
    alice: Person, bob: Person, opened: Open, know: Callable[..., None], enter: Browse, asked: list[str]
) -> None:
    know(alice, bob)
    mine = plans.begin_sealed(bob, opened(bob), acts.Begun(severity=3), CONTENT, [TASK])
    book = plans.begin_sealed(alice, opened(alice), acts.Begun(severity=3), CONTENT, [TASK])
    client = enter(bob)
    assert client.get(f"/plans/sealed/{mine.id}/").status_code == 200
    pages = list(_pages(responses.urlpatterns, "/plans/", "<uuid:safe>/"))
    assert _differ(client, iter(pages), book.id, str(uuid4()), asked) == []


def test_a_plan_of_a_case_of_others_is_found_missing_by_the_same_work(
    alice: Person, bob: Person, found: Callable[..., UUID], enter: Browse, know: Callable[..., None], asked: list[str]
) -> None:
    know(alice, bob)
    case = str(found(alice))
    client = enter(bob)
    addresses = ["/plans/sealed/of/ID/", "/plans/sealed/new/?case=ID"]
    pairs = (("GET", address) for address in addresses)
    assert _differ(client, pairs, case, str(uuid4()), asked) == []


def test_a_report_a_draft_and_an_issue_of_others_are_found_missing_by_the_same_work(
    alice: Person, bob: Person, vera: Person, browse: Browse, asked: list[str]
) -> None:
    report = arranging.arrange(alice, Wanted("For the lead", "operational", "hand", "x" * 16))
    draft = arranging.draft_now(alice, report)
    issue = releasing.release(vera, draft, digest_of(document_of(draft)))
    Report.objects.update(readers=int(Role.LEAD))
    Issue.objects.update(readers=int(Role.LEAD))
    client, lead = browse(bob), browse(alice)
    for one, before in ((report, ""), (draft, "drafts/"), (issue, "issues/"), (draft.gathered, "gathered/")):
        name = one.public_id
        assert lead.get(f"/reports/{before}{name}/").status_code == 200
        pages = _pages(reports.urlpatterns, "/reports/", f"{before}<slug:public_id>/")
        pairs = ((how, address.replace("/reports/ID", f"/reports/{before}ID")) for how, address in pages)
        assert _differ(client, pairs, name, _nowhere(name), asked) == []
    for one, room in ((report, "/reports/{public_id}"), (draft, "/reports/drafts/"), (issue, "/reports/issues/")):
        assert _differ(client, _calls(room), one.public_id, _nowhere(one.public_id), asked) == []
