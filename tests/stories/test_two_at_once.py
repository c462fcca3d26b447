"""Two people press at the same moment: one of them is told, nothing is lost, and nobody keeps an issue that is wrong.

Runs on PostgreSQL alone: SQLite lets one write at a time, so there is nothing to race.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest
from django.db import connection

from tests.stories import issue_writes
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.reports import releasing, sending
from tocsin.reports.laying import digest_of, document_of
from tocsin.reports.models import Delivery, Draft, Issue
from tocsin.reports.refusals import RefusedError as ReportRefusedError
from tocsin.responses import actions
from tocsin.responses.authority import RefusedError
from tocsin.responses.log import acts
from tocsin.responses.log.content import Task
from tocsin.responses.log.folding import Standing
from tocsin.responses.log.keeping import Book, ChangedError
from tocsin.responses.tests.test_plans import CONTENT

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
TURNS = 4


def _at_once(*does: Callable[[], object]) -> list[BaseException | None]:
    """Do all of these at the same moment; gives how each ended."""
    start, ends = threading.Barrier(len(does)), dict[int, BaseException | None]()

    def run(place: int, do: Callable[[], object]) -> None:
        try:
            start.wait()
            do()
            ends[place] = None
        except Exception as error:
            ends[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(does)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [ends[place] for place in range(len(does))]


def _team() -> tuple[Person, Person]:
    made = [
        Person.objects.create(email=f"{name.lower()}@plans.example", name=name, roles=int(role))
        for name, role in (("Writer", Role.LEAD), ("Approver", Role.APPROVER))
    ]
    return made[0], made[1]


def _proved(book: Book) -> None:
    plan = book.read()
    assert plan.proved
    assert [one.number for one in plan.lines] == list(range(1, len(plan.lines) + 1))


def test_a_yes_and_another_version_at_once_leave_no_yes_to_what_was_not_read() -> None:
    lead, approver = _team()
    for turn in range(TURNS):
        book = actions.begin(lead, acts.Begun(severity=2), CONTENT, [], None)
        asked = actions.ask(book, lead, approver, None)
        other = replace(CONTENT, objective=f"Something else, {turn}.")
        yes, wrote = _at_once(
            lambda book=book, asked=asked: actions.approve(book, approver, asked.digest),  # type: ignore[misc]
            lambda book=book, other=other: actions.write(book, lead, other, 1),  # type: ignore[misc]
        )
        assert wrote is None
        assert yes is None or isinstance(yes, ChangedError), yes
        assert book.read().standing is (Standing.BROKEN if yes is None else Standing.DRAFT)
        _proved(book)


def test_a_plan_is_not_closed_over_a_task_and_two_versions_at_once_are_one_and_a_refusal() -> None:
    lead, _approver = _team()
    for _turn in range(TURNS):
        book = actions.begin(lead, acts.Begun(severity=2), CONTENT, [], None)
        closed, put = _at_once(
            lambda book=book: actions.close(book, lead, "All is well.", met=True),  # type: ignore[misc]
            lambda book=book: actions.put_task(book, lead, Task("", "Call the host")),  # type: ignore[misc]
        )
        assert isinstance(closed, RefusedError) is (put is None), (closed, put)
        assert (closed is None) is isinstance(put, RefusedError), (closed, put)
        _proved(book)
        book = actions.begin(lead, acts.Begun(severity=2), CONTENT, [], None)
        both = _at_once(*(
            lambda book=book, words=words: actions.write(book, lead, replace(CONTENT, reasons=words), 1)
            for words in ("Mine.", "Yours.")
        ))  # fmt: skip
        assert sorted(type(one).__name__ for one in both) == ["ChangedError", "NoneType"], both
        _proved(book)


def test_nobody_gets_an_issue_at_the_moment_of_its_correction_and_not_the_correction() -> None:
    issue_writes.begin_correction()
    alice, old, draft = Person.objects.get(name="alice"), Issue.objects.get(), Draft.objects.get(state="open")
    late = [sending.add(alice, old.report, name, f"{name}@example.org", "mail") for name in ("cem", "dee", "eva")]
    digest = digest_of(document_of(draft))
    row = Draft.objects.select_related("report", "gathered", "corrects")
    release = lambda: releasing.release(alice, row.get(pk=draft.pk), digest, without_pdf=True)  # noqa: E731
    send = [lambda to=to: sending.send_to(alice, Issue.objects.get(pk=old.pk), to) for to in late]
    ends = _at_once(release, release, *send, lambda: [sending.step(1) for _each in range(4)])
    assert sorted(type(one).__name__ for one in ends[:2]) == ["NoneType", "RefusedError"]
    assert all(one is None or isinstance(one, ReportRefusedError) for one in ends), ends
    assert Issue.objects.count() == 2
    with suppress(ReportRefusedError):
        sending.send_to(alice, Issue.objects.get(pk=old.pk), late[0])
    new = Issue.objects.exclude(pk=old.pk).get()
    assert not Delivery.objects.filter(issue=old, state=Delivery.State.WAITING).exists()
    got = set(Delivery.objects.filter(issue=old).values_list("address", flat=True))
    assert got == set(Delivery.objects.filter(issue=new).values_list("address", flat=True))
