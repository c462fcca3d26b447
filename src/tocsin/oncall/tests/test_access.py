"""Who obtains what of this room; and what it loads."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.http import Http404
from django.utils import timezone

from tocsin.oncall import access, actions
from tocsin.oncall.tests.arranging import DAY, midnight, rota_of
from tocsin.people.models import Person


def refuses(obtain: Callable[[], Any]) -> bool:
    try:
        obtain()
    except Http404:
        return True
    return False


@pytest.mark.django_db
def test_somebody_without_a_role_finds_nothing_but_what_is_their_own(
    alice: Person, bob: Person, charlie: Person
) -> None:
    rota = rota_of(alice, bob)
    swap = actions.ask_swap(bob, rota, bob, alice, midnight(1), midnight(2))
    rest = actions.ask_rest(alice)
    absence = actions.away(bob, bob, midnight(9), midnight(10))
    override = actions.override(alice, rota, bob, midnight(11), midnight(12))
    assert not access.rotas_for(charlie).exists()
    assert refuses(lambda: access.access_rota(charlie, rota.public_id))
    assert refuses(lambda: access.access_swap(charlie, swap.public_id))
    assert refuses(lambda: access.access_rest(charlie, rest.public_id))
    assert refuses(lambda: access.access_absence(charlie, absence.pk))
    assert refuses(lambda: access.access_layer(bob, rota, rota.layers.get().pk))
    assert refuses(lambda: access.access_override(bob, rota, override.pk))
    actions.propose_substitute(alice, rest, charlie)
    assert access.access_rest(charlie, rest.public_id) == rest


@pytest.mark.django_db
def test_a_lead_and_those_concerned_obtain_what_they_need(alice: Person, bob: Person) -> None:
    rota = rota_of(alice, bob)
    swap = actions.ask_swap(bob, rota, bob, alice, midnight(1), midnight(2))
    absence = actions.away(bob, bob, midnight(9), midnight(10))
    override = actions.override(alice, rota, bob, midnight(11), midnight(12))
    now = timezone.now()
    assert access.access_rota(bob, rota.public_id) == rota
    assert access.access_swap(bob, swap.public_id) == access.access_swap(alice, swap.public_id) == swap
    assert access.access_absence(bob, absence.pk) == access.access_absence(alice, absence.pk) == absence
    assert access.access_override(alice, rota, override.pk) == override
    assert list(access.overrides_of(rota, now)) == [override]
    assert list(access.absences_of(bob, now, now + 30 * DAY)) == [absence]
    layer = access.access_layer(alice, rota, rota.layers.get().pk)
    assert list(access.layers_of(rota, now)) == [layer]
    link, _ = actions.make_calendar_link(bob, rota)
    assert list(access.calendar_links(bob)) == [link]
    assert not access.calendar_links(alice).exists()


def test_what_the_pager_needs_of_this_room_loads_no_page_and_no_client() -> None:
    script = """
import sys
from django.conf import settings
rooms = ["tocsin.lib", "tocsin.audit", "tocsin.people", "tocsin.oncall"]
settings.configure(INSTALLED_APPS=rooms, AUTH_USER_MODEL="people.Person", USE_TZ=True)
import django
django.setup()
import tocsin.oncall.actions, tocsin.oncall.duty, tocsin.oncall.work
heavy = {"allauth", "ninja", "axes", "csp", "icalendar", "httpx", "duckdb", "lxml", "tantivy", "babel"}
print(sorted(heavy & {name.split(".")[0] for name in sys.modules}))
print(sorted({name.split(".")[1] for name in sys.modules if name.startswith("tocsin.")}))
"""
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout.split("\n")[:2] == ["[]", "['audit', 'lib', 'oncall', 'people']"]
