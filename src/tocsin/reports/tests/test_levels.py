"""A threat level that a restricted situation raised: no sign of it to a reader outside, wherever levels are shown."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.reports import api_shapes, recounting
from tocsin.reports.audiences import AUDIENCES
from tocsin.reports.forms import Form, render
from tocsin.reports.gathering.levels import levels as told
from tocsin.reports.gathering.period import Gatherer, Period
from tocsin.reports.keeping import document_out, fact_in, fact_out
from tocsin.reports.laying import document_of, facts_of
from tocsin.reports.models import Draft
from tocsin.situations import levels
from tocsin.situations.models import Situation, ThreatLevel

pytestmark = pytest.mark.django_db
Browse = Callable[[Person], Client]
Situations = Callable[..., Situation]
PAGES = ("/", "/look/?country=BR", "/api/threat-levels", "/api/threat-levels?country=BR&current=false")


def seen_by(client: Client) -> list[str]:
    """What the pages and answers about levels say, without what differs each time that one is asked for."""
    pages = [client.get(one) for one in PAGES]
    assert all(one.status_code == 200 for one in pages)
    differs = r'csrfmiddlewaretoken" value="[^"]*"|until" value="[^"]*"|id="freshness".*?</time>'
    return [re.sub(differs, "", one.content.decode()) for one in pages]


@pytest.fixture
def known(situation: Situations) -> Situation:
    row = situation("Arrests in Manaus", country="BR", probability=0.3, tlp="clear")
    levels.refresh("BR", "site-ban")
    ThreatLevel.objects.update(at=timezone.now() - timedelta(days=2))
    return row


@pytest.fixture
def raid(situation: Situations) -> Callable[[], Situation]:
    """A situation raises a level, is restricted, and the level follows."""

    def restricted() -> Situation:
        row = situation("Raid in Recife", country="BR", probability=0.9, tlp="clear")
        levels.refresh("BR", "site-ban")
        Situation.objects.filter(pk=row.pk).update(readers=int(Role.LEAD))
        levels.refresh("BR", "site-ban")
        return row

    return restricted


def test_a_reader_outside_sees_no_sign_of_a_restricted_situation_on_the_map_the_pages_and_the_api(
    known: Situation, raid: Callable[[], Situation], browse: Browse, alice: Person, bob: Person
) -> None:
    before = seen_by(browse(bob))
    raid()
    assert ThreatLevel.objects.filter(probability=0.9).exists()
    assert seen_by(browse(bob)) == before
    assert "0.9" in browse(alice).get(PAGES[-1]).content.decode()


@pytest.mark.parametrize("audience", AUDIENCES)
def test_no_report_and_no_chart_tells_of_it(
    known: Situation, raid: Callable[[], Situation], draft: Callable[..., Draft], audience: str
) -> None:
    raid()
    document = document_of(draft(audience))
    assert 0.9 not in _numbers(document_out(document))
    assert "90%" not in render(document, Form.HTML).decode()
    assert "Recife" not in json.dumps(document_out(document))


def _numbers(kept: object) -> set[float]:
    found = set(re.findall(r"(?<![\d.])\d+\.\d+", json.dumps(kept)))
    return {float(one) for one in found}


def test_a_chart_that_was_drawn_before_is_shown_to_nobody_whom_its_situation_was_closed_to(
    situation: Situations, draft: Callable[..., Draft], browse: Browse, alice: Person, bob: Person
) -> None:
    row = situation("Raid in Recife", country="BR", harm="arrest", probability=0.9, tlp="clear")
    levels.refresh("BR", "arrest")
    made = draft("operational")
    key = "level:BR:arrest"
    page = f"/reports/drafts/{made.public_id}/"
    title = next(one["title"] for one in _strips(made))
    assert title in browse(bob).get(page).content.decode()
    Situation.objects.filter(pk=row.pk).update(readers=int(Role.LEAD))
    assert title not in browse(bob).get(page).content.decode()
    assert title not in json.dumps(api_shapes.draft_out(bob, Draft.objects.get(pk=made.pk)).model_dump(mode="json"))
    assert title in browse(alice).get(page).content.decode()
    assert recounting.moved(made, [key]) == {key: None}


def _strips(draft: Draft) -> list[dict[str, str]]:
    return [one for piece in draft.blocks if piece["kind"] == "figure" for one in piece["chart"]["strips"]]


def test_a_level_is_that_of_the_end_of_the_time_it_is_told_for(known: Situation) -> None:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    last = Period(today - timedelta(days=7), today)
    Situation.objects.update(probability=0.8)
    levels.refresh("BR", "site-ban")
    (fact,) = told(last, Gatherer())
    assert fact.value is not None
    assert (fact.value.amount, fact.value.before) == (0.3, 0.0)
    assert [share for _at, share in fact.course] == [0.3]
    assert "Arrests in Manaus" in fact.says
    assert fact_in(fact_out(fact)) == fact


def test_a_level_is_as_strictly_shared_as_what_moved_it(known: Situation) -> None:
    Situation.objects.update(tlp="red")
    now = datetime.now(UTC)
    (fact,) = told(Period(now - timedelta(days=7), now + timedelta(days=1)), Gatherer())
    assert fact.tlp == "red"


def test_a_fact_without_a_course_is_kept_as_it_always_was(known: Situation, draft: Callable[..., Draft]) -> None:
    made = draft("operational")
    plain = [one for one in facts_of(made).values() if not one.course]
    assert plain
    assert not any("course" in fact_out(one) for one in plain)


def test_an_exercise_tells_of_its_invented_countries_and_the_world_of_none_of_them(
    known: Situation, situation: Situations
) -> None:
    situation("Sarvania blocked", country="XS", probability=0.8, tlp="clear", exercise=True)
    levels.refresh("XS", "site-ban")
    period = Period(timezone.now() - timedelta(days=7), timezone.now() + timedelta(minutes=1))
    found = {
        exercise: [(one.key, one.exercise) for one in told(period, Gatherer(exercise=exercise))]
        for exercise in (True, False)
    }
    assert found == {True: [("level:XS:site-ban", True)], False: [("level:BR:site-ban", False)]}
