"""What the version before wrote is there after the tables changed: deadlines call, sealed records open and go on."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse
from django.utils import timezone

from tocsin.alerts.models import Alert
from tocsin.cases import checkins, work
from tocsin.cases.entries import entries
from tocsin.cases.kinds.course import About
from tocsin.cases.kinds.reporters import Report, Terms
from tocsin.cases.kinds.safety import CheckIn
from tocsin.cases.kinds.support import Referral
from tocsin.cases.models import Deadline, Outcome
from tocsin.cases.roles import ANSWERS_PART, COMPARTMENTS
from tocsin.cases.tests.conftest import Browse
from tocsin.keys import safes
from tocsin.keys.safes import OpenSafe
from tocsin.keys.tests.conftest import Open
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE = [("cases", "0001_initial")]
AT = "2026-11-20T10:00:00+00:00"


@pytest.fixture
def first() -> Any:
    """The tables of the first version; those of now again at the end."""
    executor = MigrationExecutor(connection)
    newest = executor.loader.graph.leaf_nodes()
    executor.migrate(BEFORE)
    yield executor.loader.project_state(BEFORE).apps
    executor = MigrationExecutor(connection)
    executor.migrate(newest)


def _to_newest() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def _sealed(opened: Open, alice: Person, moment: str, deadline: UUID) -> UUID:
    """A case as the first version sealed it, field by field."""
    safe = safes.found(opened(alice), "case", (*COMPARTMENTS, ANSWERS_PART), "owner", (ANSWERS_PART,))

    def add(compartment: str, kind: str, **words: Any) -> None:
        safe.add(compartment, {"kind": kind, "at": AT, "by": alice.pk, "is": words})

    add("account", "about", line="An editor fears a visit.", urgent="days", retention="usual")
    add("account", "referral", ally="Law Clinic", need="legal", override="They asked us to, by voice.",
        told="She needs counsel.", slice="abc", state="answered", answer="yes", answer_words="Friday")  # fmt: skip
    add("account", "report", words="I saw vans.", came="Signal")
    add("account", "terms", use="extract", risks="Told.", lapses_on="2027-01-01", state="given")
    add("duty", "checkin", channel="Signal", next_at=moment, safe_word="lemon", duress_word="bicycle",
        in_silence="Call.", policy="", deadline=str(deadline), earlier=[str(uuid4())])  # fmt: skip
    safe.commit()
    return safe.id


def test_deadlines_of_before_still_call_and_sealed_records_open_and_go_on(
    first: Any, opened: Open, enter: Browse, alice: Person
) -> None:
    due = timezone.now() - timedelta(minutes=5)
    old, other = uuid4(), uuid4()
    first.get_model("cases", "Deadline").objects.create(pk=old, due=due, policy="")
    first.get_model("cases", "Deadline").objects.create(pk=other, due=due, policy="", called=True)
    first.get_model("cases", "Outcome").objects.create(clock="checkin", month="2026-10", result="late")
    case = _sealed(opened, alice, due.isoformat(), old)

    _to_newest()
    rows = {one.pk: one for one in Deadline.objects.all()}
    assert {pk: (one.due, one.called, one.wake) for pk, one in rows.items()} == {
        old: (due, False, None),
        other: (due, True, None),
    }
    assert Outcome.objects.get().result == "late"
    while work.step():
        pass
    assert [one.reference for one in Alert.objects.all()] == [f"case:{old}"]

    found = {one.what.kind: one for one in entries(OpenSafe(opened(alice), case))}
    referral, report, terms = found["referral"].what, found["report"].what, found["terms"].what
    assert isinstance(found["about"].what, About)
    assert isinstance(referral, Referral)
    assert (referral.answer_words, referral.replies, referral.headline.endswith("Law Clinic")) == ("Friday", [], True)
    assert isinstance(report, Report)
    assert isinstance(terms, Terms)
    assert (report.told_on, terms.wait_days, terms.reach) == (None, 0, "")
    checkins.heard(opened(alice), case, found["checkin"].id, "lemon")
    (fresh,) = Deadline.objects.exclude(pk=other)
    assert fresh.wake == alice.pk
    (again,) = [one.what for one in entries(OpenSafe(opened(alice), case)) if isinstance(one.what, CheckIn)]
    assert again.deadline == str(fresh.pk)
    for name in ("case", "people", "sheet", "log", "handover"):
        assert enter(alice).get(reverse(f"cases:{name}", args=[case])).status_code == 200, name
