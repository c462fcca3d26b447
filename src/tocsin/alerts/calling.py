"""Makes the notices of a climb: one for each person and alert, and one for several when a storm comes."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from tocsin.alerts.channels.here import usable
from tocsin.alerts.models import Alert, Escalation, Lane, Notice, NoticeAlert, Page
from tocsin.alerts.reach import Book, Way
from tocsin.alerts.reaching import Reach
from tocsin.alerts.telling import pages_of
from tocsin.people.models import Person

# After one page about something of the same weight, further ones gather for so long into one.
GATHER = timedelta(seconds=30)
_RECENT = timedelta(minutes=10)
# What leaves within this moment takes nothing more in: its message may be on its way.
_CLOSING = timedelta(seconds=1)


class Calls:
    """The notices that one transaction makes. A first one is never held back; about life each stands alone."""

    def __init__(self, people: Collection[Person], at: datetime) -> None:
        """Read what these people were told lately, and by which ways they are reached."""
        self._at = at
        self._usable = usable()
        self._book = Book(people, self._usable)
        self.reach = Reach(people, at, self._book)
        self._recent: dict[int, list[Notice]] = defaultdict(list)
        self._gathering: dict[tuple[int, str], Notice] = {}
        mine = Notice.objects.filter(person__in=[person.pk for person in people])
        # Nothing gathers for longer; what seems to was made before a clock was set back.
        lately = mine.filter(leaves_at__gt=at - _RECENT, leaves_at__lte=at + 2 * GATHER)
        for notice in lately.order_by("leaves_at", "pk"):
            self._remember(notice)
        self._close_what_left()
        self._new: list[tuple[Notice, list[Way], int]] = []
        self._links: list[NoticeAlert] = []

    def _remember(self, notice: Notice) -> None:
        number = notice.person_id or 0
        self._recent[number].append(notice)
        alone = notice.lane == Lane.LIFE or notice.purpose != Notice.Purpose.ALERT or notice.ended_at is not None
        if not alone and notice.leaves_at > self._at + _CLOSING:
            self._gathering[number, notice.lane] = notice

    def _close_what_left(self) -> None:
        """Keep only what nobody ended and nothing went out of, and hold it so until this transaction ends."""
        waiting = Page.objects.filter(notice=OuterRef("pk"), position=0, state=Page.State.WAITING, attempts_made=0)
        numbers = [notice.pk for notice in self._gathering.values()]
        rows = Notice.objects.filter(Exists(waiting), pk__in=numbers, ended_at=None).order_by("pk")
        still = set(rows.select_for_update(of=("self",)).values_list("pk", flat=True)) if numbers else set()
        for key, notice in list(self._gathering.items()):
            if notice.pk not in still:
                del self._gathering[key]
                self._recent[key[0]].remove(notice)

    def call(self, alert: Alert, people: Iterable[Person], row: Escalation) -> None:
        """Let these people know of the alert."""
        for person in people:
            notice = self._notice(alert, person)
            self._links.append(
                NoticeAlert(
                    notice=notice,
                    alert=alert,
                    person=person,
                    again=row.again,
                    round=row.round,
                    rung=row.rung,
                    at=self._at,
                )
            )

    def _notice(self, alert: Alert, person: Person) -> Notice:
        lane = Lane(alert.lane)
        last = None if lane == Lane.LIFE else self._last_of_weight(alert, person)
        if last is None:
            return self._begin(alert, person, self._at)
        gathering = self._gathering.get((person.pk, lane))
        if gathering is None:
            return self._begin(alert, person, max(self._at, last.leaves_at + GATHER))
        if gathering.severity < alert.severity:
            gathering.severity = alert.severity
            if gathering.pk:
                gathering.save(update_fields=["severity"])
        return gathering

    def _last_of_weight(self, alert: Alert, person: Person) -> Notice | None:
        """The last notice within the storm's measure that was about something at least as grave."""
        for notice in reversed(self._recent[person.pk]):
            same = notice.purpose == Notice.Purpose.ALERT and notice.lane == alert.lane
            if same and notice.severity >= alert.severity and notice.leaves_at > self._at - GATHER:
                return notice
        return None

    def _begin(self, alert: Alert, person: Person, leaves_at: datetime) -> Notice:
        notice = Notice(
            person=person,
            purpose=Notice.Purpose.ALERT,
            lane=alert.lane,
            severity=alert.severity,
            made_at=self._at,
            leaves_at=leaves_at,
        )
        before = sum(one.lane == alert.lane for one in self._recent[person.pk])
        self._new.append((notice, self._book.ways(person, Lane(alert.lane), self._at), before))
        self._remember(notice)
        return notice

    def store(self) -> None:
        """Write everything, before the transaction ends."""
        Notice.objects.bulk_create([notice for notice, *_rest in self._new])
        Page.objects.bulk_create([page for new in self._new for page in pages_of(*new)])
        NoticeAlert.objects.bulk_create(self._links)
