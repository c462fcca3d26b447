import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from pytest_django.fixtures import Settings

from tocsin.config import exercise, heartbeat, home
from tocsin.config.refusal import RefusalError
from tocsin.config.safeguards import channels, data, door, every, host, parts, site
from tocsin.config.safeguards.base import State
from tocsin.mailbox import reviews
from tocsin.mailbox.models import Desk


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    """A home as the first start makes it, in use."""
    home.prepare(tmp_path / "home")
    settings.HOME = tmp_path / "home"
    settings.SECRET_KEY = (tmp_path / "home" / "secrets" / "secret_key").read_text().strip()
    configure(settings)
    return tmp_path / "home"


def configure(settings: Settings, **changed: Any) -> None:
    settings.CONFIGURATION = replace(settings.CONFIGURATION, **changed)


def test_a_fresh_home_misses_nothing(folder: Path) -> None:
    found = [check() for check in every.BEFORE_DATABASE]
    assert [one for one in found if one.state is State.FATAL] == []


def test_a_home_that_others_can_read_stops_the_start(folder: Path) -> None:
    folder.chmod(0o755)
    found = host.home_is_private()
    assert found.state is State.FATAL
    assert found.mend == f"chmod 700 '{folder}'"
    with pytest.raises(RefusalError, match="chmod 700"):
        every.stop_unless_safe(before_database=True)


@pytest.mark.parametrize("key", ["", "short", "a" * 80, "abcabcabc" * 10])
def test_a_weak_secret_stops_the_start(folder: Path, settings: Settings, key: str) -> None:
    settings.SECRET_KEY = key
    assert host.secret_is_strong().state is State.FATAL


def test_a_secret_that_others_can_read_stops_the_start(folder: Path) -> None:
    (folder / "secrets" / "metrics_token").write_text("x")
    (folder / "secrets" / "metrics_token").chmod(0o644)
    found = host.secrets_are_private()
    assert found.state is State.FATAL
    assert "chmod 600" in found.mend


def test_debug_where_others_can_reach_it_stops_the_start(folder: Path, settings: Settings) -> None:
    settings.DEBUG = True
    settings.PUBLIC_URL = "http://127.0.0.1:8500"
    configure(settings, host="127.0.0.1")
    assert site.debug_is_off().state is State.WARNING
    configure(settings, host="0.0.0.0")
    assert site.debug_is_off().state is State.FATAL
    configure(settings, host="127.0.0.1")
    settings.PUBLIC_URL = "https://tocsin.example"
    assert site.debug_is_off().state is State.FATAL


def test_passwords_in_the_clear_stop_the_start(folder: Path, settings: Settings) -> None:
    configure(settings, host="0.0.0.0")
    assert site.address_is_protected().state is State.FATAL
    settings.SECURE = True
    settings.PUBLIC_URL = "https://tocsin.example"
    assert site.address_is_protected().state is State.HOLDS


def test_an_exception_in_the_content_policy_stops_the_start(folder: Path, settings: Settings) -> None:
    policy = settings.CONTENT_SECURITY_POLICY
    loose = policy["DIRECTIVES"] | {"script-src": ["'self'", "https://elsewhere.example"]}
    settings.CONTENT_SECURITY_POLICY = policy | {"DIRECTIVES": loose}
    assert "script-src" in site.content_policy_holds().line
    assert site.content_policy_holds().state is State.FATAL


def test_no_second_factor_stops_the_start(folder: Path, settings: Settings) -> None:
    assert site.second_factor_is_asked().state is State.HOLDS
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != site.SECOND_FACTOR]
    assert site.second_factor_is_asked().state is State.FATAL


def paging(settings: Settings, **values: str) -> None:
    secrets = {"sms_token": "x", "webhook_key": "x"}
    settings.PAGING = replace(settings.PAGING, values=dict(settings.PAGING.values) | values, secrets=secrets)


def test_a_house_that_can_wake_nobody_says_so_loudly_and_starts(folder: Path) -> None:
    found = channels.people_can_be_woken()
    assert found.state is State.WARNING
    assert "NO CHANNEL IS SET UP" in found.line
    assert channels.links_lead_to_us().state is State.HOLDS


def test_two_providers_that_wake_are_asked_for(folder: Path, settings: Settings) -> None:
    paging(settings, smtp_host="mail.example", mail_from="pager@tocsin.example")
    assert "wakes nobody" in channels.people_can_be_woken().line
    paging(settings, sms_account="AC1", sms_from="+41446681800", voice_from="+41446681800")
    assert "one provider" in channels.people_can_be_woken().line
    paging(settings, ntfy_url="https://ntfy.example")
    assert channels.people_can_be_woken().state is State.HOLDS


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ntfy_url", "http://ntfy.example"),
        ("signal_url", "http://10.0.0.5:8080"),
        ("smtp_security", "none"),
        ("sms_url", "http://sms.example"),
        ("apprise_schemes", "mmost, json"),
    ],
)
def test_a_channel_that_is_not_safe_stops_the_start(folder: Path, settings: Settings, name: str, value: str) -> None:
    whole = {"smtp_host": "mail.example", "mail_from": "pager@tocsin.example", "signal_number": "+41446681800"}
    whole |= {"sms_account": "AC1", "sms_from": "+41446681800"}
    paging(settings, **whole, **{name: value})
    found = channels.people_can_be_woken()
    assert found.state is State.FATAL
    assert name in found.mend


