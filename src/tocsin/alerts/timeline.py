"""What happened to an alert, in one line of time: acts of people, steps that were called, and every attempt."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Prefetch, Q
from django.utils.translation import gettext as _

from tocsin.alerts import words
from tocsin.alerts.channels import reasons
from tocsin.alerts.models import Alert, Attempt, Event, Notice, Page
from tocsin.alerts.wording import TOLD
from tocsin.people.models import Person

# Beyond this a timeline is told in parts: the newest first.
MOST = 300


@dataclass(frozen=True, slots=True)
class Try:
    """One call to a provider, and what came of it in words."""

    number: int
    at: datetime
    words: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. ``verb`` is that of an act, or "page" where somebody was told; then ``tries`` says how it went."""

    at: datetime
    verb: str
    words: str
    via: str = ""
    person: str = ""
    channel: str = ""
    state: str = ""
    code: str = ""
    delivered_at: datetime | None = None
    opened_at: datetime | None = None
    tries: tuple[Try, ...] = field(default=())

    @property
    def by_person(self) -> bool:
        """Whether a person did it."""
        return self.verb != "page" and bool(self.person)


def timeline(alert: Alert) -> list[Entry]:
    """Everything that happened to an alert that was obtained, newest first. No line holds an address."""
    events = list(alert.events.select_related("person").order_by("-at", "-pk")[:MOST])
    names = _let_in(events)
    found = [(one.at, 1, one.pk, _event(one, names)) for one in events]
    found += [(_when(one), 0, one.pk, _page(one)) for one in _pages(alert) if _concerns(one, alert)]
    found.sort(key=lambda one: one[:3], reverse=True)
    return [entry for *_order, entry in found[:MOST]]


def _pages(alert: Alert) -> Iterable[Page]:
    told = Q(notice__purpose=Notice.Purpose.TOLD, notice__reference=f"alert:{alert.public_id}")
    rows = Page.objects.filter(Q(notice__alerts__alert=alert) | told).select_related("notice__person").distinct()
    tries = Prefetch("attempts", Attempt.objects.order_by("number"))
    return rows.prefetch_related(tries).order_by("-pk")[:MOST]


def _concerns(page: Page, alert: Alert) -> bool:
    """What still waits to go out concerns an alert that nobody has; it may wait for another one's sake."""
    told = page.notice.purpose == Notice.Purpose.TOLD
    return told or alert.state == Alert.State.OPEN or page.state != Page.State.WAITING or bool(page.attempts_made)


def _when(page: Page) -> datetime:
    first = next(iter(page.attempts.all()), None)
    return first.intent_at if first is not None else page.due_at


def _event(event: Event, names: dict[int, str]) -> Entry:
    name = event.person.name if event.person is not None else ""
    said = words.happened(event.verb, name, event.facts)
    if event.verb == "let_in" and event.facts.get("who") in names:
        said = _("%(who)s let %(other)s know of it") % {
            "who": name or _("Somebody"),
            "other": names[event.facts["who"]],
        }
    shown = event.verb not in {
        "called",
        "nobody",
        "lapsed",
        "woke",
        "reminded",
        "left",
        "rule_stopped",
        "unheard",
        "forgotten",
    }
    by_itself = event.verb == "resolved" and event.person is None
    via = str(words.VIA.get(event.via, "")) if shown and not by_itself else ""
    return Entry(event.at, event.verb, said, via=via, person=name)


def _let_in(events: Iterable[Event]) -> dict[int, str]:
    numbers = [one.facts.get("who") for one in events if one.verb == "let_in"]
    found = Person.objects.filter(pk__in=[one for one in numbers if isinstance(one, int)])
    return dict(found.values_list("pk", "name"))


def _page(page: Page) -> Entry:
    person = page.notice.person.name if page.notice.person is not None else _("Somebody who has left")
    named = {"who": person, "channel": words.channel(page.channel)}
    told = page.notice.purpose == Notice.Purpose.TOLD
    attempts = list(page.attempts.all())
    if page.state == Page.State.NOT_NEEDED and not attempts:
        said = _("%(who)s by %(channel)s: no longer needed") % named
    elif told and not attempts:
        said = _("%(who)s will be told by %(channel)s") % named
    elif page.state == Page.State.WAITING and not attempts:
        said = _("%(who)s by %(channel)s: comes next if nobody answers") % named
    elif told:
        said = _("%(who)s was told by %(channel)s:") % named + f" {TOLD.get(page.notice.words, '')}"
    else:
        said = _("%(who)s was called by %(channel)s") % named
    return Entry(
        _when(page),
        "page",
        said,
        person=person,
        channel=page.channel,
        state=page.state,
        code=page.code,
        delivered_at=page.delivered_at,
        opened_at=page.opened_at,
        tries=tuple(_try(one, last=one is attempts[-1], page=page) for one in attempts),
    )


def _try(attempt: Attempt, page: Page, *, last: bool) -> Try:
    said = {
        Attempt.Outcome.TAKEN: _("the provider took it"),
        Attempt.Outcome.FAILED: _("failed"),
        Attempt.Outcome.REFUSED: _("refused for good"),
    }.get(Attempt.Outcome(attempt.outcome), "")
    if not said:
        # The page was read a moment before its attempts, so it may still say that it waits.
        if not last:
            said = _("nobody knows whether it arrived, so it was sent again")
        elif attempt.outcome_at is None and page.state in {Page.State.SENDING, Page.State.WAITING}:
            said = _("on its way")
        else:
            said = _("nobody knows whether it arrived")
    why = str(reasons.words(attempt.why))
    return Try(attempt.number, attempt.intent_at, f"{said}: {why}" if why else said, attempt.outcome)
