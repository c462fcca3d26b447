"""kill -9 of collectors and workers again and again, and several of each side by side: nothing lost, nothing twice."""

import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.stories.houses import House, house
from tests.stories.town import town

pytestmark = pytest.mark.slow
KILLS = 14
STOPS = 4
ON_POSTGRESQL = bool(os.environ.get("TOCSIN_DATABASE"))


@pytest.fixture(scope="module")
def sources() -> Iterator[list[dict[str, Any]]]:
    """A town that prints and measures the same for everybody."""
    with town() as listed:
        yield listed


@pytest.fixture(scope="module")
def undisturbed(sources: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> tuple[int, dict[str, Any]]:
    """How much there is to do, and what is there when nobody dies."""
    with house(tmp_path_factory.mktemp("undisturbed"), ON_POSTGRESQL, sources) as home:
        home.start("collect")
        home.start("work")
        home.wait(lambda: _settled(home, len(sources)))
        home.end()
        assert home.log() == ""
        return home.done(), home.tell()


def _settled(home: House, sources: int) -> bool:
    """Every source was fetched to its end, and nothing waits between the rooms."""
    ((fetched, landed, unread, unplaced, unsealed, unlooked),) = home.sql(
        "SELECT (SELECT count(*) FROM streams_source WHERE last_news_at IS NOT NULL AND claimed_until IS NULL),"
        " (SELECT count(*) FROM streams_observation),"
        " (SELECT count(*) FROM streams_item WHERE id NOT IN (SELECT item_id FROM signals_signal WHERE item_id > 0)),"
        " (SELECT count(*) FROM signals_signal WHERE id NOT IN (SELECT signal_id FROM situations_member)),"
        " (SELECT count(*) FROM audit_entry) - (SELECT count(*) FROM audit_seal),"
        " (SELECT count(*) FROM streams_lakechange WHERE id >"
        "  coalesce((SELECT max(position) FROM lib_cursor WHERE name = 'signals.lake'), 0))"
    )
    return bool(fetched == sources and not (landed or unread or unplaced or unsealed or unlooked))


def test_kill_9_of_any_process_at_any_moment(
    sources: list[dict[str, Any]], undisturbed: tuple[int, dict[str, Any]], tmp_path: Path
) -> None:
    chance = random.Random(20)
    amount, expected = undisturbed
    # Moments are amounts of work done, not times: they fall into the midst of it on any machine.
    moments = sorted(chance.uniform(0, amount) for _ in range(KILLS))
    with house(tmp_path, ON_POSTGRESQL, sources) as home:
        home.start("collect")
        home.start("work")
        for moment in moments:
            home.wait(lambda: home.done() >= moment or _settled(home, len(sources)))  # noqa: B023
            command = home.kill(chance.randrange(2))
            home.time_passes()
            home.start(command)
        home.wait(lambda: _settled(home, len(sources)))
        home.end()
        told = home.tell()
        assert {name: told[name] for name in expected if name != "strays"} == {
            name: expected[name] for name in expected if name != "strays"
        }
        assert home.log() == ""


def test_two_collectors_and_two_workers_of_which_some_hang_for_longer_than_their_lease(
    sources: list[dict[str, Any]], undisturbed: tuple[int, dict[str, Any]], tmp_path: Path
) -> None:
    chance = random.Random(21)
    amount, expected = undisturbed
    with house(tmp_path, ON_POSTGRESQL, sources) as home:
        for command in ("collect", "work", "collect", "work"):
            home.start(command)
        for moment in sorted(chance.uniform(0, amount) for _ in range(STOPS)):
            home.wait(lambda: home.done() >= moment or _settled(home, len(sources)))  # noqa: B023
            _, process = chance.choice(home.running)
            process.send_signal(signal.SIGSTOP)
            # The lease was long ago, the others go on; where the one that hangs holds SQLite's only pen, they wait.
            if ON_POSTGRESQL:
                home.sql("UPDATE lib_lease SET until = '2001-01-01 00:00:00+00:00'")
            time.sleep(0.7)
            process.send_signal(signal.SIGCONT)
        home.wait(lambda: _settled(home, len(sources)))
        home.end()
        told = home.tell()
        assert told == {**expected, "strays": told["strays"]}
