"""What the worker does for this room: calls about late clocks and a silent canary, and removes what has no key."""

from django.conf import settings
from django.db import transaction

from tocsin.alerts import clock
from tocsin.alerts.accepting import New, accept
from tocsin.alerts.models import Alert, Lane, Severity
from tocsin.keys.models import Epoch
from tocsin.lib.claims import hold
from tocsin.mailbox import arriving, clocks, desks, files, standing
from tocsin.mailbox.models import Canary, Desk, Due, Letter

BATCH = 50


def step() -> bool:
    """Do what is due; False when nothing was. Each part may be killed anywhere and done again."""
    if not hold("mailbox.work"):
        return False
    return any([call_late(), watch_canary(), clocks.give_up(clock.now()), remove_ended()])


def call_late(limit: int = BATCH) -> bool:
    """Call the desk when a clock runs out. Which letter it is stands in the desk's own list alone."""
    at = clock.now()
    rows = list(Due.objects.filter(due_at__lte=at, called=False)[:limit])
    for row in rows:
        name, _colon, public_id = row.policy.partition(":")
        desk = Desk.objects.filter(public_id=public_id).first()
        with transaction.atomic():
            if desk is not None:
                accept(_late(desk, name, row))
            Due.objects.filter(pk=row.pk).update(called=True)
    return bool(rows)


def _late(desk: Desk, name: str, row: Due) -> New:
    grave = name == clocks.ACKNOWLEDGE
    return New(
        kind="letter_late",
        severity=Severity.SEVERE if grave else Severity.MODERATE,
        lane=Lane.LIFE,
        # Those of one quarter of an hour call together: after a flood each would else call by itself.
        dedupe=f"late:{name}:{desk.public_id}:{clocks.quarter(row.due_at)}",
        reference=f"desk:{desk.public_id}",
        named=True,
        knowers=arriving.members(desk),
        watchers=arriving.members(desk),
        subjects=arriving.kept_from(desk, arriving.spared(desk)),
        occurred_at=row.due_at,
        exercise=settings.EXERCISE,
        via="rule",
    )


def watch_canary() -> bool:
    """Call the desk when the hourly mail from outside stays away: the mail of people at risk may, too."""
    at, did = clock.now(), False
    for row in Canary.objects.select_related("desk").filter(desk__ended_on=None):
        lag = standing.lag_of(row, at)
        if not lag.absent:
            continue
        since = row.seen_at or row.since
        # One alert for one absence: it climbs and comes back by itself.
        key = f"canary:{row.desk.public_id}:{since:%Y%m%d%H%M%S}"
        if not Alert.objects.filter(dedupe=key).exists():
            accept(_silent(row.desk, key))
            did = True
    return did


def _silent(desk: Desk, key: str) -> New:
    return New(
        kind="mail_silent",
        severity=Severity.SEVERE,
        lane=Lane.WAKE,
        dedupe=key,
        reference=f"desk:{desk.public_id}",
        named=True,
        knowers=arriving.members(desk),
        watchers=arriving.members(desk),
        exercise=settings.EXERCISE,
        via="rule",
    )


def remove_ended(limit: int = BATCH) -> bool:
    """Remove letters whose key was destroyed, with their files: nobody can read them any more.

    A desk under a legal hold is passed over.
    """
    did = False
    for desk in Desk.objects.all():
        if desks.held(desk) is not None:
            continue
        kept = Epoch.objects.filter(safe=desk.safe, compartment=arriving.LETTERS).values("number")
        over = [Letter.State.DONE, Letter.State.ASIDE]
        rows = list(desk.letters.filter(state__in=over).exclude(epoch__in=kept)[:limit])
        for row in rows:
            files.remove(row.files)
            row.delete()
        did = did or bool(rows)
    return did
