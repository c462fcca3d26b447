"""Programs arrange duty: with a token's rights, and never more than its person may."""

import json
from typing import Any

import pytest
from django.test import Client

from tocsin.oncall import actions
from tocsin.oncall.models import Layer, Override, Swap
from tocsin.oncall.tests.arranging import midnight, rota_of
from tocsin.people.actions import issue_token
from tocsin.people.models import Person
from tocsin.people.roles import Right, Role

pytestmark = pytest.mark.django_db


class Program:
    """Calls with a token of some rights."""

    def __init__(self, person: Person, *rights: Right) -> None:
        self.token = str(issue_token(person, "a program", list(rights), 30))

    def __call__(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        sent: dict[str, Any] = (
            {"data": json.dumps(body), "content_type": "application/json"} if body is not None else {}
        )
        answer = Client().generic(method, f"/api/{path}", HTTP_AUTHORIZATION=f"Bearer {self.token}", **sent)
        assert answer.status_code == status, answer.content
        return json.loads(answer.content) if answer.content else None


LAYER = {"handover_at": "09:00", "time_zone": "UTC", "unit": "day", "length": 1}


def test_a_program_makes_a_rota_looks_first_and_reads_who_has_duty(alice: Person, bob: Person) -> None:
    call = Program(alice, Right.DUTY, Right.ROTAS)
    rota = call("POST", "rotas", {"name": "First line"}, 201)
    at = f"rotas/{rota['id']}"
    layer = LAYER | {"people": [bob.pk, alice.pk], "starts_on": midnight(-9).date().isoformat()}
    looked = call("POST", f"{at}/preview", layer)
    assert looked["gaps"] == []
    assert looked["changes"][0]["before"] is None
    assert not Layer.objects.exists()
    made = call("POST", f"{at}/layers", layer, 201)
    assert made["people"] == [bob.pk, alice.pk]
    assert call("GET", "duty")[0]["person"]["name"] in {"Alice", "Bob"}
    assert {one["person"]["name"] for one in call("GET", f"{at}/shifts?weeks=1")} == {"Alice", "Bob"}
    changed = call("PUT", f"{at}/layers/{made['id']}", layer | {"people": [bob.pk]})
    assert call("GET", f"{at}/layers")[0]["id"] == changed["id"]
    call("DELETE", f"{at}/layers/{changed['id']}", None, 204)
    assert call("GET", f"{at}/gaps?weeks=1")[0]["because"] == "nobody"


def test_a_swap_is_asked_and_agreed_by_two_programs(alice: Person, bob: Person) -> None:
    rota = rota_of(alice, bob)
    mine, theirs = Program(bob, Right.ROTAS), Program(alice, Right.ROTAS)
    sent = {"rota": rota.public_id, "taker": alice.pk, "since": midnight(1).isoformat()}
    swap = mine("POST", "swaps", sent | {"until": midnight(2).isoformat()}, 201)
    assert theirs("GET", "swaps")["items"][0]["id"] == swap["id"]
    assert theirs("POST", f"swaps/{swap['id']}/agree")["state"] == "agreed"
    assert Swap.objects.get().state == Swap.State.AGREED
    override = Override.objects.get()
    assert Program(alice, Right.ROTAS)("GET", f"rotas/{rota.public_id}/overrides")[0]["swap"] == swap["id"]
    Program(bob, Right.ROTAS)("DELETE", f"rotas/{rota.public_id}/overrides/{override.pk}", None, 403)


def test_a_token_that_may_only_read_neither_sees_nor_gives_away_duty(bob: Person) -> None:
    call = Program(bob, Right.READ)
    for method, path in (("GET", "duty"), ("GET", "duty/mine"), ("POST", "rests"), ("POST", "swaps")):
        call(method, path, {} if method == "POST" else None, 403)


def test_what_is_refused_is_said_in_words(alice: Person, bob: Person) -> None:
    rota = rota_of(alice, bob)
    sent = {"person": bob.pk, "since": midnight(3).isoformat(), "until": midnight(2).isoformat()}
    said = Program(alice, Right.DUTY)("POST", f"rotas/{rota.public_id}/overrides", sent, 409)
    assert said["detail"] == "The end must be after the beginning."


def test_others_limits_and_load_are_not_there_without_the_right(alice: Person, bob: Person) -> None:
    rota = rota_of(alice, bob)
    call = Program(bob, Right.ROTAS)
    call("GET", f"limits/{alice.pk}", None, 404)
    assert call("GET", f"limits/{bob.pk}")["hours"] == 84
    assert [one["person"]["name"] for one in call("GET", f"rotas/{rota.public_id}/shares")] == ["Bob"]
    both = Program(alice, Right.ROTAS, Right.DUTY)
    assert len(both("GET", f"rotas/{rota.public_id}/shares")) == 2
    assert both("GET", f"limits/{bob.pk}")["hours"] == 84
    sent = {"person": alice.pk, "since": midnight(3).isoformat(), "until": midnight(4).isoformat()}
    call("POST", "absences", sent, 404)


def test_a_calendar_link_is_given_once(bob: Person) -> None:
    call = Program(bob, Right.ROTAS)
    made = call("POST", "calendars", {}, 201)
    assert made["address"].endswith(".ics")
    assert "address" not in call("GET", "calendars")[0]
    call("DELETE", f"calendars/{made['id']}", None, 204)
    assert call("GET", "calendars") == []


def test_a_token_of_a_lead_without_the_right_to_arrange_acts_like_one_who_may_not(alice: Person, bob: Person) -> None:
    rota = rota_of(alice, bob)
    absence = actions.away(bob, bob, midnight(3), midnight(4))
    carl = Person.objects.create(email="carl@example.org", name="Carl", roles=int(Role.RESPONDER))
    swap = actions.ask_swap(bob, rota, bob, carl, midnight(1), midnight(2))
    rest = actions.ask_rest(bob)
    call = Program(alice, Right.ROTAS)
    call("GET", f"limits/{bob.pk}", None, 404)
    call("DELETE", f"absences/{absence.pk}", None, 404)
    call("POST", f"swaps/{swap.public_id}/withdraw", None, 404)
    call("POST", f"rests/{rest.public_id}/end", None, 404)
    assert call("GET", "swaps")["items"] == []
    between = {"rota": rota.public_id, "giver": bob.pk, "taker": carl.pk, "since": midnight(5).isoformat()}
    call("POST", "swaps", between | {"until": midnight(6).isoformat()}, 404)
    assert [one["person"]["name"] for one in call("GET", f"rotas/{rota.public_id}/shares")] == ["Alice"]
