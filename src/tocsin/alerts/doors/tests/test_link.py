"""The page behind a link: to open it changes nothing, the number answers, and it tells the person what follows."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tocsin.alerts import actions, clock, telling, weekly
from tocsin.alerts.actions import New, accept
from tocsin.alerts.models import Alert, Lane, Notice, Page, Policy, Severity
from tocsin.alerts.secrets import number_of, token_of
from tocsin.alerts.tests.conftest import Time
from tocsin.alerts.timeline import timeline
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db

Works = Callable[[], None]


def path(page: Page) -> str:
    return f"/a/{token_of(page.public_id)}"


def wrong(page: Page) -> str:
    return f"{(int(number_of(page.public_id)) + 1) % 10_000:04}"


@pytest.fixture
def page(policy: Policy, works: Works, bob: Person) -> Page:
    """Bob's page about a grave alert."""
    accept(
        New(
            kind="source",
            severity=Severity.SEVERE,
            lane=Lane.WAKE,
            dedupe="x",
            language="ar",
            urgency="immediate",
            occurred_at=clock.now() - timedelta(days=4),
        )
    )
    Alert.objects.update(accepted_at=clock.now() - timedelta(minutes=7))
    works()
    return Page.objects.get(channel="signal", notice__person=bob)


def test_it_says_how_bad_when_and_what_follows(client: Client, page: Page) -> None:
    text = client.get(path(page)).content.decode()
    for words in ("severe", "■■■□", "at any hour", "7 minutes ago", "Arabic", "urgency: now", "You are first."):
        assert words in text
    assert "It goes to Alice in 5 minutes." in text
    assert "I have it" in text
    assert "I can’t: pass on now" in text


def test_opening_it_writes_nothing(client: Client, page: Page) -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        for _scanner in range(3):
            assert client.get(path(page)).status_code == 200
            assert client.head(path(page)).status_code == 200
    assert [one["sql"] for one in asked if not one["sql"].lstrip().upper().startswith(("SELECT", "BEGIN"))] == []
    assert Alert.objects.get().state == Alert.State.OPEN


def test_a_scanner_that_posts_its_form_answers_nothing(client: Client, page: Page) -> None:
    assert client.post(path(page), {"act": "have"}).status_code == 422
    assert client.post(path(page), {"act": "have", "number": ""}).status_code == 422
    assert Alert.objects.get().state == Alert.State.OPEN


def test_the_number_answers_and_the_page_says_until_when_it_holds(client: Client, page: Page, bob: Person) -> None:
    bob.time_zone = "Asia/Kathmandu"
    bob.save()
    answer = client.post(path(page), {"act": "have", "number": number_of(page.public_id)})
    assert (answer.status_code, answer["Location"]) == (303, path(page))
    alert = Alert.objects.get()
    assert alert.answered_by == bob
    assert alert.unconfirmed_until is not None
    until = (alert.unconfirmed_until + timedelta(hours=5, minutes=45)).strftime("%H:%M")
    text = client.get(path(page)).content.decode()
    assert f"You have it until {until}. Confirm it in the console before, or it calls again." in text
    assert f"/alerts/{alert.public_id}/" in text


def test_passing_on_calls_the_next_person_now(client: Client, page: Page, works: Works, alice: Person) -> None:
    client.post(path(page), {"act": "pass", "number": number_of(page.public_id)})
    works()
    assert Page.objects.filter(notice__person=alice, state=Page.State.SENT).exists()
    assert "You passed it on. The next person is called." in client.get(path(page)).content.decode()


def test_the_one_called_second_sees_that_somebody_was_called_before(
    client: Client, page: Page, works: Works, time: Time, alice: Person
) -> None:
    time.passes(minutes=5, seconds=1)
    works()
    second = Page.objects.get(notice__person=alice, channel="signal")
    text = client.get(path(second)).content.decode()
    assert "1 person was called before you." in text
    assert "1 other person was called about this. The console says who." in text
    assert "Bob" not in text.replace("goes to Bob", "")


def test_three_wrong_numbers_kill_the_link_and_it_says_what_to_do(client: Client, page: Page) -> None:
    first = client.post(path(page), {"act": "have", "number": wrong(page)})
    assert "Wrong number. 2 tries left." in first.content.decode()
    client.post(path(page), {"act": "have", "number": wrong(page)})
    last = client.post(path(page), {"act": "have", "number": wrong(page)})
    assert "this link answers no more" in last.content.decode()
    right = client.post(path(page), {"act": "have", "number": number_of(page.public_id)})
    assert right.status_code == 422
    assert "sign in to the console" in right.content.decode()
    assert Alert.objects.get().state == Alert.State.OPEN


def test_an_act_that_is_none_answers_nothing(client: Client, page: Page) -> None:
    for act in ("", "resolve", "safe", "\x00"):
        client.post(path(page), {"act": act, "number": number_of(page.public_id)})
    assert Alert.objects.get().state == Alert.State.OPEN


