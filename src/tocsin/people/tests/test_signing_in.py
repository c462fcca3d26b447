"""Signing in, and everything somebody may try who should not get in."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from axes.models import AccessAttempt
from django.db.models import F
from django.test import Client, RequestFactory

from tocsin.audit.models import Entry
from tocsin.people import actions
from tocsin.people.lockout import address_of
from tocsin.people.models import Person
from tocsin.people.tests.cast import PASSWORD, code_of, give_code, give_password, is_in, sign_in, with_app

pytestmark = pytest.mark.django_db
WRONG = "wrong horse battery staple"


def plain(answer: object) -> str:
    """A page without what differs each time: its CSRF token and the address that was typed."""
    text = answer.content.decode()  # type: ignore[attr-defined]  # any answer
    return re.sub(r'value="[^"]*"', "", text)


def test_wrong_unknown_and_deactivated_get_the_very_same_answer(alice: Person, bob: Person) -> None:
    actions.deactivate(alice, bob)
    answers = [
        give_password(Client(), "alice@example.org", WRONG),
        give_password(Client(), "nobody@example.org", WRONG),
        give_password(Client(), "bob@example.org", PASSWORD),
        give_password(Client(), "bob@example.org", WRONG),
    ]
    assert {answer.status_code for answer in answers} == {200}
    assert len({plain(answer) for answer in answers}) == 1
    assert "belong together" in plain(answers[0])


def test_what_the_page_of_the_second_step_shows_depends_on_nothing_but_the_right_password(bob: Person) -> None:
    with_app(bob)
    client = Client()
    assert client.get("/account/login/second-factor/")["Location"] == "/account/login/"
    give_password(client, bob.email, WRONG)
    assert client.get("/account/login/second-factor/")["Location"] == "/account/login/"


def test_a_password_alone_opens_nothing(bob: Person) -> None:
    with_app(bob)
    client = Client()
    give_password(client, bob.email)
    for path in ("/settings/", "/people/", "/audit/", "/account/sessions/", "/account/second-factor/"):
        assert client.get(path)["Location"].startswith("/account/login/"), path


PAGES = (
    "/",
    "/settings/",
    "/settings/tokens/new/",
    "/people/",
    "/people/invite/",
    "/audit/",
    "/account/sessions/",
    "/account/password/",
    "/account/second-factor/codes/",
    "/account/second-factor/codes/download/",
    "/situations/",
    "/sources/",
    "/no/such/page/",
)


@pytest.mark.parametrize("path", PAGES)
def test_somebody_without_a_second_factor_is_kept_on_the_pages_that_set_one_up(alice: Person, path: str) -> None:
    client = Client()
    give_password(client, alice.email)
    assert client.get(path)["Location"] == "/account/second-factor/"
    assert client.get("/account/second-factor/").status_code == 200
    assert client.get("/account/second-factor/app/").status_code == 200
    assert client.get("/account/logout/").status_code == 200


def test_a_write_without_a_second_factor_changes_nothing(alice: Person, bob: Person) -> None:
    client = Client()
    give_password(client, alice.email)
    client.post(f"/people/{bob.pk}/deactivate/")
    bob.refresh_from_db()
    assert bob.is_active


def test_a_session_from_before_the_second_factor_ends_when_one_is_set_up_elsewhere(bob: Person) -> None:
    thief, owner = Client(), Client()
    give_password(thief, bob.email)
    give_password(owner, bob.email)
    with_app(bob)
    assert thief.get("/account/second-factor/")["Location"].startswith("/account/login/")
    assert "_auth_user_id" not in thief.session


def test_a_code_works_once(bob: Person) -> None:
    secret = with_app(bob)
    code = code_of(secret)
    first, second = Client(), Client()
    for client in (first, second):
        give_password(client, bob.email)
        client.post("/account/login/second-factor/", {"code": code})
    assert is_in(first)
    assert not is_in(second)


def test_a_recovery_code_works_once(bob: Person) -> None:
    with_app(bob)
    code = RecoveryCodes.activate(bob).get_unused_codes()[0]
    for expected in (True, False):
        client = Client()
        give_password(client, bob.email)
        client.post("/account/login/second-factor/", {"code": code})
        assert is_in(client) is expected


def test_recovery_codes_alone_are_no_second_factor(bob: Person) -> None:
    RecoveryCodes.activate(bob)
    client = Client()
    give_password(client, bob.email)
    assert client.get("/settings/")["Location"] == "/account/second-factor/"


def test_guessing_codes_ends_after_a_few_for_whoever_knows_the_password(bob: Person) -> None:
    secret = with_app(bob)
    client = Client()
    give_password(client, bob.email)
    for _guess in range(5):
        assert client.post("/account/login/second-factor/", {"code": "000000"}).status_code == 200
    answer = client.post("/account/login/second-factor/", {"code": code_of(secret)})
    assert "Too many wrong codes" in answer.content.decode()
    assert not is_in(client)


class TestLockout:
    """Wrong passwords are counted for one name from one address."""

    def test_the_addresses_of_one_ipv6_home_count_as_one(self, alice: Person) -> None:
        for guess in range(5):
            give_password(Client(), alice.email, WRONG, REMOTE_ADDR=f"2001:db8:1:2:{guess}::7")
        assert give_password(Client(), alice.email, REMOTE_ADDR="2001:db8:1:2:ffff::1").status_code == 429
        assert give_password(Client(), alice.email, REMOTE_ADDR="2001:db8:1:3::1").status_code == 302

    @pytest.mark.parametrize(
        ("given", "counted"),
        [
            ("203.0.113.7", "203.0.113.7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
            ("fe80::1%eth0", "fe80::"),
            ("", "0.0.0.0"),
        ],
    )
    def test_what_a_request_is_counted_under(self, given: str, counted: str) -> None:
        assert address_of(RequestFactory().get("/", REMOTE_ADDR=given)) == counted

    def lock(self, email: str, address: str = "203.0.113.7") -> list[object]:
        return [give_password(Client(), email, WRONG, REMOTE_ADDR=address) for _guess in range(5)]

    def test_it_says_how_long_and_what_to_do(self, alice: Person) -> None:
        last = self.lock(alice.email)[-1]
        assert last.status_code == 429  # type: ignore[attr-defined]  # an answer
        assert "15 minutes" in plain(last)
        assert "passkey" in plain(last)

    def test_the_right_password_does_not_help_from_there_but_does_from_elsewhere(self, alice: Person) -> None:
        secret = with_app(alice)
        self.lock(alice.email)
        assert give_password(Client(), alice.email, REMOTE_ADDR="203.0.113.7").status_code == 429
        client = Client(REMOTE_ADDR="198.51.100.9")
        give_password(client, alice.email)
        give_code(client, secret)
        assert is_in(client)

    def test_it_is_the_same_for_a_name_that_nobody_has(self, alice: Person) -> None:
        known = [plain(answer) for answer in self.lock(alice.email)]
        unknown = [plain(answer) for answer in self.lock("nobody@example.org")]
        assert known == unknown

    def test_another_spelling_of_the_name_does_not_get_around_it(self, alice: Person) -> None:
        self.lock(alice.email)
        answer = give_password(Client(), " ALICE@Example.org ", REMOTE_ADDR="203.0.113.7")
        assert answer.status_code == 429

    def test_it_ends_by_itself_and_trying_does_not_prolong_it(self, alice: Person) -> None:
        self.lock(alice.email)
        self.lock(alice.email)
        AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=16))
        answer = give_password(Client(), alice.email, REMOTE_ADDR="203.0.113.7")
        assert answer.status_code == 302

    def test_it_is_in_the_record_once_without_the_name(self, alice: Person) -> None:
        self.lock(alice.email)
        self.lock(alice.email)
        entry = Entry.objects.get(verb="people.locked_out")
        assert "alice" not in entry.target

    def test_nothing_that_was_typed_is_kept_but_the_name(self, alice: Person) -> None:
        self.lock(alice.email)
        kept = str(list(AccessAttempt.objects.values()))
        assert WRONG not in kept

    def test_a_flood_of_names_from_one_address_is_slowed(self, alice: Person) -> None:
        answers = [give_password(Client(), f"n{number}@example.org", WRONG) for number in range(31)]
        assert answers[-1].status_code == 429


@pytest.mark.parametrize(
    "away",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "http://localhost@evil.example/",
        "http://127.0.0.1/elsewhere",
        "\thttps://evil.example",
    ],
)
def test_nobody_is_sent_to_another_site_after_signing_in(bob: Person, away: str) -> None:
    secret = with_app(bob)
    client = Client()
    client.post("/account/login/", {"login": bob.email, "password": PASSWORD, "next": away})
    assert give_code(client, secret)["Location"] == "/"
    assert client.post("/account/logout/", {"next": away})["Location"] == "/account/login/"


def test_somebody_comes_back_to_where_they_were_going(bob: Person) -> None:
    secret = with_app(bob)
    client = Client()
    asked = client.get("/settings/tokens/new/?a=1&b=2")
    assert asked["Location"] == "/account/login/?next=%2Fsettings%2Ftokens%2Fnew%2F%3Fa%3D1%26b%3D2"
    page = client.get(asked["Location"]).content.decode()
    assert 'name="next" value="/settings/tokens/new/?a=1&amp;b=2"' in page
    data = {"login": bob.email, "password": PASSWORD, "next": "/settings/tokens/new/?a=1&b=2"}
    client.post("/account/login/", data)
    assert give_code(client, secret)["Location"] == "/settings/tokens/new/?a=1&b=2"


def test_what_comes_in_next_is_shown_as_text(client: Client) -> None:
    page = client.get('/account/login/?next="><b>hello').content.decode()
    assert "<b>hello" not in page


def test_every_form_needs_its_token(alice: Person, browse: Callable[[Person], Client]) -> None:
    signed_in = browse(alice)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = signed_in.cookies
    for path in (
        "/account/login/",
        "/account/logout/",
        "/account/password/",
        "/account/second-factor/app/",
        "/account/sessions/",
        "/settings/",
        "/settings/tokens/new/",
        "/people/invite/",
        f"/people/{alice.pk}/deactivate/",
    ):
        answer = strict.post(path, {"login": alice.email, "password": PASSWORD})
        assert answer.status_code == 403, path
    assert is_in(strict)


def test_the_session_key_is_new_after_signing_in(bob: Person) -> None:
    secret = with_app(bob)
    client = Client()
    give_password(client, bob.email)
    planted = client.session.session_key
    give_code(client, secret)
    assert client.session.session_key != planted
    thief = Client()
    thief.cookies["session"] = planted or ""
    assert not is_in(thief)


@pytest.mark.parametrize("change", ["password", "deactivated", "sessions ended"])
def test_an_account_that_changes_between_the_two_steps_stays_closed(alice: Person, bob: Person, change: str) -> None:
    secret = with_app(bob)
    client = Client()
    give_password(client, bob.email)
    if change == "password":
        bob.set_password("another horse battery staple")
        bob.save()
    elif change == "deactivated":
        actions.deactivate(alice, bob)
    else:
        actions.end_sessions(alice, bob)
    assert give_code(client, secret)["Location"] == "/account/login/"
    assert not is_in(client)


def test_the_secret_of_an_app_is_kept_encrypted(bob: Person) -> None:
    secret = with_app(bob)
    assert secret not in str(Authenticator.objects.get(user=bob).data)
    assert is_in(sign_in(bob, secret))


def test_signing_in_is_in_the_record(bob: Person) -> None:
    sign_in(bob, with_app(bob))
    entry = Entry.objects.get(verb="people.signed_in")
    assert (entry.actor, entry.target, entry.facts) == (bob.pk, f"person:{bob.pk}", {"method": "totp"})
