"""What the map and the country pages say of each country: how high the threat is, and how blind we are."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tocsin.analysis.series import Stream
from tocsin.analysis.taxonomy import harm
from tocsin.console.map import MapCell
from tocsin.lib.territories import INVENTED, TERRITORIES
from tocsin.people.models import Person
from tocsin.signals.models import CellState
from tocsin.situations.access import heights, situations_for
from tocsin.situations.models import Situation
from tocsin.streams.access import sources_for
from tocsin.streams.models import BlindSpot, Health, Source

BLIND_AFTER = timedelta(days=3)
_STEPS = (0.2, 0.45, 0.8)


@dataclass(frozen=True, slots=True)
class Sight:
    """How well one country is seen: the newest measurement, and the best delay that a detector could achieve."""

    measured_at: datetime | None
    delay: timedelta | None

    def blind(self, now: datetime) -> bool:
        """Whether our own sites have not been measured there lately."""
        return self.measured_at is None or now - self.measured_at > BLIND_AFTER


def step_of(probability: float) -> int:
    """The step of lightness, 1 to 4, for a probability above 0."""
    return 1 + sum(probability >= step for step in _STEPS)


def sights() -> dict[str, Sight]:
    """How well our sites are seen in each country with any measurement of them, or of what is read there."""
    # A network that can be reached says nothing of our sites on it.
    rows = CellState.objects.exclude(country="").exclude(stream=Stream.CONNECTIVITY.value).values("country")
    return {
        row["country"]: Sight(row["at"], timedelta(seconds=row["delay"]) if row["delay"] is not None else None)
        for row in rows.annotate(at=Max("last_point_at"), delay=Min("delay_seconds"))
    }


def cells(person: Person, exercise: bool) -> dict[str, MapCell]:
    """The map, country by country, as this person may see it."""
    now = timezone.now()
    seen = sights()
    # The last one stays: of each country the most probable.
    highest = {country: (key, probability) for country, key, probability in heights(person)}
    counts = dict(
        situations_for(person)
        .filter(state=Situation.State.OPEN)
        .exclude(harm="")
        .values_list("country")
        .annotate(Count("pk"))
    )
    read = _read_about(person)
    codes = TERRITORIES if exercise else TERRITORIES - set(INVENTED)
    return {code: _cell(code, highest.get(code), counts.get(code, 0), seen.get(code), read, now) for code in codes}


def _cell(
    code: str, top: tuple[str, float] | None, count: int, sight: Sight | None, read: set[str], now: datetime
) -> MapCell:
    blind = sight is None or sight.blind(now)
    watched = not blind or code in read or "" in read
    words = ngettext("%(n)s open situation", "%(n)s open situations", count) % {"n": count}
    if top is not None:
        words += "; " + _("highest: %(harm)s %(probability).2f") % {
            "harm": _(harm(top[0]).title).lower(),
            "probability": top[1],
        }
    level = step_of(top[1]) if top is not None else (0 if watched else None)
    if level is None and not count:
        # Nobody looks there, so that nothing was found says nothing.
        words = ""
    return MapCell(level=level, words=words, blind=blind, name=INVENTED.get(code, ""))


def _read_about(person: Person) -> set[str]:
    """Countries that a working source covers; an empty code stands for a source of the whole world."""
    working = sources_for(person).filter(paused=False).exclude(health__in=[Health.BROKEN, Health.SILENT, Health.NEW])
    found: set[str] = set()
    for countries in working.values_list("countries", flat=True):
        found.update(countries or [""])
    return found


def unmeasured(seen: dict[str, Sight], now: datetime) -> list[str]:
    """Countries that were measured once and are not any more."""
    return sorted(code for code, sight in seen.items() if sight.blind(now))


def unanswering(person: Person) -> QuerySet[Source]:
    """Sources that are broken or silent, and not put to rest, among those that this person may know of."""
    return sources_for(person).filter(health__in=[Health.BROKEN, Health.SILENT], paused=False)


def blind_spots(person: Person) -> QuerySet[BlindSpot]:
    """Sources that are silent now, among those that this person may know of."""
    mine = sources_for(person)
    return BlindSpot.objects.filter(until=None, source__in=mine).select_related("source").order_by("since")
