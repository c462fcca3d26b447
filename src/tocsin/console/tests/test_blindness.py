"""Where a ban would be found late or never, and what one more measurement would buy."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tocsin.console.world import sights
from tocsin.people.models import Person
from tocsin.signals.measured import OUR_SITES
from tocsin.signals.models import CellState

Browse = Callable[[Person], Client]
DAY = 86_400.0


def cell(country: str, delay: float | None, more: float | None, subject: str = OUR_SITES, silent: int = 0) -> None:
    CellState.objects.create(
        rule="blocking/2", kind="ooni.web", stream="blocking", country=country, subject=subject, delay_seconds=delay,
        delay_with_one_more_seconds=more, last_point_at=timezone.now() - timedelta(days=silent),
    )  # fmt: skip


def shown(client: Client, **query: str) -> str:
    return client.get("/blindness/", query).content.decode()


@pytest.mark.django_db
def test_the_map_tells_soon_late_never_and_silent_apart(browse: Browse, alice: Person) -> None:
    cell("TR", DAY, DAY / 2)
    cell("IR", 5 * DAY, 3 * DAY)
    cell("MM", None, 5 * DAY)
    cell("BY", DAY, DAY, silent=9)
    page = shown(browse(alice))
    assert "Türkiye: a ban would be found after 24 hours" in page
    assert "Iran: a ban would be found after 5 days" in page
    assert "at this rate, a ban would never be found" in page
    assert "Belarus: not measured lately" in page
    assert "France: not found by measurement" in page


@pytest.mark.django_db
def test_what_one_more_measurement_buys_is_listed_where_it_helps_most_first(browse: Browse, alice: Person) -> None:
    cell("TR", 2 * DAY, DAY)
    cell("IR", 10 * DAY, 3 * DAY)
    cell("MM", None, 5 * DAY)
    cell("DE", DAY, DAY)
    cell("FR", DAY, None)
    table = shown(browse(alice)).split('id="helped"')[1]
    order = [table.index(f"country={code}") for code in ("MM", "IR", "TR")]
    assert order == sorted(order)
    assert "country=DE" not in table
    assert "country=FR" not in table


@pytest.mark.django_db
def test_a_site_is_chosen_and_others_are_not_ours(browse: Browse, alice: Person) -> None:
    cell("TR", DAY, DAY)
    cell("TR", 5 * DAY, DAY, subject="tr.wikipedia.org")
    cell("TR", 9 * DAY, DAY, subject="news.example")
    client = browse(alice)
    assert "after 5 days" in shown(client, site="tr.wikipedia.org")
    page = shown(client, site="news.example")
    assert "after 24 hours" in page
    assert "news.example" not in page


@pytest.mark.django_db
def test_the_network_as_a_whole_has_a_map_of_its_own_and_says_nothing_of_our_sites(
    browse: Browse, alice: Person
) -> None:
    cell("TR", DAY, DAY)
    client = browse(alice)
    assert "The network as a whole" not in shown(client)
    for kind, delay in (("ioda.bgp", 7_200.0), ("ioda.probing", 3_600.0)):
        CellState.objects.create(
            rule="outage/1", kind=kind, stream="connectivity", country="IR", subject=kind, delay_seconds=delay,
            last_point_at=timezone.now(),
        )  # fmt: skip
    assert "Iran: not found by measurement" in shown(client)
    page = shown(client, site="network")
    assert "Iran: a loss of the network would be found after 60 minutes" in page
    assert "Türkiye: not found by measurement" in page
    assert "IR" not in sights()


@pytest.mark.django_db
def test_without_measurements_it_says_what_to_do(browse: Browse, alice: Person) -> None:
    assert "Nothing is measured yet" in shown(browse(alice))


@pytest.mark.django_db
def test_it_is_for_those_who_may_read(browse: Browse, charlie: Person, client: Client) -> None:
    assert browse(charlie).get("/blindness/").status_code == 403
    assert client.get("/blindness/").status_code == 302
