"""Two pagers over PostgreSQL, one of them cut off from the database: no alert is lost, and the two never disagree."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from tests.stories import namespaces
from tests.stories.provider import Provider, provider
from tocsin.alerts import clock
from tocsin.alerts.actions import New, accept
from tocsin.alerts.models import Address, Attempt, Lane, NoticeAlert, Page, Policy, Rung, Severity, Target
from tocsin.config import home
from tocsin.people.models import Person
from tocsin.people.roles import Role

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="one machine with SQLite has one pager"),
    pytest.mark.skipif(not namespaces.possible(), reason="NETWORKS CAN'T BE MADE HERE: needs root and iproute2"),
]
PEOPLE = 6
BEFORE, CUT, AFTER = 3.0, 14.0, 4.0


@pytest.fixture
def taker(tmp_path: Path) -> Iterator[Provider]:
    with provider(tmp_path / "calls.jsonl") as made:
        yield made


@pytest.fixture
def house(tmp_path: Path, taker: Provider) -> Path:
    """The home that both pagers share."""
    folder = tmp_path / "home"
    home.prepare(folder, minimum_free_mb=1, **taker.settings())
    (folder / "secrets" / "secret_key").write_text(settings.SECRET_KEY)
    for name in ("sms_token", "smtp_password"):
        (folder / "secrets" / name).write_text("test")
        (folder / "secrets" / name).chmod(0o600)
    return folder


@pytest.fixture
def policies(taker: Provider) -> list[Policy]:
    """Six people, each with a policy and reached by SMS alone."""
    made = []
    for number in range(PEOPLE):
        person = Person.objects.create(email=f"p{number}@example.org", name=f"P{number}", roles=int(Role.RESPONDER))
        now = clock.now()
        value = f"+4179000000{number}"
        Address.objects.create(person=person, channel="sms", value=value, made_at=now, verified_at=now)
        policy = Policy.objects.create(public_id=f"policy{number}", name=f"Policy {number}")
        rung = Rung.objects.create(policy=policy, position=0, wait_minutes=30)
        Target.objects.create(policy=policy, rung=rung, kind=Target.Kind.PERSON, person=person)
        made.append(policy)
    return made


def _accept_for(seconds: float, policies: list[Policy], accepted: list[int]) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        policy = policies[len(accepted) % len(policies)]
        new = New(
            kind="test",
            severity=Severity.SEVERE,
            lane=Lane.LIFE,
            dedupe=f"x:{len(accepted)}",
            policy=policy,
            named=True,
        )
        accepted.append(accept(new).alert.pk)
        time.sleep(0.1)


def _uncalled(accepted: list[int], taker: Provider) -> list[int]:
    taken = {call["page"] for call in taker.calls() if call["taken"]}
    pages = NoticeAlert.objects.values_list("alert", "notice__pages__public_id")
    called = {alert for alert, page in pages if page in taken}
    return [number for number in accepted if number not in called]


def test_while_one_pager_is_cut_off_the_other_calls_everybody_once(
    house: Path, taker: Provider, policies: list[Policy], tmp_path: Path
) -> None:
    database = connection.settings_dict
    folder, name, user = database["HOST"], database["NAME"], database["USER"]
    port = database["PORT"] or "5432"
    pager = [sys.executable, "-m", "tocsin.config.cli", "page", "--home", str(house)]
    plain = {key: value for key, value in os.environ.items() if not key.startswith(("TOCSIN_", "DJANGO_"))}
    # As under a supervisor, which asked about the database before: this one keeps nothing through a power cut.
    plain["TOCSIN_SUPERVISOR"] = str(os.getpid())
    accepted: list[int] = []
    with namespaces.network(tmp_path) as far:
        host, far_port = far.over_the_cable(f"{folder}/.s.PGSQL.{port}")
        far.beside_the_cable(taker.http)
        far.run(pager, {**plain, "TOCSIN_DATABASE": f"postgresql://{user}@{host}:{far_port}/{name}"})
        near = subprocess.Popen(pager, env={**plain, "TOCSIN_DATABASE": f"postgresql://{user}@/{name}?host={folder}"})
        try:
            _both_work(policies, accepted)
            _accept_for(BEFORE, policies, accepted)
            far.cut()
            _accept_for(CUT, policies, accepted)
            far.mend()
            _accept_for(AFTER, policies, accepted)
            until = time.monotonic() + 90
            while _uncalled(accepted, taker) and time.monotonic() < until:
                time.sleep(0.5)
        finally:
            near.kill()
            near.wait()
            _end_sessions()
    assert _uncalled(accepted, taker) == []
    _judge(accepted, taker)


def _end_sessions() -> None:
    """What the killed pagers had open at the server would keep the test's database from being dropped."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def _both_work(policies: list[Policy], accepted: list[int]) -> None:
    """Both have made attempts, so that the cut meets one in the middle of its work."""
    until = time.monotonic() + 60
    while Attempt.objects.values("by").distinct().count() < 2:
        assert time.monotonic() < until, "one of the pagers does nothing"
        _accept_for(0.5, policies, accepted)


def _judge(accepted: list[int], taker: Provider) -> None:
    calls = Counter(call["page"] for call in taker.calls() if call["taken"])
    for page, times in calls.items():
        attempts = list(Attempt.objects.filter(page__public_id=page).order_by("number"))
        assert times <= len(attempts), "a call without an intent: the two disagreed"
        for before, after in pairwise(attempts):
            known = before.outcome == Attempt.Outcome.TAKEN and before.outcome_at is not None
            assert not (known and before.outcome_at and before.outcome_at <= after.intent_at), "doubled, though known"
    first_notices = NoticeAlert.objects.filter(alert__in=accepted, round=0, rung=0, again=0)
    assert first_notices.count() == len(accepted), "each alert was called on its first rung exactly once"
    assert Page.objects.filter(notice__alerts__alert__in=accepted, state=Page.State.SENDING).count() <= 8