def test_whoever_comes_late_reads_that_somebody_has_it(client: Client, page: Page, alice: Person) -> None:
    actions.acknowledge(Alert.objects.get(), alice, "console", confirmed=True)
    text = client.get(path(page)).content.decode()
    assert "Somebody has it. You need do nothing." in text
    assert "Alice" not in text


def test_one_who_has_it_can_still_pass_it_on(client: Client, page: Page) -> None:
    client.post(path(page), {"act": "have", "number": number_of(page.public_id)})
    client.post(path(page), {"act": "pass", "number": number_of(page.public_id)})
    assert Alert.objects.get().state == Alert.State.OPEN


def test_a_resolved_alert_is_over(client: Client, page: Page, alice: Person) -> None:
    actions.resolve(Alert.objects.get(), alice, Alert.Outcome.TRUE)
    assert "It is over. You need do nothing." in client.get(path(page)).content.decode()
    client.post(path(page), {"act": "have", "number": number_of(page.public_id)})
    assert Alert.objects.get().state == Alert.State.RESOLVED


@pytest.mark.parametrize("token", ["unknown", "x" * 5_000, "ü" * 20, "%00%0d%0aSet-Cookie:a", "..", "%ED%A0%80"])
def test_unknown_links_all_look_like_one_that_is_too_old(client: Client, page: Page, time: Time, token: str) -> None:
    time.passes(hours=25)
    old, unknown = client.get(path(page)), client.get(f"/a/{token}")
    assert (old.status_code, unknown.status_code) == (404, 404)
    assert old.content == unknown.content
    assert "Nothing is lost" in unknown.content.decode()


def test_what_proves_an_address_has_no_page(client: Client, bob: Person, drums: object) -> None:
    notice = Notice(
        person=bob, purpose=Notice.Purpose.VERIFY, lane=Lane.WAKE, made_at=clock.now(), leaves_at=clock.now()
    )
    page = Page.objects.get(notice=telling.send(notice))
    assert client.get(path(page)).status_code == 404


def test_no_cache_no_index_no_address_handed_on_and_no_script(client: Client, page: Page) -> None:
    answer = client.get(path(page))
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer["X-Robots-Tag"]
    assert "'self'" in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "DENY"
    assert "<script" not in answer.content.decode()
    assert not answer.cookies


def test_a_session_that_ended_does_not_send_anybody_to_sign_in(
    client: Client, page: Page, browse: Callable[[Person], Client], bob: Person
) -> None:
    signed_in = browse(bob)
    session = signed_in.session
    session["session_seen"] = session["session_started"] = 1.0
    session.save()
    assert signed_in.get(path(page)).status_code == 200
    answer = signed_in.post(path(page), {"act": "have", "number": number_of(page.public_id)})
    assert answer.status_code == 303
    assert "no-store" in answer["Cache-Control"]


def test_a_named_alert_names_nobody(client: Client, policy: Policy, works: Works, bob: Person) -> None:
    new = New(kind="person", severity=Severity.EXTREME, lane=Lane.LIFE, dedupe="n", named=True)
    accept(new)
    works()
    page = Page.objects.get(channel="signal", notice__person=bob)
    text = client.get(path(page)).content.decode()
    assert "life and liberty" in text
    assert "It goes to the next person in " in text
    assert "Alice" not in text


def test_somebody_who_may_not_see_rotas_reads_no_name(client: Client, page: Page, bob: Person) -> None:
    bob.roles = 0
    bob.save()
    text = client.get(path(page)).content.decode()
    assert "It goes to the next person in " in text
    assert "Alice" not in text


def test_several_alerts_of_a_storm_stand_on_one_page(
    client: Client, policy: Policy, works: Works, time: Time, bob: Person
) -> None:
    for name in "abc":
        accept(New(kind="source", severity=Severity.MODERATE, lane=Lane.WAKE, dedupe=name))
        works()
    time.passes(seconds=31)
    works()
    pages = Page.objects.filter(notice__person=bob, channel="signal").order_by("pk")
    answers = [client.get(path(one)).content.decode().count("■■□□") for one in pages]
    assert answers == [1, 2]
    client.post(path(pages[1]), {"act": "have", "number": number_of(pages[1].public_id)})
    assert Alert.objects.filter(answered_by=bob).count() == 2


def test_a_reader_of_another_language_gets_its_direction(client: Client, page: Page, bob: Person) -> None:
    bob.language = "ar-xb"
    bob.save()
    assert '<html lang="ar-xb" dir="rtl">' in client.get(path(page)).content.decode()


