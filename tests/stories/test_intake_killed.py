"""The public door dies in the middle: what was accepted stays, what was not leaves nothing behind, not even sealed."""

import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.stories.public_door import PATIENCE, PublicDoor, Writer, public_door, receipt
from tests.stories.slow_upload import SlowUpload

pytestmark = [pytest.mark.slow, pytest.mark.once]
MARK = b"Zq7Xcanary"


def files(door: PublicDoor) -> list[str]:
    return sorted(path.suffix for path in (door.folder / "files").iterdir())


def until(reached: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < end, "it never comes so far"
        time.sleep(0.02)


def envelopes(door: PublicDoor) -> int:
    with closing(sqlite3.connect(door.folder / "door.sqlite3", timeout=60)) as database:
        return int(database.execute("SELECT count(*) FROM intake_envelope").fetchone()[0])


def test_killed_in_the_middle_of_an_upload_it_loses_nothing_accepted_and_keeps_nothing_else(tmp_path: Path) -> None:
    with public_door(tmp_path) as door:
        accepted = Writer(door.url)
        accepted.to_files("first")
        words = accepted.send(files=[("files", ("a.txt", MARK * 1_000, "text/plain"))])
        half = Writer(door.url)
        half.to_files("second")
        upload = SlowUpload(door.port, "/en/tell", half.last_form(), "b.txt", MARK * 300_000)
        upload.send(0.6)
        until(lambda: ".part" in files(door))
        door.kill()
        upload.close()
        assert not any(MARK in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
        # The part that is left belongs to nobody; its key died with the process. It is swept once it is a moment old.
        time.sleep(6)
        door.start()
        until(lambda: files(door) == [".sealed"])
        assert envelopes(door) == 1
        assert "no new message" in Writer(door.url).open(words)
        # Whoever was broken off still has their page, and sends again.
        assert half.send(files=[("files", ("b.txt", MARK * 300_000, "text/plain"))])
        assert envelopes(door) == 2


def test_killed_at_any_moment_every_receipt_that_was_shown_opens(tmp_path: Path) -> None:
    shown: list[str] = []
    with public_door(tmp_path) as door:
        for pause in (0.05, 0.15, 0.3):
            writer = Writer(door.url)
            writer.to_files("words")
            uploads = [SlowUpload(door.port, "/en/tell", form(door), "x", MARK * 20_000) for _ in range(3)]
            for upload in uploads:
                upload.send(0.999)
            shown.append(writer.send())
            shown.append(receipt(uploads[0].answer()))
            uploads[1].send(1)
            time.sleep(pause)
            door.kill()
            for upload in uploads:
                upload.close()
            door.start()
        assert envelopes(door) >= len(shown)
        reader = Writer(door.url)
        assert all("no new message" in reader.open(words) for words in shown)
        assert not any(MARK in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def form(door: PublicDoor) -> dict[str, str]:
    writer = Writer(door.url)
    writer.to_files("words")
    return writer.last_form()


def test_it_ends_when_it_is_asked_to(tmp_path: Path) -> None:
    with public_door(tmp_path) as door:
        assert door.end() in {0, -signal.SIGTERM}


def test_no_log_and_no_row_tells_an_address_or_what_was_asked_for(tmp_path: Path) -> None:
    told = {"X-Forwarded-For": "203.0.113.77", "X-Real-IP": "203.0.113.78", "User-Agent": "Spyglass/1"}
    with public_door(tmp_path) as door:
        with httpx.Client(base_url=door.url, headers=told) as client:
            for path in ("/", "/en/tell", "/en/uniquepath", "/en/wait/uniqueticket"):
                client.get(path)
            client.post("/en/tell", data={"text": "uniqueword"})
            client.post("/en/tell", content=b"broken", headers={"Content-Type": "multipart/form-data; boundary=x"})
            client.post("/en/box", data={"words": "uniqueword uniqueword", "go": "open"})
        upload = SlowUpload(door.port, "/en/tell", {}, "x", b"x" * 100_000)
        upload.send(0.5)
        upload.close()
        door.end()
        kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if is_kept(path))
        for word in (b"203.0.113", b"Spyglass", b"uniquepath", b"uniqueticket", b"uniqueword", b"127.0.0.1:"):
            assert word not in kept, (word, door.log.read_text())


def is_kept(path: Path) -> bool:
    """Whether the door may have written it: the settings, which name the address that it listens on, came before."""
    return path.is_file() and path.name != "tocsin.toml"
