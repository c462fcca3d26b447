"""What programs may do with allies: the same as people, by the same rights."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tocsin.alerts import clock
from tocsin.alliances.models import Contact
from tocsin.alliances.tests.conftest import WAY, Makes
from tocsin.people.actions import issue_token
from tocsin.people.models import Person
from tocsin.people.roles import Right, rights

pytestmark = pytest.mark.django_db

NEW = {
    "contact": {"name": "Kalina Fund", "kinds": ["fund"], "helps": ["money"], "countries": ["KE"], "languages": ["sw"]},
    "reach": {"ways": WAY},
    "once": "k3v9x2mw7q",
}
HOLDS = {"identity": "sure", "reputation": "sure", "references": "not", "how": "Met them in May.", "outcome": "holds"}


class Program:
    """Calls with a token of some rights."""

    def __init__(self, person: Person, *asked: Right) -> None:
        self._token = str(issue_token(person, "a program", asked or tuple(rights(person.role_set)), 30))

    def __call__(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        sent = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        header = {"HTTP_AUTHORIZATION": f"Bearer {self._token}"}
        answer = Client().generic(method, f"/api/{path}", **sent, **header)  # type: ignore[arg-type]
        return answer.status_code, json.loads(answer.content) if answer.content else None


def test_from_a_proposal_to_its_erasure(alice: Person) -> None:
    call = Program(alice)
    new = {**NEW, "contact": {**NEW["contact"], "owner": alice.pk}}  # type: ignore[dict-item]
    status, made = call("POST", "alliances", new)
    assert (status, made["stands"], made["usable"]) == (201, "proposed", False)
    assert call("POST", "alliances", new)[1]["id"] == made["id"]
    at = f"alliances/{made['id']}"
    status, refused = call("POST", f"{at}/verifications", HOLDS)
    assert (status, refused["fields"][0]["field"]) == (422, "body.next_due")
    status, vetted = call("POST", f"{at}/verifications", {**HOLDS, "next_due": _in_a_year()})
    assert (status, vetted["stands"], len(vetted["verifications"])) == (200, "vetted", 1)
    assert call("POST", f"{at}/reach/open", {"purpose": "refer"}) == (200, {"ways": WAY, "instructions": ""})
    found = call("GET", "alliances/suggest?help=money&country=KE&language=sw")[1]
    assert found[0]["reasons"] == ["works in Kenya", "speaks the language"]
    assert call("PUT", f"{at}/reach", {"ways": "Signal +254 711 111 111"})[1]["stands"] == "stale"
    assert [one["id"] for one in call("GET", "alliances/due")[1]] == [made["id"]]
    assert call("POST", f"{at}/steps/let-go", {"reason": "They stopped practising."})[1]["stands"] == "let_go"
    assert call("GET", "alliances")[1]["items"] == []
    assert call("POST", f"{at}/undo")[1]["stands"] == "stale"
    assert call("DELETE", at)[0] == 409
    call("POST", f"{at}/steps/let-go", {"reason": "They stopped practising."})
    assert call("DELETE", at)[0] == 204
    assert not Contact.objects.exists()


def test_a_token_that_reads_changes_nothing_and_others_see_nothing(vetted: Makes, alice: Person, bob: Person) -> None:
    row = vetted()
    reads = Program(alice, Right.ALLIES)
    at = f"alliances/{row.public_id}"
    assert reads("GET", at)[0] == 200
    assert reads("POST", f"{at}/verifications", HOLDS)[0] == 403
    assert reads("PUT", f"{at}/reach", {})[0] == 403
    assert Program(bob)("GET", "alliances")[0] == 403
    assert Program(bob)("GET", at)[0] == 403
    assert reads("GET", "alliances/nothere")[0] == 404


def test_no_list_and_no_ally_gives_a_way_to_reach_anybody(vetted: Makes, alice: Person, rosa: Person) -> None:
    row = vetted(protected=True)
    call = Program(rosa)
    for path in ("alliances", f"alliances/{row.public_id}", "alliances/due", "alliances/suggest"):
        assert WAY not in json.dumps(call("GET", path)[1])
    other = Person.objects.create(email="ruth@example.org", name="Ruth", roles=rosa.roles)
    status, refused = Program(other)("POST", f"alliances/{row.public_id}/reach/open", {"purpose": "refer"})
    assert status == 409
    assert WAY not in json.dumps(refused)


def test_a_list_is_taken_whole_or_not_at_all(alice: Person) -> None:
    call = Program(alice)
    bad = call("POST", "alliances/import", {"csv": "name,kinds,helps\nA,lawyer,magic\n", "owner": alice.pk})[1]
    assert (bad["count"], bad["wrong"][0]["line"]) == (0, 2)
    good = call("POST", "alliances/import", {"csv": "name,kinds,helps\nA,lawyer,legal\n", "owner": alice.pk})[1]
    assert good == {"count": 1, "wrong": []}


def _in_a_year() -> str:
    return (clock.now().date() + timedelta(days=365)).isoformat()
