"""An alert's page says what it refers to by its title, to who may read it; a phone is told nothing of it."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tocsin.alerts import clock
from tocsin.alerts.actions import New, accept
from tocsin.alerts.models import Alert, Lane, Policy, Severity
from tocsin.alerts.tests.conftest import drums, policy, time, works
from tocsin.alerts.tests.drums import Drums
from tocsin.config.titles import register
from tocsin.oncall.tests.test_api import Program
from tocsin.people.models import Person
from tocsin.people.roles import Right, Role
from tocsin.situations.models import Situation
from tocsin.streams.models import Source

__all__ = ["drums", "policy", "time", "works"]
pytestmark = pytest.mark.django_db
Browse = Callable[[Person], Client]
TITLE = "Editors <arrested> in Sarvania"


def situation(code: str = "abc123", title: str = TITLE, **more: object) -> Situation:
    at = clock.now()
    return Situation.objects.create(
        public_id=code, title=title, title_by_person=True, first_at=at, last_at=at, changed_at=at, **more
    )


def about(reference: str) -> Alert:
    new = New("situation", Severity.SEVERE, Lane.WAKE, dedupe=reference, reference=reference)
    return accept(new).alert


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_the_list_and_the_page_say_the_title(policy: Policy, browse: Browse, bob: Person) -> None:
    situation()
    alert = about("situation:abc123")
    for address in ("/alerts/", f"/alerts/{alert.public_id}/"):
        page = text(browse(bob), address)
        assert "Editors &lt;arrested&gt; in Sarvania" in page
        assert "situation:abc123" not in page


def test_what_the_reader_may_not_read_shows_its_reference_alone(policy: Policy, browse: Browse, bob: Person) -> None:
    situation(readers=int(Role.LEAD))
    about("situation:abc123")
    page = text(browse(bob), "/alerts/")
    assert "situation:abc123" in page
    assert "Sarvania" not in page


def test_a_title_that_changes_or_is_withdrawn_is_asked_for_anew(policy: Policy, browse: Browse, bob: Person) -> None:
    row, client = situation(), browse(bob)
    client.cookies["csrf"] = "a" * 32
    about("situation:abc123")
    first = client.get("/alerts/")
    assert client.get("/alerts/", HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 304
    Situation.objects.filter(pk=row.pk).update(readers=int(Role.LEAD))
    later = client.get("/alerts/", HTTP_IF_NONE_MATCH=first["ETag"])
    assert (later.status_code, b"Sarvania" in later.content) == (200, False)


def test_many_titles_cost_no_more_questions_than_one(policy: Policy, browse: Browse, bob: Person) -> None:
    client = browse(bob)

    def asks() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get("/alerts/")
        return len(asked)

    situation("first", "one")
    about("situation:first")
    client.get("/alerts/")
    before = asks()
    for number in range(10):
        situation(f"more{number}", "more")
        about(f"situation:more{number}")
    assert asks() == before


def test_no_title_goes_out(policy: Policy, bob: Person, works: Callable[[], None], drums: Drums) -> None:
    register()
    situation()
    about("situation:abc123")
    works()
    (message,) = drums.heard_by(bob)[:1]
    assert "Sarvania" not in message.text + message.subject
    assert "abc123" not in message.text + message.subject


def test_programs_read_the_title(policy: Policy, alice: Person) -> None:
    source = Source.objects.create(
        kind="feeds",
        name="A paper",
        url="https://paper.example/",
        expected_every=timedelta(hours=1),
        next_fetch_at=clock.now(),
    )
    about(f"source:{source.pk}")
    about("source:99999")
    about("source:no")
    items = Program(alice, Right.ALERTS, Right.READ)("GET", "alerts")["items"]
    assert sorted(one["title"] for one in items) == ["", "", "A paper"]


def test_without_a_sign_in_a_link_says_no_title(
    policy: Policy, works: Callable[[], None], drums: Drums, bob: Person
) -> None:
    situation()
    about("situation:abc123")
    works()
    link = drums.heard_by(bob)[0].link
    assert "Sarvania" not in Client().get("/a/" + link.rsplit("/", 1)[1]).content.decode()
