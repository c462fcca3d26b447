"""Faults on a schedule, and answers that are bad on purpose."""

import gzip
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tocsin.replay import Faults, exercise, serve
from tocsin.replay.cli import main

FEED = "/feeds/exercise/courier.rss"


def outcome(url: str) -> str:
    try:
        answer = httpx.get(url)
    except httpx.HTTPError as error:
        return type(error).__name__
    changed = answer.content.startswith(b"\xff\xfe")
    return f"{answer.status_code} utf-16" if changed else str(answer.status_code)


def test_the_same_seed_gives_the_same_faults() -> None:
    def run(seed: int) -> list[str]:
        with serve(world=exercise.world(), faults=Faults(rate=0.8, seed=seed, slow_seconds=0)) as base:
            return [outcome(base + FEED) for _ in range(30)]

    first = run(3)
    assert first == run(3)
    assert first != run(4)
    assert {"500", "503", "429", "200", "200 utf-16", "RemoteProtocolError"} <= set(first)


def test_busy_answers_say_when_to_come_back() -> None:
    with serve(world=exercise.world(), faults=Faults(rate=1, only=frozenset({"busy-503"}))) as base:
        answer = httpx.get(base + FEED)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        assert httpx.get(f"{base}/sources.json").status_code == 200


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with serve(world=exercise.world()) as base_url:
        yield base_url


def test_every_bad_answer_is_listed_with_what_is_wrong(base: str) -> None:
    rows = httpx.get(f"{base}/bad/index.json").json()["bad"]
    assert len(rows) > 35
    assert all(row["wrong"] for row in rows)


def test_no_bad_answer_is_suggested_as_a_source(base: str) -> None:
    assert not [each for each in httpx.get(f"{base}/sources.json").json()["sources"] if "/bad/" in each["url"]]


def test_the_bomb_is_small_on_the_wire_and_huge_inside(base: str) -> None:
    with httpx.stream("GET", f"{base}/bad/bomb.rss") as answer:
        packed = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert len(packed) < 1024 * 1024
    assert int.from_bytes(packed[-4:], "little") > 500 * 1024 * 1024


@pytest.mark.parametrize("name", ["two-gigabytes.rss", "endless.rss"])
def test_a_caller_can_leave_an_endless_answer(base: str, name: str) -> None:
    with httpx.stream("GET", f"{base}/bad/{name}") as answer:
        read = 0
        for piece in answer.iter_raw():
            read += len(piece)
            if read > 1024 * 1024:
                break
    assert answer.headers.get("content-length") in (None, str(2**31))
    assert httpx.get(f"{base}/bad/empty.rss").status_code == 200


def test_redirects_loop_or_lead_to_a_closed_port(base: str) -> None:
    assert httpx.get(f"{base}/bad/redirect-refused").headers["location"] == "http://127.0.0.1:1/"
    with pytest.raises(httpx.TooManyRedirects):
        httpx.get(f"{base}/bad/loop-a", follow_redirects=True)


def test_the_server_ends_while_a_slow_answer_is_open() -> None:
    with serve(world=exercise.world()) as base, httpx.stream("GET", f"{base}/bad/silent.rss") as answer:
        assert answer.headers["content-length"] == "10000"
    with pytest.raises(httpx.TransportError):
        httpx.get(base)


def start(*arguments: str) -> subprocess.Popen[str]:
    code = "import sys; from tocsin.replay.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_and_ends_by_itself(number: signal.Signals) -> None:
    with start("--exercise", "--port", "0", "--log") as process:
        assert process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert found is not None
        httpx.get(f"{found[0]}{FEED}?secret=word")
        process.send_signal(number)
        _, errors = process.communicate()
    assert process.returncode == 0
    assert errors == f"replay {FEED}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["/nonexistent-folder"],
        ["--exercise", "--start", "soon"],
        ["--exercise", "--faults", "7"],
        ["--exercise", "--speed", "-1"],
        ["--exercise", "--port", "0", "--host", "0.0.0.0"],
    ],
)
def test_the_command_refuses_what_it_can_not_do(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err.strip()


def test_listing_names_addresses_and_no_content(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    news = tmp_path / "news"
    news.mkdir()
    row = (
        b'{"id": "1", "title": "Tavosh", "text": "Tavosh", "source_domain": "a.example", "date_publish": "2020-01-01"}'
    )
    (news / "articles.jsonl.gz").write_bytes(gzip.compress(row))
    assert main([str(tmp_path), "--list"]) == 0
    out = capsys.readouterr().out
    assert "/feeds/news/others-1.rss" in out
    assert "Tavosh" not in out
