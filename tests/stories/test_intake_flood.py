"""Many machines guess receipts without pause: whoever has one is served all the same, and whoever writes is too."""

import asyncio
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.stories.public_door import PublicDoor, Writer, public_door

pytestmark = [pytest.mark.slow, pytest.mark.once]
GUESSERS = 40


@contextmanager
def flood(door: PublicDoor, patient: bool) -> Iterator[tuple[list[int], threading.Thread]]:
    """Guesses from all sides until the end of the block; ``patient`` guessers wait in line as a person does."""
    ended, sent = threading.Event(), [0]

    async def guess(client: httpx.AsyncClient, number: int) -> None:
        while not ended.is_set():
            try:
                await guess_once(client, number)
            except httpx.TransportError:  # a server under flood may hang up
                continue

    async def guess_once(client: httpx.AsyncClient, number: int) -> None:
        page = (await client.post("/en/box", data={"words": f"guess {number} {sent[0]}", "go": "open"})).text
        sent[0] += 1
        while patient and not ended.is_set() and (found := re.search(r'url=[^"]*(wait/[\w-]+)"', page)):
            page = (await client.get(f"/en/{found[1]}")).text

    async def guess_all() -> None:
        limits = httpx.Limits(max_connections=GUESSERS)
        async with httpx.AsyncClient(base_url=door.url, timeout=120, limits=limits) as client:
            await asyncio.gather(*(guess(client, number) for number in range(GUESSERS)))

    thread = threading.Thread(target=lambda: asyncio.run(guess_all()))
    thread.start()
    try:
        yield sent, thread
    finally:
        ended.set()
        thread.join()


@pytest.mark.parametrize("patient", [False, True])
def test_a_flood_of_guesses_locks_out_neither_a_holder_nor_a_writer(tmp_path: Path, patient: bool) -> None:
    with public_door(tmp_path) as door:
        writer = Writer(door.url)
        writer.to_files("words")
        words = writer.send()
        with flood(door, patient) as (sent, guessing):
            while sent[0] < 3 * GUESSERS:
                assert guessing.is_alive()
                time.sleep(0.01)
            # Everyone is heard while guesses keep coming; that this ends at all is what is shown.
            assert "no new message" in Writer(door.url).open(words)
            other = Writer(door.url)
            other.to_files("words")
            assert other.send(files=[("files", ("a", b"x" * 100_000, "x/y"))])
            assert "no new message" in Writer(door.url).open(words)
        assert sent[0] > 3 * GUESSERS
