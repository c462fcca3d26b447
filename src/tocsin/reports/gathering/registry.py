"""Which rooms facts come from: one line each. The key is what a page calls the room when it could not be asked."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tocsin.reports.facts import Fact
from tocsin.reports.gathering import alerts, levels, measures, people, responses, situations, streams
from tocsin.reports.gathering.period import Gatherer, Period

Gathering: TypeAlias = Callable[[Period, Gatherer], Iterable[Fact]]

ROOMS: Mapping[str, tuple[str | Promise, Gathering]] = {
    "situations": (_("Situations"), situations.facts),
    "levels": (_("Threat levels"), levels.levels),
    "alerts": (_("Alerts"), alerts.facts),
    "measures": (_("Measures"), measures.facts),
    "responses": (_("Plans, debriefs and missed events"), responses.facts),
    "people": (_("Counts of people"), people.facts),
    "streams": (_("Sources"), streams.facts),
}
