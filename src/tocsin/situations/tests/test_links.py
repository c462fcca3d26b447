"""From an item to what was made of it, for those who may read it."""

from collections.abc import Callable

import pytest
from django.test import Client

from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.signals.models import Signal
from tocsin.situations.models import Situation
from tocsin.situations.tests.arriving import ARREST, arrive, run
from tocsin.streams.models import Source

Browse = Callable[[Person], Client]


@pytest.mark.django_db
def test_an_item_leads_to_its_signal_and_its_situation(
    source: Callable[..., Source], browse: Browse, bob: Person
) -> None:
    item = arrive(source("Daily"), *ARREST)
    run()
    client = browse(bob)
    page = client.get(f"/sources/items/{item.pk}/").content.decode()
    for room in ("signals", "situations"):
        assert f'href="/{room}/of-item/{item.pk}/"' in page
    assert client.get(f"/signals/of-item/{item.pk}/")["Location"] == f"/signals/{Signal.objects.get().pk}/"
    found = Situation.objects.get().public_id
    assert client.get(f"/situations/of-item/{item.pk}/")["Location"] == f"/situations/{found}/"


@pytest.mark.django_db
def test_an_item_that_was_not_read_yet_leads_back_to_itself(
    source: Callable[..., Source], browse: Browse, bob: Person
) -> None:
    item = arrive(source("Daily"), *ARREST)
    for room in ("signals", "situations"):
        answer = browse(bob).get(f"/{room}/of-item/{item.pk}/")
        assert answer["Location"] == f"/sources/items/{item.pk}/"


@pytest.mark.django_db
def test_an_item_that_is_kept_from_somebody_looks_missing(
    source: Callable[..., Source], browse: Browse, vera: Person, charlie: Person
) -> None:
    item = arrive(source("Herald", readers=int(Role.LEAD), tlp="red"), *ARREST, readers=int(Role.LEAD), tlp="red")
    run()
    for room in ("signals", "situations"):
        kept, none = (browse(vera).get(f"/{room}/of-item/{number}/") for number in (item.pk, item.pk + 1))
        assert (kept.status_code, none.status_code) == (404, 404)
        assert browse(charlie).get(f"/{room}/of-item/{item.pk}/").status_code == 403


@pytest.mark.django_db
def test_a_signal_that_is_kept_from_somebody_looks_as_if_it_were_not_read_yet(
    source: Callable[..., Source], browse: Browse, vera: Person
) -> None:
    item = arrive(source("Daily"), *ARREST)
    run()
    Signal.objects.update(readers=int(Role.LEAD))
    for room in ("signals", "situations"):
        assert browse(vera).get(f"/{room}/of-item/{item.pk}/")["Location"] == f"/sources/items/{item.pk}/"
