from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from tocsin.alerts import clock, escalating, standing
from tocsin.alerts.actions import New, PageNow, accept, page_now
from tocsin.alerts.models import Escalation, Lane, Notice, Page, Pulse, Severity
from tocsin.alerts.tests.conftest import drums as drums
from tocsin.alerts.tests.drums import Drums
from tocsin.config import heartbeat
from tocsin.people.models import Person
from tocsin.streams.models import Source


@pytest.fixture
def token(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("TOCSIN_SECRETS", str(tmp_path))
    (tmp_path / "metrics_token").write_text("only for machines that watch\n")
    return "only for machines that watch"


@pytest.fixture
def running(db: None) -> None:
    heartbeat.beat("page", "", 20)
    heartbeat.beat("work")
    heartbeat.beat("collect")


@pytest.mark.usefixtures("running")
def test_a_stranger_learns_that_it_works_and_nothing_else() -> None:
    answer = Client().get("/healthz", REMOTE_ADDR="192.0.2.7")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_a_part_that_does_not_run_makes_it_not_ok() -> None:
    answer = Client().get("/healthz", REMOTE_ADDR="192.0.2.7")
    assert (answer.status_code, answer.content) == (503, b"not ok\n")
    assert Client().get("/healthz?only=web", REMOTE_ADDR="192.0.2.7").status_code == 200


@pytest.mark.usefixtures("running")
def test_this_machine_learns_the_reasons() -> None:
    state = Client().get("/healthz").json()
    assert state["ok"] is True
    assert state["parts"] == {"page": "works", "collect": "works", "work": "works"}


@pytest.mark.usefixtures("running")
def test_behind_a_proxy_only_the_token_tells_the_reasons(settings: Settings, token: str) -> None:
    settings.PUBLIC_URL = "https://tocsin.example"
    assert Client().get("/healthz").content == b"ok\n"
    assert Client().get("/healthz", headers={"Authorization": f"Bearer {token}"}).json()["ok"] is True
    assert Client().get("/healthz", headers={"Authorization": "Bearer wrong"}).content == b"ok\n"


@pytest.mark.usefixtures("running")
def test_a_full_disk_is_told(settings: Settings) -> None:
    heartbeat.beat("collect", "full")
    state = Client().get("/healthz").json()
    assert state["ok"] is False
    assert state["parts"]["collect"] == "waits for room on the disk"


@pytest.mark.django_db
def test_metrics_are_not_there_for_strangers(token: str) -> None:
    assert Client().get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 404
    assert (
        Client().get("/metrics", headers={"Authorization": f"Bearer {token}"}, REMOTE_ADDR="192.0.2.7").status_code
        == 200
    )


@pytest.mark.usefixtures("running")
def test_metrics_count_and_name_no_place() -> None:
    Source.objects.create(
        name="A paper of Sarvania",
        kind="feed",
        url="https://paper.example/feed",
        countries=["XS"],
        expected_every=timedelta(hours=1),
        next_fetch_at=timezone.now(),
    )
    Client().get("/healthz")
    text = Client().get("/metrics").content.decode()
    assert 'tocsin_sources{health="new"} 1.0' in text
    assert 'tocsin_processes{part="work"} 1.0' in text
    assert 'tocsin_queue_rows{queue="sources_due"} 1.0' in text
    assert "tocsin_http_seconds_count" in text
    assert "Sarvania" not in text
    assert "XS" not in text
    assert "paper.example" not in text


def gauges() -> dict[str, float]:
    lines = [line.split() for line in Client().get("/metrics").content.decode().splitlines()]
    return {words[0]: float(words[1]) for words in lines if len(words) == 2}


@pytest.mark.usefixtures("running")
def test_a_pager_that_lives_and_does_not_deliver_is_not_ok(drums: Drums) -> None:
    assert Client().get("/healthz").status_code == 200
    accept(New(kind="x", severity=Severity.SEVERE, lane=Lane.WAKE, dedupe="x"))
    Escalation.objects.update(due_at=clock.now() - timedelta(minutes=3))
    standing.forget()
    answer = Client().get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["page"] == "does not deliver: late"
    assert gauges()["tocsin_paging_overdue_seconds"] >= 180


@pytest.mark.usefixtures("running")
def test_no_gauge_tells_of_an_alert_that_few_may_know_of(alice: Person, drums: Drums) -> None:
    page_now(alice, PageNow(Severity.EXTREME, Lane.WAKE))
    escalating.climb()
    before = gauges()
    assert (before["tocsin_alerts_open"], before["tocsin_pages_waiting"]) == (1, 1)
    page_now(alice, PageNow(Severity.EXTREME, Lane.LIFE, named=True))
    escalating.climb()
    after = gauges()
    assert (after["tocsin_alerts_open"], after["tocsin_pages_waiting"]) == (1, 1)
    assert "tocsin_pulse_age_seconds" not in after


@pytest.mark.usefixtures("running")
def test_the_age_of_the_last_heartbeat_that_came_back_is_a_gauge() -> None:
    now = clock.now()
    notice = Notice.objects.create(purpose=Notice.Purpose.PULSE, lane=Lane.WAKE, made_at=now, leaves_at=now)
    page = Page.objects.create(public_id="p", notice=notice, channel="mail", token_hash="h", due_at=now)
    Pulse.objects.create(page=page, channel="mail", sent_at=now - timedelta(seconds=100), returned_at=now)
    assert gauges()["tocsin_pulse_age_seconds"] == pytest.approx(100, abs=5)
