"""Whether an authority may be told, by country, and a count of every time that one was."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from tocsin.alerts import clock
from tocsin.alliances import access as allies
from tocsin.audit import actions as audit
from tocsin.lib.names import random_name
from tocsin.lib.territories import TERRITORIES
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.responses.access import plans_for
from tocsin.responses.playbook_models import Authority, Disclosure
from tocsin.responses.playbooks.actions import LEAST_REASON
from tocsin.responses.playbooks.refusals import RefusedError
from tocsin.responses.playbooks.shapes import Function

HOLDS_FOR: Final = timedelta(days=180)
NOTE: Final = 2_000
_MOST_REASON: Final = 300
_APPROVE: Final = (Right.PLANS, Right.APPROVE, Right.HOLD)


class Answer(StrEnum):
    """What holds at this moment."""

    YES = "yes"
    NO = "no"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Advice:
    """What holds for a country. Where nothing stands, or it is not known, or a yes is not verified: ask counsel first.

    ``written`` is what somebody wrote, whatever holds. ``stale``: verified longer than 180 days ago.
    """

    country: str
    answer: Answer
    written: str
    row: Authority | None
    verified: bool
    stale: bool

    @property
    def function(self) -> Function | None:
        """Who tells the authority, if it may be told at all."""
        name = self.row.by_function if self.row is not None else ""
        return Function(name) if name in list(Function) and self.answer is not Answer.NO else None


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody wrote about a country's police."""

    police: str
    by_function: str = ""
    ally: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """Something that was told to an authority: never what, never about whom."""

    country: str
    kind: str
    data: str
    basis: str
    on: date
    plan: str = ""


@dataclass(frozen=True, slots=True)
class QuarterCount:
    """Disclosures in one quarter (1 to 4): how many, and how many of them somebody else approved."""

    year: int
    quarter: int
    told: int
    approved: int


def advice(country: str, at: datetime | None = None) -> Advice:
    """What holds for a country (ISO 3166) at a moment."""
    row = in_force().filter(country=country).first()
    return advice_of(country, row, at or clock.now())


def advice_of(country: str, row: Authority | None, at: datetime) -> Advice:
    """What holds by this row."""
    if row is None:
        return Advice(country, Answer.ASK, Authority.Police.UNKNOWN, None, verified=False, stale=False)
    # Who wrote it does not verify it, not even where a row was changed past the forms.
    verified = row.verified_at is not None and row.verified_by_id != row.by_id
    stale = row.verified_at is not None and row.verified_at < at - HOLDS_FOR
    answer = Answer.ASK
    if row.police == Authority.Police.NO:
        answer = Answer.NO
    elif row.police == Authority.Police.YES and verified and not stale:
        answer = Answer.YES
    return Advice(country, answer, row.police, row, verified, stale)


def in_force() -> QuerySet[Authority]:
    """The rows that were not replaced, by country."""
    rows = Authority.objects.filter(replaced_at=None).select_related("by", "verified_by")
    return rows.order_by("country")


def history(country: str) -> QuerySet[Authority]:
    """Every row of a country, the newest first."""
    return Authority.objects.filter(country=country).select_related("by", "verified_by").order_by("-pk")


def state(by: Person, country: str, given: Given) -> Authority:
    """Write what is known of a country. It replaces what stood there, and waits for somebody else to verify it.

    Raises:
        RefusedError: for what can't be used.
    """
    _needs(by, Right.PLANS)
    _country(country)
    if given.police not in Authority.Police.values:
        raise RefusedError(_("Choose one of the answers."), "police")
    if given.by_function and given.by_function not in list(Function):
        raise RefusedError(_("Choose one of the functions."), "by_function")
    if given.police == Authority.Police.YES and not given.by_function:
        raise RefusedError(_("Say who tells them: no call is made by whoever comes first."), "by_function")
    if len(given.note) > NOTE:
        raise RefusedError(_("Shorten it to 2,000 letters."), "note")
    with transaction.atomic():
        at = clock.now()
        list(Authority.objects.select_for_update().filter(country=country, replaced_at=None))
        known = Authority.objects.filter(country=country, ally=given.ally).exists()
        if given.ally and not known:
            # Who stood there before may stay, or come back, also by the hand of somebody who may not see allies.
            _ally(by, given.ally)
        Authority.objects.filter(country=country, replaced_at=None).update(replaced_at=at)
        row = Authority(country=country, police=given.police, by_function=given.by_function, ally=given.ally)
        row.note, row.by, row.at = given.note.strip(), by, at
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            raise RefusedError(_("Somebody saved at the same moment. Look what stands there now.")) from None
        audit.record(by.pk, "authority.state", f"country:{country}", police=given.police)
        return row


