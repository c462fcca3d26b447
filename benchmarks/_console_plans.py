"""Fills a store with response plans for ``console``, by the verbs that people use: begun, approved, closed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import islice

from django.db import transaction
from django.utils import timezone

from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.responses import actions
from tocsin.responses.log.acts import Begun
from tocsin.responses.log.content import Content, Function, Option, Stakeholder, State, Task
from tocsin.responses.log.keeping import Book

TASKS = 25  # of each plan
_BATCH = 50
_WRITERS = 20


def fill(plans: int) -> None:
    """Write so many plans of 25 tasks each: a quarter in draft, asked for, approved, approved and rewritten since."""
    made = _Made()
    numbers = iter(range(plans))
    while batch := list(islice(numbers, _BATCH)):
        with transaction.atomic():
            for number in batch:
                made.plan(number)


class _Made:
    def __init__(self) -> None:
        self.now = timezone.now()
        self.lead = _person("alice@example.org", "Alice", Role.LEAD | Role.AUDITOR)
        self.approver = _person("vera@example.org", "Vera", Role.APPROVER)
        legal = _person("stan@example.org", "Stan", Role.STAKEHOLDER)
        self._with_legal = (Stakeholder(Function.LEGAL, legal.pk, part="Read the order."),)
        self.writers = [
            self.lead,
            *(_person(f"w{n}@example.org", f"Writer {n}", Role.RESPONDER) for n in range(_WRITERS)),
        ]

    def plan(self, number: int) -> None:
        """One plan, written by one of the writers, its tasks owned by all of them in turn."""
        by = self.writers[number % len(self.writers)]
        severity = 1 + number % 4
        first = self._content(number)
        book = actions.begin(by, Begun(severity=severity), first, list(self._tasks(number)), None)
        stage = number % 4
        if stage == 0:
            return
        asked = actions.ask(book, by, self.approver, None, "Please read it.")
        if stage == 1:
            return
        actions.approve(book, self.approver, asked.digest, "Go.")
        for task in range(TASKS // 2):
            actions.move(book, by, f"t{task}", State.BEGUN)
            actions.move(book, by, f"t{task}", State.DONE, "Seen to be done.")
        if stage == 3:
            self._moved_on(book, by, first, number)

    def _moved_on(self, book: Book, by: Person, first: Content, number: int) -> None:
        """Half of these say something else since the yes, the others are closed."""
        if number % 8 == 3:
            actions.write(book, by, replace(first, objective="People reach the site again, from every network."), 1)
            return
        for task in range(TASKS // 2, TASKS):
            actions.move(book, by, f"t{task}", State.DROPPED, "Not needed any more.")
        actions.close(book, by, "It is reached from every network.", met=True)

    def _content(self, number: int) -> Content:
        return Content(
            f"Plan {number} about something",
            "People reach the site again.",
            (
                Option("a", "Ask the provider", benefit="Quick.", risk="none"),
                Option("b", "Ask the court", benefit="Lasting.", risk="some"),
            ),
            "a",
            "It is quick, and endangers nobody.",
            exit_condition="It is reached from every network for a week.",
            stakeholders=self._with_legal if number % 3 == 0 else (),
        )

    def _tasks(self, number: int) -> Iterator[Task]:
        for task in range(TASKS):
            owner = self.writers[(number + task) % len(self.writers)]
            due = self.now + timedelta(hours=task - TASKS // 2)
            yield Task(f"t{task}", f"Task {task} of plan {number}", owner=owner.pk, due=due)


def _person(email: str, name: str, roles: Role) -> Person:
    return Person.objects.get_or_create(email=email, defaults={"name": name, "roles": int(roles)})[0]
