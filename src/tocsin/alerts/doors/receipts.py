"""What providers say afterwards of a page that they took: that a device has it, or that it never will."""

from datetime import datetime

from django.db import transaction

from tocsin.alerts import clock
from tocsin.alerts.channels.reasons import Why
from tocsin.alerts.models import Address, Attempt, Page
from tocsin.alerts.outcomes import climb_on, give_up, hurry_next


def delivered(page: Page, at: datetime | None = None) -> None:
    """A device has it. Said twice, the first time counts."""
    now = clock.now()
    # A provider's own time may lie ahead, but nothing arrives before it is sent.
    Page.objects.filter(pk=page.pk, delivered_at=None).update(delivered_at=min(at, now) if at else now)


def unanswered(page: Page) -> None:
    """It rang and nobody took it: the person's next address is used now. The person may still have heard it."""
    with transaction.atomic():
        here = _locked(page)
        if here is not None:
            hurry_next(here, clock.now())


def undelivered(page: Page, why: Why, *, for_good: bool) -> None:
    """It never arrived: the person's next address is used now, and without one the next person is called.

    ``for_good`` marks the address as one that its provider refuses.
    """
    with transaction.atomic():
        here = _locked(page)
        if here is None:
            return
        at = clock.now()
        last = Attempt.objects.filter(page=here).order_by("-number").first()
        if last is not None:
            last.outcome = Attempt.Outcome.REFUSED if for_good else Attempt.Outcome.FAILED
            last.outcome_at, last.why = at, why
            last.save(update_fields=["outcome", "outcome_at", "why"])
        if for_good and here.address_id is not None:
            Address.objects.filter(pk=here.address_id, failing_since=None).update(failing_since=at)
        stranded = give_up(here, at)
    climb_on([stranded] if stranded is not None else [], at)


def page_of(channel: str, provider_id: str, sender: str) -> Page | None:
    """The page of this channel that a provider numbered so and that went to this address; None if there is none."""
    if not provider_id:
        return None
    known = Attempt.objects.filter(provider_id=provider_id, page__channel=channel, page__address__value=sender)
    found = known.select_related("page").order_by("-pk").first()
    return found.page if found is not None else None


def _locked(page: Page) -> Page | None:
    """The page as it is now; None if a device has it, or if nothing hangs on it any more."""
    alive = Page.objects.select_for_update(of=("self",)).select_related("notice")
    return alive.filter(pk=page.pk, state__in=[Page.State.SENT, Page.State.SENDING], delivered_at=None).first()
