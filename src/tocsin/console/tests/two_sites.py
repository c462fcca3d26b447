"""Two sites measured for 300 days, of which one is blocked since ten: what the country pages and ``look`` tell of."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone

from tocsin.signals import measuring
from tocsin.streams import lake
from tocsin.streams.models import Observation, Source

DAY = timedelta(days=1)
_DAYS, _BLOCKED = 300, 290


def start() -> datetime:
    """The first day that was measured."""
    today = timezone.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - _DAYS * DAY


def measure() -> Source:
    """Store what was measured of both, in the lake that is set up, and judge it."""
    source = Source.objects.create(
        name="OONI", kind="ooni", url="https://ooni.example/", reliability="B",
        expected_every=timedelta(hours=6), next_fetch_at=timezone.now(),
    )  # fmt: skip
    rows = []
    for subject in ("xs.wikipedia.org", "news.example"):
        for day in range(_DAYS):
            time = start() + day * DAY
            bad = day >= _BLOCKED and subject == "xs.wikipedia.org"
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
