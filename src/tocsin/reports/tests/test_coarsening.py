"""Where naming a place or a day could endanger people, readers outside learn the region and the month."""

from datetime import UTC, datetime

import pytest

from tocsin.alliances import regions
from tocsin.audit.models import Entry
from tocsin.lib.territories import TERRITORIES
from tocsin.people.models import Person
from tocsin.reports import coarsening
from tocsin.reports.refusals import RefusedError

AT = datetime(2026, 10, 7, 23, 30, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def test_a_country_of_the_list_becomes_its_region_and_a_day_its_month() -> None:
    assert coarsening.place("IR") == "034"
    assert coarsening.named("IR") == "Southern Asia"
    assert coarsening.moment(AT, "IR") == "October 2026"


def test_any_other_country_and_no_country_stay_as_they_are() -> None:
    assert coarsening.place("NO") == "NO"
    assert coarsening.named("NO") == "Norway"
    assert coarsening.moment(AT, "NO") == "7 Oct 2026"
    assert coarsening.place("") == ""


def test_the_list_that_comes_along_says_where_it_is_from_and_names_countries_that_have_neighbours() -> None:
    shipped = coarsening.shipped()
    assert shipped.source
    assert shipped.as_of
    assert len(shipped.codes) == 36
    assert shipped.codes <= TERRITORIES
    # A region of one country would name it.
    assert all(len(regions.MEMBERS[regions.covering(code)]) > 1 for code in shipped.codes)


def test_a_lead_changes_the_list_with_a_reason_and_it_is_recorded(alice: Person) -> None:
    coarsening.change(alice, {"NO"}, "A threat that we know of.")
    assert coarsening.place("NO") == "154"
    assert coarsening.place("IR") == "IR"
    assert Entry.objects.filter(verb="report.protected", actor=alice.pk).count() == 1


def test_a_change_without_a_right_a_reason_or_a_country_is_refused(alice: Person, bob: Person) -> None:
    for who, codes, reason in ((bob, {"NO"}, "Why"), (alice, {"NO"}, " "), (alice, {"QQ"}, "Why")):
        with pytest.raises(RefusedError):
            coarsening.change(who, codes, reason)
    assert coarsening.newest() is None


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("An editor was arrested in Iran.", ("IR",)),
        ("Police in Tehran took her laptop.", ("IR",)),
        ("В России заблокирован сайт.", ("RU",)),
        ("Access was slow in Norway.", ()),
    ],
)
def test_a_text_that_names_such_a_country_is_told(text: str, codes: tuple[str, ...]) -> None:
    assert coarsening.told(text) == codes


@pytest.mark.parametrize("city", ["طهران", "Teherán", "Тегеран", "Teheran", "德黑兰", "تهران"])
def test_a_city_is_told_in_any_language_whatever_stands_around_it(city: str) -> None:
    assert "IR" in coarsening.told(f"In {city} editors", frozenset({"IR"}))


def test_a_language_that_names_no_city_of_a_country_is_known() -> None:
    assert "IR" not in coarsening.without_cities("ar")
    assert "IR" in coarsening.without_cities("ha")
    assert coarsening.without_cities("xx-none") == tuple(sorted(coarsening.protected()))
