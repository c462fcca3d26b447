"""The drill of an exercise begins by itself, is marked as both, and wakes nobody."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tocsin.alerts import clock
from tocsin.alerts.models import Alert, Lane, Page
from tocsin.config import practising, steps
from tocsin.people.models import Person
from tocsin.responses import actions, models, playing, work
from tocsin.responses.log import acts
from tocsin.responses.log.books import OpenBook
from tocsin.responses.log.folding import Standing

Browse = Callable[[Person], Client]
PHONE = ("+10000000001", "http://localhost:1/phone")


@pytest.fixture
def exercise(settings: Any) -> None:
    settings.EXERCISE, settings.EXERCISE_PHONE = True, PHONE


def plan() -> OpenBook:
    return OpenBook(models.Plan.objects.get().public_id)


@pytest.mark.django_db
def test_it_waits_for_somebody_to_see_it(exercise: None, charlie: Person) -> None:
    assert not practising.step()
    assert not models.Plan.objects.exists()
    assert "exercise.drill" in [one.name for one in steps.working()]


def test_it_begins_once_and_stands_on_the_first_page(exercise: None, alice: Person, browse: Browse) -> None:
    assert practising.step()
    assert not practising.step()
    row = models.Plan.objects.get()
    assert (row.drill, row.exercise, row.owner, row.standing) == (True, True, None, Standing.ACTING)
    assert plan().read().proved
    home = browse(alice).get("/").content.decode()
    assert "Ratify plan “Drill: A block in the week before an election”" in home
    page = browse(alice).get(f"/plans/{row.public_id}/").content.decode()
    assert 'aria-label="Drill"' in page
    assert 'aria-label="Exercise"' in page
    assert "the exercise" in page
    log = browse(alice).get(f"/plans/{row.public_id}/log/").content.decode()
    assert "The exercise</strong> began the plan" in log


def test_whoever_writes_plans_says_how_it_was_met_since_nobody_began_it(
    exercise: None, alice: Person, vera: Person, browse: Browse
) -> None:
    practising.step()
    while work.step():
        pass
    where = f"/plans/{plan().id}/drill/"
    assert "nobody has written down yet how it was met" in browse(alice).get(where).content.decode()
    assert browse(vera).post(f"{where}observe", {"key": "i1", "met": "on"}).status_code == 404
    browse(alice).post(f"{where}observe", {"key": "i1", "met": "on"})
    assert "1 met of 1 that somebody judged" in browse(alice).get(where).content.decode()


def test_what_happens_in_it_comes_by_itself_and_wakes_nobody(
    exercise: None, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    practising.step()
    for hours in (0, 1, 2, 30):
        moment = clock.now() + timedelta(hours=hours)
        with monkeypatch.context() as later:
            later.setattr(clock, "now", lambda moment=moment: moment)
            while work.step():
                pass
    assert len(plan().read().of(acts.Injected)) == 8
    alerts = Alert.objects.all()
    assert alerts
    assert all(one.drill and one.exercise and one.lane == Lane.QUIET for one in alerts)
    assert not Page.objects.filter(notice__lane=Lane.WAKE).exists()


def test_whoever_leads_can_ratify_it(exercise: None, alice: Person) -> None:
    practising.step()
    read = plan().read()
    actions.approve(plan(), alice, read.digest)
    assert plan().read().standing is Standing.APPROVED


@pytest.mark.django_db
def test_no_drill_begins_in_earnest_or_where_pages_would_leave(settings: Any, alice: Person) -> None:
    for is_exercise, phone in ((False, PHONE), (True, None)):
        settings.EXERCISE, settings.EXERCISE_PHONE = is_exercise, phone
        assert not practising.step()
    assert not models.Plan.objects.exists()


def test_one_that_is_over_does_not_begin_again(exercise: None, alice: Person) -> None:
    assert playing.play() is not None
    models.Plan.objects.update(closed_at=clock.now())
    assert playing.play() is None
