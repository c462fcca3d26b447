"""What holders of a receipt ask for: that sharing stops, that something be deleted. Sharing stops at once."""

from datetime import date

from django.conf import settings
from django.db import transaction

from tocsin.alerts import clock
from tocsin.alerts.accepting import New, accept
from tocsin.alerts.models import Lane, Severity
from tocsin.lib.claims import patient
from tocsin.mailbox import arriving, record
from tocsin.mailbox.models import Desk, Letter, Withdrawal


def of(lookup: bytes) -> Withdrawal | None:
    """What the holder of a box asked for; None for nothing. Whoever shares what came from it asks this first."""
    return Withdrawal.objects.filter(lookup=lookup).first() if lookup else None


@patient
def note(lookup: bytes, *, delete: bool, asked_on: date) -> None:
    """Stop sharing what came from a box, and tell its desk. Noting the same twice tells nobody again."""
    with transaction.atomic():
        wish = Letter.Wish.DELETE if delete else Letter.Wish.STOP
        standing = Withdrawal.objects.filter(lookup=lookup, erase=delete).exists()
        Withdrawal.objects.update_or_create(lookup=lookup, defaults={"erase": delete, "asked_on": asked_on})
        rows = Letter.objects.filter(lookup=lookup)
        rows.update(wish=wish, wished_on=asked_on)
        if standing:
            return
        record.note(None, "withdrawn", lookup.hex())
        newest = rows.order_by("-arrived_on", "pk").first()
        if newest is not None:
            _tell(newest.desk)
        else:
            # Its letters are gone, but a case may have what they said: every desk of the door looks.
            for desk in Desk.objects.filter(at_door=True, ended_on=None):
                _tell(desk)


def _tell(desk: Desk) -> None:
    accept(
        New(
            kind="letter_wish",
            severity=Severity.SEVERE,
            lane=Lane.WAKE,
            # Which letter it is stands in the desk's own list alone.
            dedupe=f"wish:{desk.public_id}:{clock.now():%Y%m%d}",
            reference=f"desk:{desk.public_id}",
            named=True,
            knowers=arriving.members(desk),
            watchers=arriving.members(desk),
            subjects=arriving.kept_from(desk, ()),
            exercise=settings.EXERCISE,
            via="rule",
        )
    )
