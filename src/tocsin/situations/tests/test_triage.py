"""An analyst answers for one text after another; the gravest comes first, and every step can be taken back."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.http import HttpResponse, HttpResponseBase
from django.test import Client
from django.utils import timezone

from tocsin.people.models import Person
from tocsin.signals.models import Correction, Signal
from tocsin.situations import work
from tocsin.situations.models import Member, Situation
from tocsin.situations.tests.arriving import ARREST, ARREST_AGAIN, FLOOD, arrive, run
from tocsin.streams.models import Source

Make = Callable[..., Source]
Browse = Callable[[Person], Client]
LAW = ("Parliament of Peru debates a bill on online content", "Lawmakers debated a draft bill about social media.")
BEATEN = ("Journalist beaten by police in Peru", "A journalist was severely beaten by police in Lima on Monday.")

pytestmark = pytest.mark.django_db


def shown(answer: HttpResponseBase) -> str:
    """The title of the text in hand."""
    found = re.search(r'id="hand"><a [^>]*>([^<]*)</a>', words(answer))
    return found[1] if found else ""


def words(answer: HttpResponseBase) -> str:
    assert isinstance(answer, HttpResponse)
    return answer.content.decode()


def say(client: Client, title: str, **said: str) -> HttpResponseBase:
    number = Signal.objects.get(title=title, copy_of=None).pk
    answer: HttpResponseBase = client.post(f"/triage/{number}/answer", said, follow=True)
    return answer


@pytest.fixture
def queue(source: Make) -> None:
    arrive(source("Daily"), *ARREST)
    arrive(source("Herald"), *BEATEN, hours=1)
    arrive(source("Post"), *LAW, hours=2)
    arrive(source("Echo"), *FLOOD, hours=3)
    run()


def test_the_gravest_comes_first_and_what_tells_of_no_harm_does_not_wait(
    queue: None, browse: Browse, bob: Person
) -> None:
    waiting = Signal.objects.filter(waiting=True).order_by("-expected")
    assert [one.title for one in waiting] == [ARREST[0], BEATEN[0], LAW[0]]
    page = browse(bob).get("/triage/")
    assert shown(page) == ARREST[0]
    assert FLOOD[0] not in page.content.decode()
    assert "Expected harm = " in page.content.decode()


def test_each_answer_leads_to_the_next_text_until_nothing_waits(queue: None, browse: Browse, bob: Person) -> None:
    client = browse(bob)
    assert shown(say(client, ARREST[0], do="accept")) == BEATEN[0]
    assert shown(say(client, BEATEN[0], do="harm:threat")) == LAW[0]
    end = say(client, LAW[0], do="abstain")
    assert shown(end) == ""
    assert "Nothing waits" in words(end)
    told = {one.title: (one.harm, one.state) for one in Signal.objects.all()}
    assert told[ARREST[0]] == ("arrest", "read")
    assert told[BEATEN[0]] == ("threat", "read")
    assert told[LAW[0]] == ("law", "read")
    assert Correction.objects.filter(by=bob).count() == 3


@pytest.mark.parametrize("said", ["dead", "not_ours"])
def test_dead_and_not_about_us_take_a_text_out_and_undo_brings_it_back(
    said: str, queue: None, browse: Browse, bob: Person
) -> None:
    client = browse(bob)
    say(client, ARREST[0], do=said)
    run()
    signal = Signal.objects.get(title=ARREST[0])
    assert (signal.state, signal.waiting) == (said, False)
    assert Member.objects.get(signal=signal).situation is None
    answer = client.post("/triage/undo", follow=True)
    run()
    signal.refresh_from_db()
    assert (signal.state, signal.waiting) == ("read", True)
    assert Member.objects.get(signal=signal).situation is not None
    assert shown(answer) == ARREST[0]


def test_an_answer_is_for_the_copies_too_and_on_demand_for_what_reads_the_same_beside_it(
    source: Make, browse: Browse, bob: Person
) -> None:
    arrive(source("Daily"), *ARREST)
    arrive(source("Mirror"), *ARREST, hours=1)
    arrive(source("Herald"), *ARREST_AGAIN, hours=2)
    run()
    assert Signal.objects.filter(waiting=True).count() == 2
    first, other = Signal.objects.filter(waiting=True).order_by("-expected", "-pk")
    client = browse(bob)
    client.post(f"/triage/{first.pk}/answer", {"do": "harm:threat", "alike": "on"})
    assert set(Signal.objects.values_list("harm", flat=True)) == {"threat"}
    assert not Signal.objects.filter(waiting=True).exists()
    client.post("/triage/undo")
    assert set(Signal.objects.values_list("harm", flat=True)) == {"arrest"}
    assert set(Signal.objects.filter(waiting=True)) == {first, other}


def test_who_comes_second_is_told_and_changes_nothing(queue: None, browse: Browse, alice: Person, bob: Person) -> None:
    say(browse(alice), ARREST[0], do="harm:threat")
    late = say(browse(bob), ARREST[0], do="dead")
    assert "Alice answered for" in words(late)
    assert Signal.objects.get(title=ARREST[0]).state == "read"
    seen = Correction.objects.get().pk
    say(browse(bob), ARREST[0], do="dead", seen=str(seen))
    assert Signal.objects.get(title=ARREST[0]).state == "dead"


def test_a_text_is_put_off_split_off_and_merged_from_here(source: Make, browse: Browse, bob: Person) -> None:
    arrive(source("Daily"), *ARREST)
    arrive(source("Herald"), *ARREST_AGAIN, hours=2)
    run()
    client = browse(bob)
    page = client.get("/triage/")
    later = re.search(r'href="(/triage/\?after=[^"]*)"', page.content.decode())
    assert later is not None
    assert shown(client.get(later[1])) not in ("", shown(page))
    first = Signal.objects.filter(waiting=True).order_by("-expected", "-pk").first()
    assert first is not None
    client.post(f"/triage/{first.pk}/split")
    assert Situation.objects.filter(state="open").count() == 2
    other = Situation.objects.exclude(members__signal=first).get()
    client.post(f"/triage/{first.pk}/merge", {"into": other.public_id})
    assert Situation.objects.get(state="open") == other
    client.post("/triage/undo")
    assert Situation.objects.filter(state="open").count() == 2


def test_progress_counts_ones_own_answers_of_today_and_what_is_above_what_paged(
    queue: None, browse: Browse, bob: Person
) -> None:
    client = browse(bob)
    assert "0 of 1 today" in client.get("/triage/").content.decode()
    page = words(say(client, ARREST[0], do="accept"))
    assert "1 of 1 today" in page
    assert "You are through" in page
    Correction.objects.update(at=timezone.now() - timedelta(days=2))
    assert "0 of 0 today" in client.get("/triage/").content.decode()


def test_only_who_assesses_sees_it_and_nobody_texts_for_others(
    source: Make, browse: Browse, bob: Person, vera: Person
) -> None:
    arrive(source("Internal", readers=1), *ARREST, readers=1)
    run()
    assert browse(vera).get("/triage/").status_code == 403
    page = browse(bob).get("/triage/")
    assert "Nothing waits" in page.content.decode()
    hidden = Signal.objects.get()
    assert browse(bob).post(f"/triage/{hidden.pk}/answer", {"do": "accept"}).status_code == 404
    assert browse(bob).get(f"/triage/?text={hidden.pk}").status_code == 404


def test_a_kind_is_picked_from_one_list_on_a_phone(queue: None, browse: Browse, bob: Person) -> None:
    client = browse(bob)
    page = client.get("/triage/").content.decode()
    assert page.count('<option value="harm:') == page.count('name="do" value="harm:') == 15
    assert "Choose a kind of harm first" in words(say(client, ARREST[0], do="kind", kind=""))
    assert not Correction.objects.exists()
    say(client, ARREST[0], do="kind", kind="harm:threat")
    assert Correction.objects.get().after == "threat"


def test_a_word_that_is_no_answer_changes_nothing(queue: None, browse: Browse, bob: Person) -> None:
    client = browse(bob)
    for word in ("", "harm:nonsense", "accept;drop"):
        assert "That is no answer" in words(say(client, ARREST[0], do=word))
        if word:
            assert "That is no answer" in words(say(client, ARREST[0], do="kind", kind=word))
    for address in ("/triage/?after=x-1", "/triage/?after=1e9-2", "/triage/?text=0"):
        assert client.get(address).status_code in (200, 404)
    assert client.post("/triage/undo", follow=True).status_code == 200
    assert not Correction.objects.exists()
    work.forget()
