"""The front-end parts: what is locked, and how they are built."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from babel.core import get_global

from tocsin.console.context import navigation
from tocsin.people.models import Person
from tocsin.people.roles import Role

ASSETS = Path(__file__).resolve().parents[4] / "assets"

FAKE_NPM = """#!/bin/sh
echo called >> "$CALLS"
cache=$HOME/.npm
for word; do case $word in --cache=*) cache=${word#--cache=} ;; esac; done
mkdir -p "$cache/_logs"
test -n "$BROKEN" && exit 1
cp -r "$MODULES" node_modules
"""


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"assets_{name}", ASSETS / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


world, builder = load("world"), load("build")


def atlas(arcs: list[list[list[int]]], *countries: tuple[str, str, list[list[int]]]) -> dict[str, object]:
    """A small TopoJSON atlas in whole degrees: arcs as steps, countries as (numeric code, name, rings)."""
    geometries = [
        {"type": "Polygon", "id": code, "properties": {"name": name}, "arcs": rings} for code, name, rings in countries
    ]
    return {
        "transform": {"scale": [1, 1], "translate": [0, 0]},
        "arcs": arcs,
        "objects": {"countries": {"geometries": geometries}},
    }


SHARED = [[10, 0], [0, 10]]
WEST = [[10, 10], [-10, 0], [0, -10], [10, 0]]
EAST = [[10, 0], [10, 0], [0, 10], [-10, 0]]


def packages(folder: Path) -> Path:
    """Packages of the same form as the locked ones, as small as can be."""
    modules = folder / "modules"
    scope = modules / "@wikimedia"
    for name in ("codex", "codex-design-tokens", "codex-icons"):
        (scope / name / "dist").mkdir(parents=True)
        (scope / name / "package.json").write_text('{"version": "1.2.3", "license": "GPL-2.0+"}')
    tokens = scope / "codex-design-tokens" / "dist"
    (tokens / "theme-wikimedia-ui-root.css").write_text(":root { --color-base: #222; /* a: b; */ }")
    (tokens / "theme-wikimedia-ui-mode-dark.css").write_text(":root { --color-base: #eee; }")
    (tokens / "theme-wikimedia-ui.css").write_text(":root { --spacing-100: 16px; --z-index-base: 0; }")
    components = scope / "codex" / "dist" / "modules"
    components.mkdir()
    rule = ".x{color:var(--color-base, rgba(0, 0, 0, 1));mask:url('data:image/svg+xml;utf8,<svg fill=\"%23000\"/>')}"
    for part in builder.COMPONENTS:
        for direction in ("", "-rtl"):
            (components / f"Cdx{part}{direction}.css").write_text(rule)
    icons = {f"cdxIcon{icon}": {"ltr": "<path d='M0 0'/>"} for icon in builder.ICONS.values()}
    (scope / "codex-icons" / "dist" / "codex-icons.json").write_text(json.dumps(icons))
    (modules / "world-atlas").mkdir()
    (modules / "world-atlas" / "package.json").write_text('{"version": "2.0.2", "license": "ISC"}')
    countries = atlas([SHARED, WEST, EAST], ("404", "Kenya", [[0, 1]]), ("800", "Uganda", [[2, -1]]))
    (modules / "world-atlas" / "countries-50m.json").write_text(json.dumps(countries))
    return modules


@pytest.mark.django_db
def test_every_icon_of_the_navigation_is_built(alice: Person) -> None:
    alice.roles = sum(Role)
    drawn = {entry["icon"] for entry in navigation("/", alice)}
    assert len(drawn) > 9
    assert drawn <= set(builder.ICONS)


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    """The environment of a machine whose npm takes its packages from a folder, and writes down that it was called."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in (("npm", FAKE_NPM), ("node", "#!/bin/sh\necho v20.1.0\n")):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    calls = tmp_path / "calls"
    calls.touch()
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    (tmp_path / "user").mkdir()
    own = {"HOME": str(tmp_path / "user"), "CALLS": str(calls), "MODULES": str(packages(tmp_path))}
    return os.environ | {"PATH": path} | own


def build(root: Path, machine: dict[str, str]) -> subprocess.CompletedProcess[str]:
    root.mkdir(exist_ok=True)
    command = [sys.executable, str(ASSETS / "build.py"), "--root", str(root)]
    return subprocess.run(command, env=machine, capture_output=True, text=True, check=True)


def test_the_lock_pins_every_part_and_names_no_registry() -> None:
    lock = json.loads((ASSETS / "package-lock.json").read_text())
    wanted = json.loads((ASSETS / "package.json").read_text())["dependencies"]
    parts = {name: about for name, about in lock["packages"].items() if name}
    assert all(about["integrity"].startswith("sha512-") for about in parts.values())
    assert not any("resolved" in about for about in parts.values())
    for name, version in wanted.items():
        assert parts[f"node_modules/{name}"]["version"] == version


def test_building_makes_sheets_icons_shapes_and_a_notice(tmp_path: Path, machine: dict[str, str]) -> None:
    build(tmp_path / "root", machine)
    made = tmp_path / "root" / "build" / "static" / "tocsin"
    assert {"codex.css", "codex-rtl.css", "icons.svg", "world.json", "NOTICE.txt", "pictures"} == {
        file.name for file in made.iterdir()
    }
    assert set(json.loads((made / "world.json").read_text())["shapes"]) >= {"KE", "UG", "AQ"}
    assert '<symbol id="home"' in (made / "icons.svg").read_text()
    assert "GPL-2.0+" in (made / "NOTICE.txt").read_text()


def test_the_built_sheet_has_both_themes_and_no_inline_picture(tmp_path: Path, machine: dict[str, str]) -> None:
    build(tmp_path / "root", machine)
    made = tmp_path / "root" / "build" / "static" / "tocsin"
    sheet = (made / "codex.css").read_text()
    assert ":root{--color-base: #222;--spacing-100: 16px;}" in sheet
    assert ':root[data-theme="dark"]{--color-base: #eee;}' in sheet
    assert "data:" not in sheet
    assert "color:var(--color-base);" in sheet
    picture = re.search(r"url\((pictures/\w+\.svg)\)", sheet)
    assert picture
    assert (made / picture.group(1)).read_text() == '<svg fill="#000"/>'


def test_a_build_leaves_nothing_in_the_folder_of_whoever_calls_it(tmp_path: Path, machine: dict[str, str]) -> None:
    build(tmp_path / "root", machine)
    assert list((tmp_path / "user").iterdir()) == []
    assert sorted(path.name for path in (tmp_path / "root").iterdir()) == [".tools", "build"]
    assert list((tmp_path / "root" / ".tools").iterdir()) == []


def test_a_second_build_does_nothing(tmp_path: Path, machine: dict[str, str]) -> None:
    build(tmp_path / "root", machine)
    again = build(tmp_path / "root", machine)
    assert again.stderr == ""
    assert Path(machine["CALLS"]).read_text().count("called") == 1


def test_without_a_network_it_says_one_line_and_leaves_nothing(tmp_path: Path, machine: dict[str, str]) -> None:
    told = build(tmp_path / "root", machine | {"BROKEN": "1"}).stderr
    assert told.count("\n") == 1
    assert "The plain sheet is used" in told
    assert [path.name for path in (tmp_path / "root").rglob("*")] == [".tools"]


def test_a_failed_build_leaves_the_last_one_in_its_place(tmp_path: Path, machine: dict[str, str]) -> None:
    root = tmp_path / "root"
    build(root, machine)
    (root / "build" / "assets.stamp").write_text("an older lock")
    build(root, machine | {"BROKEN": "1"})
    assert (root / "build" / "static" / "tocsin" / "codex.css").is_file()
    assert (root / "build" / "assets.stamp").read_text() == "an older lock"


def test_install_scripts_of_packages_never_run() -> None:
    assert "--ignore-scripts" in (ASSETS / "build.py").read_text()


def test_equal_earth_puts_known_points_where_its_authors_do() -> None:
    middle, edge = world.project(11, 0), world.project(191, 0)
    assert middle == (1000, 0)
    assert edge[0] == pytest.approx(2000, abs=0.5)
    pole = world.project(11, 90)
    assert -pole[1] / world.WIDTH == pytest.approx(1.3173627591 / (2 * 2.7066297), rel=1e-6)


def test_neighbours_share_the_same_border() -> None:
    drawn = world.shapes(atlas([SHARED, WEST, EAST], ("404", "Kenya", [[0, 1]]), ("800", "Uganda", [[2, -1]])), CODES)
    assert drawn["KE"]["d"].startswith("M")
    assert drawn["KE"]["x"] < drawn["UG"]["x"]
    assert not drawn["KE"]["dot"]


def test_a_part_that_iso_does_not_list_is_joined_without_a_line() -> None:
    two = world.shapes(atlas([SHARED, WEST, EAST], ("706", "Somalia", [[0, 1]]), ("", "Somaliland", [[2, -1]])), CODES)
    assert two["SO"]["d"].count("M") == 1


def test_a_country_across_the_date_line_is_drawn_in_one_piece() -> None:
    ring = [[175, -20], [15, 0], [0, 5], [-15, 0], [0, -5]]
    ring[1] = [15 - 360, 0]
    ring[3] = [-15 + 360, 0]
    drawn = world.shapes(atlas([ring], ("242", "Fiji", [[0]])), CODES)
    steps = [abs(int(number)) for number in re.findall(r"-?\d+", drawn["FJ"]["d"].split("l")[1])]
    assert max(steps) < 100


def test_every_territory_that_the_atlas_lacks_has_a_dot() -> None:
    drawn = world.shapes(atlas([SHARED, WEST], ("404", "Kenya", [[0, 1]])), CODES)
    assert {"AQ", "GI", "TV", "TK"} <= {code for code, shape in drawn.items() if shape["dot"]}


CODES = world.read_codes(ASSETS / "iso3166.txt")


def test_the_table_of_codes_agrees_with_cldr() -> None:
    known = get_global("territory_aliases")
    assert {number: list(known[number]) for number in CODES} == {number: [code] for number, code in CODES.items()}
