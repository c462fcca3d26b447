from pathlib import Path

import pytest

from tocsin.analysis.evaluation import Episode, Event, Sort, read_folder
from tocsin.analysis.evaluation.countries import country_code
from tocsin.analysis.evaluation.tests.folders import day, level_rows, listed, table, write
from tocsin.analysis.series import Direction

EPISODE = {"id": "T1", "series": "a", "country": "XS", "episode": "A test", "kind": "detectable", "direction": "drop"}


def read_one(folder: Path, **changed: str) -> list[Episode]:
    write(
        folder,
        [listed("a")],
        level_rows("a", [1] * 40),
        episodes=[EPISODE | {"onset_earliest": "2024-01-11"} | changed],
    )
    return list(read_folder(folder).episodes)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Iran", "IR"),
        ("Iran (Islamic Republic of)", "IR"),
        ("Democratic Republic of (DRC)", "CD"),
        ("Congo", "CG"),
        ("Ivory Coast (Cote d'Ivoire)", "CI"),
        ("Kyrgyz Republic (Kyrgyzstan)", "KG"),
        ("Myanmar/Burma", "MM"),
        ("United States of America (USA)", "US"),
        ("Timor Leste", "TL"),
        ("Turkey", "TR"),
        ("Türkiye", "TR"),
        ("Saint Kitts And Nevis", "KN"),
        ("Antigua & Barbuda", "AG"),
        ("xk", "XK"),
        ("European Union", ""),
        ("Atlantis", ""),
        ("", ""),
    ],
)
def test_countries_are_known_by_the_names_that_lists_write(name: str, code: str) -> None:
    assert country_code(name) == code


def test_a_day_runs_from_its_first_moment_to_its_last(tmp_path: Path) -> None:
    (episode,) = read_one(tmp_path, onset_latest="2024-01-12", end_earliest="2024-01-21")
    assert (episode.onset_earliest, episode.onset_latest) == (day(10), day(11))
    assert (episode.end_earliest, episode.end_latest) == (day(20), day(21))
    assert episode.dated


def test_a_moment_keeps_its_zone(tmp_path: Path) -> None:
    (episode,) = read_one(tmp_path, onset_earliest="2024-01-11T03:30+03:30")
    assert episode.onset_earliest == day(10)
    assert episode.end_latest is None


def test_an_onset_known_by_the_month_only_is_undated(tmp_path: Path) -> None:
    (episode,) = read_one(tmp_path, onset_latest="2024-01-31")
    assert not episode.dated


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "odd"},
        {"onset_earliest": ""},
        {"onset_earliest": "soon"},
        {"onset_latest": "2024-01-01"},
        {"end_earliest": "2024-01-01"},
    ],
)
def test_a_bad_episode_is_left_out_and_counted(tmp_path: Path, changed: dict[str, str]) -> None:
    assert read_one(tmp_path, **changed) == []
    assert sum(read_folder(tmp_path).notes.discarded.values()) == 1


def test_without_a_direction_both_count(tmp_path: Path) -> None:
    (episode,) = read_one(tmp_path, kind="invisible here", direction="none visible")
    assert (episode.sort, episode.directions) == (Sort.INVISIBLE, frozenset(Direction))


def test_an_episode_of_a_series_that_is_not_read_is_not_there(tmp_path: Path) -> None:
    assert read_one(tmp_path, series="") == []
    assert read_one(tmp_path, series="b") == []


def test_events_come_from_every_list_that_is_there(tmp_path: Path) -> None:
    blocking = ("source", "country_code", "start_date", "end_date", "affected_services", "kind")
    table(
        tmp_path / "blocking-events" / "events.csv",
        blocking,
        [
            dict(zip(blocking, ("a list", "XS", "2024-01-05", "", "a site", "benign"), strict=True)),
            dict(zip(blocking, ("a list", "XS", "", "", "a site", "censorship"), strict=True)),
        ],
    )
    investigated = ("country", "scope", "start_utc", "end_utc")
    table(
        tmp_path / "shutdown-events" / "ioda_investigated_2018_2021.csv",
        investigated,
        [
            dict(zip(investigated, ("Syria", "Country", "2024-01-05T23:00:00Z", "2024-01-06T08:00:00Z"), strict=True)),
            dict(zip(investigated, ("Syria", "Country", "2024-01-09T23:00:00Z", "2024-01-02T08:00:00Z"), strict=True)),
            dict(zip(investigated, ("Nowhere", "Country", "2024-01-05T23:00:00Z", ""), strict=True)),
        ],
    )
    recorded = read_folder(tmp_path)
    assert recorded.events == (
        Event("XS", day(4), None, "a list"),
        Event("SY", day(4 + 23 / 24), day(5 + 8 / 24), "shutdown-events"),
        Event("SY", day(8 + 23 / 24), None, "shutdown-events"),
    )
    assert sum(recorded.notes.discarded.values()) == 2
