"""A worker that dies, or hangs past its lease, at any write: nothing is lost, nothing is there twice."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import TypeAlias

import pytest
from django.db import connection

from tests.stories.deaths import dies_at, hanging_at, lives, time_passes
from tests.stories.every_write import STORIES, Story
from tests.stories.snapshots import Snapshot
from tocsin.analysis import engine
from tocsin.analysis.text import Text, read

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
each_story = pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)


@pytest.fixture(autouse=True, scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Word lists and libraries are loaded once, here, and not in each child anew."""
    read(Text(title="Wikipedia editor arrested in Turkey", body="Police in Ankara arrested an editor."))
    file = tmp_path_factory.mktemp("warm") / "empty.parquet"
    engine.write(file, [])
    assert list(engine.points([file], step=timedelta(days=1))) == []


@pytest.fixture(autouse=True)
def without_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a killed process wrote is in the system's hands; only a power cut asks for more."""
    if connection.vendor == "sqlite":
        pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF"
        monkeypatch.setitem(connection.settings_dict["OPTIONS"], "init_command", pragmas)
        connection.close()


Told: TypeAlias = tuple[Snapshot, object]


@pytest.fixture(scope="module")
def told() -> Iterator[dict[object, Told]]:
    """Each story's first state and what is there when nobody dies, told once."""
    known: dict[object, Told] = {}
    yield known
    for snapshot, _ in known.values():
        snapshot.forget()


@pytest.fixture
def told_once(story: Story, told: dict[object, Told]) -> Told:
    """The story's first state, as a process of its own left it, and its undisturbed end."""
    if story.work not in told:
        lives(story.begin)
        time_passes()
        snapshot = Snapshot()
        lives(story.work)
        told[story.work] = snapshot, story.end()
    return told[story.work]


@pytest.fixture
def beginning(told_once: Told) -> Snapshot:
    """The story's first state."""
    return told_once[0]


@pytest.fixture
def expected(told_once: Told) -> object:
    """What is there when nobody dies."""
    return told_once[1]


@each_story
def test_killed_once_at_each_moment_and_started_again(story: Story, beginning: Snapshot, expected: object) -> None:
    for moment in count(1):
        beginning.put_back()
        if not dies_at(moment, story.work):
            break
        time_passes()
        lives(story.work)
        assert story.end() == expected, f"killed at moment {moment}"
    assert moment > story.moments


@each_story
def test_killed_again_and_again_at_a_later_moment_each_time(
    story: Story, beginning: Snapshot, expected: object
) -> None:
    beginning.put_back()
    for moment in count(1):
        if not dies_at(moment, story.work):
            break
        time_passes()
    assert story.end() == expected


@each_story
def test_one_that_hangs_for_longer_than_its_lease_changes_nothing_later(
    story: Story, beginning: Snapshot, expected: object
) -> None:
    for moment in count(1):
        beginning.put_back()
        with hanging_at(moment, story.work) as hangs:
            if hangs:
                time_passes()
                lives(story.work)
        assert story.end() == expected, f"hung at moment {moment}"
        if not hangs:
            break
    assert moment > 1