def test_a_question_names_neither_tool_nor_team(client: Client, bob: Person, policy: Policy, works: Works) -> None:
    notice = actions.ask(bob, "rollcall:1", "safe", ["safe", "help"], clock.now() + timedelta(hours=1))
    works()
    page = Page.objects.get(notice=notice, channel="signal")
    text = client.get(path(page)).content.decode()
    assert "Are you safe?" in text
    assert "I need help" in text
    assert "<title>Message</title>" in text
    for word in ("ocsin", "Alice", "Bob", "alert", "console", "severe", page.code):
        assert word not in text.replace("alerts/link.css", "").replace("alerts/dot.svg", "").replace(
            'role="alert"', ""
        ), word
    client.post(path(page), {"act": "nothing", "number": number_of(page.public_id)})
    client.post(path(page), {"act": "safe"})
    notice.refresh_from_db()
    assert notice.answer == ""
    client.post(path(page), {"act": "help", "number": number_of(page.public_id)})
    notice.refresh_from_db()
    assert (notice.answer, notice.answered_via) == ("help", "link")
    assert "Your answer arrived: I need help." in client.get(path(page)).content.decode()


def test_a_question_whose_time_is_over_says_so(
    client: Client, bob: Person, policy: Policy, works: Works, time: Time
) -> None:
    notice = actions.ask(bob, "rollcall:1", "safe", ["safe", "help"], clock.now() + timedelta(hours=1))
    works()
    time.passes(hours=2)
    page = Page.objects.get(notice=notice, channel="signal")
    assert "This question is closed" in client.get(path(page)).content.decode()


def test_what_became_of_an_alert_needs_no_answer(
    client: Client, page: Page, works: Works, alice: Person, bob: Person
) -> None:
    actions.acknowledge(Alert.objects.get(), alice, "console", confirmed=True)
    works()
    told = Page.objects.filter(notice__purpose=Notice.Purpose.TOLD, notice__person=bob).get()
    text = client.get(path(told)).content.decode()
    assert "Somebody has it. You need do nothing." in text
    assert "<form" not in text


def test_too_many_answers_from_one_network_wait_a_minute(client: Client, page: Page) -> None:
    answers = [client.post("/a/unknown", {"act": "have", "number": "1234"}).status_code for _ in range(13)]
    assert answers == [404] * 12 + [429]
    assert client.get(path(page)).status_code == 200
    assert "Wait a minute" in client.post(path(page), {"act": "have"}).content.decode()


def test_the_limit_follows_a_link_over_networks(client: Client, page: Page) -> None:
    answers = [
        client.post("/a/unknown", {"number": "1234"}, REMOTE_ADDR=f"192.0.2.{number}").status_code
        for number in range(13)
    ]
    assert answers[-1] == 429


def test_it_is_light(client: Client, page: Page) -> None:
    sheet = (settings.PACKAGE / "alerts" / "static" / "alerts" / "link.css").stat().st_size
    assert len(client.get(path(page)).content) + sheet < 30_000


def test_other_methods_are_refused(client: Client, page: Page) -> None:
    assert client.put(path(page)).status_code == 405
    assert client.delete(path(page)).status_code == 405


def test_a_drill_asks_for_the_answer_and_for_nothing_more(
    client: Client, policy: Policy, works: Works, bob: Person
) -> None:
    accept(New("drill", Severity.MODERATE, Lane.WAKE, dedupe="d", drill=True))
    works()
    page = Page.objects.get(channel="signal", notice__person=bob)
    client.post(path(page), {"act": "have", "number": number_of(page.public_id)})
    for _ in range(2):
        text = client.get(path(page)).content.decode()
        assert "It was a drill, and you answered it. You need do nothing more." in text
        assert "onfirm" not in text
        weekly.judge(Alert.objects.get(), clock.now())
    assert Alert.objects.get().state == Alert.State.RESOLVED
    said = [entry for entry in timeline(Alert.objects.get()) if entry.verb == "resolved"]
    assert [(one.words, one.via) for one in said] == [("The drill ended by itself", "")]


def test_whoever_was_called_by_a_drill_that_is_over_reads_that_it_was_one(
    client: Client, policy: Policy, works: Works, bob: Person, alice: Person
) -> None:
    alert = accept(New("drill", Severity.MODERATE, Lane.WAKE, dedupe="d", drill=True)).alert
    works()
    actions.acknowledge(alert, alice, "console", confirmed=True)
    weekly.judge(Alert.objects.get(), clock.now())
    page = Page.objects.get(channel="signal", notice__person=bob, notice__purpose=Notice.Purpose.ALERT)
    assert "It was a drill, and it is over." in client.get(path(page)).content.decode()


def test_who_follows_and_when_is_said_as_the_console_says_it(
    client: Client, page: Page, browse: Callable[[Person], Client], bob: Person, time: Time
) -> None:
    time.passes(seconds=35)
    text = client.get(path(page)).content.decode()
    console = browse(bob).get(f"/alerts/{Alert.objects.get().public_id}/").content.decode()
    console = re.sub(r"<[^>]+>", "", console)
    (when,) = re.findall(r"It goes to Alice ([^.]*)\.", text)
    assert f"It goes to Alice {when}." in console
