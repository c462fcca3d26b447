"""The pages of alerts, as whoever is called, whoever looks on and whoever may not know see them."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from tocsin.alerts import actions, answering, clock
from tocsin.alerts.actions import New, accept, page_now
from tocsin.alerts.models import Alert, Integration, Knower, Lane, Page, Policy, Rule, Severity
from tocsin.alerts.secrets import number_of
from tocsin.alerts.tests.conftest import Time
from tocsin.alerts.tests.drums import FAILED, REFUSED, Drums
from tocsin.people.models import Person
from tocsin.people.roles import Role

pytestmark = pytest.mark.django_db
Browse = Callable[[Person], Client]
Works = Callable[[], None]


@pytest.fixture
def alert(policy: Policy) -> Alert:
    """Severe, at any hour: Bob first, Alice after five minutes."""
    return accept(New(kind="source", severity=Severity.SEVERE, lane=Lane.WAKE, dedupe="x", reference="source:7")).alert


def text(client: Client, address: str) -> str:
    """What the page says, without its marks."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def post(client: Client, alert: Alert, act: str, **fields: str) -> str:
    answer = client.post(f"/alerts/{alert.public_id}/{act}", fields, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_list_says_how_bad_and_who_is_next(alert: Alert, works: Works, browse: Browse, bob: Person) -> None:
    works()
    page = text(browse(bob), "/alerts/")
    assert "■■■□ severe at any hour" in page
    assert "nobody has answered" in page
    assert "It goes to Alice in " in page
    listed = browse(bob).get("/alerts/").content.decode()
    assert 'href="/sources/7/"' not in listed, "a thumb in the list opens the alert, never what it is about"
    number = Alert.objects.get().public_id
    assert 'href="/sources/7/"' in browse(bob).get(f"/alerts/{number}/").content.decode()


def test_what_began_long_ago_came_in_just_now(policy: Policy, browse: Browse, bob: Person) -> None:
    began = clock.now() - timedelta(days=4)
    new = New(kind="source", severity=Severity.SEVERE, lane=Lane.WAKE, dedupe="x", occurred_at=began)
    page = text(browse(bob), f"/alerts/{accept(new).alert.public_id}/")
    assert re.search(r"It came in \d seconds? ago", page)
    assert "It began " in page
    assert "4 days ago" not in page
    soon = accept(New(kind="source", severity=Severity.SEVERE, lane=Lane.WAKE, dedupe="y")).alert
    assert "It began " not in text(browse(bob), f"/alerts/{soon.public_id}/")


def test_who_sees_only_what_calls_them_is_not_told_that_nothing_is_open(
    alert: Alert, browse: Browse, vera: Person
) -> None:
    page = text(browse(vera), "/alerts/")
    assert "Nothing is asked of you" in page
    assert "No alert waits" not in page


def test_the_gravest_that_nobody_has_stands_first(policy: Policy, browse: Browse, bob: Person) -> None:
    for number, (severity, lane) in enumerate(
        [(Severity.MINOR, Lane.WAKE), (Severity.EXTREME, Lane.QUIET), (Severity.SEVERE, Lane.WAKE)]
    ):
        accept(New(kind=f"kind{number}", severity=severity, lane=lane, dedupe=str(number)))
    page = text(browse(bob), "/alerts/")
    assert page.index("kind2") < page.index("kind0") < page.index("kind1")
    assert "kind1" not in text(browse(bob), "/alerts/?lane=wake")
    assert "kind0" not in text(browse(bob), "/alerts/?severity=4")


def test_an_empty_list_says_so_and_leads_on(policy: Policy, browse: Browse, bob: Person) -> None:
    assert "Nothing is open" in text(browse(bob), "/alerts/")
    assert "No alert fits" in text(browse(bob), "/alerts/?severity=4")


def test_one_tap_has_it_and_the_page_says_who(alert: Alert, works: Works, browse: Browse, bob: Person) -> None:
    works()
    client = browse(bob)
    page = client.get(f"/alerts/{alert.public_id}/").content.decode()
    first = re.search(r"<button[^>]*>([^<]*)", page)
    assert first is not None
    assert first[1] == "I have it"
    assert "You have it." in post(client, alert, "have")
    alert.refresh_from_db()
    assert (alert.state, alert.answered_by, alert.unconfirmed_until) == (Alert.State.ANSWERED, bob, None)


def test_who_answered_by_link_is_asked_to_confirm_first(
    alert: Alert, works: Works, browse: Browse, bob: Person
) -> None:
    works()
    page = Page.objects.get(channel="signal", notice__person=bob)
    answering.answer(page, "have", number_of(page.public_id), "link")
    shown = browse(bob).get(f"/alerts/{alert.public_id}/").content.decode()
    assert "Unconfirmed until" in shown
    first = re.search(r"<button[^>]*>([^<]*)", shown)
    assert first is not None
    assert first[1] == "Confirm: I have it"
    assert "Confirm that you have it" in text(browse(bob), "/")
    post(browse(bob), alert, "confirm")
    alert.refresh_from_db()
    assert alert.unconfirmed_until is None
    assert "Confirm that you have it" not in text(browse(bob), "/")


def test_pass_on_and_call_next_reach_the_next_at_once(
    alert: Alert, works: Works, drums: Drums, browse: Browse, alice: Person, bob: Person
) -> None:
    works()
    assert not drums.heard_by(alice)
    assert "Passed on" in post(browse(bob), alert, "pass")
    works()
    assert drums.heard_by(alice)


def test_somebody_else_may_take_it_over(alert: Alert, browse: Browse, alice: Person, bob: Person) -> None:
    actions.acknowledge(alert, bob, "console", confirmed=True)
    assert "Bob has it." in text(browse(alice), f"/alerts/{alert.public_id}/")
    post(browse(alice), alert, "take")
    alert.refresh_from_db()
    assert alert.answered_by == alice


def test_put_off_resolve_and_undo(alert: Alert, browse: Browse, bob: Person) -> None:
    client = browse(bob)
    post(client, alert, "later", until="60", reason="waiting")
    assert "Bob put it off until" in text(client, f"/alerts/{alert.public_id}/")
    assert "I wait for an answer" in text(client, f"/alerts/{alert.public_id}/")
    post(client, alert, "resolve", outcome="false")
    assert "Resolved: false alarm." in text(client, f"/alerts/{alert.public_id}/")
    assert "Nothing is open" in text(client, "/alerts/")
    assert "false alarm, Bob" in text(client, "/alerts/?state=over")
    post(client, alert, "reopen")
    alert.refresh_from_db()
    assert (alert.state, alert.outcome) == (Alert.State.OPEN, "")


def test_nonsense_changes_nothing_and_says_what_to_do(alert: Alert, browse: Browse, bob: Person) -> None:
    client = browse(bob)
    assert "Choose until when" in post(client, alert, "later", until="nine", reason="waiting")
    assert "Say what it turned out to be" in post(client, alert, "resolve", outcome="maybe")
    assert "A drill ends as a drill" in post(client, alert, "resolve", outcome="drill")
    assert "Choose somebody" in post(client, alert, "let-in", person="x")
    assert client.get(f"/alerts/{alert.public_id}/have").status_code == 405
    alert.refresh_from_db()
    assert alert.state == Alert.State.OPEN


def test_life_and_liberty_can_not_be_put_off(policy: Policy, browse: Browse, bob: Person) -> None:
    life = page_now(bob, actions.PageNow(Severity.EXTREME, Lane.LIFE))
    assert "Put off" not in text(browse(bob), f"/alerts/{life.public_id}/")
    assert "about life and liberty can&#x27;t be put off" in post(
        browse(bob), life, "later", until="60", reason="other"
    )


def test_the_timeline_tells_every_attempt_in_words_and_no_address(
    alert: Alert, works: Works, drums: Drums, time: Time, browse: Browse, bob: Person
) -> None:
    drums["signal"].plan.extend([FAILED, REFUSED])
    works()
    time.passes(seconds=30)
    works()
    Page.objects.filter(channel="sms").update(delivered_at=alert.accepted_at)
    page = text(browse(bob), f"/alerts/{alert.public_id}/")
    for words in ("It came in", "Step 1 was called: 1 person", "Bob was called by signal", "Bob was called by sms"):
        assert words in page
    for words in ("failed", "refused for good: The provider says that this address does not exist."):
        assert words in page
    assert "the provider took it" in page
    assert "reached the device" in page
    assert "signal:Bob" not in page


@pytest.mark.parametrize(
    ("kind", "door", "says"),
    [
        ("monitor", True, "The other system says that it is over."),
        ("source", False, "The source speaks again. What it would have told meanwhile may be missing."),
        ("blind", False, "What was silent speaks again. What it would have told meanwhile may be missing."),
        ("journey", False, "What it told of is over."),
    ],
)
def test_what_is_called_over_is_shown_in_words_that_fit_and_stays_open(
    kind: str, door: bool, says: str, alert: Alert, browse: Browse, bob: Person
) -> None:
    alert.kind = kind
    if door:
        rule = Rule.objects.create(key="monitor", name="A monitor")
        alert.integration = Integration.objects.create(
            public_id="i1", name="A monitor", shape="grafana", rule=rule, made_at=clock.now()
        )
    alert.save()
    actions.remote_resolved(alert)
    page = text(browse(bob), f"/alerts/{alert.public_id}/")
    assert page.count(f"{says} Somebody must still look.") == 2, "as it stands, and in its course"
    assert ("The other system" in page) is door
    assert "Nobody has answered." in page


def test_a_withheld_alert_says_why(policy: Policy, browse: Browse, bob: Person) -> None:
    rule = actions.rule("situation.severe", "Severe situations", budget_per_week=0)
    accept(New(kind="situation", severity=Severity.SEVERE, lane=Lane.WAKE, dedupe="w", rule=rule))
    assert "Its rule has used up its pages of the week" in text(browse(bob), "/alerts/")


def test_whoever_pages_takes_a_second_look_at_whom_it_calls(
    policy: Policy, browse: Browse, bob: Person, works: Works, drums: Drums
) -> None:
    client = browse(bob)
    assert client.get("/alerts/page-now/").status_code == 200
    given = {"severity": "3", "lane": "wake", "policy": policy.public_id, "reference": "/situations/abc123/"}
    look = client.post("/alerts/page-now/", {**given, "do": "look"}).content.decode()
    words = " ".join(re.sub(r"<[^>]+>", " ", look).split())
    assert "At once Bob reachable 2 ways" in words
    assert "After 5 min Alice reachable 2 ways" in words
    assert not Alert.objects.exists()
    once = look.split('name="once" value="')[1].split('"')[0]
    sent = {**given, "reference": "situation:abc123", "once": once, "do": "send"}
    first, second = (client.post("/alerts/page-now/", sent) for _ in range(2))
    assert first["Location"] == second["Location"]
    made = Alert.objects.get()
    assert (made.reference, made.raised_by, made.named) == ("situation:abc123", bob, False)
    works()
    assert drums.heard_by(bob)


def test_free_text_is_no_reference(policy: Policy, browse: Browse, bob: Person) -> None:
    given = {
        "severity": "3",
        "lane": "wake",
        "policy": policy.public_id,
        "reference": "Dana was arrested",
        "do": "send",
    }
    answer = browse(bob).post("/alerts/page-now/", given | {"reference": "Dana was arrested"})
    assert answer.status_code == 422
    assert "Paste the address of a page" in answer.content.decode()
    assert not Alert.objects.exists()


def test_about_a_person_only_those_named_and_called_know(
    policy: Policy, browse: Browse, alice: Person, bob: Person, works: Works
) -> None:
    alert = page_now(bob, actions.PageNow(Severity.SEVERE, Lane.WAKE, named=True))
    address = f"/alerts/{alert.public_id}/"
    assert browse(alice).get(address).status_code == 404
    assert browse(alice).post(address + "have").status_code == 404
    assert browse(alice).get("/alerts/nothere/").status_code == 404
    shown = post(browse(bob), alert, "let-in", person=str(alice.pk))
    assert "Alice may know of it now." in shown
    assert "2 people may know of this" in text(browse(alice), address)
    assert Knower.objects.filter(alert=alert, person=alice).exists()


def test_somebody_without_the_right_who_was_called_answers(
    policy: Policy, works: Works, browse: Browse, bob: Person, charlie: Person
) -> None:
    bob.roles = int(Role.STAKEHOLDER)
    bob.save()
    alert = accept(New(kind="source", severity=Severity.SEVERE, lane=Lane.WAKE, dedupe="x")).alert
    assert browse(bob).get(f"/alerts/{alert.public_id}/").status_code == 404
    works()
    assert 'href="/alerts/"' in browse(bob).get("/").content.decode()
    assert "You have it." in post(browse(bob), alert, "have")
    assert browse(bob).get("/alerts/page-now/").status_code == 403
    assert 'href="/alerts/"' not in browse(charlie).get("/").content.decode()


def test_the_list_answers_304_until_something_happens(alert: Alert, browse: Browse, bob: Person) -> None:
    client = browse(bob)
    client.cookies["csrf"] = "a" * 32
    for address in ("/alerts/", f"/alerts/{alert.public_id}/", "/"):
        kept = client.get(address)["ETag"]
        assert client.get(address, headers={"if-none-match": kept}).status_code == 304
        actions.remote_resolved(alert)
        actions.escalate_now(alert, bob)
        assert client.get(address, headers={"if-none-match": kept}).status_code == 200


def test_a_stranger_is_sent_to_sign_in(alert: Alert, client: Client) -> None:
    for address in ("/alerts/", f"/alerts/{alert.public_id}/", "/alerts/page-now/", "/alerts/drills/"):
        assert client.get(address).status_code == 302


def test_a_drill_that_nobody_answers_is_an_incident(
    policy: Policy, works: Works, time: Time, browse: Browse, bob: Person
) -> None:
    client = browse(bob)
    assert "No drill yet" in text(client, "/alerts/drills/")
    shown = client.post("/alerts/drills/now", {"policy": policy.public_id}, follow=True).content.decode()
    assert "The drill runs" in shown
    again = client.post("/alerts/drills/now", {"policy": policy.public_id}, follow=True).content.decode()
    assert "still runs" in again
    works()
    assert "still calls" in text(client, "/alerts/drills/")
    time.passes(minutes=31)
    assert "Nobody was reached in time: an incident." in text(client, "/alerts/drills/")
    drill = Alert.objects.get(drill=True)
    actions.acknowledge(drill, bob, "console", confirmed=True)
    assert "Bob in the console" in text(client, "/alerts/drills/")
