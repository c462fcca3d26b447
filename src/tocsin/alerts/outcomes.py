"""What came of calls to providers, and what follows from it for the page and for whom it was to reach."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Coalesce

from tocsin.alerts import clock
from tocsin.alerts.accepting import cut
from tocsin.alerts.channels.base import Outcome, Result
from tocsin.alerts.models import Address, Alert, Attempt, Escalation, Notice, NoticeAlert, Page
from tocsin.alerts.reach import is_night
from tocsin.oncall.actions import note_loads
from tocsin.oncall.models import Load

logger = logging.getLogger("tocsin.alerts.sending")

# Seconds after which what failed is tried again, and how often at the most.
_AGAIN = (5, 10, 20, 40, 80, 160, 300)
MOST_ATTEMPTS = 12
_OPEN = [Page.State.WAITING, Page.State.SENDING]
_REACHING = [*_OPEN, Page.State.SENT]


@dataclass(frozen=True, slots=True)
class Ended:
    """One call that ended: its attempt, its page, and what came of it; None when it was not made after all."""

    attempt: int
    page: int
    outcome: Outcome | None

    @property
    def taken(self) -> bool:
        """Whether the provider took it."""
        return self.outcome is not None and self.outcome.result == Result.TAKEN


def store(ended: Sequence[Ended]) -> None:
    """Write what came of these calls, in one transaction; one that can't be written holds up no other."""
    try:
        stranded, at = _store(ended)
    except (OperationalError, InterfaceError):
        raise  # the database's own trouble: they are written later
    except Exception:
        logger.exception("what came of calls could not be written together")
        if len(ended) > 1:
            for one in ended:
                store([one])
        # Of one alone nothing is known, then: its lease ends, and it goes out again.
        return
    climb_on(stranded, at)


@transaction.atomic
def _store(ended: Sequence[Ended]) -> tuple[list[int], datetime]:
    at = clock.now()
    rows = Page.objects.select_for_update(of=("self",)).select_related("notice__person", "address")
    # In one order, as everywhere, so that two who write the same pages never wait for each other.
    pages = {page.pk: page for page in rows.filter(pk__in=[one.page for one in ended]).order_by("pk")}
    present = sorted((one for one in ended if one.page in pages), key=lambda one: one.page)
    for one in present:
        _note_outcome(one, at)
    _taken([pages[one.page] for one in present if one.taken], at)
    stranded = [_not_taken(pages[one.page], one, at) for one in present if not one.taken]
    return [notice for notice in stranded if notice is not None], at


def strand(numbers: Collection[int]) -> None:
    """Give up pages that can reach nobody: their people are reached by the next way, or the alert climbs on."""
    if not numbers:
        return
    with transaction.atomic():
        at = clock.now()
        pages = Page.objects.select_for_update(of=("self",)).select_related("notice").filter(pk__in=numbers)
        stranded = [give_up(page, at) for page in pages.filter(state__in=_OPEN).order_by("pk")]
    climb_on([notice for notice in stranded if notice is not None], at)


def _note_outcome(one: Ended, at: datetime) -> None:
    if one.outcome is None:
        return
    known = {"outcome": one.outcome.result.value} if one.outcome.result != Result.UNKNOWN else {}
    Attempt.objects.filter(pk=one.attempt, outcome=Attempt.Outcome.UNKNOWN).update(
        **known, outcome_at=at, why=one.outcome.why[:60], provider_id=cut(one.outcome.provider_id, 120)
    )


def _taken(pages: Collection[Page], at: datetime) -> None:
    if not pages:
        return
    numbers = [page.pk for page in pages]
    Page.objects.filter(pk__in=numbers).update(
        state=Page.State.SENT, sent_at=Coalesce("sent_at", at), leased_until=None
    )
    working = [page.address.pk for page in pages if page.address is not None and page.address.failing_since is not None]
    Address.objects.filter(pk__in=working).update(failing_since=None)
    named = NoticeAlert.objects.filter(notice__in=[page.notice_id for page in pages], alert__named=True)
    private = set(named.values_list("notice", flat=True))
    first = [page for page in pages if page.sent_at is None and page.notice.purpose == Notice.Purpose.ALERT]
    note_loads([_load(page, at, page.notice_id in private) for page in first if page.notice.person is not None])


