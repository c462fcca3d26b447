"""Changing one's own second factor."""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from pytest_django.fixtures import Settings

from tocsin.audit.models import Entry
from tocsin.people.models import Person
from tocsin.people.tests.cast import PASSWORD, give_code, give_password, is_in, set_up_app, sign_in, with_app

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(bob: Person) -> Client:
    """Bob, signed in with his app, who has just shown once more that it is he."""
    client = sign_in(bob, with_app(bob))
    client.post("/account/confirm/", {"password": PASSWORD})
    return client


def passkey(person: Person, name: str = "Phone") -> int:
    """A passkey as a row alone: it opens nothing, and can be listed and removed."""
    return int(Authenticator.objects.create(user=person, type="webauthn", data={"name": name, "credential": {}}).pk)


def test_what_matters_asks_for_the_password_once_more(bob: Person) -> None:
    client = sign_in(bob, with_app(bob))
    for path in ("app/remove/", "passkeys/new/", "codes/new/"):
        answer = client.get(f"/account/second-factor/{path}")
        assert answer["Location"].startswith("/account/confirm/?next="), path
    assert client.get("/settings/tokens/new/")["Location"].startswith("/account/confirm/?next=")
    answer = client.post("/account/confirm/", {"password": "wrong", "next": "/settings/tokens/new/"})
    assert answer.status_code == 200
    answer = client.post("/account/confirm/", {"password": PASSWORD, "next": "/settings/tokens/new/"})
    assert answer["Location"] == "/settings/tokens/new/"
    assert client.get("/settings/tokens/new/").status_code == 200


def test_where_a_code_is_asked_for_the_password_is_no_way_on(bob: Person, client: Client) -> None:
    passkey(bob)
    page = client.get("/account/confirm/code/?next=/settings/").content.decode()
    assert "Use a passkey" in page
    assert "password" not in page.casefold().split("<main", 1)[-1]


def test_the_only_second_factor_can_not_be_removed(bob: Person, client: Client) -> None:
    assert "only second factor" in client.get("/account/second-factor/app/remove/").content.decode()
    client.post("/account/second-factor/app/remove/")
    assert Authenticator.objects.filter(user=bob, type="totp").exists()

    pk = passkey(bob)
    client.post("/account/second-factor/app/remove/")
    assert not Authenticator.objects.filter(user=bob, type="totp").exists()
    client.post(f"/account/second-factor/passkeys/{pk}/remove/")
    assert Authenticator.objects.filter(pk=pk).exists()


def test_one_of_two_passkeys_can_be_renamed_and_removed(bob: Person, client: Client) -> None:
    pk = passkey(bob)
    client.post(f"/account/second-factor/passkeys/{pk}/", {"name": "Old phone"})
    assert "Old phone" in client.get("/account/second-factor/passkeys/").content.decode()
    client.post(f"/account/second-factor/passkeys/{pk}/remove/")
    assert not Authenticator.objects.filter(pk=pk).exists()


def test_nobody_touches_the_passkeys_of_somebody_else(bob: Person, alice: Person, client: Client) -> None:
    passkey(alice)
    pk = passkey(alice)
    assert client.get(f"/account/second-factor/passkeys/{pk}/").status_code == 404
    assert client.post(f"/account/second-factor/passkeys/{pk}/remove/").status_code == 404
    assert Authenticator.objects.filter(pk=pk).exists()


def test_new_recovery_codes_end_the_old_ones(bob: Person, client: Client) -> None:
    client.post("/account/second-factor/codes/new/")
    first = client.get("/account/second-factor/codes/download/").content.decode().split()
    client.post("/account/second-factor/codes/new/")
    second = client.get("/account/second-factor/codes/download/").content.decode().split()
    assert len(first) == len(second) == 10
    assert not set(first) & set(second)


def test_each_change_is_in_the_record(bob: Person, client: Client) -> None:
    passkey(bob)
    client.post("/account/second-factor/app/remove/")
    set_up_app(client)
    client.post("/account/second-factor/codes/new/")
    verbs = list(Entry.objects.filter(actor=bob.pk).order_by("pk").values_list("verb", flat=True))
    assert verbs[1:] == ["people.app_removed", "people.app_added", "people.recovery_codes_made"]
    assert is_in(client)


def test_the_secret_is_shown_as_a_picture_and_as_text_without_any_script(alice: Person) -> None:
    client = Client()
    client.post("/account/login/", {"login": alice.email, "password": PASSWORD})
    page = client.get("/account/second-factor/app/")
    text = page.content.decode()
    assert "<svg" in text
    assert "data:" not in text
    assert "<script" not in text
    assert "no-store" in page["Cache-Control"]


def test_a_factor_kept_under_another_secret_key_is_a_wrong_code_and_a_line_in_the_log(
    bob: Person, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    secret = with_app(bob)
    settings.SECRET_KEY = "another key: " + "abcdefghijkl" * 5
    client = Client()
    give_password(client, bob.email)
    answer = give_code(client, secret)
    assert answer.status_code == 200
    assert "That did not work" in answer.content.decode()
    assert any(one.levelname == "ERROR" and "secret_key" in one.getMessage() for one in caplog.records)
