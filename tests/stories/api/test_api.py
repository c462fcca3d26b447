"""Programs call the API: each with a token's rights, each seeing only what its person may see."""

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.utils import timezone

from tests.stories.api.world import Makes, Program, World, next_week
from tocsin.audit.models import Entry
from tocsin.config.api import api, right_of
from tocsin.lib.logs import BodyFree
from tocsin.people.actions import deactivate, issue_token, revoke_token
from tocsin.people.models import Person, Token
from tocsin.people.roles import Right, Role, rights
from tocsin.signals.models import Signal

pytestmark = pytest.mark.django_db

JUDGEMENT = {
    "probability": 0.7,
    "impact": 4,
    "confidence": "moderate",
    "reasons": "Her lawyer says so.",
    "rivals": "Another person of that name.",
}


class _Whatever(dict[str, str]):
    """What else stands in an address: who may call is asked before it is read."""

    def __missing__(self, name: str) -> str:
        return "fetch" if name == "verb" else "1"


def _address(path: str, world: World) -> str:
    return path.strip("/").format_map(_Whatever(public_id=world.open.public_id))


# Who may call


def test_every_route_has_exactly_one_guard() -> None:
    found = [(path, right_of(operation)) for path, operation in api.operations()]
    assert len(found) > 30
    free = {path for path, right in found if right is None}
    assert free == {"/me", "/me/tokens", "/me/tokens/{number}", "/roles"}


def test_a_token_that_may_only_read_writes_nothing(alice: Person, program: Makes, world: World) -> None:
    reader = program(alice, Right.READ)
    before = Entry.objects.count()
    assert reader.call("GET", f"situations/{world.open.public_id}")[0] == 200
    for path, operation in api.operations():
        if right_of(operation) is Right.READ or right_of(operation) is None:
            continue
        address = _address(path, world)
        for method in operation.methods:
            status, body = reader.call(method, address, {})
            assert (status, "right" in body["detail"]) == (403, True), path
    assert Entry.objects.count() == before


def test_somebody_without_a_role_is_refused_everywhere(
    alice: Person, charlie: Person, browse: Callable[[Person], Client], world: World
) -> None:
    charlie.roles = int(Role.LEAD)
    charlie.save()
    token = Program(str(issue_token(charlie, "before", list(rights(Role.LEAD)), 30)))
    charlie.roles = 0
    charlie.save()
    session = browse(charlie)
    for path, operation in api.operations():
        address = _address(path, world)
        for method in operation.methods:
            assert token.call(method, address, {})[0] == 403, path
            assert session.generic(method, f"/api/{address}").status_code == 403, path
    assert session.get("/api/openapi.json").status_code == 403


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer tocsin_x", "Basic YTpi", "Bearer " + "x" * 9000])
def test_a_stranger_learns_only_that_a_token_is_needed(db: None, header: str) -> None:
    for path in ("situations", "situations/h7k3mq2x", "me", "openapi.json", "audit/chain"):
        answer = Client().get(f"/api/{path}", HTTP_AUTHORIZATION=header) if header else Client().get(f"/api/{path}")
        assert answer.status_code == 401
        assert set(answer.json()) == {"detail", "fields"}


def test_a_token_stops_when_it_is_revoked_or_too_old_or_its_person_leaves(
    alice: Person, bob: Person, program: Makes
) -> None:
    revoked, old, left = program(bob), program(bob), program(bob)
    numbers = list(Token.objects.order_by("pk").values_list("pk", flat=True))
    assert [one.call("GET", "me")[0] for one in (revoked, old, left)] == [200, 200, 200]
    assert revoke_token(bob, numbers[0])
    Token.objects.filter(pk=numbers[1]).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert [one.call("GET", "me")[0] for one in (revoked, old, left)] == [401, 401, 200]
    deactivate(alice, bob)
    assert left.call("GET", "me")[0] == 401


