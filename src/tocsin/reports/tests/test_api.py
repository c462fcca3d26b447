"""Programs do what pages can, by the same rights, and get nothing that a page would not show."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tocsin.people.models import Person, Token
from tocsin.people.roles import Right
from tocsin.people.secrets import ApiToken
from tocsin.reports import arranging, coarsening, drafting, releasing, sending, templates_kept
from tocsin.reports.arranging import Wanted
from tocsin.reports.laying import digest_of, document_of
from tocsin.reports.models import Draft, Issue, Report
from tocsin.reports.refusals import RefusedError
from tocsin.situations.models import Situation

pytestmark = pytest.mark.django_db
Call = Callable[..., tuple[int, Any]]


@pytest.fixture
def program() -> Callable[..., Call]:
    """Calls the API as a program of a person with some rights."""

    def make(person: Person, *rights: Right) -> Call:
        token = ApiToken.mint()
        until = timezone.now() + timedelta(days=1)
        Token.objects.create(token_hash=token.digest, person=person, name="x", rights=list(rights), expires_at=until)

        def call(method: str, path: str, body: object = None) -> tuple[int, Any]:
            sent: dict[str, Any] = (
                {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
            )
            answer = Client().generic(method, f"/api/{path}", HTTP_AUTHORIZATION=f"Bearer {token}", **sent)
            is_json = answer.headers.get("Content-Type", "").startswith("application/json")
            return answer.status_code, json.loads(answer.content) if is_json and answer.content else answer.content

        return call

    return make


def test_a_program_drafts_a_week_for_some_audiences_from_the_same_facts(
    situation: Callable[..., Situation], program: Callable[..., Call], bob: Person, charlie: Person
) -> None:
    situation("Wikis blocked in the capital", tlp="clear")
    analyst = program(bob, Right.REPORTS)
    audiences = ["executive", "operational", "public"]
    wanted = {"title": "The week", "audiences": audiences, "cadence": "weekly", "once": "once-and-only"}
    status, made = analyst("POST", "reports/sets", wanted)
    assert (status, sorted(made["audiences"])) == (201, audiences)
    assert analyst("POST", "reports/sets", wanted)[1]["id"] == made["id"]
    today = timezone.now().date()
    days = {"first": (today - timedelta(days=7)).isoformat(), "last": today.isoformat()}
    path = f"reports/sets/{made['id']}/draft"
    status, drawn = analyst("POST", path, {"once": "first-round", "audiences": ["executive", "public"], **days})
    assert status == 200, drawn
    states = {one["audience"]: one["state"] for one in drawn["beside"]}
    assert states == {"executive": "drafted", "public": "drafted", "operational": "none"}
    assert analyst("POST", path, {"once": "first-round"})[1]["id"] == drawn["id"]
    assert Draft.objects.count() == 2
    assert {one.gathered.public_id for one in Draft.objects.all()} == {drawn["gathered"]}
    assert analyst("GET", f"reports/sets/{made['id']}/rounds")[1]["items"][0]["id"] == drawn["id"]
    assert analyst("GET", f"reports/rounds/{drawn['id']}")[1] == drawn
    assert analyst("POST", f"reports/sets/{made['id']}/acts/end")[1]["ended_at"]
    assert analyst("POST", path, {"once": "second-round"})[0] == 409
    assert program(charlie, Right.REPORTS)("GET", f"reports/rounds/{drawn['id']}")[0] == 403
    wrong = {"once": "third-round", "first": "2030-01-01", "last": "2030-01-02"}
    analyst("POST", f"reports/sets/{made['id']}/acts/reopen")
    assert analyst("POST", path, wrong)[0] == 409


def test_a_program_chooses_readers_languages_and_sends_to_one_by_the_gates_of_the_pages(
    situation: Callable[..., Situation],
    arrange: Callable[..., Report],
    program: Callable[..., Call],
    bob: Person,
    vera: Person,
) -> None:
    situation("Wikis blocked in the capital", tlp="green")
    report = arrange("executive", cadence="hand")
    analyst, approver = program(bob, Right.REPORTS, Right.READ), program(vera, Right.RELEASE, Right.READ)
    path, board = f"reports/{report.public_id}/recipients", {"name": "The board", "address": "board@example.org"}
    assert analyst("POST", path, board)[0] == 403
    assert analyst("GET", path)[0] == 403
    status, made = approver("POST", path, board)
    assert (status, made["way"], made["sealed"]) == (201, "mail", False)
    assert approver("POST", path, board)[0] == 409
    assert approver("POST", path, {"name": "No key", "address": "a@example.org", "key": "none"})[0] == 409
    assert approver("POST", path, {"name": "Persian", "address": "a@example.org", "language": "fa"})[0] == 409
    assert approver("PUT", f"reports/{report.public_id}/languages", {"languages": ["fa"]})[0] == 403
    assert analyst("PUT", f"reports/{report.public_id}/languages", {"languages": ["fa"]})[1]["languages"] == ["fa"]
    assert [one["number"] for one in approver("GET", path)[1]] == [made["number"]]
    _status, draft = analyst("POST", f"reports/{report.public_id}/draft")
    _status, issue = approver("POST", f"reports/drafts/{draft['id']}/release", {"digest": draft["digest"]})
    late = approver("POST", path, {"name": "The office", "address": "office@example.org", "language": "fa"})[1]
    send = f"reports/issues/{issue['id']}/send"
    assert analyst("POST", send, {"recipient": late["number"]})[0] == 403
    status, sent = approver("POST", send, {"recipient": late["number"]})
    assert (status, sent["address"]) == (200, "office@example.org")
    assert approver("POST", send, {"recipient": late["number"]})[0] == 409
    assert approver("POST", send, {"recipient": late["number"] + 9})[0] == 404
    assert approver("DELETE", f"{path}/{late['number']}")[0] == 204
    status, version = analyst("POST", f"reports/issues/{issue['id']}/versions", {"language": "fa"})
    assert (version["translates"], version["language"]) == (issue["id"], "fa")
    assert {one["by_hand"] for one in version["sentences"]} == {False}
    assert all(one["source"] for one in version["sentences"])
    kept = {"version": 1, "text": "جمله", "facts": []}
    status, version = analyst("PUT", f"reports/drafts/{version['id']}/sentences/version", kept)
    assert status == 200
    digest = {"digest": version["digest"], "without_pdf": True}
    assert approver("POST", f"reports/drafts/{version['id']}/release", digest)[0] == 409, "who releases must read it"


def test_a_program_drafts_edits_and_another_releases(
    situation: Callable[..., Situation], program: Callable[..., Call], bob: Person, vera: Person
) -> None:
    situation("Wikis blocked in the capital", tlp="amber")
    secret = situation("Qzx informant inside the ministry", tlp="red", country="KZ")
    analyst, approver = program(bob, Right.REPORTS, Right.READ), program(vera, Right.RELEASE, Right.READ)
    wanted = {"title": "For the board", "audience": "executive", "cadence": "hand", "once": "once-and-only"}
    status, report = analyst("POST", "reports", wanted)
    assert status == 201
    assert analyst("POST", "reports", wanted)[1]["id"] == report["id"]
    status, draft = analyst("POST", f"reports/{report['id']}/draft")
    assert status == 200
    assert "Qzx" not in json.dumps(draft)
    assert "Above what this audience may receive." in {one["why"] for one in draft["withheld"]}
    bare = {"version": draft["version"], "text": "All will be well.", "facts": [], "after": 1}
    status, draft = analyst("POST", f"reports/drafts/{draft['id']}/sentences", bare)
    assert [one["kind"] for one in draft["problems"] if one["blocks"]] == ["unsourced"]
    address = f"reports/drafts/{draft['id']}/release"
    assert analyst("POST", address, {"digest": draft["digest"]})[0] == 403
    status, refused = approver("POST", address, {"digest": draft["digest"]})
    assert status == 409
    assert "All will be well." in refused["detail"]
    own = next(one for one in draft["sentences"] if one["text"] == "All will be well.")
    key = f"situation:{secret.public_id}:state"
    wrong = {"version": draft["version"], "text": "It may be well.", "facts": [key]}
    path = f"reports/drafts/{draft['id']}/sentences/{own['id']}"
    assert analyst("PUT", path, wrong)[0] == 409, "a fact above the ceiling carries nothing"
    status, draft = analyst("PUT", path, {**wrong, "facts": [draft["facts"][0]["key"]]})
    assert status == 200
    status, issue = approver("POST", address, {"digest": draft["digest"]})
    assert (status, issue["digest"]) == (200, draft["digest"])
    assert "Qzx" not in json.dumps(analyst("GET", f"reports/issues/{issue['id']}")[1])
    assert {"csv", "docx", "html", "text"} <= set(issue["files"])
    status, table = analyst("GET", f"reports/issues/{issue['id']}/files/csv")
    assert status == 200
    assert b"Qzx" not in table


def test_no_token_lets_leave_what_goes_outside(
    draft: Callable[..., Draft], program: Callable[..., Call], bob: Person, vera: Person
) -> None:
    made = draft("public")
    digest = program(bob, Right.REPORTS, Right.READ)("GET", f"reports/drafts/{made.public_id}")[1]["digest"]
    approver = program(vera, Right.RELEASE, Right.READ)
    status, refused = approver("POST", f"reports/drafts/{made.public_id}/release", {"digest": digest})
    assert status == 409
    assert "a person releases it in the console, with a second factor" in refused["detail"]
    assert not Issue.objects.exists()


def test_deliveries_are_for_who_releases_and_never_tell_a_link(
    draft: Callable[..., Draft], program: Callable[..., Call], bob: Person, vera: Person
) -> None:
    made = draft("executive")
    sending.add(vera, made.report, "Ann", "ann@example.org", "link")
    approver = program(vera, Right.RELEASE, Right.READ)
    analyst = program(bob, Right.REPORTS, Right.READ)
    digest = analyst("GET", f"reports/drafts/{made.public_id}")[1]["digest"]
    issue = approver("POST", f"reports/drafts/{made.public_id}/release", {"digest": digest})[1]
    status, rows = approver("GET", f"reports/issues/{issue['id']}/deliveries")
    assert (status, len(rows), rows[0]["held"]) == (200, 1, "link")
    assert "token" not in json.dumps(rows)
    assert analyst("GET", f"reports/issues/{issue['id']}/deliveries")[0] == 403
    revoked = approver("POST", f"reports/issues/{issue['id']}/deliveries/{rows[0]['id']}/revoke")[1]
    assert revoked["revoked_at"] is not None


def test_what_is_not_there_and_what_is_not_for_somebody_look_the_same(
    draft: Callable[..., Draft], program: Callable[..., Call], charlie: Person, bob: Person
) -> None:
    made = draft("executive")
    assert program(charlie, Right.REPORTS)("GET", f"reports/drafts/{made.public_id}")[0] in {401, 403}
    assert program(bob, Right.REPORTS)("GET", "reports/drafts/nothere")[0] == 404


def test_a_program_does_to_a_draft_what_its_page_does(
    draft: Callable[..., Draft], situation: Callable[..., Situation], program: Callable[..., Call], bob: Person
) -> None:
    situation("Wikis blocked in the capital", tlp="amber")
    made = draft("executive")
    call, path = program(bob, Right.REPORTS, Right.READ), f"reports/drafts/{made.public_id}"
    got = call("GET", path)[1]
    generated, name = got["title"], next(one["id"] for one in got["sentences"] if "%" in one["text"])
    for verb, method, body in (
        ("title", "PUT", {"title": "A bad week"}),
        ("clear", "POST", {"words": "Wikis"}),
        ("mask", "POST", {"sentence": name}),
        ("remove", "POST", {"sentence": name}),
        ("recount", "POST", {}),
        ("leave-closed", "POST", {}),
    ):
        status, got = call(method, f"{path}/{verb}", {"version": got["version"], **body})
        assert status == 200, verb
    assert (got["title"], got["title_by"], got["version"]) == ("A bad week", "Bob", 7)
    assert name not in {one["id"] for one in got["sentences"]}
    got = call("PUT", f"{path}/title", {"version": 7})[1]
    assert (got["title"], got["title_by"]) == (generated, "")
    assert call("POST", f"{path}/put-away", {"why": "Nothing to say."})[1]["state"] == "dropped"


def test_a_program_begins_a_withdrawal_and_makes_no_link(
    draft: Callable[..., Draft], program: Callable[..., Call], bob: Person, vera: Person
) -> None:
    made = draft("executive")
    approver, analyst = program(vera, Right.RELEASE, Right.READ), program(bob, Right.REPORTS, Right.READ)
    digest = analyst("GET", f"reports/drafts/{made.public_id}")[1]["digest"]
    issue = approver("POST", f"reports/drafts/{made.public_id}/release", {"digest": digest, "without_pdf": True})[1]
    path = f"reports/issues/{issue['id']}"
    assert approver("POST", f"{path}/hand-over", {"name": "A partner"})[0] == 404
    assert approver("GET", f"{path}/deliveries") == (200, [])
    notice = analyst("POST", f"{path}/correct", {"wrong": "It named a victim.", "withdraw": True})[1]
    assert "is withdrawn" in notice["sentences"][0]["text"]
    assert not [one for one in notice["problems"] if one["blocks"]]


@pytest.mark.parametrize("bad", ["\x00", "\x1b", "\u0085"])
def test_what_cannot_be_seen_is_typed_nowhere(
    draft: Callable[..., Draft], alice: Person, bob: Person, vera: Person, bad: str
) -> None:
    made = draft("executive")
    issue = releasing.release(vera, made, digest_of(document_of(made)), without_pdf=True)
    wanted = Wanted(f"For{bad}all", "executive", "hand", "once-and-once")
    for refused in (
        lambda: sending.add(vera, made.report, f"An{bad}n", "ann@example.org", "mail"),
        lambda: sending.hand_over(vera, issue, f"An{bad}n"),
        lambda: drafting.make_correction(issue, f"It{bad} was wrong.", bob),
        lambda: templates_kept.write(bob, "executive", "# What changed\n", f"a{bad}note", 0),
        lambda: templates_kept.write(bob, "executive", f"# What{bad} changed\n", "", 0),
        lambda: arranging.arrange(bob, wanted),
        lambda: coarsening.change(alice, ["TR"], f"a{bad}reason"),
    ):
        with pytest.raises(RefusedError, match="can’t be seen or stored"):
            refused()
