"""Notices: what one person is told at one moment, and the pages by which it goes out."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from tocsin.alerts.channels.here import usable
from tocsin.alerts.models import Address, Alert, Lane, Notice, NoticeAlert, Page, Subject
from tocsin.alerts.reach import Book, Way
from tocsin.alerts.secrets import token_of
from tocsin.lib.names import random_name
from tocsin.people.models import Person

# Who goes first when everything is due at once: each person's first page before anybody's second, and among those the
# lane for life. What was told in other lanes does not count against it.
_BY_LANE = {Lane.LIFE: 0, Lane.WAKE: 1, Lane.QUIET: 2}
_PLACES = 10
_RECENT = timedelta(minutes=10)


def send(notice: Notice, book: Book | None = None) -> Notice:
    """Store a notice with its pages; it goes out from ``leaves_at`` on."""
    assert notice.person is not None
    at = notice.leaves_at
    ways = (book or Book([notice.person], usable())).ways(notice.person, Lane(notice.lane), at)
    if notice.purpose == Notice.Purpose.TOLD:
        ways = ways[:1]
    before = Notice.objects.filter(person=notice.person, lane=notice.lane, leaves_at__gt=at - _RECENT).count()
    notice.save()
    Page.objects.bulk_create(pages_of(notice, ways, before))
    return notice


def send_by(notice: Notice, address: Address) -> Page:
    """Store a notice that goes out by this very address, verified or not."""
    notice.save()
    (page,) = Page.objects.bulk_create(pages_of(notice, [Way(address.channel, address, 0)], 0))
    return page


def pages_of(notice: Notice, ways: Iterable[Way], before: int) -> list[Page]:
    """The pages of a stored notice; ``before`` counts what the person was told in this lane in the last minutes."""
    return [_page(notice, way, number, before) for number, way in enumerate(ways)]


def _page(notice: Notice, way: Way, number: int, before: int) -> Page:
    public_id = random_name(16)
    return Page(
        public_id=public_id,
        notice=notice,
        address=way.address,
        channel=way.channel,
        position=number,
        code=random_name(4).upper(),
        token_hash=token_of(public_id).digest,
        rank=(before + number) * _PLACES + _BY_LANE[Lane(notice.lane)],
        due_at=notice.leaves_at + timedelta(seconds=way.after),
    )


def tell(people: Iterable[Person], alert: Alert, words: str, at: datetime) -> None:
    """Tell people what became of an alert, once and by one channel; it asks nothing of them."""
    subjects = set(Subject.objects.filter(alert=alert).values_list("person", flat=True))
    told = [one for one in people if one.pk not in subjects and (alert.inside is None or one.pk in alert.inside)]
    if not told:
        return
    book = Book(told, usable())
    for person in told:
        notice = Notice(
            person=person,
            purpose=Notice.Purpose.TOLD,
            lane=alert.lane,
            severity=alert.severity,
            words=words,
            reference=f"alert:{alert.public_id}",
            made_at=at,
            leaves_at=at,
            until=at + timedelta(hours=1),
        )
        send(notice, book)


def end(
    alert: Alert,
    at: datetime,
    *,
    person: Person | None = None,
    answered_by: Person | None = None,
    via: str = "",
    answer: str = "have",
) -> set[int]:
    """Let no further page about this alert go out (to ``person``, or to anybody); gives who had been told.

    A notice about several alerts goes on while one of the others is open.
    """
    mine = NoticeAlert.objects.filter(alert=alert)
    if person is not None:
        mine = mine.filter(person=person)
    others_open = NoticeAlert.objects.filter(~Q(alert=alert), notice=OuterRef("pk"), alert__state=Alert.State.OPEN)
    open_ones = Notice.objects.filter(
        ~Exists(others_open), pk__in=mine.values("notice"), ended_at=None, purpose=Notice.Purpose.ALERT
    )
    numbers = sorted(open_ones.values_list("pk", flat=True))
    tried = Page.objects.filter(notice__alerts__alert=alert, attempts_made__gt=0)
    told = set(tried.values_list("notice__person", flat=True))
    if answered_by is not None:
        theirs = Notice.objects.filter(pk__in=numbers, person=answered_by, answered_at=None)
        theirs.update(answer=answer, answered_at=at, answered_via=via)
    stop(numbers, at)
    return {number for number in told if number is not None}


def stop(notices: Collection[int], at: datetime) -> None:
    """Let no further page of these notices go out."""
    # In one order, so that two who end the same notices never wait for each other.
    list(Notice.objects.filter(pk__in=notices).order_by("pk").select_for_update().values_list("pk"))
    Notice.objects.filter(pk__in=notices, ended_at=None).update(ended_at=at)
    waiting = Page.objects.filter(notice__in=notices, state=Page.State.WAITING)
    numbers = list(waiting.order_by("pk").select_for_update().values_list("pk", flat=True))
    Page.objects.filter(pk__in=numbers, state=Page.State.WAITING).update(state=Page.State.NOT_NEEDED)
