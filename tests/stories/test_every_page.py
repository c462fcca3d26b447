"""Every page, as everybody sees it: no barrier, no request to elsewhere, no sideways scrolling, little to load."""

import gzip
from collections.abc import Callable

import pytest
from django.test import Client
from playwright.sync_api import Response

from tests.stories.conftest import Open
from tests.stories.full_house import House
from tests.stories.newsroom import Newsroom
from tests.stories.window import Window
from tocsin.people.models import Person
from tocsin.people.roles import Role

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

Browse = Callable[[Person], Client]
PHONE = {"width": 360, "height": 740}
# What may differ between light and dark, and between a desk and a phone; the other rules look at words and structure.
LOOK = ("color-contrast", "target-size", "scrollable-region-focusable", "link-in-text-block")
OWN = ("/account/", "/join/", "/settings/")
# Beside the plain addresses: pages with filters, with nothing to show, and with things that are not there.
MORE = (
    "/situations/?words=nothing-of-this-name",
    "/situations/?country=TR&state=all&order=newest",
    "/look/?country=TR&days=14",
    "/look/?country=FJ",
    "/search/?words=editor",
    "/search/?words=nothing-of-this-name",
    "/search/?words=x",
    "/sources/?health=ill",
    "/situations/nothere/",
    "/duty/load/?weeks=4",
)


@pytest.fixture
def house(newsroom: Newsroom, alice: Person) -> House:
    return House(newsroom, alice)


def walk(window: Window, addresses: list[str], *rules: str) -> dict[str, list[str]]:
    """What is wrong, by address."""
    found = {}
    for address in addresses:
        window.go(address)
        wrong = window.barriers(*rules) + (["too wide"] if window.too_wide() else [])
        if wrong:
            found[address] = wrong
    return found


def test_the_lead_meets_no_barrier_on_any_page(house: House, open_as: Open, browse: Browse, alice: Person) -> None:
    addresses = house.addresses(browse(alice))
    assert {"/", "/situations/", f"/signals/{house.measured.pk}/", "/sources/coverage/", "/settings/"} <= {*addresses}
    assert walk(open_as(alice), [*addresses, *MORE]) == {}
    assert walk(open_as(alice, viewport=PHONE, color_scheme="dark"), [*addresses, *MORE], *LOOK) == {}


def test_an_executive_and_an_auditor_meet_no_barrier(house: House, open_as: Open, browse: Browse) -> None:
    for name, role in (("Eve", Role.EXECUTIVE), ("Otto", Role.AUDITOR), ("Nina", Role(0))):
        person = Person.objects.create(email=f"{name.lower()}@example.org", name=name, roles=int(role))
        mine = [
            one for one in house.addresses(browse(person)) if not one.startswith(("/account/", "/join", "/settings"))
        ]
        assert walk(open_as(person, viewport=PHONE, color_scheme="dark"), mine) == {}, name


def test_a_stranger_meets_no_barrier(house: House, open_as: Open, client: Client) -> None:
    addresses = house.addresses(client)
    assert "/account/login/" in addresses
    assert not any(one.startswith(("/situations", "/signals", "/look", "/people")) for one in addresses)
    assert walk(open_as(None), addresses) == {}
    assert walk(open_as(None, viewport=PHONE, color_scheme="dark"), addresses, *LOOK) == {}


def test_right_to_left_is_mirrored_and_nothing_scrolls_sideways(house: House, open_as: Open, alice: Person) -> None:
    window = open_as(alice, cookies=(("django_language", "ar-xb"),), viewport=PHONE)
    paths = ("/", "/situations/", f"/situations/{house.situation.public_id}/", f"/signals/{house.measured.pk}/")
    for address in (*paths, "/look/?country=TR", "/search/?words=editor", "/sources/", "/settings/"):
        window.go(address)
        assert window.page.get_attribute("html", "dir") == "rtl"
        assert not window.too_wide(), address
    window.go("/look/?country=TR")
    title, axis = (window.page.locator(f"#part-measured .chart-{part}").first for part in ("title", "axis"))
    box, line = title.bounding_box(), axis.bounding_box()
    assert box is not None
    assert line is not None
    assert box["x"] + box["width"] >= line["x"] + line["width"], "the title stands where the line begins: at the right"


def test_home_is_light(house: House, open_as: Open, alice: Person) -> None:
    window = open_as(alice)
    answers: list[Response] = []
    window.page.on("response", lambda answer: answers.append(answer))
    window.go("/")
    window.page.wait_for_load_state("networkidle")
    # Once installed, files that never change are served compressed; here they are not, so they are counted as if.
    sizes = {one.url: len(gzip.compress(one.body())) for one in answers}
    assert len(sizes) > 5
    assert sum(sizes.values()) < 150_000, sizes
