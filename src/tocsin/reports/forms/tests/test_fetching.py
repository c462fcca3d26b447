"""The assets step brings the fonts, and nothing else that their packages hold."""

import importlib.util
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

ASSETS = Path(__file__).resolve().parents[5] / "assets"


def module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("assets_fonts", ASSETS / "fonts.py")
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def package(folder: Path) -> Path:
    """A wheel as the list names it, with what must not be kept."""
    folder.mkdir()
    path = folder / "manimgx_fonts-2026.9.26.post1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name in (
            "fonts/Good.ttf",
            "fonts/Good.OTF",
            "fonts/code.py",
            "../../Outside.ttf",
            "/Root.ttc",
            "x.dist-info/licenses/LICENSE",
        ):
            archive.writestr(name, name)
    return path


def fetched(root: Path, packages: Path) -> str:
    """Run the step as ``./tocsin`` does, with a folder in place of the registry; what it says."""
    root.mkdir(exist_ok=True)
    place = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(packages), "PIP_CONFIG_FILE": os.devnull}
    command = [sys.executable, str(ASSETS / "fonts.py"), "--root", str(root)]
    return subprocess.run(command, env=os.environ | place, capture_output=True, text=True, check=True).stderr


def test_the_list_pins_each_package_to_its_hash() -> None:
    lines = [one for one in (ASSETS / "fonts.txt").read_text().splitlines() if one and not one.startswith("#")]
    assert len(lines) == 2
    assert all(re.fullmatch(r"[\w-]+==[\w.]+ --hash=sha256:[0-9a-f]{64}", one) for one in lines)


def test_only_fonts_and_their_licence_are_kept_each_by_its_bare_name(tmp_path: Path) -> None:
    made = tmp_path / "made"
    made.mkdir()
    module().unpack(package(tmp_path / "packages"), made)
    assert sorted(one.name for one in made.iterdir()) == [
        "Good.OTF",
        "Good.ttf",
        "LICENSE-manimgx_fonts.txt",
        "Outside.ttf",
        "Root.ttc",
    ]
    assert not (tmp_path / "Outside.ttf").exists()


def test_a_package_that_is_not_the_one_of_the_list_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "build" / "fonts").mkdir(parents=True)
    (root / "build" / "fonts" / "Old.ttf").write_text("old")
    told = fetched(root, package(tmp_path / "packages").parent)
    assert told.count("\n") == 1
    assert "PDFs wait until they are there" in told
    assert [one.name for one in (root / "build" / "fonts").iterdir()] == ["Old.ttf"]
    assert not (root / "build" / "fonts.stamp").exists()
    assert list((root / ".tools").iterdir()) == []


def test_a_second_time_it_does_nothing(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "build").mkdir(parents=True)
    step = module()
    (root / "build" / "fonts.stamp").write_text(step.hashlib.sha256(step.LIST.read_bytes()).hexdigest())
    assert fetched(root, tmp_path) == ""
    assert not (root / ".tools").exists()
