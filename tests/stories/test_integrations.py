"""The pages of integrations, as a lead sees them: no barrier, nothing too wide, secrets shown once."""

import pytest

from tests.stories.conftest import Open
from tests.stories.window import Window
from tocsin.alerts.integrations import actions
from tocsin.alerts.integrations.actions import Wanted
from tocsin.alerts.integrations.refusals import refusals
from tocsin.alerts.integrations.shapes import SHAPES
from tocsin.alerts.models import Integration, Lane
from tocsin.people.models import Person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 360, "height": 740}
LIST = "/alerts/integrations/"


def check(window: Window, where: str) -> None:
    assert window.barriers() == [], where
    assert not window.too_wide(), where


@pytest.mark.parametrize("look", [{}, {"viewport": PHONE, "color_scheme": "dark"}], ids=["desk", "phone"])
def test_a_lead_sets_an_integration_up_and_ends_it(open_as: Open, alice: Person, look: dict[str, object]) -> None:
    window = open_as(alice, **look)
    page = window.page
    window.go(LIST)
    check(window, "an empty list")
    page.get_by_role("link", name="Add an integration").first.click()
    page.get_by_label("Password").fill("correct horse battery staple")
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Name").fill("Unbroken" * 9)
    check(window, "a new one")
    page.get_by_role("button", name="Add it").click()
    check(window, "its secrets")
    row = Integration.objects.get()
    page.get_by_role("link", name="I have it").click()
    check(window, "an integration")
    page.get_by_role("button", name="Send a test").click()
    check(window, "a test that was sent")
    for ending in ("rotate/", "key/", "revoke/"):
        window.go(f"{LIST}{row.public_id}/{ending}")
        check(window, ending)
    page.get_by_role("button", name="Revoke it").click()
    check(window, "a revoked one")
    assert Integration.objects.get().revoked_at is not None
    assert window.faults == []


def test_a_full_list_has_no_barrier(open_as: Open, alice: Person) -> None:
    for shape in SHAPES:
        row = actions.create(alice, shape, Wanted(f"From {shape}", lane=Lane.LIFE if shape == "cap" else Lane.WAKE))
        refusals.count(row.integration.pk, "The bearer or the signature was wrong.")
        row.integration.rule.may_wake = shape != "grafana"
        row.integration.rule.save()
    for look in ({}, {"viewport": PHONE, "color_scheme": "dark"}):
        window = open_as(alice, **look)
        window.go(LIST)
        check(window, "a full list")
