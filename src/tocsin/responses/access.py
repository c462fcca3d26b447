"""How a plan is obtained: an open one by who may read it, a sealed one by who holds its key."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404

from tocsin.keys.heads import HEAD
from tocsin.keys.models import Wrap
from tocsin.keys.vaults import OpenVault
from tocsin.people.access import reader_sets
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.responses import models
from tocsin.responses.log import acts, vouching
from tocsin.responses.log.books import SAFE, OpenBook, SealedBook
from tocsin.responses.log.content import Function, with_part
from tocsin.responses.log.folding import Plan
from tocsin.responses.log.keeping import Book

_WHOLE = (Right.PLANS, Right.APPROVE, Right.HOLD)
# What everybody with a part in it may see of the log.
_FRAME = (acts.Begun, acts.Approved, acts.Updated, acts.Closed, acts.Reopened)


@dataclass(frozen=True, slots=True)
class Seen:
    """A plan as one person obtained it: ``plan`` holds only what they may see; ``functions`` are their part in it."""

    book: Book
    plan: Plan
    functions: frozenset[Function]
    whole: bool


def sees_whole(person: Person) -> bool:
    """Whether somebody sees all of each open plan that they see, and not only its frame and their part."""
    return any(person.may(right) for right in _WHOLE)


def _readable(person: Person) -> Q:
    return Q(readers=0) | Q(readers__in=reader_sets(person.roles))


def plans_for(person: Person) -> QuerySet[models.Plan]:
    """The open plans of which this person may see at least the frame."""
    # Whoever may not read the situation by now may not read what was decided about it either.
    about = Q(situation=None) | Q(situation__readers=0) | Q(situation__readers__in=reader_sets(person.roles))
    rows = models.Plan.objects.filter(_readable(person), about)
    # Not joined: joined, each plan comes once for each part in it, and all of them are sorted to drop the copies.
    mine = Q(pk__in=models.Part.objects.filter(person=person).values("plan")) | Q(owner=person)
    if not sees_whole(person):
        return rows.filter(mine) if person.may(Right.READ) else rows.none()
    return rows if _privileged(person) else rows.filter(Q(privileged=False) | mine)


def _privileged(person: Person) -> bool:
    """Whether what is marked as legally privileged is theirs to read without a part in it."""
    return person.may(Right.HOLD) or person.may(Right.DUTY)


def access_plan(person: Person, public_id: str) -> Seen:
    """One open plan, as far as this person may see it.

    Raises:
        Http404: when it does not exist or is not for this person; both look the same.
    """
    row = plans_for(person).filter(public_id=public_id).first()
    if row is None:
        raise Http404
    book = OpenBook(row.public_id)
    names = row.parts.filter(person=person).values_list("function", flat=True)
    functions = frozenset(Function(name) for name in names if name in set(Function))
    whole = sees_whole(person)
    return _seen(book, book.read(), functions, whole=whole)


def access_sealed(vault: OpenVault, plan: UUID) -> Seen:
    """One sealed plan, as this vault opens it: who holds its key sees all of it.

    Raises:
        Http404: when there is none, or this person holds no key of it.
    """
    book = SealedBook(vault, plan)
    return _seen(book, book.read(), frozenset(Function), whole=True)


def sealed_numbers(vault: OpenVault) -> list[UUID]:
    """The ids of the sealed plans of which this vault holds keys."""
    mine = Wrap.objects.filter(person=vault.person, generation=vault.generation, epoch__compartment=HEAD)
    return sorted(mine.filter(epoch__safe__kind=SAFE).values_list("epoch__safe", flat=True).distinct())


def _seen(book: Book, plan: Plan, functions: frozenset[Function], *, whole: bool) -> Seen:
    if whole:
        return Seen(book, plan, functions, whole=True)
    newest = plan.versions[-1]
    shown = replace(newest, content=with_part(newest.content, functions))
    tasks = tuple(one for one in plan.tasks if one.function in functions)
    lines = tuple(one for one in plan.lines if isinstance(one.act, _FRAME))
    return Seen(book, replace(plan, lines=lines, versions=(shown,), tasks=tasks), functions, whole=False)


def proved(row: models.Plan) -> bool:
    """Whether a list may believe what stands in this row: it is what the log's last line led to."""
    return row.pk in vouching.vouched([row])


def titles(person: Person, public_ids: Collection[str]) -> Mapping[str, str]:
    """By public id, the titles of those of these plans that this person may read."""
    rows = plans_for(person).filter(public_id__in=public_ids)
    found = rows.values_list("public_id", "title", "drill")
    return {public_id: models.called(title, drill=drill) for public_id, title, drill in found}
