"""What a test asks of a home from outside, in a process of its own: subscribe to sources, or tell what is there."""

import json
import sys
from collections import Counter
from typing import Any
from urllib.parse import urlsplit


def watch() -> None:
    """Subscribe to the sources that stand on the input, and begin the record with an entry."""
    from django.db import transaction

    from tocsin.audit.actions import record
    from tocsin.streams.actions import subscribe

    for source in json.load(sys.stdin):
        done = subscribe([source], allow_private=urlsplit(source["url"]).netloc)
        assert len(done.added) == 1, done
    with transaction.atomic():
        record(None, "test.begin", "home:1")


def tell() -> dict[str, Any]:
    """What two runs over the same sources must agree in. Fails where a promise is broken."""
    from django.conf import settings

    from tests.stories.every_write import in_the_lake, rows
    from tests.stories.membership_log import places
    from tocsin.audit.verification import verify
    from tocsin.signals.models import Change, Finding, Signal
    from tocsin.streams import lake
    from tocsin.streams.models import Item, LakeFile, Observation

    placed = places()
    told = Counter(Change.objects.filter(new=True).values_list("signal", flat=True))
    assert set(told) == set(Signal.objects.values_list("pk", flat=True))
    assert max(told.values()) == 1
    assert not Observation.objects.exists()
    verdict = verify()
    assert (verdict.wrong, verdict.waiting) == (0, 0), verdict.problems
    files = {str(path.relative_to(settings.LAKE)) for path in settings.LAKE.rglob("*") if path.is_file()}
    named = set(LakeFile.objects.values_list("path", flat=True))
    lake.sweep(_later())
    left = {str(path.relative_to(settings.LAKE)) for path in settings.LAKE.rglob("*") if path.is_file()}
    assert left == named <= files
    return {
        "items": rows(Item, "source__name", "key", "digest", "title", "text"),
        "signals": rows(Signal, "item__source__name", "item__key", "finding__network", "state", "country", "harm"),
        "findings": rows(
            Finding, "rule", "kind", "country", "subject", "network", "opened_at", "closed_at", "direction"
        ),
        "lake": [list(row._replace(fetched=0)) for row in in_the_lake()],
        "placed": len(placed),
        "strays": len(files - named),
    }


def _later() -> Any:
    from django.utils import timezone

    from tocsin.streams import lake

    return timezone.now() + 3 * lake.GRACE


def main(word: str) -> None:
    """Do what the word says."""
    if word == "watch":
        watch()
    else:
        print(json.dumps(tell(), default=str))
