import json
from pathlib import Path

from tocsin.config.logfiles import LogFile


def entry(**more: str) -> bytes:
    return json.dumps({"at": "now", "level": "info", "event": "fetched"} | more).encode() + b"\n"


def test_entries_are_kept_and_only_loud_ones_are_told(tmp_path: Path) -> None:
    told: list[str] = []
    log = LogFile(tmp_path / "collect.log", "collect", told.append)
    log.take(entry() + entry(level="error", event="store failed", exception="ValueError at tocsin.x:1"))
    log.close()
    assert [json.loads(line)["event"] for line in (tmp_path / "collect.log").read_text().splitlines()] == [
        "fetched",
        "store failed",
    ]
    assert told == ["collect: store failed ValueError at tocsin.x:1"]


def test_a_line_that_is_no_entry_is_withheld(tmp_path: Path) -> None:
    told: list[str] = []
    log = LogFile(tmp_path / "web.log", "web", told.append)
    log.take(b"Traceback: KeyError: 'the name of somebody'\n")
    log.take(b'"a text"\n{"no": "event"}\n')
    log.close()
    text = (tmp_path / "web.log").read_text()
    assert "somebody" not in text
    assert text.count("withheld") == 3
    assert told == []


def test_a_line_may_come_in_pieces_and_without_an_end(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "work.log", "work", lambda line: None)
    whole = entry(event="sealed")
    for number in range(len(whole) - 1):
        log.take(whole[number : number + 1])
    log.take(b"x" * 50_000)
    log.close()
    lines = (tmp_path / "work.log").read_text().splitlines()
    assert all(len(line) < 200 for line in lines)


def test_the_same_trouble_is_told_once_a_minute(tmp_path: Path) -> None:
    told: list[str] = []
    log = LogFile(tmp_path / "work.log", "work", told.append)
    for _ in range(5):
        log.take(entry(level="warning", event="the heartbeat could not be written"))
    log.close()
    assert told == ["work: the heartbeat could not be written"]
