"""Who fits a need: those who may be turned to first, with reasons in words, and no number about anybody."""

import pytest

from tocsin.alerts.tests.conftest import Time
from tocsin.alliances import actions, regions, words
from tocsin.alliances.tests.conftest import Makes
from tocsin.analysis.taxonomy import RESPONSES
from tocsin.lib.territories import TERRITORIES
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db


def names(*asked: str) -> list[str]:
    return [one.contact.name for one in actions.suggest(*asked)]


def test_the_near_the_speaking_and_the_fast_come_first(vetted: Makes, proposed: Makes) -> None:
    vetted(name="World", countries=(), regions=("001",), within_hours=1)
    vetted(name="Region", countries=(), regions=("014",))
    vetted(name="Silent", languages=("fr",))
    vetted(name="Slow", within_hours=72)
    vetted(name="Fast", within_hours=2)
    vetted(name="Counsel", helps=("care",))
    proposed(name="New", within_hours=1)
    assert names("KE", "sw", "legal") == ["Fast", "Slow", "Silent", "Region", "World", "New"]


def test_each_comes_with_its_reasons_and_what_to_mind(vetted: Makes) -> None:
    vetted(conflict_countries=("KE",), tlp="green", languages=("fr",))
    (found,) = actions.suggest("KE", "sw", "legal", "amber")
    assert found.reasons == ("works in Kenya", "answers within 6 hours", "by night too", "free")
    assert len(found.cautions) == 3
    assert "TLP:GREEN" in found.cautions[2]
    assert found.usable.ok


def test_one_in_conflict_or_stale_or_told_less_comes_after_the_others(vetted: Makes, time: Time) -> None:
    vetted(days=10, name="Stale")
    vetted(name="Conflict", conflict_countries=("KE",))
    vetted(name="Clean", within_hours=700)
    vetted(name="Little", tlp="clear")
    time.passes(days=11)
    assert names("KE", "", "legal", "amber")[0] == "Clean"


def test_who_was_suspended_or_let_go_is_not_named(vetted: Makes, alice: Person) -> None:
    actions.suspend(alice, vetted(name="A"), "Their phone was taken.")
    actions.let_go(alice, vetted(name="B"), "They stopped practising.")
    assert names("", "", "legal") == []


def test_a_need_without_anything_names_everybody(vetted: Makes) -> None:
    vetted()
    assert names("", "", "") == ["Amina Odera"]


def test_every_kind_of_help_serves_a_response_of_the_taxonomy() -> None:
    assert {one.response for one in words.HELPS.values()} <= {one.key for one in RESPONSES}


def test_every_country_of_a_region_is_one_and_stands_in_one_region_alone() -> None:
    every = [code for members in regions.MEMBERS.values() for code in members]
    assert len(every) == len(set(every))
    assert set(every) <= TERRITORIES
    assert TERRITORIES - set(every) <= {"AQ", "AC", "CP", "CQ", "DG", "EA", "IC", "TA", "XS", "XO"}
