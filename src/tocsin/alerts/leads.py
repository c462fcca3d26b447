"""Whoever leads: the policy that calls them about the pager and the rotas, and words that reach each of them once."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from tocsin.alerts.actions import Accepted, New, accept, default_policy
from tocsin.alerts.channels.here import usable
from tocsin.alerts.models import Alert, Lane, Notice, Policy, Rung, Target
from tocsin.alerts.reach import Book, is_night, morning_after
from tocsin.alerts.telling import send
from tocsin.people.models import Person
from tocsin.people.roles import Role

_KEY = "leads"
_KEPT = timedelta(days=3)


def policy() -> Policy:
    """The policy that calls whoever leads, then everybody who answers alerts; where it was ended, the default one."""
    found = Policy.objects.filter(public_id=_KEY).first()
    if found is not None:
        return found if found.ended_at is None else default_policy()
    try:
        with transaction.atomic():
            made = Policy.objects.create(public_id=_KEY, name="Whoever leads", wider_after=1)
            rung = Rung.objects.create(policy=made, position=0)
            Target.objects.create(policy=made, rung=rung, kind=Target.Kind.ROLE, role=int(Role.LEAD))
            circle = int(Role.ANALYST | Role.RESPONDER)
            Target.objects.create(policy=made, kind=Target.Kind.ROLE, role=circle)
            return made
    except IntegrityError:
        return Policy.objects.get(public_id=_KEY)


def accept_once(new: New) -> Accepted | None:
    """Accept an alert for whoever leads, unless there ever was one with its key; None if there was."""
    if Alert.objects.filter(dedupe=new.dedupe).exists():
        return None
    return accept(replace(new, policy=policy()))


def people() -> list[Person]:
    """Whoever leads and has an account that is open."""
    return [one for one in Person.objects.filter(is_active=True).order_by("pk") if Role.LEAD in one.role_set]


def tell_once(told: Iterable[Person], words: str, references: Collection[str], at: datetime) -> None:
    """Tell each of these people, by day and by what wakes nobody, of references that they were not told of yet.

    However many there are, each gets one message.
    """
    persons = list(told)
    known = set(
        Notice.objects.filter(person__in=persons, purpose=Notice.Purpose.TOLD, reference__in=references).values_list(
            "person_id", "reference"
        )
    )
    book = Book(persons, usable())
    for person in persons:
        new = [one for one in references if (person.pk, one) not in known]
        with transaction.atomic():
            for number, reference in enumerate(new):
                _tell(person, words, reference, at, book if number == 0 else None)


def _tell(person: Person, words: str, reference: str, at: datetime, book: Book | None) -> None:
    notice = quiet(person, Notice.Purpose.TOLD, words, reference, at)
    if book is None:
        # It goes out with the one before: this row only remembers that.
        notice.ended_at = at
        notice.save()
        return
    send(notice, book)


def quiet(person: Person, purpose: Notice.Purpose, words: str, reference: str, at: datetime) -> Notice:
    """A notice that waits for the person's morning; not stored yet."""
    leaves_at = morning_after(person, at) if is_night(person, at) else at
    return Notice(
        person=person,
        purpose=purpose,
        lane=Lane.QUIET,
        words=words,
        reference=reference,
        made_at=at,
        leaves_at=leaves_at,
        until=leaves_at + _KEPT,
    )
