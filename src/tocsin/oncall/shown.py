"""What pages show of duty: pictures of weeks, questions that wait for somebody, and load beside limits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language_bidi, ngettext
from django.utils.translation import gettext as _

from tocsin.oncall import schedule, words
from tocsin.oncall.drawing import Block, Lane, Picture, day_lengths, draw
from tocsin.oncall.duty import Duty, Gap, Roster, Shift, zone_of
from tocsin.oncall.models import Layer, Rest, Rota, Swap
from tocsin.oncall.toll import Toll, limits_of, loads, on_duty_spans, toll_of
from tocsin.oncall.walltime import moment
from tocsin.people.models import Person

WEEK = timedelta(weeks=1)
_DAY = timedelta(days=1)
_AS_PLANNED = {schedule.Because.TURN}


@dataclass(frozen=True, slots=True)
class Held:
    """A rota and who holds it now; ``zone`` is that person's own, if it is another than the reader's."""

    rota: Rota
    duty: Duty
    zone: ZoneInfo | None
    gaps: Sequence[Gap]


@dataclass(frozen=True, slots=True)
class Questions:
    """What waits for one person's yes or no, what they asked of others, and whom they stand in for."""

    swaps: Sequence[Swap]
    rests: Sequence[Rest]
    asked: Sequence[Swap]
    standing_in: Sequence[Rest]

    def __len__(self) -> int:
        return len(self.swaps) + len(self.rests)


@dataclass(frozen=True, slots=True)
class Measure:
    """One count within seven days beside its limit."""

    what: str
    amount: float
    limit: int

    @property
    def share(self) -> float:
        """From 0 to 1: how much of the limit is used."""
        return min(1.0, self.amount / self.limit) if self.limit else 1.0

    @property
    def full(self) -> bool:
        """Whether the limit is reached."""
        return self.amount >= self.limit

    @property
    def said(self) -> str:
        """The amount as it is read: no decimals that nobody measured."""
        return f"{self.amount:.0f}"


def reader_zone() -> ZoneInfo:
    """The zone that this request is shown in."""
    return ZoneInfo(timezone.get_current_timezone_name())


def monday(now: datetime, zone: ZoneInfo) -> date:
    """The Monday of the week that a calendar in the zone shows."""
    today = now.astimezone(zone).date()
    return today - today.weekday() * _DAY


def held(roster: Roster, now: datetime, gaps_until: datetime) -> list[Held]:
    """Each rota with who holds it now and the hours ahead that nobody does."""
    here = reader_zone()
    found = []
    for rota in roster.rotas:
        duty = roster.at(rota, now)
        theirs = zone_of(duty.person, rota) if duty.person is not None else None
        found.append(Held(rota, duty, None if theirs == here else theirs, roster.gaps(rota, now, gaps_until)))
    return found


def questions(person: Person) -> Questions:
    """Swaps and rests that this person is asked about."""
    mine = Swap.objects.filter(state=Swap.State.ASKED).select_related("rota", "giver", "taker", "asked_by")
    unsaid = Q(giver=person, giver_agreed_at=None) | Q(taker=person, taker_agreed_at=None)
    rests = Rest.objects.filter(ended_at=None, substitute=person, until__gt=timezone.now()).select_related("person")
    return Questions(
        list(mine.filter(unsaid).order_by("since")[:50]),
        list(rests.filter(accepted_at=None).order_by("since")[:50]),
        list(mine.filter(asked_by=person).exclude(unsaid).order_by("since")[:50]),
        list(rests.exclude(accepted_at=None).order_by("since")[:50]),
    )


def waiting(person: Person) -> int:
    """How many questions wait for this person; two small queries, for the head of every page."""
    unsaid = Q(giver=person, giver_agreed_at=None) | Q(taker=person, taker_agreed_at=None)
    swaps = Swap.objects.filter(unsaid, state=Swap.State.ASKED).count()
    rests = Rest.objects.filter(ended_at=None, substitute=person, accepted_at=None, until__gt=timezone.now())
    return swaps + rests.count()


def measures(person: Person, roster: Roster, now: datetime) -> list[Measure]:
    """What the last seven days took from a person, all of it, beside the limits: for that person alone."""
    since = now - WEEK
    spans = on_duty_spans(roster, since, now).get(person.pk, ())
    had: Toll = toll_of(spans, loads([person.pk], since, now + _DAY, private=True)[person.pk], zone_of(person), since)
    limits = limits_of([person.pk])[person.pk]
    return [
        Measure(_("hours on duty"), had.hours, limits.hours),
        Measure(_("nights on duty"), had.nights, limits.nights),
        Measure(_("pages at night"), had.night_pages, limits.night_pages),
        Measure(_("minutes with distressing material"), had.exposure_minutes, limits.exposure_minutes),
    ]


# Pictures


def of_person(person: Person, roster: Roster, shifts: Iterable[Shift], now: datetime, weeks: int) -> str:
    """One person's own weeks, nights shaded."""
    names = {rota.pk: str(number) for number, rota in enumerate(roster.rotas, 1)}
    mine: dict[int, list[Block]] = {}
    for one in shifts:
        told = f"{one.rota.name}: {words.span(one.since, one.until)}"
        block = Block(one.since, one.until, 1, _labels(one.rota.name), told, one.because not in _AS_PLANNED)
        mine.setdefault(one.rota.pk, []).append(block)
    lanes = [Lane(names[pk] if len(mine) > 1 else "", blocks) for pk, blocks in mine.items()]
    title = _("Your duty over %(weeks)d weeks") % {"weeks": weeks}
    said = _("Nights are shaded; a bar above marks what differs from your turns. The list below says the same.")
    return _drawn("mine", title, said, lanes or [Lane("", ())], now, weeks, nights=True, gutter=26.0)