def bring_back(by: Person, row: Authority) -> Authority:
    """Write again what stood there before. It waits for somebody to verify it, like any other.

    Raises:
        RefusedError: for what stands there now, or without the right.
    """
    if row.replaced_at is None:
        raise RefusedError(_("That is what stands there now."))
    return state(by, row.country, Given(row.police, row.by_function, row.ally, row.note))


def verify(by: Person, row: Authority) -> Authority:
    """Say that what stands there was checked today, by somebody who did not write it.

    Raises:
        RefusedError: for its author, or what was replaced meanwhile.
    """
    if not any(by.may(right) for right in (Right.PLANS, Right.HOLD)):
        raise RefusedError(_("Your roles don’t let you verify this. Ask whoever leads."))
    with transaction.atomic():
        here = Authority.objects.select_for_update().get(pk=row.pk)
        if here.replaced_at is not None:
            raise RefusedError(_("It changed meanwhile. Look what stands there now."))
        if here.by_id == by.pk:
            raise RefusedError(_("You wrote it. Somebody else verifies it, best counsel who works there."))
        here.verified_by, here.verified_at = by, clock.now()
        here.save(update_fields=["verified_by", "verified_at"])
        audit.record(by.pk, "authority.verify", f"country:{here.country}")
        return here


def may_count(person: Person) -> bool:
    """Whether somebody may see each disclosure. Numbers as small as these can tell that there is a case."""
    return any(person.may(right) for right in _APPROVE)


def disclosures() -> QuerySet[Disclosure]:
    """Every disclosure, the newest first; also those that were taken back."""
    return Disclosure.objects.select_related("by", "approved_by", "taken_back_by").order_by("-on", "-pk")


def counted() -> QuerySet[Disclosure]:
    """Those that count."""
    return Disclosure.objects.filter(taken_back_at=None)


def to_answer(person: Person) -> QuerySet[Disclosure]:
    """Those that wait for a second person's yes, which this person may give."""
    if not may_count(person):
        return Disclosure.objects.none()
    return counted().filter(approved_at=None).exclude(by=person)


def disclose(by: Person, told: Told, once: str) -> Disclosure:
    """Count that something was told to an authority. The same form sent twice counts once.

    Raises:
        RefusedError: for what can't be used.
    """
    _needs(by, Right.PLANS)
    _country(told.country)
    _choice("kind", told.kind, Disclosure.Kind.values)
    _choice("class_of_data", told.data, Disclosure.Data.values)
    _choice("basis", told.basis, Disclosure.Basis.values)
    at = clock.now()
    if not date(2000, 1, 1) <= told.on <= at.date() + timedelta(days=1):
        raise RefusedError(_("Give the day on which it was told."), "on")
    if told.plan and not plans_for(by).filter(public_id=told.plan).exists():
        raise RefusedError(_("There is no such open plan. Leave it empty if the plan is sealed."), "plan")
    standing = Disclosure.objects.filter(once=once).first()
    if standing is not None:
        return standing
    with transaction.atomic():
        row = Disclosure.objects.create(
            public_id=random_name(10), once=once, plan=told.plan, country=told.country, kind=told.kind,
            data=told.data, basis=told.basis, on=told.on, by=by, at=at,
        )  # fmt: skip
        audit.record(by.pk, "disclosure.count", f"disclosure:{row.public_id}")
        return row


