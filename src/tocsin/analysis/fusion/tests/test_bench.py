"""``./tocsin bench cause``, on a list that is made up here."""

import csv
import json
import runpy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[5] / "benchmarks" / "cause.py"
COLUMNS = ("ID", "country", "scope", "start_utc", "end_utc", "bgp", "active_probing", "telescope", "cause")
FIRST = datetime(2020, 3, 1, 20, tzinfo=UTC)


def rows() -> list[tuple[str, ...]]:
    """Five countries that are cut at the hour on days in a row, and five with outages at odd minutes."""
    made = []
    for number, country in enumerate(("Myanmar", "Syria", "Iraq", "Ghana", "Togo")):
        for day in range(4):
            start = FIRST + timedelta(days=7 * number + day)
            made.append((country, start, start + timedelta(hours=5), "Exams"))
    for number, country in enumerate(("Chile", "Peru", "France", "Kenya", "Japan")):
        for day in range(4):
            start = FIRST + timedelta(days=7 * number + 2.3 * day, hours=16, minutes=7 + 9 * day)
            made.append((country, start, start + timedelta(hours=3), "Cable-Cut"))
    made.append(("Chad", FIRST, FIRST - timedelta(hours=1), "Unknown"))
    made.append(("Atlantis", FIRST, FIRST + timedelta(hours=1), "Cable-Cut"))
    signals = ("True", "True", "True")
    return [
        (f"{place}", country, "Country", f"{start:%Y-%m-%dT%H:%M:%SZ}", f"{end:%Y-%m-%dT%H:%M:%SZ}", *signals, cause)
        for place, (country, start, end, cause) in enumerate(made)
    ]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[str]], int]:
    monkeypatch.syspath_prepend(str(BENCH.parent))
    main: Callable[[list[str]], int] = runpy.run_path(str(BENCH))["main"]
    return main


def test_it_judges_each_country_by_the_others_and_says_what_it_left_out(
    bench: Callable[[list[str]], int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "shutdown-events" / "ioda_investigated_2018_2021.csv"
    path.parent.mkdir()
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows(), rows()[0]])
    assert bench(["--data", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    line = json.loads(printed.splitlines()[-1])
    assert (line["n"], line["ordered"], line["countries"]) == (40, 20, 10)
    assert line["brier"] < 0.1 < line["brier_base_rate"] == 0.25
    assert line["auc"] > 0.9
    assert set(line["stages"]) == {"at onset", "after 2 h", "afterwards"}
    for words in ("a country that is not known", "an end that is not after its start", "the same id again"):
        assert words in printed


def test_a_folder_without_the_list_says_what_to_give(
    bench: Callable[[list[str]], int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench(["--data", str(tmp_path)]) == 2
    assert "give the one that holds it" in capsys.readouterr().err