def of_rota(
    rota: Rota, roster: Roster, reader: Person, now: datetime, weeks: int, positions: Mapping[int, int] | None = None
) -> str:
    """A rota's weeks: a lane for each layer, the highest first, and who holds it in the end.

    ``positions`` of layers by their number, where they are not those that are stored.
    """
    if positions is None:
        positions = dict(Layer.objects.filter(rota=rota).values_list("pk", "position"))
    zone = reader_zone()
    first = monday(now, zone)
    since, until = moment(first, time(0), zone), moment(first + weeks * WEEK, time(0), zone)
    shades = {pk: number % 3 for number, pk in enumerate(sorted(roster.people))}
    lanes = [
        Lane(str(number), blocks)
        for number, blocks in enumerate(_layers(rota, roster, (since, until), positions, shades), 1)
        if blocks
    ]
    final = [_final(one, reader, shades) for one in roster.shifts(rota, since, until)]
    begun = max(since, min(began(rota, roster, now), until))
    final += [_gap(one) for one in roster.gaps(rota, begun, until)]
    shown = [*(lanes if len(lanes) > 1 else []), Lane(_("Duty"), sorted(final, key=lambda one: one.since), True)]
    title = _("%(rota)s over %(weeks)d weeks") % {"rota": rota.name, "weeks": weeks}
    said = _("The lowest lane is who is on duty; numbered lanes above it are layers. Nobody holds what is hatched.")
    return _drawn("rota", title, said, shown, now, weeks)


def began(rota: Rota, roster: Roster, now: datetime) -> datetime:
    """Since when somebody could hold a rota; before that nobody missed anything. Now, if nobody could yet."""
    layers = [one for one in roster.plan(rota).layers if one.people]
    return min((max(one.start_of(0), one.opened_at or one.start_of(0)) for one in layers), default=now)


def clock_changes(now: datetime, weeks: int) -> list[str]:
    """Days of these weeks that are longer or shorter, in words."""
    zone = reader_zone()
    return [
        _("%(day)s has %(hours)s hours: clocks change.")
        % {"day": words.short_day(moment(day, time(12), zone)), "hours": f"{length / timedelta(hours=1):g}"}
        for day, length in day_lengths(monday(now, zone), weeks * 7, zone).items()
    ]


def _layers(
    rota: Rota,
    roster: Roster,
    span: tuple[datetime, datetime],
    positions: Mapping[int, int],
    shades: Mapping[int, int],
) -> Iterable[list[Block]]:
    """The blocks of each layer, its versions in one lane, the highest first."""
    lanes: dict[int, list[Block]] = {}
    for layer in roster.plan(rota).layers:
        lane = lanes.setdefault(positions[layer.key], [])
        for begin, end, turn in layer.covered(*span) if layer.people else ():
            person = roster.people[layer.person_of(turn)]
            told = f"{person.name}: {words.span(begin, end)}"
            lane.append(Block(begin, end, shades[person.pk], _labels(person.name), told))
    yield from (lanes[key] for key in sorted(lanes, reverse=True))


def _final(one: Shift, reader: Person, shades: Mapping[int, int]) -> Block:
    told = f"{one.person.name}: {words.span(one.since, one.until)}. {words.because(one)}"
    bent, mine = one.because not in _AS_PLANNED, one.person.pk == reader.pk
    return Block(one.since, one.until, shades[one.person.pk], _labels(one.person.name), told, bent, mine)


def _gap(one: Gap) -> Block:
    told = f"{_('nobody')}: {words.span(one.since, one.until)}. {words.because(one)}"
    return Block(one.since, one.until, None, (), told)


def _labels(name: str) -> list[str]:
    """The name, its first word, its first letters: whichever fits."""
    parts = name.split()
    return [name, parts[0], "".join(part[0] for part in parts[:3])] if parts else []


def _drawn(
    name: str,
    title: str,
    said: str,
    lanes: Sequence[Lane],
    now: datetime,
    weeks: int,
    *,
    nights: bool = False,
    gutter: float = 46.0,
) -> str:
    zone = reader_zone()
    first = monday(now, zone)
    days = [
        words.short_day(moment(first + number * _DAY, time(12), zone).astimezone(zone)) for number in range(weeks * 7)
    ]
    changes = " ".join(clock_changes(now, weeks))
    return draw(
        Picture(
            name,
            title,
            f"{said} {changes}".strip(),
            first,
            weeks,
            zone,
            lanes,
            days,
            now,
            rtl=get_language_bidi(),
            nights=nights,
            gutter=gutter,
        )
    )


# Gaps in words


def gap_words(gaps: Sequence[Gap]) -> str:
    """How many stretches nobody holds, and how long they are together."""
    hours = sum(((one.until - one.since) for one in gaps), timedelta(0)) / timedelta(hours=1)
    said = ngettext("%(n)d stretch, %(hours)s hours", "%(n)d stretches, %(hours)s hours together", len(gaps))
    return said % {"n": len(gaps), "hours": f"{hours:.0f}" if hours >= 1 else "<1"}
