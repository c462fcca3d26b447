"""What tests of this room do over and over: make a rota, and say when something is."""

from datetime import UTC, datetime, time, timedelta

from django.utils import timezone

from tocsin.oncall import actions
from tocsin.oncall.models import Layer, LayerPerson, Rota
from tocsin.people.models import Person

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def midnight(days: int) -> datetime:
    """Midnight in UTC, so many days from today."""
    return datetime.combine(timezone.now().date() + days * DAY, time(0), UTC)


def rota_of(*people: Person, unit: str = "day", name: str = "First line", begun: int = 60) -> Rota:
    """A rota that these people hold in turn, at midnight in UTC, for two months already. The first one has today."""
    rota = actions.create_rota(None, name)
    layer = Layer.objects.create(
        rota=rota,
        position=0,
        starts_on=midnight(-begun * len(people)).date(),
        handover_at=time(0),
        unit=unit,
    )
    LayerPerson.objects.bulk_create(LayerPerson(layer=layer, person=one, position=n) for n, one in enumerate(people))
    return rota


def turns(*people: Person, **other: object) -> actions.Turns:
    """Daily turns from today."""
    values = {"starts_on": midnight(0).date(), "handover_at": time(0), "unit": "day", **other}
    return actions.Turns(people=tuple(one.pk for one in people), **values)  # type: ignore[arg-type]
