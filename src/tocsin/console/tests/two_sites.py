"""Two sites measured for some time, one of them blocked since ten days: what the country pages and ``look`` tell of."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone

from tocsin.signals import measuring
from tocsin.streams import lake
from tocsin.streams.models import Observation, Source

DAY = timedelta(days=1)
_BLOCKED = 10


def start(days: int) -> datetime:
    """The first of so many days that were measured, today not among them."""
    today = timezone.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - days * DAY


def measure(days: int) -> Source:
    """Store what was measured of both, in the lake that is set up, and judge it."""
    source = Source.objects.create(
        name="OONI", kind="ooni", url="https://ooni.example/", reliability="B",
        expected_every=timedelta(hours=6), next_fetch_at=timezone.now(),
    )  # fmt: skip
    rows = []
    for subject in ("xs.wikipedia.org", "news.example"):
        for day in range(days):
            time = start(days) + day * DAY
            bad = day >= days - _BLOCKED and subject == "xs.wikipedia.org"
            rows.append(
                Observation(
                    source=source, stream="blocking", kind="ooni.web", country="XS", subject=subject,
                    network="AS64500" if day % 2 else "AS64501", epoch=int(time.timestamp()), step=86400,
                    n=30, k=28 if bad else 1, evidence="scored", fetched=int(time.timestamp()) + 90000, day=time.date(),
                )
            )  # fmt: skip
    Observation.objects.bulk_create(rows)
    while lake.step():
        pass
    while measuring.step():
        pass
    return source
