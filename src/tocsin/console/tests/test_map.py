"""The world map."""

import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.utils import translation

from tocsin.console import world
from tocsin.console.map import MapCell, render_map
from tocsin.lib.territories import INVENTED, TERRITORIES
from tocsin.lib.tiles import TILES
from tocsin.people.models import Person

OUTLINE = "M10 10l50 0 0 50-50 0z"
SQUARE: dict[str, object] = {"d": OUTLINE, "x": 35, "y": 35, "dot": False}


@pytest.fixture
def shapes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The built shapes of two countries."""
    drawn = {"version": 1, "width": 2000, "height": 900, "shapes": {"KE": SQUARE, "NR": SQUARE | {"dot": True}}}
    path = tmp_path / "world.json"
    path.write_text(json.dumps(drawn))
    monkeypatch.setattr(finders, "find", lambda _name: str(path))
    return path


@pytest.fixture
def no_shapes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkout whose assets were never built."""
    monkeypatch.setattr(finders, "find", lambda _name: None)


def draw(levels: dict[str, MapCell], selected: str = "") -> str:
    return render_map(
        levels, link=lambda code: f"/look/{code}/", title="World", desc="What is known", selected=selected
    )


def link_of(page: str, code: str) -> str:
    found = re.search(rf'<a href="/look/{code}/" class=.*?</a>', page)
    assert found, f"{code} is not on the map"
    return found.group(0)


def test_every_territory_has_a_tile_of_its_own() -> None:
    countries = {code for code in TERRITORIES if code not in INVENTED} - {"AC", "CP", "CQ", "DG", "EA", "IC", "TA"}
    assert set(TILES) == countries
    assert len(set(TILES.values())) == len(TILES)


@pytest.mark.usefixtures("no_shapes")
def test_without_shapes_every_territory_is_a_link() -> None:
    page = draw({})
    for code in TILES:
        assert f'href="/look/{code}/"' in page


@pytest.mark.usefixtures("shapes")
def test_with_shapes_a_country_is_drawn_in_its_outline() -> None:
    assert OUTLINE in link_of(draw({}), "KE")


@pytest.mark.usefixtures("shapes")
def test_a_small_territory_gets_a_dot() -> None:
    assert "<circle" in link_of(draw({}), "NR")
    assert "<circle" not in link_of(draw({}), "KE")


def test_shapes_of_another_version_are_left_alone(shapes: Path) -> None:
    shapes.write_text('{"version": 0}')
    assert 'href="/look/FR/"' in draw({})


@pytest.mark.usefixtures("shapes")
def test_not_measured_is_hatched_and_looks_unlike_none_seen() -> None:
    unknown, calm = link_of(draw({}), "KE"), link_of(draw({"KE": MapCell(level=0)}), "KE")
    assert "map-hatch-none" in unknown
    assert "Not measured" in unknown
    assert "hatch" not in calm
    assert "None seen" in calm


@pytest.mark.usefixtures("shapes")
def test_a_blind_part_is_hatched_over_its_level() -> None:
    page = draw({"KE": MapCell(level=3, blind=True)})
    assert 'fill="url(#map-hatch-3)"' in link_of(page, "KE")
    assert '<pattern id="map-hatch-3"' in page
    assert "partly not measured" in link_of(page, "KE"), "for those who hear the map as well"


@pytest.mark.usefixtures("shapes")
def test_only_countries_with_something_to_say_stop_the_tab_key() -> None:
    page = draw({"KE": MapCell(level=2), "NR": MapCell(level=0)})
    assert "tabindex" not in link_of(page, "KE")
    assert 'tabindex="-1"' in link_of(page, "NR")


@pytest.mark.usefixtures("shapes")
def test_the_table_behind_reaches_every_country() -> None:
    page = draw({"KE": MapCell(level=2, words="moderate, rising", trend="rising")})
    table = page[page.index("<details") :]
    assert '<a href="/look/KE/">Kenya</a>' in table
    assert '<a href="/look/NR/">Nauru</a>' in table
    assert "moderate, rising" in table


@pytest.mark.usefixtures("shapes")
def test_the_chosen_country_gets_a_ring() -> None:
    page = draw({}, selected="KE")
    assert 'aria-current="true"' in link_of(page, "KE")
    assert f'<g class="map-ring" aria-hidden="true"><path d="{OUTLINE}"/></g>' in page


@pytest.mark.parametrize("assets", ["shapes", "no_shapes"])
def test_invented_countries_are_drawn_only_in_an_exercise(assets: str, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue(assets)
    assert "/look/XS/" not in draw({})
    assert "Sarvania" in link_of(draw({"XS": MapCell(level=4)}), "XS")


@pytest.mark.usefixtures("shapes")
def test_names_come_in_the_readers_language() -> None:
    with translation.override("ar"):
        assert "كينيا" in draw({})


@pytest.mark.usefixtures("shapes")
def test_words_are_escaped() -> None:
    page = draw({"KE": MapCell(level=1, words="<script>alert(1)</script>", name="<b>")})
    assert "<script>" not in page
    assert "<b>" not in page


@pytest.mark.usefixtures("shapes")
def test_the_map_carries_no_style_or_script() -> None:
    page = draw({"KE": MapCell(level=1)})
    assert "style" not in page
    assert "<script" not in page


@pytest.mark.django_db
@pytest.mark.usefixtures("no_shapes")
def test_a_country_where_nobody_looks_is_said_to_be_not_measured_never_to_have_no_situation(alice: Person) -> None:
    cell = world.cells(alice, exercise=False)["FR"]
    assert (cell.level, cell.words) == (None, "")
    assert "France: Not measured" in link_of(draw({"FR": cell}), "FR")