def approve(by: Person, row: Disclosure) -> Disclosure:
    """Say yes to a disclosure that somebody else counted; before it was made, or after, and both are seen.

    Raises:
        RefusedError: for whoever counted it, without the right, or when somebody approved it already.
    """
    if not may_count(by):
        raise RefusedError(_("Your roles don’t let you approve this. Ask whoever leads."))
    with transaction.atomic():
        here = Disclosure.objects.select_for_update().get(pk=row.pk)
        if here.by_id == by.pk:
            raise RefusedError(_("You counted it. Somebody else says yes or asks about it."))
        if here.approved_at is not None:
            raise RefusedError(_("Somebody approved it already."))
        if here.taken_back_at is not None:
            raise RefusedError(_("It was taken back: it counts no more."))
        here.approved_by, here.approved_at = by, clock.now()
        here.save(update_fields=["approved_by", "approved_at"])
        audit.record(by.pk, "disclosure.approve", f"disclosure:{here.public_id}")
        return here


def take_back(by: Person, row: Disclosure, why: str) -> Disclosure:
    """Say that a disclosure was counted wrongly. It counts no more, and stays to be seen with who said so and why.

    Raises:
        RefusedError: without a reason or the right, or when it was taken back already.
    """
    if not may_count(by):
        raise RefusedError(_("Your roles don’t let you do this. Ask whoever leads."))
    why = " ".join(why.split())
    if not LEAST_REASON <= len(why) <= _MOST_REASON:
        raise RefusedError(_("Say in 10 to 300 letters why it was counted wrongly."), "why")
    with transaction.atomic():
        here = Disclosure.objects.select_for_update().get(pk=row.pk)
        if here.taken_back_at is not None:
            raise RefusedError(_("Somebody took it back already."))
        here.taken_back_by, here.taken_back_at, here.why_not = by, clock.now(), why
        here.save(update_fields=["taken_back_by", "taken_back_at", "why_not"])
        audit.record(by.pk, "disclosure.take_back", f"disclosure:{here.public_id}")
        return here


def by_quarter(country: str = "", *, until: date | None = None) -> list[QuarterCount]:
    """Disclosures by quarter from the first to now, with every zero between; exact, so hide small numbers in reports.

    No disclosure at all gives an empty list: nobody ever counted one, which is not the same as none was made.
    """
    rows = counted().filter(country=country) if country else counted()
    found = [(_quarter(on), approved is not None) for on, approved in rows.values_list("on", "approved_at")]
    if not found:
        return []
    last = max(_quarter(until or clock.now().date()), max(one for one, _ in found))
    return [_count(when, found) for when in _each(min(one for one, _ in found), last)]


def _count(when: tuple[int, int], found: Iterable[tuple[tuple[int, int], bool]]) -> QuarterCount:
    mine = [approved for one, approved in found if one == when]
    return QuarterCount(when[0], when[1], len(mine), sum(mine))


def _quarter(day: date) -> tuple[int, int]:
    return day.year, (day.month + 2) // 3


def _each(first: tuple[int, int], last: tuple[int, int]) -> list[tuple[int, int]]:
    return [(number // 4, number % 4 + 1) for number in range(first[0] * 4 + first[1] - 1, last[0] * 4 + last[1])]


def _needs(by: Person, right: Right) -> None:
    if not by.may(right):
        raise RefusedError(_("Your roles don’t let you do this. Ask whoever leads."))


def _country(code: str) -> None:
    if code not in TERRITORIES:
        raise RefusedError(_("Choose a country."), "country")


def _choice(name: str, given: str, known: list[str]) -> None:
    if given not in known:
        raise RefusedError(_("Choose one of these."), name)


def _ally(by: Person, public_id: str) -> None:
    if not allies.contacts_for(by).filter(public_id=public_id).exists():
        raise RefusedError(_("Choose an ally whom you may see."), "ally")
