import json
import subprocess
import sys
from pathlib import Path
from random import Random

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


def run(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, str(BENCH), *words], capture_output=True, text=True, check=False)


def test_it_finds_the_episode_draws_it_and_says_the_same_again(tmp_path: Path) -> None:
    data = str(folder(tmp_path / "data"))
    words = ("--data", data, "--only", "tiny", "--pictures", str(tmp_path / "pictures"))
    done = run(*words)
    assert done.returncode == 0, done.stderr
    assert "discarded: 1 in series/tiny.csv.gz: a number that is not finite" in done.stdout
    assert "not there: blocking-events/events.csv" in done.stdout
    line = json.loads(done.stdout.splitlines()[-1])
    (episode,) = line["episodes"]
    assert episode["tocsin"]["detected"]
    assert 0 < episode["tocsin"]["delay_days"] <= 3
    assert episode["tocsin"]["end_found"]
    assert episode["older"] == {"detected": True, "delay_days": 2.0, "end_found": None}
    assert line["mean_delay_days"]["tocsin"] > 0
    assert set(line["alarms_per_country_year"]) == set(line["mean_delay_days"])
    assert "<svg" in (tmp_path / "pictures" / "T1.svg").read_text(encoding="utf-8")
    assert json.loads(run(*words, "--json").stdout) == line


def test_what_is_wrong_with_a_folder_is_said_without_a_traceback(tmp_path: Path) -> None:
    missing = run("--data", str(tmp_path / "nowhere"))
    assert (missing.returncode, missing.stderr.count("\n")) == (2, 1)
    empty = run("--data", str(tmp_path), "--only", "tiny")
    assert empty.returncode == 2
    assert "No series to try" in empty.stderr
    folder(tmp_path)
    (tmp_path / "series" / "tiny.csv.gz").write_bytes(b"no gzip")
    broken = run("--data", str(tmp_path), "--only", "tiny")
    assert (broken.returncode, broken.stderr.count("\n")) == (2, 1)
    assert "tiny.csv.gz" in broken.stderr
