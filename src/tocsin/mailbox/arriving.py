"""What happens when something comes in, whichever way: it is sealed, its clocks begin, and the desk is called."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from tocsin.alerts import clock
from tocsin.alerts.accepting import New, accept
from tocsin.alerts.models import Alert, Lane, Severity, Subject
from tocsin.keys import sealing
from tocsin.keys.models import Epoch, Wrap
from tocsin.lib.claims import patient
from tocsin.mailbox import clocks, record
from tocsin.mailbox.models import Desk, Due, Letter

LETTERS: Final = "letters"
# More than so many within a quarter of an hour call by one alert together, so that a flood can't hold people awake.
FLOOD: Final = 20


class NoKeyError(Exception):
    """The desk has no key that anything could be sealed to: nothing is taken, and nothing is kept in clear."""


@dataclass(frozen=True, slots=True)
class Coming:
    """Something that arrives. ``id`` is its natural key. ``blob`` is sealed already to the desk's ``epoch``.

    ``excluded`` are people who must learn nothing of it: no alert reaches them.
    """

    desk: Desk
    door: str
    epoch: int
    blob: bytes
    id: UUID = field(default_factory=uuid4)
    arrived_at: datetime | None = None
    language: str = ""
    urgency: str = ""
    lookup: bytes = b""
    box: bytes = b""
    follows: bool = False
    files: tuple[dict[str, Any], ...] = ()
    excluded: tuple[int, ...] = ()
    lane: Lane = Lane.LIFE


def key_of(desk: Desk) -> Epoch:
    """The epoch of now, with the public key that letters are sealed to.

    Raises:
        NoKeyError: when there is none, or nobody who could open what is sealed to it.
    """
    epoch = Epoch.objects.filter(safe=desk.safe, compartment=LETTERS).order_by("-number").first()
    if desk.ended_on is not None or epoch is None or len(bytes(epoch.public)) != sealing.KEY or not members(desk):
        raise NoKeyError
    return epoch


def members(desk: Desk) -> tuple[int, ...]:
    """The people who can open what is sealed to a desk now."""
    lasting = Q(expires_at=None) | Q(expires_at__gt=clock.now())
    rows = Wrap.objects.filter(lasting, epoch__safe=desk.safe, epoch__compartment=LETTERS)
    newest = rows.order_by("-epoch__number").values_list("epoch__number", flat=True).first()
    return tuple(rows.filter(epoch__number=newest or 0).order_by("person").values_list("person", flat=True))


def sealed_now(desk: Desk, plain: bytes) -> tuple[int, bytes]:
    """Seal something for a desk; gives the epoch and the blob.

    Raises:
        NoKeyError: when it can't be sealed.
    """
    epoch = key_of(desk)
    return epoch.number, sealing.seal_to(bytes(epoch.public), plain)


@patient
def arrive(coming: Coming) -> bool:
    """Keep it and call the desk, in one transaction; False when it had arrived before.

    Raises:
        NoKeyError: when the desk can't be sealed to.
    """
    with transaction.atomic():
        if Letter.objects.filter(pk=coming.id).exists():
            return False
        at = clock.now()
        came = min(coming.arrived_at or at, at)
        # The alert has an id of its own: an exact time never stands beside a letter's id.
        alert = uuid4().hex
        tag = {"at": came.isoformat(), "alert": alert, **clocks.begin(coming.desk, came)}
        key = key_of(coming.desk)
        if coming.epoch != key.number:
            key = Epoch.objects.get(safe=coming.desk.safe, compartment=LETTERS, number=coming.epoch)
        Letter.objects.create(
            id=coming.id,
            desk=coming.desk,
            epoch=coming.epoch,
            door=coming.door,
            blob=coming.blob,
            tag=sealing.seal_to(bytes(key.public), json.dumps(tag).encode()),
            files=list(coming.files),
            arrived_on=at.date(),
            language=coming.language[:16],
            urgency=coming.urgency[:12],
            lookup=coming.lookup,
            box=coming.box,
            follows=coming.follows,
        )
        record.note(None, "arrived", coming.id.hex)
        _call(coming, alert, at)
        return True


def _call(coming: Coming, alert: str, at: datetime) -> None:
    about, kind, leads = f"letter:{alert}", "letter", f"arrival:{coming.desk.public_id}.{alert}"
    if coming.door != "phone" and coming.urgency != "now" and _flooded(coming.desk, at):
        about, kind = f"letters:{coming.desk.public_id}:{clocks.quarter(at)}", "letters"
        leads = f"desk:{coming.desk.public_id}"
    accept(
        New(
            kind=kind,
            severity=severity(coming.urgency),
            lane=coming.lane,
            dedupe=about,
            reference=leads,
            named=True,
            watchers=called(coming.desk, coming.excluded),
            knowers=called(coming.desk, coming.excluded),
            subjects=kept_from(coming.desk, coming.excluded),
            language=coming.language,
            urgency=_CAP.get(coming.urgency, ""),
            exercise=settings.EXERCISE,
            via="rule",
        )
    )


_CAP: Final = {"now": "immediate", "today": "expected", "week": "future", "later": "future"}


def severity(urgency: str) -> Severity:
    """How grave an alert is, from the urgency that the sender stated or that was read from coarse signs."""
    return {"now": Severity.EXTREME, "later": Severity.MODERATE, "bulk": Severity.MINOR}.get(urgency, Severity.SEVERE)


def called(desk: Desk, excluded: tuple[int, ...]) -> tuple[int, ...]:
    """Who is called about a letter: the desk, without those whom its sender excluded."""
    return tuple(one for one in members(desk) if one not in excluded)


def kept_from(desk: Desk, excluded: tuple[int, ...]) -> tuple[int, ...]:
    """Whom an alert about a letter must never reach.

    A sender at the door may have named anybody whose name stands there; the door then chose a desk without them, and
    whom was named is sealed. So nobody whose name stands there learns of another desk's letters.
    """
    inside = set(members(desk))
    named = {person for one in Desk.objects.filter(at_door=True, ended_on=None) for person in one.named}
    return tuple(sorted((named - inside) | set(excluded)))


def spared(desk: Desk) -> tuple[int, ...]:
    """Everybody whom an alert about a letter of this desk that is not over must not reach. Which letter is late is
    sealed, so what is said of any late one reaches none of them."""
    open_alerts = Alert.objects.exclude(state=Alert.State.RESOLVED).filter(
        reference__startswith=f"arrival:{desk.public_id}."
    )
    return tuple(Subject.objects.filter(alert__in=open_alerts).values_list("person", flat=True).distinct())


def _flooded(desk: Desk, at: datetime) -> bool:
    """Whether very many came within the last quarter of an hour."""
    within = clocks.WITHIN[clocks.ACKNOWLEDGE]
    policy = f"{clocks.ACKNOWLEDGE}:{desk.public_id}"
    return Due.objects.filter(policy=policy, due_at__gt=at, due_at__lte=at + within).count() > FLOOD
