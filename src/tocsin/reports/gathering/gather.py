"""Asks every room for its facts. A room that fails costs its own facts alone, and the draft says so."""

import logging
from contextlib import nullcontext
from hashlib import sha256

from django.db import transaction

from tocsin.alerts import clock
from tocsin.lib.names import random_name
from tocsin.reports.facts import Fact
from tocsin.reports.gathering.period import Gatherer, Period
from tocsin.reports.gathering.registry import ROOMS, Gathering
from tocsin.reports.keeping import Kept, fact_out
from tocsin.reports.models import Gathered
from tocsin.reports.speaking import speaking

logger = logging.getLogger(__name__)


def gather(period: Period, reader: Gatherer) -> Gathered:
    """Ask every room, and keep what it says as it stands at this moment."""
    kept: dict[str, Kept] = {}
    failed = []
    with speaking(reader.language):
        for name, (_title, ask) in ROOMS.items():
            try:
                found = _asked(ask, period, reader)
            except Exception:  # one room that fails must not cost the report
                logger.exception("reports.gather", extra={"room": name})
                failed.append(name)
            else:
                kept |= {one.key: fact_out(one) for one in found}
    return Gathered.objects.create(
        public_id=random_name(10),
        since=period.since,
        until=period.until,
        at=clock.now(),
        scope=scope_of(reader),
        language=reader.language,
        readers=reader.readers,
        exercise=reader.exercise,
        facts=list(kept.values()),
        failed=failed,
    )


def _asked(ask: Gathering, period: Period, reader: Gatherer) -> list[Fact]:
    # Inside a transaction in a savepoint: what a database refuses to one room must not spoil it for the others. Outside
    # of one none is begun, since writers would wait for it.
    with transaction.atomic() if transaction.get_connection().in_atomic_block else nullcontext():
        found = list(ask(period, reader))
    # Whatever a room says, nothing of an exercise is ever mixed with what is real, and no fact is for fewer readers.
    return [one for one in found if one.exercise == reader.exercise and reader.reads(one.readers)]


def scope_of(reader: Gatherer) -> str:
    """Names with whose eyes and about what was gathered: equal for two that would gather the same."""
    parts = (
        reader.language,
        str(reader.readers),
        ",".join(sorted(reader.places)),
        ",".join(sorted(reader.harms)),
        reader.situation,
        str(reader.exercise),
    )
    return sha256("\0".join(parts).encode()).hexdigest()