def test_a_session_writes_only_with_the_csrf_token(
    alice: Person, browse: Callable[[Person], Client], world: World
) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = browse(alice).cookies
    address = f"/api/situations/{world.open.public_id}/title"
    assert browser.get("/api/me").json()["name"] == "Alice"
    sent: dict[str, Any] = {"data": {"title": "A title"}, "content_type": "application/json"}
    assert browser.put(address, **sent).status_code == 403
    browser.cookies["csrf"] = "a" * 32
    assert browser.put(address, **sent, HTTP_X_CSRFTOKEN="b" * 32).status_code == 403
    assert browser.put(address, **sent, HTTP_X_CSRFTOKEN="a" * 32).status_code == 200


def test_the_document_is_for_callers_and_no_page_of_foreign_scripts_is_served(alice: Person, program: Makes) -> None:
    document = program(alice).get("openapi.json")
    names = [one["operationId"] for path in document["paths"].values() for one in path.values()]
    assert len(names) == len(set(names)) == len(api.operations())
    for path in document["paths"].values():
        for one in path.values():
            assert one["summary"]
            assert "right" in one["description"]
            assert "Bearer" in one["security"][0]
    assert program(alice).call("GET", "docs")[0] == 404


def test_every_route_stands_in_the_docs() -> None:
    page = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
    routes = [f"`{method} {path}` |" for path, one in api.operations() for method in one.methods]
    assert [route for route in routes if route not in page] == []


# What may be seen


def test_restricted_rows_show_in_no_list_count_detail_or_search(
    bob: Person, owner: Person, program: Makes, world: World
) -> None:
    lead, helper = program(owner), program(bob)
    numbers = {one["id"] for one in helper.get("signals")["items"]}
    assert world.hidden.pk not in numbers
    assert {one["id"] for one in lead.get("signals")["items"]} == numbers | {world.hidden.pk}
    secret = f"situations/{world.secret.public_id}"
    for program_, status in ((lead, 200), (helper, 404)):
        paths = [secret, f"{secret}/signals", f"{secret}/log", f"{secret}/assessments", f"signals/{world.hidden.pk}"]
        assert [program_.call("GET", path)[0] for path in paths] == [status] * 5
    assert len(helper.get("ranking")) == len(lead.get("ranking")) - 1
    assert len(helper.get("look/TR")["situations"]) == len(lead.get("look/TR")["situations"]) - 1
    words = {one["country"]: one["words"] for one in helper.get("map")}["TR"]
    assert words.startswith("2 open situations")
    assert len(lead.get("search?words=Internal")["items"]) == 1
    assert helper.get("search?words=Internal") == {"items": [], "more": False}


def test_missing_and_forbidden_look_the_same(bob: Person, program: Makes, world: World) -> None:
    helper = program(bob)
    for body in ({"other": world.secret.public_id}, {"other": "zzzzzzzz"}):
        assert helper.call("POST", f"situations/{world.open.public_id}/merge", body) == helper.call(
            "GET", "signals/987654321"
        )
    assert helper.call("GET", f"signals/{world.hidden.pk}") == helper.call("GET", "signals/987654321")
    topic = {"topic": f"situation:{world.secret.public_id}"}
    assert helper.call("POST", "subscriptions", topic)[0] == 404
    moved = {"signal": world.hidden.pk}
    assert helper.call("POST", f"situations/{world.open.public_id}/put-in", moved)[0] == 404


def test_a_copy_does_not_name_an_original_that_is_restricted(bob: Person, program: Makes, world: World) -> None:
    Signal.objects.filter(pk=world.shown[0].pk).update(copy_of=world.hidden)
    Signal.objects.filter(pk=world.hidden.pk).update(copy_of=world.shown[1])
    helper = program(bob)
    assert helper.get(f"signals/{world.shown[0].pk}")["copy_of"] is None
    assert helper.get(f"signals/{world.shown[1].pk}")["copies"] == 0
    assert [one["copy_of"] for one in helper.get("signals")["items"]] == [None] * 5


