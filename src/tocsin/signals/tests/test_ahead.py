"""A second process reads ahead. Whoever of the two is killed, no text is lost and none is stored twice."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tocsin.analysis.text import Text
from tocsin.lib.claims import rewind
from tocsin.signals import work
from tocsin.signals.ahead import Reader
from tocsin.signals.models import Signal
from tocsin.signals.telling import Asked, answer
from tocsin.streams.models import Item, Source

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEXTS = 45

pytestmark = pytest.mark.django_db


@pytest.fixture
def aside() -> Iterator[Reader]:
    """A worker with two cores."""
    yield work.read_ahead()
    work.read_alone()


@pytest.fixture
def store() -> Callable[[], None]:
    """Lets texts come."""
    source = Source.objects.create(
        name="Daily",
        kind="feeds",
        url="https://daily.example/feed",
        expected_every=timedelta(days=1),
        next_fetch_at=NOON,
    )

    def come() -> None:
        first = Item.objects.count()
        Item.objects.bulk_create(
            Item(
                source=source, key=str(number), digest=str(number), title=f"Editor {number} held in Ankara",
                text=f"Police in Turkey arrested editor {number} over an article.", url=f"https://daily.example/{number}",
                published_at=NOON, fetched_at=NOON, expires_at=NOON + timedelta(days=9_000),
            )
            for number in range(first, first + TEXTS)
        )  # fmt: skip

    return come


def _read() -> None:
    while work.read_items():
        pass


def _rows() -> list[dict[str, Any]]:
    unlike = ("id", "item_id", "created_at", "url")
    rows = Signal.objects.order_by("item_id").values()
    return [{name: value for name, value in row.items() if name not in unlike} for row in rows]


def test_two_processes_store_what_one_does(store: Callable[[], None], aside: Reader) -> None:
    store()
    assert work.read_items()
    assert not Signal.objects.exists()
    _read()
    ahead = _rows()
    assert len(ahead) == TEXTS
    Signal.objects.all().delete()
    work.read_alone()
    rewind("signals.items")
    _read()
    assert _rows() == ahead


def test_a_reader_that_is_killed_costs_no_text(store: Callable[[], None], aside: Reader) -> None:
    store()
    assert work.read_items()
    assert aside.pid is not None
    os.kill(aside.pid, signal.SIGKILL)
    _read()
    store()
    _read()
    assert sorted(Signal.objects.values_list("item_id", flat=True)) == sorted(Item.objects.values_list("pk", flat=True))
    assert not Signal.objects.exclude(state="read").exists()


def test_what_was_asked_before_the_lease_went_to_another_is_stored_once(
    store: Callable[[], None], aside: Reader
) -> None:
    store()
    assert work.read_items()
    work.read_alone()
    _read()
    work.read_ahead()
    _read()
    assert Signal.objects.count() == TEXTS


def test_a_reader_ends_when_its_worker_is_killed() -> None:
    worker = (
        "import sys, time\n"
        "from tocsin.analysis.text import Text\n"
        "from tocsin.signals.ahead import Reader\n"
        "from tocsin.signals.telling import Asked\n"
        "reader = Reader()\n"
        "reader.ask([Asked(Text('Held', 'Police held an editor.'), Text('', ''))], None)\n"
        "print(reader.pid, flush=True)\n"
        "time.sleep(1_000_000)\n"
    )
    with subprocess.Popen([sys.executable, "-c", worker], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        reader = int(process.stdout.readline())
        held = os.pidfd_open(reader)
        process.kill()
        ended = select.poll()
        ended.register(held, select.POLLIN)
        assert ended.poll()  # waits until it has ended, as long as that takes
        os.close(held)


def test_an_ugly_text_is_answered_like_any_other() -> None:
    asked = [Asked(one, one) for one in (Text("", ""), Text("\ud800", "\x00" * 10), Text("Held", "word " * 90_000))]
    reader = Reader()
    try:
        reader.ask(asked, None)
        assert reader.answers() == [answer(one, None) for one in asked]
    finally:
        reader.close()
