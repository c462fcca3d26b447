"""Joining by a one-time link, up to the first page that somebody sees."""

import pytest
from django.test import Client

from tocsin.people import actions
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.people.tests.cast import give_code, give_password, join, set_up_app

pytestmark = pytest.mark.django_db


def test_the_first_link_makes_a_lead_who_signs_in_with_two_factors(client: Client) -> None:
    path = actions.first_invitation()
    assert path is not None
    answer = join(client, path)
    assert answer["Location"] == "/account/second-factor/"
    assert Person.objects.get().role_set == Role.LEAD

    secret = set_up_app(client)
    assert client.get("/settings/").status_code == 200
    client.post("/account/logout/")

    other = Client()
    assert give_password(other, "Nadia@Example.org")["Location"] == "/account/login/second-factor/"
    assert other.get("/settings/")["Location"] == "/account/login/?next=%2Fsettings%2F"
    assert give_code(other, secret, 1)["Location"] == "/"
    assert other.get("/settings/").status_code == 200