def test_search_finds_chinese_words(bob: Person, program: Makes, world: World) -> None:
    found = program(bob).get("search?words=维基百科&country=TR&harm=arrest")["items"]
    assert len(found) == 4
    assert found[0]["match"] == "维基百科"


def test_lists_come_in_parts_that_miss_nothing(bob: Person, program: Makes, world: World) -> None:
    helper, seen, cursor = program(bob), [], ""
    for _ in range(9):
        part = helper.get(f"signals?limit=2{cursor}")
        seen += [one["id"] for one in part["items"]]
        if part["next"] is None:
            break
        cursor = f"&cursor={part['next']}"
    assert seen == sorted((one["id"] for one in helper.get("signals")["items"]), reverse=True)


def test_a_number_that_json_does_not_know_is_null_and_missing_is_not_zero(
    bob: Person, program: Makes, world: World
) -> None:
    cells = {one["network"]: one for one in program(bob).get("cells?country=TR")["items"]}
    assert (cells["AS1"]["delay_seconds"], cells["AS2"]["delay_seconds"]) == (7200.0, None)
    points = program(bob).get(f"cells/{cells['AS1']['id']}")["recent"]
    assert [(one["n"], one["evidence"]) for one in points] == [(10.0, "scored"), (None, "none")]
    assert points[0]["at"] == "2026-02-25T06:13:20Z"


# What may be done


def test_a_program_assesses_and_every_version_is_kept(bob: Person, program: Makes, world: World) -> None:
    helper, address = program(bob), f"situations/{world.open.public_id}"
    for probability in (0.7, 0.9):
        judgement = {**JUDGEMENT, "probability": probability, "review_on": next_week()}
        status, made = helper.call("POST", f"{address}/assessments", judgement)
        assert (status, made["by"]) == (201, "Bob")
    found = helper.get(address)
    assert (found["probability"], found["probability_word"], found["probability_rule"]) == (0.9, "very likely", "")
    assert [one["version"] for one in helper.get(f"{address}/assessments")["items"]] == [2, 1]
    assert Entry.objects.filter(verb="situation.assess", actor=bob.pk).count() == 2


def test_merge_split_move_and_undo_follow_the_log(bob: Person, program: Makes, world: World) -> None:
    helper, address = program(bob), f"situations/{world.open.public_id}"
    status, line = helper.call("POST", f"{address}/merge", {"other": world.other.public_id, "reason": "one arrest"})
    assert (status, line["verb"], line["other"], len(line["signals"])) == (201, "merge", world.other.public_id, 2)
    assert helper.get(f"situations/{world.other.public_id}")["id"] == world.open.public_id
    assert helper.call("POST", f"{address}/log/{line['id']}/undo", {})[0] == 201
    assert helper.get(f"situations/{world.other.public_id}")["id"] == world.other.public_id
    status, refused = helper.call("POST", f"{address}/log/{line['id']}/undo", {})
    assert (status, refused) == (409, {"detail": "This step was undone already.", "fields": []})
    status, new = helper.call("POST", f"{address}/split", {"signals": [world.shown[0].pk]})
    assert (status, new["signals"]) == (201, 1)
    assert helper.call("POST", f"situations/{new['id']}/take-out", {"signal": world.shown[0].pk})[0] == 201
    assert helper.call("POST", f"{address}/put-in", {"signal": world.shown[0].pk})[0] == 201
    assert helper.get(address)["signals"] == 3


def test_a_program_renames_closes_and_follows(bob: Person, program: Makes, world: World) -> None:
    helper, address = program(bob), f"situations/{world.open.public_id}"
    assert helper.call("PUT", f"{address}/title", {"title": "Arrest of an editor"})[1]["title_by_person"] is True
    assert helper.call("PUT", f"{address}/state", {"state": "closed"})[1]["state"] == "closed"
    assert helper.call("PUT", f"{address}/state", {"state": "open"})[1]["state"] == "open"
    topics = ["country:TR", "harm:arrest", f"situation:{world.open.public_id}"]
    for topic in topics:
        assert helper.call("POST", "subscriptions", {"topic": topic})[0] == 201
    assert [one["topic"] for one in helper.get("subscriptions")] == topics
    assert helper.get("changes?since=2026-01-01T00:00:00Z")["items"][0]["followed"] is True
    assert helper.call("DELETE", "subscriptions/country:TR") == (204, None)
    assert len(helper.get("subscriptions")) == 2
    assert helper.call("POST", "subscriptions", {"topic": "country:QQ"})[0] == 404


