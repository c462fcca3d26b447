import json
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from random import Random

import pytest

from tocsin.analysis.evaluation.tests.folders import day, level_rows, listed, text, write

BENCH = Path(__file__).parents[5] / "benchmarks" / "detect.py"
EPISODE = {"id": "T1", "series": "tiny/XS", "country": "XS", "episode": "A shutdown", "kind": "detectable"}
ENDED = {"direction": "drop", "onset_earliest": "2024-04-10", "end_earliest": "2024-04-16"}


def folder(path: Path) -> Path:
    chance = Random(1)
    rows = []
    for name in ("tiny/XS", "tiny/XR"):
        values = [round(1_000 * chance.uniform(0.95, 1.05)) for _ in range(160)]
        if name == "tiny/XS":
            values[100:106] = [20] * 6
        rows += level_rows(name, values)
    rows.append(("tiny/XR", text(day(170)), "", "", "nan"))
    index = [listed("tiny/XS"), listed("tiny/XR", country="XR")]
    flags = [("tiny/XS", text(day(101)), "older", "down")]
    return write(path, index, rows, flags=flags, episodes=[EPISODE | ENDED])


def run(*words: str) -> int:
    """The benchmark's own ``main``, in this process."""
    sys.path.insert(0, str(BENCH.parent))
    spec = spec_from_file_location("benchmark_detect", BENCH)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.path.remove(str(BENCH.parent))
    return int(module.main([*words, "--processes", "1"]))


def test_it_finds_the_episode_draws_it_and_says_the_same_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = str(folder(tmp_path / "data"))
    words = ("--data", data, "--only", "tiny", "--pictures", str(tmp_path / "pictures"))
    assert run(*words) == 0
    said = capsys.readouterr().out
    assert "discarded: 1 in series/tiny.csv.gz: a number that is not finite" in said
    assert "not there: blocking-events/events.csv" in said
    line = json.loads(said.splitlines()[-1])
    (episode,) = line["episodes"]
    assert episode["tocsin"]["detected"]
    assert 0 < episode["tocsin"]["delay_days"] <= 3
    assert episode["tocsin"]["end_found"]
    assert episode["older"] == {"detected": True, "delay_days": 2.0, "end_found": None}
    assert line["mean_delay_days"]["tocsin"] > 0
    assert set(line["alarms_per_country_year"]) == set(line["mean_delay_days"])
    assert "<svg" in (tmp_path / "pictures" / "T1.svg").read_text(encoding="utf-8")
    assert run(*words, "--json") == 0
    assert json.loads(capsys.readouterr().out) == line


def test_what_is_wrong_with_a_folder_is_said_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--data", str(tmp_path / "nowhere")) == 2
    assert "There is no folder" in capsys.readouterr().err
    assert run("--data", str(tmp_path), "--only", "tiny") == 2
    assert "No series to try" in capsys.readouterr().err
    folder(tmp_path)
    (tmp_path / "series" / "tiny.csv.gz").write_bytes(b"no gzip")
    assert run("--data", str(tmp_path), "--only", "tiny") == 2
    said = capsys.readouterr().err
    assert "tiny.csv.gz" in said
    assert said.count("\n") == 1
