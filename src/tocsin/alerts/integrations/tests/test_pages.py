"""Whoever arranges duty sees how other systems' doors do, opens them, and closes them; nobody else knows of them."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tocsin.alerts import actions as alerts
from tocsin.alerts.integrations import actions
from tocsin.alerts.integrations.actions import Wanted
from tocsin.alerts.integrations.secrets import signing_key
from tocsin.alerts.integrations.shapes import SHAPES
from tocsin.alerts.integrations.tests.conftest import Sender
from tocsin.alerts.integrations.tests.test_shapes import entry, group
from tocsin.alerts.models import Alert, Integration, Lane, Rule
from tocsin.audit.models import Entry
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db

Browse = Callable[[Person], Client]
Opens = Callable[..., Sender]
LIST = "/alerts/integrations/"
CHOSEN = {"name": "Our servers", "shape": "alertmanager", "lane": "wake", "policy": "", "quota_per_hour": "120"}


@pytest.fixture
def lead(browse: Browse, alice: Person) -> Client:
    """Alice, who gave her password once more a moment ago."""
    client = browse(alice)
    client.post("/account/confirm/", {"password": "correct horse battery staple", "next": LIST})
    return client


def words(answer: Any) -> str:
    text: str = answer.content.decode()
    return text


def test_a_house_without_integrations_says_how_to_add_one(lead: Client) -> None:
    assert "No other system hands over alerts yet" in words(lead.get(LIST))


@pytest.mark.parametrize("shape", ["alertmanager", "pagerduty", "grafana", "cap"])
def test_a_new_integration_shows_its_token_once_with_what_to_paste(lead: Client, shape: str) -> None:
    page = words(lead.post(f"{LIST}new/", CHOSEN | {"shape": shape}))
    row = Integration.objects.get()
    token = re.search(r'<code class="once">([0-9a-f]{32})</code>', page)
    assert token is not None
    assert page.count(token[1]) >= 2
    assert f"/alerts/in/{row.public_id}" in page
    assert token[1] not in words(lead.get(f"{LIST}{row.public_id}/"))
    assert token[1] not in str(Integration.objects.values())
    answer = Client().post(
        f"/alerts/in/{row.public_id}",
        SHAPES[shape].example(row.made_at),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token[1]}"},
    )
    assert answer.status_code in {200, 202}


def test_the_page_that_shows_secrets_is_kept_out_of_caches(lead: Client) -> None:
    assert "no-store" in lead.post(f"{LIST}new/", CHOSEN)["Cache-Control"]


@pytest.mark.parametrize(("field", "value"), [("name", ""), ("quota_per_hour", "0"), ("lane", "x"), ("shape", "x")])
def test_what_can_not_be_is_said_beside_its_field(lead: Client, field: str, value: str) -> None:
    assert "field-error" in words(lead.post(f"{LIST}new/", CHOSEN | {field: value}))
    assert not Integration.objects.exists()


def test_the_list_tells_use_refusals_and_how_often_it_was_right(lead: Client, opens: Opens, bob: Person) -> None:
    sender = opens()
    sender.post(group(entry()))
    sender.post(b"garbage")
    alerts.resolve(Alert.objects.get(kind="webhook"), bob, Alert.Outcome.FALSE)
    page = words(lead.get(LIST))
    assert "0 of 1" in page
    assert "The body is not JSON" in page
    assert "never" not in page


def test_an_integration_that_lost_the_right_to_wake_people_says_so(lead: Client, opens: Opens) -> None:
    sender = opens()
    Rule.objects.filter(pk=sender.row.rule_id).update(may_wake=False)
    assert "was wrong too often" in words(lead.get(LIST))
    assert "was wrong too often" in words(lead.get(f"{LIST}{sender.row.public_id}/"))


def test_about_life_the_pages_tell_nothing_of_what_came_in(lead: Client, opens: Opens) -> None:
    sender = opens(lane=Lane.LIFE)
    alerts.default_policy()
    before = [words(lead.get(path)) for path in (LIST, f"{LIST}{sender.row.public_id}/")]
    sender.post(group(entry()))
    after = [words(lead.get(path)) for path in (LIST, f"{LIST}{sender.row.public_id}/")]
    stamps = re.compile(r"csrfmiddlewaretoken\" value=\"\w+|\d{4}-\d\d-\d\dT[\d:+Z]+|<time.*?</time>|\d\d:\d\d")
    assert [stamps.sub("", page) for page in before] == [stamps.sub("", page) for page in after]


def test_changes_are_kept_and_recorded(lead: Client, opens: Opens, alice: Person) -> None:
    sender = opens()
    chosen = {"name": "Renamed", "lane": "quiet", "policy": "", "quota_per_hour": "7", "signed": "on"}
    assert lead.post(f"{LIST}{sender.row.public_id}/", chosen).status_code == 302
    row = sender.now()
    assert (row.name, row.lane, row.quota_per_hour, row.signed) == ("Renamed", Lane.QUIET, 7, True)
    assert row.rule.name == "Renamed"
    assert Entry.objects.get(verb="integration.changed").actor == alice.pk


def test_a_test_is_sent_as_a_drill(lead: Client, opens: Opens) -> None:
    sender = opens()
    assert lead.get(f"{LIST}{sender.row.public_id}/test").status_code == 405
    lead.post(f"{LIST}{sender.row.public_id}/test")
    assert Alert.objects.get().drill


def test_the_signing_key_is_shown_after_a_question_and_the_record_knows_who_saw_it(
    lead: Client, opens: Opens, alice: Person
) -> None:
    sender = opens(signed=True)
    path = f"{LIST}{sender.row.public_id}/key/"
    key = str(signing_key(sender.row))
    assert key not in words(lead.get(path))
    assert not Entry.objects.filter(verb="integration.key_shown").exists()
    assert key in words(lead.post(path))
    assert Entry.objects.get(verb="integration.key_shown").actor == alice.pk


def test_new_secrets_are_made_after_a_question(lead: Client, opens: Opens) -> None:
    sender = opens()
    path = f"{LIST}{sender.row.public_id}/rotate/"
    assert "stop working at once" in words(lead.get(path))
    assert sender.post(group(entry())).status_code == 200
    assert 'class="once"' in words(lead.post(path))
    assert sender.post(group(entry())).status_code == 401


def test_what_is_revoked_is_named_in_full_before_and_listed_after(lead: Client, opens: Opens) -> None:
    sender = opens()
    path = f"{LIST}{sender.row.public_id}/revoke/"
    page = words(lead.get(path))
    assert "Our servers (Alertmanager, at any hour)" in page
    assert sender.now().revoked_at is None
    assert lead.post(path).status_code == 302
    assert sender.now().revoked_at is not None
    assert "Revoked" in words(lead.get(LIST))
    assert lead.post(path, follow=True).status_code == 200
    assert "Send a test" not in words(lead.get(f"{LIST}{sender.row.public_id}/"))


SECRET_PAGES = ["new/", "{}/rotate/", "{}/key/"]


@pytest.mark.parametrize("page", SECRET_PAGES)
def test_secrets_want_a_fresh_sign_in(browse: Browse, alice: Person, opens: Opens, page: str) -> None:
    path = LIST + page.format(opens().row.public_id)
    client = browse(alice)
    for answer in (client.get(path), client.post(path, CHOSEN)):
        assert answer.status_code == 302
        assert answer["Location"].startswith("/account/confirm/")


PAGES = ["", "new/", "{}/", "{}/rotate/", "{}/key/", "{}/revoke/"]


@pytest.mark.parametrize("page", PAGES)
def test_nobody_else_enters(browse: Browse, bob: Person, charlie: Person, opens: Opens, page: str) -> None:
    path = LIST + page.format(opens().row.public_id)
    for person in (bob, charlie):
        for answer in (browse(person).get(path), browse(person).post(path, CHOSEN)):
            assert answer.status_code == 403
    assert Client().get(path).status_code == 302


def test_what_is_not_there_is_not_there(lead: Client) -> None:
    assert lead.get(f"{LIST}zzzzzzzzzzzz/").status_code == 404


def test_a_name_is_shown_as_text(lead: Client, alice: Person) -> None:
    row = actions.create(alice, "cap", Wanted("<b>Bold</b> {{ x }}")).integration
    for path in (LIST, f"{LIST}{row.public_id}/", f"{LIST}{row.public_id}/revoke/"):
        assert "<b>Bold" not in words(lead.get(path))