def test_a_correction_stands_over_the_machine_and_can_be_undone(bob: Person, program: Makes, world: World) -> None:
    helper, address = program(bob), f"signals/{world.shown[0].pk}"
    status, made = helper.call("POST", f"{address}/corrections", {"field": "country", "value": "GR"})
    assert (status, made["before"], made["after"], made["by"]) == (201, "TR", "GR", "Bob")
    assert helper.get(address)["country"] == "GR"
    assert helper.call("POST", f"{address}/corrections", {"field": "harm", "value": "tea"})[0] == 409
    assert helper.call("POST", f"{address}/corrections/{made['id']}/undo")[1]["undone_at"] is not None
    assert helper.get(address)["country"] == "TR"


def test_people_see_their_own_tokens_only_and_may_end_them(alice: Person, bob: Person, program: Makes) -> None:
    mine, theirs = program(bob), Token.objects.none()
    program(alice)
    theirs = Token.objects.filter(person=alice)
    listed = mine.get("me/tokens")
    assert [one["id"] for one in listed] == list(Token.objects.filter(person=bob).values_list("pk", flat=True))
    assert "hash" not in json.dumps(listed)
    assert mine.call("DELETE", f"me/tokens/{theirs.get().pk}")[0] == 404
    assert mine.call("DELETE", f"me/tokens/{listed[0]['id']}") == (204, None)
    assert mine.call("GET", "me")[0] == 401


def test_the_record_is_for_auditors_and_the_team_for_leads(owner: Person, bob: Person, program: Makes) -> None:
    lead, helper = program(owner), program(bob)
    assert [one["name"] for one in lead.get("people")["items"]] == ["Bob", "Alice"]
    assert [one["verb"] for one in lead.get(f"audit/entries?actor={bob.pk}")["items"]] == ["people.token_issued"]
    assert lead.get("audit/chain")["waiting"] >= 2
    assert [helper.call("GET", path)[0] for path in ("people", "audit/entries", "audit/chain")] == [403] * 3


# What can't be taken

STRANGE: list[tuple[str, str, object]] = [
    ("GET", "signals?limit=0", None),
    ("GET", "signals?limit=" + "9" * 5000, None),
    ("GET", "signals?cursor=9223372036854775808", None),
    ("GET", "signals?cursor=-1", None),
    ("GET", "signals?words=a%00b", None),
    ("GET", "signals?words=" + "x" * 101, None),
    ("GET", "signals?since=0001-01-01T00:00:00%2B14:00", None),
    ("GET", "signals?since=9999-12-31T23:59:59-14:00", None),
    ("GET", "signals?since=yesterday", None),
    ("GET", "signals?since=2026-01-01", None),
    ("GET", "signals?country=tr", None),
    ("GET", "signals?harm=tea", None),
    ("GET", "signals/9223372036854775808", None),
    ("GET", "signals/one", None),
    ("GET", "situations/%00", None),
    ("GET", "situations/H7K3MQ2X'--", None),
    ("GET", "search?words=", None),
    ("GET", "search", None),
    ("GET", "look/%F0%9F%98%80", None),
    ("GET", "look/TR?since=99999-01-01", None),
    ("GET", "audit/entries?actor=-1", None),
    ("GET", "audit/entries?verb=%00", None),
    ("PUT", "situations/{}/title", {"title": "a\0b"}),
    ("PUT", "situations/{}/title", {"title": "\ud800"}),
    ("PUT", "situations/{}/title", {"title": "x" * 501}),
    ("PUT", "situations/{}/title", {"title": ["a"]}),
    ("PUT", "situations/{}/title", {"title": "a", "\ud800\0": 1}),
    ("PUT", "situations/{}/title", []),
    ("PUT", "situations/{}/title", None),
    ("POST", "situations/{}/split", {"signals": []}),
    ("POST", "situations/{}/split", {"signals": [2**63]}),
    ("POST", "situations/{}/split", {"signals": [1.5, True, "x"]}),
    ("POST", "situations/{}/take-out", {"signal": 10**400}),
    ("POST", "situations/{}/assessments", {**JUDGEMENT, "probability": 2, "review_on": "2026-13-01"}),
    ("POST", "situations/{}/assessments", {**JUDGEMENT, "review_on": "9999-12-31"}),
    ("POST", "situations/{}/assessments", {**JUDGEMENT, "reasons": " \n "}),
    ("POST", "subscriptions", {"topic": "planet:mars"}),
]


