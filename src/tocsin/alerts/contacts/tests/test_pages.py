"""My contacts: everything by forms without scripts, for the person alone."""

import json
from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client

from tocsin.alerts import addresses, answering
from tocsin.alerts.contacts.tests.test_addresses import code_sent, names, on_duty, own
from tocsin.alerts.models import Address, Lane, Page, Preference
from tocsin.alerts.secrets import number_of
from tocsin.alerts.tests.drums import address as drum_address
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db

Browse = Callable[[Person], Client]
INDEX = "/alerts/contacts/"


@pytest.fixture
def bobs(browse: Browse, bob: Person) -> Client:
    return browse(bob)


def seen(client: Client, path: str = INDEX) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def order(client: Client, act: str, **more: str) -> HttpResponse:
    answer = client.post(f"{INDEX}order", {"lane": "life", "hours": "night", "act": act, **more})
    assert isinstance(answer, HttpResponse)
    return answer


def test_who_has_none_reads_what_to_set_up_first(bobs: Client) -> None:
    text = seen(bobs)
    assert "Nothing can wake you yet" in text
    assert "First add what rings beside your bed" in text


def test_where_no_channel_is_set_up_it_says_who_can_help(bobs: Client, drums: object) -> None:
    drums.of.clear()  # type: ignore[attr-defined]
    assert "No way to reach people is set up here" in seen(bobs)
    assert "Ask whoever runs this server" in seen(bobs, f"{INDEX}add/")


def test_an_address_is_added_proved_and_tried(bobs: Client, bob: Person, works: Callable[[], None]) -> None:
    answer = bobs.post(f"{INDEX}add/", {"channel": "sms", "value": "+41446681800", "label": "work phone"})
    address = Address.objects.get()
    assert answer["Location"] == f"{INDEX}{address.pk}/"
    assert "Not used yet" in seen(bobs, answer["Location"])
    wrong = bobs.post(f"{INDEX}{address.pk}/verify", {"code": "1"})
    assert "That is not the code." in wrong.content.decode()
    bobs.post(f"{INDEX}{address.pk}/verify", {"code": code_sent(address)})
    text = seen(bobs)
    assert "work phone" in text
    assert "1 verified way; 1 of them can wake you." in text
    assert "Add a second one, by another network" in text
    assert 'href="/alerts/contacts/add/">Add a second way' in text
    assert bobs.post(f"{INDEX}test/", {"address": str(address.pk)})["Location"] == f"{INDEX}test/"
    assert "sms work phone: waits" in " ".join(
        seen(bobs, f"{INDEX}test/").replace("<strong>", "").replace("</strong>", "").split()
    )
    works()
    assert "the provider took it after" in seen(bobs, f"{INDEX}test/")
    page = Page.objects.latest("pk")
    answering.answer(page, "arrived", number_of(page.public_id), "link")
    text = seen(bobs, f"{INDEX}test/")
    assert "It works." in text
    assert "hx-trigger" not in text, "it polls no more"


def test_whoever_has_two_proved_ways_is_asked_for_no_more(bobs: Client, bob: Person) -> None:
    drum_address(bob, "signal")
    assert "Add a second way" in seen(bobs)
    drum_address(bob, "sms")
    assert "Add a second way" not in seen(bobs)


def test_who_can_not_be_woken_is_told(bobs: Client, bob: Person) -> None:
    own(bob, "mail")
    assert "Nothing of yours can wake you." in seen(bobs)


def test_a_locked_phone_is_shown_with_both_wordings(bobs: Client, bob: Person) -> None:
    own(bob, "sms")
    text = seen(bobs)
    assert "7F3K: Please look." in text
    assert "7F3K (severe): Please look." in text


def test_the_order_changes_by_buttons(bobs: Client, bob: Person) -> None:
    signal, sms, mail = (own(bob, channel) for channel in ("signal", "sms", "mail"))
    assert order(bobs, f"up:{mail.pk}")["Location"] == f"{INDEX}#order-life-night"
    assert names(bob) == ["signal", "mail", "sms"]
    order(bobs, f"down:{signal.pk}")
    assert names(bob) == ["mail", "signal", "sms"]
    order(bobs, f"out:{sms.pk}")
    assert names(bob) == ["mail", "signal"]
    assert "is not used here." in seen(bobs)
    order(bobs, f"in:{sms.pk}")
    order(bobs, f"wait:{sms.pk}", **{f"wait-{sms.pk}": "90"})
    assert addresses.order_of(bob, Lane.LIFE, Preference.Hours.NIGHT)[-1].after_seconds == 90
    order(bobs, "reset")
    assert names(bob) == ["signal", "sms", "mail"]


