"""A drill is run against what fits its playbook; against anything else on purpose alone."""

from collections.abc import Callable

import pytest
from django.test import Client

from tocsin.people.models import Person
from tocsin.responses import actions, beginning, drills
from tocsin.responses.log import acts
from tocsin.responses.log.content import WrongError
from tocsin.responses.log.keeping import Book
from tocsin.responses.playbooks import library

Browse = Callable[[Person], Client]
pytestmark = pytest.mark.django_db

BLOCK, HELD = "block-before-election", "detained-after-edit"


def begun(by: Person, playbook: str) -> Book:
    book = library.playbook(playbook)
    assert book is not None
    first = beginning.content_of(book, book.title, "Nobody is put in danger.")
    return actions.begin(by, acts.Begun(severity=2, playbook=playbook, drill=True), first, [], None)


def page_of(book: Book, browse: Browse, by: Person) -> str:
    return browse(by).get(f"/plans/{book.id}/drill/").content.decode()


def test_scenarios_that_do_not_fit_the_playbook_stand_last_under_their_own_heading(bob: Person, browse: Browse) -> None:
    page = page_of(begun(bob, "detained"), browse, bob)
    fitting, others = page.split('<optgroup label="About another kind of emergency">')
    assert f'<option value="{HELD}" selected>' in fitting
    assert f'value="{BLOCK}"' not in fitting
    assert f'value="{BLOCK}"' in others
    assert "nothing in this plan answers what happens in them" in page


def test_one_that_does_not_fit_is_run_on_purpose_alone(bob: Person, browse: Browse) -> None:
    book, where = begun(bob, "detained"), {"do": "start", "scenario": BLOCK, "speed": "6"}
    answer = browse(bob).post(f"/plans/{book.id}/drill/", where)
    assert answer.status_code == 422
    assert "This scenario is about another kind of emergency" in answer.content.decode()
    with pytest.raises(WrongError):
        drills.start(book, bob, BLOCK, 6)
    assert book.read().pace.begins is None
    browse(bob).post(f"/plans/{book.id}/drill/", {**where, "anyway": "on"})
    assert book.read().of(acts.Started)[0][1].scenario == BLOCK


def test_nothing_is_chosen_beforehand_where_no_scenario_fits(bob: Person, browse: Browse) -> None:
    page = page_of(begun(bob, "self-harm"), browse, bob)
    assert '<option value="" selected>' in page
    assert "None fits this plan’s playbook" in page


@pytest.mark.parametrize("playbook", ["unrest-ahead", ""])
def test_whatever_shares_a_kind_of_harm_fits_and_so_does_anything_where_nothing_says_otherwise(playbook: str) -> None:
    assert all(drills.fits(one, playbook) for one in drills.scenarios().values())
