"""A pager, and whoever hands alerts to it, that dies at any write: no page is lost, and none doubled without a reason.

The judge is what a provider would have written down, a file of its own, not what the database believes.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, pairwise
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from tests.stories.deaths import LONG_AGO, dies_at, hanging_at, lives
from tests.stories.snapshots import Snapshot
from tocsin.alerts import answering, clock, escalating
from tocsin.alerts.actions import New, accept, default_policy
from tocsin.alerts.channels import here
from tocsin.alerts.channels.base import Message, Outcome, Ready, Result
from tocsin.alerts.models import Address, Alert, Attempt, Lane, Notice, NoticeAlert, Page, Rung, Severity, Target
from tocsin.alerts.secrets import number_of
from tocsin.alerts.sending import Sender
from tocsin.people.models import Person
from tocsin.people.roles import Role

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ALERTS = {"life": Lane.LIFE, "wake": Lane.WAKE}


@dataclass(slots=True)
class Provider:
    """Takes every page and writes it down on a disk of its own before it says so."""

    log: Path
    key: str = "signal"
    title: str = "provider"
    fails: set[int] = field(default_factory=set)
    wakes = answers = True
    leaks = receipts = False

    def ready(self) -> Ready:
        return Ready(True)

    def clean(self, value: str) -> str:
        return value

    def send(self, message: Message, value: str, timeout: float) -> Outcome:
        if message.attempt in self.fails:
            return Outcome(Result.FAILED, "status_503")
        self.write("page", message.page)
        return Outcome(Result.TAKEN)

    def write(self, kind: str, what: str) -> None:
        """Write a line, and let the moment after it be one at which this process may die."""
        file = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(file, (json.dumps([kind, what]) + "\n").encode())
        os.fsync(file)
        os.close(file)

    def lines(self, kind: str) -> list[str]:
        """What was written down of one kind."""
        if not self.log.exists():
            return []
        return [what for found, what in map(json.loads, self.log.read_text().splitlines()) if found == kind]


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Provider]:
    made = Provider(tmp_path / "provider.log")
    before = here._made
    here._made = (settings.PAGING, {"signal": made})
    yield made
    here._made = before


@pytest.fixture(autouse=True)
def without_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a killed process wrote is in the system's hands; only a power cut asks for more."""
    if connection.vendor == "sqlite":
        pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF"
        monkeypatch.setitem(connection.settings_dict["OPTIONS"], "init_command", pragmas)
        connection.close()


@pytest.fixture
def beginning(provider: Provider) -> Iterator[Snapshot]:
    """One person on the one rung, reached by one provider."""
    person = Person.objects.create(email="bob@example.org", name="Bob", roles=int(Role.RESPONDER))
    now = clock.now()
    Address.objects.create(person=person, channel="signal", value="+1", made_at=now, verified_at=now)
    policy = default_policy()
    Target.objects.all().delete()
    Target.objects.create(policy=policy, rung=Rung.objects.get(), kind=Target.Kind.PERSON, person=person)
    snapshot = Snapshot()
    yield snapshot
    snapshot.forget()


def _work(provider: Provider) -> None:
    """From handing alerts in to the answer: what a sender, a pager and a person do, in one process."""
    for key, lane in ALERTS.items():
        if key not in provider.lines("accepted"):
            accept(New(kind="test", severity=Severity.SEVERE, lane=lane, dedupe=key))
            provider.write("accepted", key)
    _page_all(provider)
    for page in Page.objects.filter(state=Page.State.SENT, notice__answered_at=None).order_by("pk"):
        answering.answer(page, "have", number_of(page.public_id), "link")
    _page_all(provider)


def _page_all(provider: Provider) -> None:
    sender = Sender({"signal": provider})
    for _ in range(100):
        worked = [escalating.climb(), sender.tick()]
        for one in sender._under_way:
            one.future.exception(timeout=60)
        if not any(worked) and not sender.under_way:
            break
    sender.close()


def _time_passes() -> None:
    """Leases of the dead lapse, and what was to be tried again later is due."""
    Page.objects.filter(state=Page.State.SENDING).update(leased_until=LONG_AGO)
    Page.objects.filter(state=Page.State.WAITING).update(due_at=LONG_AGO)


def _judge(provider: Provider, moment: int) -> None:
    called = Counter(provider.lines("page"))
    for key in provider.lines("accepted"):
        alert = Alert.objects.get(dedupe=key)
        assert alert.state == Alert.State.ANSWERED, f"{key} waits, killed at {moment}"
        notices = NoticeAlert.objects.filter(alert=alert).values("notice")
        pages = Page.objects.filter(notice__in=notices).values_list("public_id", flat=True)
        assert any(called[page] for page in pages), f"{key} was lost, killed at {moment}"
    for page, times in called.items():
        attempts = list(Attempt.objects.filter(page__public_id=page).order_by("number"))
        assert times <= len(attempts), f"{page} was called without an intent, killed at {moment}"
        for before, after in pairwise(attempts):
            known = before.outcome == Attempt.Outcome.TAKEN and before.outcome_at is not None
            in_time = known and before.outcome_at is not None and before.outcome_at <= after.intent_at
            assert not in_time, f"{page} was doubled though its outcome was known, killed at {moment}"
    made = Notice.objects.filter(purpose=Notice.Purpose.ALERT).count()
    assert made <= len(ALERTS), f"a notice was doubled, killed at {moment}"


def test_killed_once_at_each_moment_and_started_again(provider: Provider, beginning: Snapshot) -> None:
    for moment in count(1):
        beginning.put_back()
        provider.log.unlink(missing_ok=True)
        died = dies_at(moment, lambda: _work(provider))
        _time_passes()
        lives(lambda: _work(provider))
        _judge(provider, moment)
        assert set(provider.lines("accepted")) == set(ALERTS)
        if not died:
            break
    assert moment > 20, "so many writes are there at the least"


def test_killed_again_and_again_at_a_later_moment_each_time(provider: Provider, beginning: Snapshot) -> None:
    beginning.put_back()
    for moment in count(1):
        if not dies_at(moment, lambda: _work(provider)):
            break
        _time_passes()
    _judge(provider, moment)


def test_a_provider_that_fails_while_the_pager_dies_is_asked_again(provider: Provider, beginning: Snapshot) -> None:
    provider.fails = {1}
    for moment in range(1, 60, 3):
        beginning.put_back()
        provider.log.unlink(missing_ok=True)
        dies_at(moment, lambda: _work(provider))
        for _ in range(3):
            _time_passes()
            lives(lambda: _work(provider))
        _judge(provider, moment)


def test_a_pager_that_hangs_past_its_lease_doubles_nothing_that_is_known(
    provider: Provider, beginning: Snapshot
) -> None:
    for moment in count(1):
        beginning.put_back()
        provider.log.unlink(missing_ok=True)
        with hanging_at(moment, lambda: _work(provider)) as hangs:
            if hangs:
                _time_passes()
                lives(lambda: _work(provider))
        _judge(provider, moment)
        if not hangs:
            break
    assert moment > 5