def _load(page: Page, at: datetime, private: bool) -> Load:
    assert page.notice.person is not None
    kind = Load.Kind.NIGHT_PAGE if is_night(page.notice.person, at) else Load.Kind.PAGE
    return Load(person=page.notice.person, kind=kind, at=at, private=private)


def _not_taken(page: Page, one: Ended, at: datetime) -> int | None:
    """Gives the notice of which no page is left that could reach its person."""
    outcome = one.outcome
    if outcome is None or outcome.result == Result.UNKNOWN:
        hurry_next(page, at)
        many = page.state == Page.State.SENDING and page.attempts_made >= MOST_ATTEMPTS
        return give_up(page, at) if many else None
    # One that hung until it was sent anew has no say in what becomes of it.
    newest = page.state == Page.State.SENDING and not Attempt.objects.filter(page=page, pk__gt=one.attempt).exists()
    return _failed(page, outcome, at) if newest else None


def _failed(page: Page, outcome: Outcome, at: datetime) -> int | None:
    if outcome.result == Result.REFUSED and page.address is not None:
        Address.objects.filter(pk=page.address.pk, failing_since=None).update(failing_since=at)
    if outcome.result == Result.REFUSED or page.attempts_made >= MOST_ATTEMPTS:
        return give_up(page, at)
    pause = max(_AGAIN[min(page.attempts_made, len(_AGAIN)) - 1], min(outcome.retry_after, _AGAIN[-1]))
    page.state, page.due_at, page.leased_until = Page.State.WAITING, at + timedelta(seconds=pause), None
    page.save(update_fields=["state", "due_at", "leased_until"])
    hurry_next(page, at)
    return None


def give_up(page: Page, at: datetime) -> int | None:
    """This page never reaches anybody: the person's next way is used now; without one gives the notice to climb on."""
    page.state, page.leased_until = Page.State.FAILED, None
    page.save(update_fields=["state", "leased_until"])
    hurry_next(page, at)
    others = Page.objects.filter(notice=page.notice).exclude(state__in=[Page.State.FAILED, Page.State.NOT_NEEDED])
    return page.notice_id if not others.exists() and page.notice.purpose == Notice.Purpose.ALERT else None


def climb_on(notices: Collection[int], at: datetime) -> None:
    """Nobody of these notices can be reached, nor anybody who was called with them: whoever is next need not wait.

    It stands outside the transaction of the outcomes, which holds pages that an answer may wait for. Should this
    process die before it, the next rung is called when its time comes.
    """
    if notices:
        # Once round the policy only: where every provider refuses, it would climb as fast as they say so.
        first_round = NoticeAlert.objects.filter(notice__in=notices, alert__state=Alert.State.OPEN, round=0)
        called_with = NoticeAlert.objects.filter(
            alert=OuterRef("alert"), again=OuterRef("again"), round=0, rung=OuterRef("rung")
        )
        alone = first_round.filter(~Exists(called_with.filter(notice__pages__state__in=_REACHING)))
        Escalation.objects.filter(alert__in=alone.values("alert"), due_at__gt=at).update(due_at=at)


def hurry_next(page: Page, at: datetime) -> None:
    """The next way to this person is used at once; those after it keep their distance."""
    following = Page.objects.filter(notice=page.notice, state=Page.State.WAITING, position__gt=page.position)
    following = following.filter(attempts_made=0, due_at__gt=at).order_by("position")
    first = following.first()
    if first is not None:
        following.update(due_at=F("due_at") - (first.due_at - at))
