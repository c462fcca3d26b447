"""One world with an alert about a person, one without: whoever may not know of it sees the same bytes in both."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from tocsin.alerts import actions, clock
from tocsin.alerts.models import Alert, Lane, Policy, Severity
from tocsin.alerts.tests.drums import Drums
from tocsin.audit.models import Entry
from tocsin.people.models import Person
from tocsin.people.roles import Role

pytestmark = pytest.mark.django_db
Browse = Callable[[Person], Client]

ADDRESSES = (
    "/",
    "/alerts/",
    "/alerts/?state=over",
    "/alerts/?whose=nobody",
    "/alerts/policies/",
    "/alerts/rules/",
    "/alerts/drills/",
    "/alerts/pager/",
    "/situations/",
    "/sources/",
    "/settings/",
    "/audit/",
    "/alerts/nothere/",
    "/oncall/",
    "/oncall/load/",
    "/api/alerts?state=all",
    "/api/rules",
    "/api/drills",
    "/api/audit/entries",
)
# What differs between any two answers: tokens of forms, moments. And how long the sealed chain is: it holds that
# something was done, which is what makes it a chain; what it was, and about whom, no page of it says.
PASSING = (
    r'name="csrfmiddlewaretoken" value="[^"]+"',
    r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)",
    r">\d+ (?:second|minute)s? ago<",
    r">\d+ [A-Z][a-z]+ \d{4}, \d\d:\d\d UTC<",
    r"\d\d:\d\d:\d\d",
    r"\d+ waits?\b",
)


@pytest.fixture(autouse=True)
def one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that runs across the end of ten minutes sees the same hash."""
    for room in ("alerts", "situations"):
        monkeypatch.setattr(f"tocsin.{room}.freshness._MINUTES", 10**9)


@pytest.fixture
def looker(bob: Person) -> Person:
    """Sees everything that a role allows: leads, and reads the record; named by nobody."""
    return Person.objects.create(
        email="lena@example.org", name="Lena", roles=int(Role.LEAD | Role.AUDITOR), password="x"
    )


def seen(client: Client) -> dict[str, tuple[int, str, str]]:
    """Status, ETag and text of every page, without what differs between any two answers."""
    client.cookies["csrf"] = "a" * 32
    found = {}
    for address in ADDRESSES:
        answer = client.get(address)
        text = answer.content.decode()
        for pattern in PASSING:
            text = re.sub(pattern, "…", text)
        found[address] = (answer.status_code, answer.headers.get("ETag", ""), text)
    return found


def test_who_may_not_know_sees_no_difference(
    policy: Policy,
    works: Callable[[], None],
    drums: Drums,
    browse: Browse,
    alice: Person,
    bob: Person,
    charlie: Person,
    looker: Person,
) -> None:
    rule = actions.rule("a.rule", "A rule")
    actions.let_rule_wake(rule, alice)  # so that the record has something to show
    lead, none = browse(looker), browse(charlie)
    seen(lead)
    seen(none)
    before = [seen(lead), seen(none)]
    for number, lane in enumerate((Lane.LIFE, Lane.WAKE)):
        new = actions.New(
            kind="person", severity=Severity.EXTREME, lane=lane, dedupe=f"p{number}", rule=rule, named=True,
            raised_by=bob, reference="person:9", language="ar",
        )  # fmt: skip
        alert = actions.accept(new).alert
        works()
        actions.acknowledge(alert, bob, "link", confirmed=False)
        actions.confirm(alert, bob)
        if lane == Lane.WAKE:
            actions.snooze(alert, bob, clock.now() + timedelta(hours=1), "other")
            actions.resolve(alert, bob, Alert.Outcome.FALSE)
    after = [seen(lead), seen(none)]
    for one, other in zip(before, after, strict=True):
        for address in ADDRESSES:
            assert one[address] == other[address], address
    assert browse(bob).get(f"/alerts/{alert.public_id}/").status_code == 200
    assert lead.get(f"/alerts/{alert.public_id}/").status_code == 404
    assert lead.get(f"/api/alerts/{alert.public_id}").status_code == 404
    assert Entry.objects.filter(target="private:0").exists()


def test_one_who_is_let_in_sees_it_from_then_on(policy: Policy, browse: Browse, bob: Person, looker: Person) -> None:
    client = browse(looker)
    alert = actions.page_now(bob, actions.PageNow(Severity.EXTREME, Lane.LIFE))
    assert alert.public_id not in client.get("/alerts/").content.decode()
    actions.let_in(alert, bob, looker)
    page = client.get("/alerts/").content.decode()
    assert alert.public_id in page
    assert "known to few" in page
    assert '<span class="nav-count">1</span>' in client.get("/").content.decode()
