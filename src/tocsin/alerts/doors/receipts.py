"""What providers say afterwards of a page that they took: that a device has it, or that it never will."""

from datetime import datetime

from django.db import transaction

from tocsin.alerts import clock
from tocsin.alerts.models import Address, Attempt, Page


def delivered(page: Page, at: datetime | None = None) -> None:
    """A device has it. Said twice, the first time counts."""
    now = clock.now()
    # A provider's own time may lie ahead; nothing arrives before it was sent.
    Page.objects.filter(pk=page.pk, delivered_at=None).update(delivered_at=min(at, now) if at else now)


def undelivered(page: Page, why: str, *, for_good: bool = False) -> None:
    """It never arrived: the person's next address is used now, without waiting for its turn.

    ``why`` is a key of ``channels.reasons``; ``for_good`` marks the address as one that its provider
    refuses.
    """
    with transaction.atomic():
        here = Page.objects.select_for_update().get(pk=page.pk)
        if here.state not in {Page.State.SENT, Page.State.SENDING} or here.delivered_at is not None:
            return
        at = clock.now()
        # What is still being sent gets its outcome from the sender, which may not have heard the provider's yes yet.
        if here.state == Page.State.SENT:
            here.state = Page.State.FAILED
            here.save(update_fields=["state"])
            _blame(here, why, for_good)
        if for_good and here.address_id is not None:
            Address.objects.filter(pk=here.address_id, failing_since=None).update(failing_since=at)
        following = Page.objects.filter(
            notice=here.notice_id, state=Page.State.WAITING, position__gt=here.position, due_at__gt=at
        )
        first = following.order_by("position").first()
        if first is not None:
            Page.objects.filter(pk=first.pk, state=Page.State.WAITING).update(due_at=at)


def _blame(page: Page, why: str, for_good: bool) -> None:
    last = Attempt.objects.filter(page=page).order_by("-number").first()
    if last is not None:
        last.outcome = Attempt.Outcome.REFUSED if for_good else Attempt.Outcome.FAILED
        last.why = why
        last.save(update_fields=["outcome", "why"])


def page_of(channel: str, provider_id: str, sender: str) -> Page | None:
    """The page of this channel that a provider numbered so and that went to this address; None if there is none."""
    if not provider_id:
        return None
    known = Attempt.objects.filter(provider_id=provider_id, page__channel=channel, page__address__value=sender)
    found = known.select_related("page").order_by("-pk").first()
    return found.page if found is not None else None
