"""The exercise is served on loopback, and everything that it serves becomes situations that a person can look at."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client as Browser

from tests.stories.membership_log import places
from tocsin.config.steps import working
from tocsin.lib.http import Client, Politeness
from tocsin.people.models import Person
from tocsin.replay import exercise, serve
from tocsin.replay.directory import suggestions
from tocsin.signals.models import Finding, Signal
from tocsin.situations.models import Situation
from tocsin.streams import actions, collecting
from tocsin.streams import work as streams
from tocsin.streams.models import Item, LakeFile, Observation, Source

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> Iterator[None]:
    """The exercise when its first news are out and nothing is due for a while, and a source for all of it."""
    settings.LAKE, settings.EXERCISE = tmp_path / "lake", True
    impatient = Client("Tocsin test", politeness=Politeness(timedelta(0)))
    monkeypatch.setattr(collecting, "client", lambda: impatient)
    world = exercise.world(datetime.now(UTC) - timedelta(minutes=11))
    with serve(world=world) as base:
        listed = [each.as_dict(base) for each in suggestions(world)]
        for each in listed:
            if each["kind"] == "pageviews":
                # A country's days are a request each: some show as much as a quarter of a year.
                each["options"] = {**each["options"], "history_days": 12}
        done = actions.subscribe(listed, allow_private=urlsplit(base).netloc, exercise=True)
        assert (len(done.added), done.refused) == (len(listed), [])
        while streams.step():
            pass
        yield


def work() -> None:
    """What ``tocsin work`` does, until nothing is left to do."""
    steps = working()
    while any([step.do() for step in steps]):  # noqa: C419  # each step has its turn
        pass


def test_everything_served_becomes_situations_and_findings_and_served_again_changes_nothing(
    watched: None, alice: Person, browse: Callable[[Person], Browser]
) -> None:
    # Soon after midnight the new day of measurements is answered, and empty.
    assert not Source.objects.exclude(health__in=["fresh", "unchanged", "empty"]).exists()
    assert set(Item.objects.values_list("source__kind", flat=True)) == {"feeds", "documents"}
    assert set(Observation.objects.values_list("source__kind", flat=True)) == {"ooni", "ioda", "pageviews"}
    work()
    assert Signal.objects.filter(item__isnull=False).count() == Item.objects.count()
    assert not Signal.objects.filter(state=Signal.State.UNREADABLE).exists()
    assert not Observation.objects.exists()
    assert LakeFile.objects.exists()
    assert len(places()) == Signal.objects.count()

    block = Finding.objects.filter(country="XS", stream="blocking", closed_at=None)
    assert block.exists()
    assert not Finding.objects.filter(stream="blocking").exclude(country="XS").exists()
    lost = Finding.objects.filter(stream="connectivity")
    assert set(lost.values_list("country", flat=True)) == {"XO"}
    assert not lost.filter(closed_at=None).exists()
    mixed = Situation.objects.filter(members__signal__finding__in=block).first()
    assert mixed is not None
    assert (mixed.country, mixed.harm, mixed.exercise) == ("XS", "site-ban", True)
    assert set(Situation.objects.exclude(country="").values_list("country", flat=True)) <= {"XS", "XO"}

    seen = browse(alice)
    assert mixed.title in seen.get("/situations/").content.decode()
    page = seen.get(f"/situations/{mixed.public_id}/").content.decode()
    assert "<svg" in page

    before = (Item.objects.count(), Signal.objects.count(), Finding.objects.count(), Situation.objects.count())
    Source.objects.update(next_fetch_at=datetime.now(UTC) - timedelta(seconds=1), memory={})
    while streams.step():
        pass
    work()
    assert (Item.objects.count(), Signal.objects.count(), Finding.objects.count(), Situation.objects.count()) == before