def test_an_exercise_says_that_its_pages_go_to_its_phone_only(folder: Path, settings: Settings) -> None:
    settings.EXERCISE, settings.EXERCISE_PHONE = True, ("+10000000001", "http://localhost:4711/phone")
    assert "NO CHANNEL IS SET UP" in channels.people_can_be_woken().line
    paging(settings, sms_url="http://127.0.0.1:4711", sms_account=exercise.ACCOUNT, sms_from="+10000000000")
    found = channels.people_can_be_woken()
    assert found.state is State.HOLDS
    assert "exercise: pages go to the exercise's phone only" in found.line
    assert channels.links_lead_to_us().line.startswith("exercise:")


def test_real_work_that_would_page_an_exercises_phone_does_not_start(folder: Path, settings: Settings) -> None:
    paging(settings, sms_url="http://127.0.0.1:4711", sms_account=exercise.ACCOUNT, sms_from="+10000000000")
    found = channels.people_can_be_woken()
    assert found.state is State.FATAL
    assert "real provider" in found.mend


def test_links_that_no_phone_can_open_are_said(folder: Path, settings: Settings) -> None:
    paging(settings, ntfy_url="https://ntfy.example")
    configure(settings, host="127.0.0.1")
    settings.PUBLIC_URL = "http://localhost:8500"
    assert channels.links_lead_to_us().state is State.WARNING
    settings.PUBLIC_URL = "https://tocsin.example"
    assert channels.links_lead_to_us().state is State.HOLDS


def test_a_full_disk_is_said_and_does_not_stop_the_console(folder: Path, settings: Settings) -> None:
    configure(settings, minimum_free_mb=10**12)
    found = host.disk_has_room()
    assert found.state is State.WARNING
    assert "Collectors and the worker are stopped." in found.line


def test_proxy_variables_are_named_and_ignored(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    assert "HTTPS_PROXY is set and ignored" in host.proxies_are_ignored().line


@pytest.mark.django_db
def test_a_missing_migration_stops_the_start(folder: Path) -> None:
    assert data.migrations_are_applied().state is State.HOLDS
    MigrationRecorder(connection).record_unapplied("lib", "0001_initial")
    found = data.migrations_are_applied()
    assert found.state is State.FATAL
    assert "tocsin migrate" in found.mend


@pytest.mark.django_db(transaction=True)
def test_commits_that_could_be_lost_stop_the_start(folder: Path) -> None:
    if connection.vendor == "postgresql":
        # The server of the tests is a throwaway one that trades safety for speed.
        assert "fsync is off" in data.commits_are_kept().line
        assert data.commits_are_kept().state is State.FATAL
        return
    assert data.commits_are_kept().state is State.HOLDS
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=OFF")
    assert data.commits_are_kept().state is State.FATAL
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_database_that_does_not_answer_stops_the_start(folder: Path, settings: Settings) -> None:
    kept = dict(connection.settings_dict)
    connection.close()
    elsewhere = {"HOST": str(folder)} if connection.vendor == "postgresql" else {"NAME": str(folder / "missing" / "db")}
    connection.settings_dict.update(elsewhere)
    try:
        found = data.database_answers()
    finally:
        connection.close()
        connection.settings_dict.update(kept)
    assert found.state is State.FATAL


@pytest.mark.django_db
def test_old_backups_and_a_missing_witness_are_warnings(folder: Path, settings: Settings) -> None:
    assert data.backups_are_fresh().state is State.WARNING
    old = folder / "backups" / "tocsin-20200101T000000000000Z.sqlite3"
    old.write_text("")
    assert data.backups_are_fresh().state is State.HOLDS
    long_ago = (datetime.now(UTC) - timedelta(days=30)).timestamp()
    os.utime(old, (long_ago, long_ago))
    assert "30 days old" in data.backups_are_fresh().line
    assert data.audit_is_witnessed().state is State.WARNING
    configure(settings, audit_witness=str(folder / "witness"))
    assert data.audit_is_witnessed().state is State.HOLDS


@pytest.mark.django_db
def test_the_clocks_of_machine_and_database_are_compared(folder: Path) -> None:
    assert data.clocks_agree().state is State.HOLDS


@pytest.mark.django_db
def test_a_step_that_fails_again_and_again_is_named() -> None:
    assert parts.steps_work().state is State.HOLDS
    heartbeat.beat("work", f"{heartbeat.FAILING}mailbox")
    found = parts.steps_work()
    assert (found.state, "mailbox (of work)" in found.line, "logs/work.log" in found.mend) == (
        State.WARNING,
        True,
        True,
    )


@pytest.mark.django_db
def test_a_language_that_nobody_reviewed_is_named_while_a_desk_offers_it() -> None:
    assert door.words_are_reviewed().state is State.HOLDS
    Desk.objects.create(safe=uuid4(), name="First", names={"en": "First"}, languages=["fa"], at_door=True)
    waits = "fa" in reviews.waiting()
    assert (door.words_are_reviewed().state is State.WARNING, "fa." in door.words_are_reviewed().line) == (waits, waits)


@pytest.mark.django_db
def test_each_safeguard_says_what_was_found_and_each_that_fails_its_mend(folder: Path) -> None:
    for one in every.all_of():
        assert one.line.endswith((".", "?")), one
        assert bool(one.mend) == (one.state is not State.HOLDS), one


def test_django_finds_nothing_to_complain_about() -> None:
    call_command("check", fail_level="WARNING")
