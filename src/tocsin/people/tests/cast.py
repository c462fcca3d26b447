"""What tests of this room do over and over: join, sign in, read a code off the app."""

import re
import time
from typing import Any

from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core.cache import cache
from django.test import Client

from tocsin.people.models import Person

PASSWORD = "correct horse battery staple"


def code_of(secret: str, steps: int = 0) -> str:
    """The code that an authenticator app shows now, or some steps of 30 seconds later."""
    return str(format_hotp_value(hotp_value(secret.replace(" ", ""), int(time.time()) // 30 + steps)))


def join(client: Client, path: str, name: str = "Nadia", email: str = "nadia@example.org") -> Any:
    """Use an invitation's link."""
    return client.post(path, {"name": name, "email": email, "password": PASSWORD})


def set_up_app(client: Client) -> str:
    """Set up an authenticator app; gives its secret."""
    page = client.get("/account/second-factor/app/").content.decode()
    found = re.search(r'class="secret">([A-Z2-7 ]+)<', page)
    assert found, page
    secret = found.group(1).replace(" ", "")
    answer = client.post("/account/second-factor/app/", {"code": code_of(secret)})
    assert answer.status_code == 302, answer.content.decode()
    return secret


def give_password(client: Client, email: str, password: str = PASSWORD, **extra: Any) -> Any:
    """The first step of signing in."""
    return client.post("/account/login/", {"login": email, "password": password}, **extra)


def give_code(client: Client, secret: str, steps: int = 0) -> Any:
    """The second step of signing in."""
    cache.clear()
    return client.post("/account/login/second-factor/", {"code": code_of(secret, steps)})


def with_app(person: Person) -> str:
    """Give a person an authenticator app; gives its secret."""
    secret = str(generate_totp_secret())
    TOTP.activate(person, secret)
    return secret


def sign_in(person: Person, secret: str, **extra: Any) -> Client:
    """A client that signed in by both steps."""
    client = Client(**extra)
    give_password(client, person.email)
    answer = give_code(client, secret)
    assert answer["Location"] == "/", answer.content.decode()
    return client


def is_in(client: Client) -> bool:
    """Whether this client may open a page."""
    return bool(client.get("/account/password/").status_code == 200)