@pytest.mark.parametrize(("method", "path", "body"), STRANGE)
def test_what_a_database_could_not_keep_is_refused_in_plain_words(
    owner: Person, program: Makes, world: World, method: str, path: str, body: object
) -> None:
    status, answer = program(owner).call(method, path.format(world.open.public_id), body)
    assert status == 422, answer
    assert answer["detail"].startswith("This call can't be taken: ")
    assert answer["fields"]
    assert all(one["field"].split(".")[0] in {"query", "path", "body"} for one in answer["fields"])


BODIES = [
    (b"{", "application/json", 400),
    (b"", "application/json", 422),
    (b"[" * 100_000, "application/json", 400),
    (b'{"title": "\xff"}', "application/json", 400),
    (b'{"title": ' + b"9" * 5000 + b"}", "application/json", 400),
    (b'{"title": NaN}', "application/json", 422),
    (b"title=a", "application/x-www-form-urlencoded", 415),
    (b"--x", "multipart/form-data", 415),
    (b'{"title": "a"}', "text/plain", 415),
    (b'{"title": "' + b"a" * 256_000 + b'"}', "application/json", 413),
]


@pytest.mark.parametrize(("data", "kind", "status"), BODIES)
def test_a_body_that_is_no_small_json_document_is_refused(
    owner: Person, program: Makes, world: World, data: bytes, kind: str, status: int
) -> None:
    path = f"situations/{world.open.public_id}/title"
    found, answer = program(owner).send("PUT", path, data=data, content_type=kind)
    assert (found, set(answer)) == (status, {"detail", "fields"})


def test_a_body_of_unknown_length_is_refused(owner: Person, program: Makes) -> None:
    sent = {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
    assert program(owner).send("POST", "changes/seen", **sent)[0] == 411


def test_addresses_and_methods_that_are_not_there_answer_in_the_same_shape(owner: Person, program: Makes) -> None:
    everything = program(owner)
    for method, path, status in (("GET", "", 404), ("POST", "nothing/here", 404), ("DELETE", "signals", 405)):
        found, answer = everything.call(method, path)
        assert (found, set(answer)) == (status, {"detail", "fields"})


def test_answers_stay_out_of_caches(owner: Person, program: Makes) -> None:
    everything = program(owner)
    answer = Client().get("/api/me", HTTP_AUTHORIZATION=f"Bearer {everything.token}")
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_failure_tells_the_caller_nothing_and_the_log_only_where(
    owner: Person, program: Makes, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    operation = next(one for path, one in api.operations() if path == "/roles")

    def broken(request: HttpRequest) -> HttpResponse:
        raise RuntimeError("the secret of Dana")

    monkeypatch.setattr(operation, "view_func", broken)
    with caplog.at_level(logging.ERROR, logger="tocsin"):
        status, answer = program(owner).call("GET", "roles")
    assert status == 500
    assert "Dana" not in json.dumps(answer)
    lines = [BodyFree().format(record) for record in caplog.records]
    assert any("an API call failed" in line and "RuntimeError at" in line for line in lines)
    assert not any("Dana" in line for line in lines)
