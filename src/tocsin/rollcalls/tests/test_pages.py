"""The pages, as those who ask, those who are asked and those who must not know see them."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from tocsin.alerts import answering
from tocsin.alerts.accepting import default_policy
from tocsin.alerts.models import Alert
from tocsin.alerts.tests.conftest import Time
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.rollcalls import asking, silences, taking_part, travelling
from tocsin.rollcalls.models import Journey, Member, Participant, RollCall, Silence, Silent
from tocsin.rollcalls.tests.conftest import CAKE, TEA, Works, cut_off
from tocsin.rollcalls.tests.test_asking import hold
from tocsin.rollcalls.tests.test_travelling import plan

pytestmark = pytest.mark.django_db
Browse = Callable[[Person], Client]


def text(client: Client, address: str, status: int = 200) -> str:
    """What the page says, without its marks."""
    answer = client.get(address)
    assert answer.status_code == status, address
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def question(**more: object) -> dict[str, object]:
    """What an asker fills in."""
    return {
        "question": "safe", "minutes": "120", "again_minutes": "10", "silence_minutes": "30", "once": "abcdefgh23",
        **more,
    }  # fmt: skip


def test_a_volunteer_without_a_role_chooses_how_to_be_asked(browse: Browse, dana: Person, charlie: Person) -> None:
    client = browse(charlie)
    assert "Nobody asks you anything" in text(client, "/rollcalls/")
    fields = {"safe_check": "on", "manner": "open", "fallback": "contact", "languages": "fr, en"}
    looked = client.post("/rollcalls/me/", fields | {"do": "look"})
    assert b"Are you safe?" in looked.content
    assert not Participant.objects.filter(person=charlie).exists(), "a look stores nothing"
    client.post("/rollcalls/me/", fields | {"do": "save"})
    assert Participant.objects.get(person=charlie).languages == ["en", "fr"]
    wrong = client.post("/rollcalls/me/", fields | {"manner": "agreed", "own_words": "See https://x", "do": "save"})
    assert wrong.status_code == 422
    assert b"no name, no link" in wrong.content or b"Choose a verified phone" in wrong.content


def test_the_preview_is_what_the_phone_would_show(browse: Browse, dana: Person) -> None:
    page = browse(dana).get("/rollcalls/me/").content.decode()
    shown = re.findall(r'<dd class="phone-screen"><bdi>(.*?)</bdi>', page)
    assert shown == [TEA, CAKE]


def test_no_page_tells_whether_there_is_a_quiet_digit(browse: Browse, dana: Person, rosa: Person, runs: Works) -> None:
    client = browse(dana)

    def pages() -> list[str]:
        return [_plain(client.get(path).content.decode()) for path in ("/rollcalls/me/", "/rollcalls/")]

    before = pages()
    said = client.post("/rollcalls/me/digit", {"digit": "5"}, follow=True).content
    assert pages() == before
    assert Participant.objects.get(person=dana).quiet_digit == 5
    assert client.post("/rollcalls/me/digit", {"digit": ""}, follow=True).content.count(b"Saved.") == said.count(
        b"Saved."
    )


def test_an_unseen_call_for_help_looks_like_safe_to_the_person_and_like_help_to_those_who_act(
    browse: Browse, dana: Person, rosa: Person, runs: Works
) -> None:
    taking_part.set_quiet_digit(dana, 5)
    rollcall = hold(rosa)
    runs()
    answering.by_message("sms", "sms:Dana", "5", "m1")
    runs()
    assert "You answered: safe" in text(browse(dana), "/rollcalls/")
    assert "quiet" not in browse(dana).get("/rollcalls/").content.decode()
    page = text(browse(rosa), f"/rollcalls/{rollcall.public_id}/")
    assert "asks for help, unseen" in page
    assert "wait 6 hours" not in page, "what is agreed for silence does not hold for a call for help"
    assert "Don’t call it" in page


def test_a_question_is_answered_on_ones_own_page_alone(
    browse: Browse, dana: Person, emre: Person, rosa: Person, runs: Works
) -> None:
    hold(rosa)
    runs()
    row = Member.objects.get(person=dana)
    assert browse(emre).post(f"/rollcalls/questions/{row.pk}/answer", {"answer": "safe"}).status_code == 404
    for wrong in ("", "quiet", "yes", "x" * 500):
        browse(dana).post(f"/rollcalls/questions/{row.pk}/answer", {"answer": wrong})
        assert Member.objects.get(pk=row.pk).answer == ""
    browse(dana).post(f"/rollcalls/questions/{row.pk}/answer", {"answer": "help"})
    assert Member.objects.get(pk=row.pk).needs_help
    assert Alert.objects.count() == 1


def test_asking_takes_a_second_look_and_one_tap_more(browse: Browse, rosa: Person, dana: Person, emre: Person) -> None:
    client = browse(rosa)
    assert client.get("/rollcalls/new/").status_code == 200
    looked = client.post("/rollcalls/new/", question(do="look", languages=["ku"]))
    assert b"Dana" in looked.content
    assert b"Emre" not in looked.content
    assert not RollCall.objects.exists()
    sent = client.post("/rollcalls/new/", question(do="send", languages=["ku"]))
    again = client.post("/rollcalls/new/", question(do="send", languages=["ku"]))
    assert sent.headers["Location"] == again.headers["Location"]
    assert [one.person for one in Member.objects.all()] == [dana]


def test_the_live_page_shows_those_first_who_need_something(
    browse: Browse, rosa: Person, dana: Person, emre: Person, runs: Works, time: Time
) -> None:
    rollcall = hold(rosa)
    runs()
    answering.by_message("sms", "sms:Dana", "1", "m1")
    time.passes(minutes=31)
    runs()
    page = text(browse(rosa), f"/rollcalls/{rollcall.public_id}/")
    assert page.index("Emre") < page.index("Dana")
    assert "● silent" in page.replace("● Emre silent", "● silent")
    assert "Nobody has answered the alert yet" in page


def test_the_live_page_is_told_apart_by_its_etag(browse: Browse, rosa: Person, dana: Person, runs: Works) -> None:
    rollcall = hold(rosa)
    runs()
    client, address = browse(rosa), f"/rollcalls/{rollcall.public_id}/"
    client.get(address)
    first = client.get(address)
    assert client.get(address, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 304
    answering.by_message("sms", "sms:Dana", "1", "m1")
    runs()
    assert client.get(address, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 200


def test_everything_that_a_holder_does(browse: Browse, rosa: Person, dana: Person, alice: Person, runs: Works) -> None:
    rollcall = hold(rosa)
    runs()
    client, start = browse(rosa), f"/rollcalls/{rollcall.public_id}"
    assert b"three minutes" in client.post(f"{start}/again", follow=True).content
    assert b"lasts longer" in client.post(f"{start}/extend", {"minutes": "60"}, follow=True).content
    assert browse(alice).get(f"{start}/").status_code == 404, "a lead who was not let in"
    assert b"Alice holds it" in client.post(f"{start}/let-in", {"person": str(alice.pk)}, follow=True).content
    assert browse(alice).get(f"{start}/").status_code == 200
    assert b"Choose somebody" in client.post(f"{start}/let-in", {"person": str(dana.pk)}, follow=True).content
    assert b"Closed" in client.post(f"{start}/close", follow=True).content
    assert b"It is closed" in client.post(f"{start}/extend", {"minutes": "60"}, follow=True).content
    assert b"Open again" in client.post(f"{start}/open", follow=True).content


def test_a_holder_who_lost_the_right_sees_it_no_more(browse: Browse, rosa: Person, dana: Person) -> None:
    rollcall = hold(rosa)
    rosa.roles = int(Role.STAKEHOLDER)
    rosa.save()
    assert browse(rosa).get(f"/rollcalls/{rollcall.public_id}/").status_code == 404


def test_a_journey_is_planned_pressed_and_ended_on_a_phone(
    browse: Browse, dana: Person, rosa: Person, runs: Works
) -> None:
    client = browse(dana)
    fields = {
        "person": str(dana.pk), "starts_at": "2090-01-01T08:00", "ends_at": "2090-01-02T08:00", "every_hours": "6",
        "time_zone": "Africa/Lagos", "grace_minutes": "30", "watchers": [str(rosa.pk)], "fallback": "call",
    }  # fmt: skip
    assert client.get("/rollcalls/journeys/new/").status_code == 200
    made = client.post("/rollcalls/journeys/new/", fields)
    journey = Journey.objects.get()
    assert made.headers["Location"] == f"/rollcalls/journeys/{journey.public_id}/"
    assert journey.starts_at.isoformat() == "2090-01-01T07:00:00+00:00"
    start = f"/rollcalls/journeys/{journey.public_id}"
    assert "I am well" in text(client, f"{start}/")
    assert "I heard from them" in text(browse(rosa), f"{start}/")
    client.post(f"{start}/help")
    assert Alert.objects.count() == 1
    assert "asks for help" in text(browse(rosa), f"{start}/")
    assert "asks for help" in text(client, f"{start}/"), "it was no unseen one"
    checkin = journey.checkins.get()
    client.post(f"{start}/helped/{checkin.pk}")
    assert journey.checkins.get().needs_help, "the traveller does not say that it was looked after"
    browse(rosa).post(f"{start}/helped/{checkin.pk}")
    assert not journey.checkins.get().needs_help
    client.post(f"{start}/end")
    assert "arrived" in text(client, f"{start}/")


def test_a_journey_s_form_complains_only_of_what_was_sent(browse: Browse, dana: Person, rosa: Person) -> None:
    client = browse(dana)
    assert "required" not in text(client, "/rollcalls/journeys/new/")
    sent = client.post("/rollcalls/journeys/new/", {"person": str(dana.pk)})
    assert sent.status_code == 422
    assert "Tick at least one person who is called" in sent.content.decode()


def test_a_proposed_journey_waits_for_the_yes(browse: Browse, dana: Person, rosa: Person) -> None:
    journey = travelling.plan(rosa, dana, plan(rosa))
    start = f"/rollcalls/journeys/{journey.public_id}"
    assert "has not said yes" in text(browse(rosa), f"{start}/")
    assert browse(rosa).post(f"{start}/agree").status_code == 404
    browse(dana).post(f"{start}/agree")
    journey.refresh_from_db()
    assert journey.agreed_at is not None
    other = travelling.plan(rosa, dana, plan(rosa))
    gone = browse(dana).post(f"/rollcalls/journeys/{other.public_id}/decline")
    assert gone.headers["Location"] == "/rollcalls/"


def test_an_event_lists_what_each_one_agreed(
    browse: Browse, dana: Person, rosa: Person, runs: Works, time: Time
) -> None:
    cut_off()
    hold(rosa)
    runs()
    time.passes(minutes=31)
    runs()
    event = Silence.objects.get()
    client, start = browse(rosa), f"/rollcalls/silences/{event.public_id}"
    page = text(client, f"{start}/")
    assert "Silence in Türkiye" in page
    assert "First: wait 6 hours, and only then ask the contact. Contact: Rosa." in page
    part = Silent.objects.get()
    client.post(f"{start}/out/{part.pk}")
    assert "Taken out" in text(client, f"{start}/")
    client.post(f"{start}/back/{part.pk}")
    assert Silent.objects.get().apart_at is None
    client.post(f"{start}/split")
    assert Silent.objects.get().apart_at is not None


def test_withdrawing_asks_once_and_erases(browse: Browse, dana: Person) -> None:
    client = browse(dana)
    assert "erased now" in text(client, "/rollcalls/me/withdraw/")
    assert Participant.objects.exists()
    assert "erased" in text(client, client.post("/rollcalls/me/withdraw/").headers["Location"])
    assert not Participant.objects.exists()


def _world(dana: Person, emre: Person, rosa: Person, runs: Works, time: Time) -> None:
    cut_off()
    rollcall = hold(rosa)
    journey = travelling.plan(dana, dana, plan(rosa, every=1, country="TR"))
    runs()
    answering.by_message("sms", "sms:Dana", "2", "m1")
    time.passes(hours=1, seconds=5)
    runs()
    time.passes(minutes=31)
    runs()
    assert rollcall.pk
    assert journey.pk


_PATHS = ("/", "/rollcalls/", "/rollcalls/me/", "/alerts/", "/alerts/rules/", "/alerts/drills/", "/people/", "/audit/")

# How long the sealed chain is differs too: it holds that something was done, and no page of it says what.
_NOISE = (
    r"\d+ waits?\b",
    r'value="[A-Za-z0-9]{64}"',
    r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)",
    r"<time[^>]*>[^<]*</time>",
    r'<span class="when-exact">[^<]*</span>',
    r"\d\d:\d\d(:\d\d)?",
)


def _plain(words: str) -> str:
    """A page without what differs between any two answers."""
    for noise in _NOISE:
        words = re.sub(noise, "", words)
    return words


def _seen(browse: Browse, people: list[Person]) -> list[tuple[int, str]]:
    found = []
    for person in people:
        client = browse(person)
        for path in _PATHS:
            answer = client.get(path)
            found.append((answer.status_code, _plain(answer.content.decode())))
    return found


def test_somebody_without_a_part_in_it_sees_the_same_bytes_in_both_worlds(
    browse: Browse, dana: Person, emre: Person, rosa: Person, bob: Person, charlie: Person, runs: Works, time: Time
) -> None:
    otto = Person.objects.create(email="otto@example.org", name="Otto", roles=int(Role.AUDITOR))
    vera = Person.objects.create(email="vera@example.org", name="Vera", roles=int(Role.APPROVER))
    strangers = [bob, charlie, otto, vera]
    cut_off("DE")
    default_policy()
    runs()
    _seen(browse, strangers)
    before = _seen(browse, strangers)
    assert _seen(browse, strangers) == before, "whatever differs later differs by what happens here"
    hold(rosa)
    travelling.plan(dana, dana, plan(rosa, every=1))
    runs()
    answering.by_message("sms", "sms:Dana", "2", "m1")
    time.passes(minutes=11)
    runs()
    assert Alert.objects.exists()
    assert _seen(browse, strangers) == before


def test_missing_and_forbidden_look_alike(
    browse: Browse, dana: Person, emre: Person, rosa: Person, bob: Person, alice: Person, runs: Works, time: Time
) -> None:
    _world(dana, emre, rosa, runs, time)
    row, journey, event = RollCall.objects.get(), Journey.objects.get(), Silence.objects.get()
    member, part = Member.objects.all()[0], Silent.objects.all()[0]
    checkin = journey.checkins.all()[0]
    reads = [f"/rollcalls/{row.public_id}/", f"/rollcalls/silences/{event.public_id}/"]
    writes = [
        *(f"/rollcalls/{row.public_id}/{verb}" for verb in ("again", "extend", "close", "open", "let-in")),
        f"/rollcalls/{row.public_id}/helped/{member.pk}",
        f"/rollcalls/{row.public_id}/heard/{member.pk}",
        *(f"/rollcalls/silences/{event.public_id}/{verb}" for verb in (f"out/{part.pk}", f"back/{part.pk}", "split")),
    ]
    journeys = [
        f"/rollcalls/journeys/{journey.public_id}/{verb}" for verb in ("agree", "well", "help", "end", "decline")
    ]
    journeys += [f"/rollcalls/journeys/{journey.public_id}/{verb}/{checkin.pk}" for verb in ("helped", "heard")]
    for person, own in ((bob, False), (emre, False), (dana, True)):
        client = browse(person)
        for path in reads + ([] if own else [f"/rollcalls/journeys/{journey.public_id}/"]):
            missing = client.get(re.sub(r"/[0-9a-z]{10}/", "/nothere222/", path))
            found = client.get(path)
            assert (found.status_code, missing.status_code) == (404, 404), path
            assert len(found.content) == len(missing.content)
        for path in writes + ([] if own else journeys):
            assert client.post(path).status_code == 404, path
    assert browse(bob).get("/rollcalls/new/").status_code == 403
    assert Client().get("/rollcalls/").status_code == 302
    assert silences.subject(part).pk
    assert asking.find(bob, asking.Asked(row.question, "x")) == []  # type: ignore[arg-type]


def test_an_alert_of_ones_own_making_opens_nothing(browse: Browse, dana: Person, rosa: Person, bob: Person) -> None:
    from tocsin.alerts.actions import PageNow, page_now
    from tocsin.alerts.models import Lane, Severity

    rollcall = hold(rosa)
    page_now(bob, PageNow(Severity.SEVERE, Lane.LIFE, named=True, reference=f"rollcall:{rollcall.public_id}"))
    assert browse(bob).get(f"/rollcalls/{rollcall.public_id}/").status_code == 404


@pytest.mark.parametrize("value", ["", "x", "-1", "9" * 40, "\x00", "<script>", "1' OR 1=1"])
def test_ugly_input_is_refused_and_breaks_nothing(value: str, browse: Browse, rosa: Person, dana: Person) -> None:
    client = browse(rosa)
    for name in ("question", "minutes", "again_minutes", "silence_minutes", "policy", "readers", "languages", "once"):
        assert client.post("/rollcalls/new/", question(do="send") | {name: value}).status_code in {302, 422}
    rollcall = hold(rosa)
    for verb in ("extend", "let-in"):
        assert (
            client.post(f"/rollcalls/{rollcall.public_id}/{verb}", {"minutes": value, "person": value}).status_code
            == 302
        )
    mine = browse(dana)
    for name in ("own_words", "address", "languages", "country", "contact", "fallback_hours", "manner"):
        fields = {"safe_check": "on", "manner": "open", "fallback": "contact", name: value}
        assert mine.post("/rollcalls/me/", fields | {"do": "save"}).status_code in {302, 422}
    for name in ("person", "starts_at", "time_zone", "times", "watchers", "country"):
        assert mine.post("/rollcalls/journeys/new/", {name: value}).status_code == 422