@pytest.mark.parametrize("act", ["", "up", "up:0", "up:x", "up:" + "9" * 30, "fly:1", "wait:1"])
def test_a_button_that_is_none_changes_nothing(bobs: Client, bob: Person, act: str) -> None:
    own(bob, "sms")
    assert order(bobs, act).status_code == 404
    assert bobs.post(f"{INDEX}order", {"lane": "x", "hours": "night", "act": "reset"}).status_code == 404


def test_a_refusal_is_said_on_the_page(bobs: Client, bob: Person) -> None:
    sms = own(bob, "sms")
    own(bob, "mail")
    on_duty(bob)
    assert bobs.post(f"{INDEX}{sms.pk}/remove/")["Location"] == f"{INDEX}{sms.pk}/remove/"
    assert "You are on duty, and nothing else can wake you." in seen(bobs, f"{INDEX}{sms.pk}/remove/")
    bobs.post(f"{INDEX}{sms.pk}/remove/", {"lost": "yes"})
    sms.refresh_from_db()
    assert sms.ended_at is not None


def test_a_code_and_words_are_sent_and_saved_by_forms(bobs: Client, bob: Person) -> None:
    address = addresses.add(bob, "sms", "+41446681800")
    first = code_sent(address)
    bobs.post(f"{INDEX}{address.pk}/code")
    assert code_sent(address) != first
    bobs.post(f"{INDEX}{address.pk}/words", {"label": "on\u2028my\tdesk", "says_severity": "on"})
    address.refresh_from_db()
    assert (address.label, address.says_severity) == ("on my desk", True)


def test_addresses_of_others_do_not_exist(browse: Browse, bob: Person, alice: Person) -> None:
    address = own(bob, "sms", "+41446681800")
    lead = browse(alice)
    for path in ("", "remove/"):
        assert lead.get(f"{INDEX}{address.pk}/{path}").status_code == 404
    for path in ("verify", "code", "words", "remove/"):
        assert lead.post(f"{INDEX}{address.pk}/{path}", {"code": "1"}).status_code == 404
    assert lead.post(f"{INDEX}test/", {"address": str(address.pk)}).status_code == 404
    assert "446681800" not in seen(lead)


def test_strangers_sign_in_first(client: Client) -> None:
    assert client.get(INDEX)["Location"].startswith("/account/login/")
    assert client.post(f"{INDEX}test/")["Location"].startswith("/account/login/")


def test_forms_of_other_sites_are_refused(bob: Person, bobs: Client) -> None:
    own(bob, "sms")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = bobs.cookies
    assert strict.post(f"{INDEX}test/").status_code == 403


def api(client: Client, method: str, path: str, **body: object) -> HttpResponse:
    answer = client.generic(method, f"/api{path}", json.dumps(body) if body else "", content_type="application/json")
    assert isinstance(answer, HttpResponse)
    return answer


def test_programs_can_do_the_same(bobs: Client, bob: Person, works: Callable[[], None]) -> None:
    made = json.loads(api(bobs, "POST", "/contacts", channel="sms", value="+41446681800").content)
    assert (made["state"], made["wakes"]) == ("waiting", True)
    path = f"/contacts/{made['id']}"
    address = Address.objects.get()
    assert api(bobs, "POST", f"{path}/code").status_code == 204
    assert api(bobs, "POST", f"{path}/verify", code="1").status_code == 409
    assert json.loads(api(bobs, "POST", f"{path}/verify", code=code_sent(address)).content)["state"] == "works"
    assert json.loads(api(bobs, "PUT", path, label="desk", says_severity=True).content)["label"] == "desk"
    place = {"contact": address.pk, "after_seconds": 0}
    assert api(bobs, "PUT", "/contacts/orders/life/night", places=[place]).status_code == 204
    orders = json.loads(api(bobs, "GET", "/contacts/orders").content)
    assert [one["lane"] for one in orders if one["chosen"]] == ["life"]
    assert api(bobs, "POST", "/contacts/test", contact=address.pk).status_code == 201
    works()
    ((step,),) = (one["steps"] for one in json.loads(api(bobs, "GET", "/contacts/test").content))
    assert step["says"] == "the provider took it"
    assert [one["id"] for one in json.loads(api(bobs, "GET", "/contacts").content)] == [address.pk]
    assert api(bobs, "DELETE", path).status_code == 204
    assert json.loads(api(bobs, "GET", "/contacts").content) == []


def test_programs_of_others_find_nothing(browse: Browse, bob: Person, alice: Person) -> None:
    address = own(bob, "sms")
    lead = browse(alice)
    assert json.loads(api(lead, "GET", "/contacts").content) == []
    assert api(lead, "DELETE", f"/contacts/{address.pk}").status_code == 404
    assert api(lead, "POST", f"/contacts/{address.pk}/verify", code="1").status_code == 404
    assert api(lead, "POST", "/contacts/test", contact=address.pk).status_code == 404
