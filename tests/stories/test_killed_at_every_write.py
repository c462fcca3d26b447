"""A worker that dies, or hangs past its lease, at any write: nothing is lost, nothing is there twice."""

from collections.abc import Iterator
from itertools import count

import pytest
from django.db import connection

from tests.stories.deaths import dies_at, hanging_at, lives, time_passes
from tests.stories.every_write import STORIES, Story
from tests.stories.snapshots import Snapshot
from tocsin.analysis.text import Text, read

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
each_story = pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)


@pytest.fixture(autouse=True, scope="module")
def warm() -> None:
    """Word lists and models are read once, here, and not in each child anew."""
    read(Text(title="Wikipedia editor arrested in Turkey", body="Police in Ankara arrested an editor."))


@pytest.fixture(autouse=True)
def without_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a killed process wrote is in the system's hands; only a power cut asks for more."""
    if connection.vendor == "sqlite":
        pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF"
        monkeypatch.setitem(connection.settings_dict["OPTIONS"], "init_command", pragmas)
        connection.close()


@pytest.fixture
def beginning(story: Story) -> Iterator[Snapshot]:
    """The story's first state, as a process of its own left it."""
    lives(story.begin)
    time_passes()
    snapshot = Snapshot()
    yield snapshot
    snapshot.forget()


@pytest.fixture
def expected(story: Story, beginning: Snapshot) -> object:
    """What is there when nobody dies."""
    lives(story.work)
    return story.end()


@each_story
def test_killed_once_at_each_moment_and_started_again(story: Story, beginning: Snapshot, expected: object) -> None:
    for moment in count(1):
        beginning.put_back()
        if not dies_at(moment, story.work):
            break
        time_passes()
        lives(story.work)
        assert story.end() == expected, f"killed at moment {moment}"
    assert moment > 4


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
