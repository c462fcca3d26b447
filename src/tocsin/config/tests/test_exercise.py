"""The exercise, read as anything else is, and its home, from which no message leaves this machine."""

import http.client
import json
import socket
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tocsin.alerts.channels import registry
from tocsin.alerts.channels.base import Message, Result
from tocsin.analysis.text import Entry, Stories, Text, read
from tocsin.config import exercise, home
from tocsin.config.channel_settings import settings_of
from tocsin.config.configuration import Configuration, load, secret
from tocsin.replay.directory import suggestions
from tocsin.replay.exercise import world
from tocsin.replay.exercise.stories import Story
from tocsin.replay.exercise.stories_more import DAILY, LIVE, OTHER_LANGUAGES
from tocsin.replay.exercise.world import printed
from tocsin.streams.health import silent_after

LAUNCH = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _without_settings_of_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    for one in fields(Configuration):
        monkeypatch.delenv(f"TOCSIN_{one.name.upper()}", raising=False)


def chinese() -> list[Story]:
    return sorted((one for one in (*OTHER_LANGUAGES, *LIVE) if one.language == "zh"), key=lambda one: one.hours)


def test_its_chinese_stories_are_read_as_what_they_tell_and_are_stories_of_their_own() -> None:
    stories = Stories()
    harms: dict[str, str] = {}
    for number, story in enumerate(chinese()):
        told = read(Text(title=story.title, body=story.text, language="zh", source_country="XS"))
        at = LAUNCH + timedelta(hours=story.hours)
        entry = Entry(number, at, told.country, told.harm, told.terms, told.fingerprint, story.domain)
        assert stories.place(entry).group is None
        stories.add(entry, number)
        harms[story.key] = told.harm
    assert harms == {"wiki-zh": "site-ban", "arrest-zh": "arrest", "live-zh": "shutdown"}


def test_no_paper_of_it_is_silent_for_as_long_as_it_plays_and_what_fills_its_days_harms_nobody() -> None:
    moments: dict[str, list[datetime]] = {}
    for article in printed(LAUNCH):
        moments.setdefault(article.masthead, []).append(article.published or LAUNCH)
    papers = [one for one in suggestions(world(LAUNCH)) if one.kind == "feeds"]
    assert len(papers) == len(moments)
    for paper in papers:
        known = sorted(at for at in moments[paper.name.removeprefix("EXERCISE: ")] if at > LAUNCH)
        longest = max(later - at for at, later in pairwise([LAUNCH, *known, LAUNCH + timedelta(days=90)]))
        assert longest < silent_after(timedelta(seconds=paper.interval_seconds)), paper.name
    told = [read(Text(title=title, body=text, language=code)) for code, (title, text) in DAILY.items()]
    assert [one.harm for one in told] == [""] * 4


def test_its_home_has_a_phone_as_its_only_provider_and_keeps_it(tmp_path: Path) -> None:
    folder = tmp_path / "home-exercise"
    exercise.prepare(folder)
    made = exercise.of(folder)
    assert made is not None
    configuration = load(folder)
    assert configuration.exercise
    assert exercise.phone_of(folder, configuration) == made
    assert made.phone_url == f"http://localhost:{made.port}/phone"
    before = secret(folder, "sms_token")
    assert len(before) > 30
    exercise.prepare(folder)
    assert (exercise.of(folder), secret(folder, "sms_token")) == (made, before)


@pytest.mark.parametrize(
    "changed",
    [
        {"exercise": False},
        {"sms_url": "https://sms.example"},
        {"webhook": True},
        {"signal_url": "http://127.0.0.1:8080"},
    ],
    ids=["real work", "another provider", "webhooks too", "Signal too"],
)
def test_it_is_not_said_that_all_ends_on_the_phone_where_it_does_not(tmp_path: Path, changed: dict[str, Any]) -> None:
    exercise.prepare(tmp_path / "home-exercise")
    configuration = replace(load(tmp_path / "home-exercise"), **changed)
    assert exercise.phone_of(tmp_path / "home-exercise", configuration) is None


def test_a_home_of_real_work_has_no_phone(tmp_path: Path) -> None:
    home.prepare(tmp_path / "home")
    assert exercise.phone_of(tmp_path / "home", load(tmp_path / "home")) is None


def test_an_exercise_that_began_without_a_phone_goes_on_without(tmp_path: Path) -> None:
    home.prepare(tmp_path / "home", exercise=True)
    began = datetime.now(UTC).isoformat()
    (tmp_path / "home" / exercise.FILE).write_text(json.dumps({"port": 4711, "began": began}))
    exercise.prepare(tmp_path / "home")
    assert exercise.of(tmp_path / "home") == exercise.Exercise(4711, datetime.fromisoformat(began))
    assert exercise.phone_of(tmp_path / "home", load(tmp_path / "home")) is None
    assert secret(tmp_path / "home", "sms_token") == ""


@pytest.mark.slow
def test_every_channel_of_its_home_ends_on_the_phone(environment: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "home-exercise"
    exercise.prepare(folder)
    made = exercise.of(folder)
    assert made is not None
    settings = settings_of(load(folder), lambda name: secret(folder, name), "http://localhost:8500", "k" * 50)
    message = Message("k7m2", 1, "7F3K", "Tocsin", "Please look. Number: 4711", "http://localhost:8500/a/b", "4711")
    addresses = {"sms": "+10000000001", "voice": "+10000000002", "ntfy": "kX7-mQ2_pZ9w", "mail": "nadia@example.org"}
    words = [sys.executable, "-m", "tocsin.config.exercise"]
    with subprocess.Popen(words, env=environment | {"TOCSIN_HOME": str(folder)}) as process:
        while not _answers(made.port):
            assert process.poll() is None
            time.sleep(0.05)
        loaded = registry.load(settings)
        sent = {key: loaded[key].send(message, value, 10).result for key, value in addresses.items()}
        with closing(http.client.HTTPConnection("127.0.0.1", made.port)) as asked:
            asked.request("GET", "/phone")
            page = asked.getresponse().read().decode()
        process.terminate()
    assert {key for key, channel in loaded.items() if channel.ready().ready} == set(addresses)
    assert set(sent.values()) == {Result.TAKEN}
    assert all(value in page for value in addresses.values())
    assert process.returncode == 0


def _answers(port: int) -> bool:
    with closing(socket.socket()) as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0
