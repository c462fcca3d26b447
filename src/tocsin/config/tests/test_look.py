"""``tocsin look``: one country in one window, on the command line."""

import json
from pathlib import Path

import pytest
from django.utils import timezone

from tocsin.config import home
from tocsin.config.commands import look
from tocsin.config.refusal import RefusalError
from tocsin.console.tests import two_sites
from tocsin.signals.models import CellState
from tocsin.situations.models import Situation

_LONG = 300  # days: more than the states of cells remember


@pytest.fixture(autouse=True)
def own_lake(tmp_path: Path, settings: pytest.FixtureRequest) -> None:
    settings.LAKE = tmp_path / "lake"  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.prepare(tmp_path / "home")
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path / "home"))


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert look.main(list(words)) == 0
    return capsys.readouterr().out


@pytest.mark.django_db
def test_the_command_tells_draws_and_gives_json(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    two_sites.measure(90)
    told = said(capsys, "XS", "--domain", "wikipedia.org", "--picture", str(tmp_path / "xs.svg"))
    assert "lasts  xs.wikipedia.org" in told
    assert "news.example" not in told
    assert "█" in told
    assert (tmp_path / "xs.svg").read_text().startswith("<svg")
    assert "stands out" in told
    seen = json.loads(said(capsys, "xs", "--json"))
    assert seen["rivals"][0]["cause"] == "blocked"
    assert {cell["subject"] for cell in seen["cells"]} == {"xs.wikipedia.org", "news.example"}
    assert any(found["closed_at"] is None for found in seen["findings"])


@pytest.mark.django_db
def test_the_command_reads_further_back_than_pages_can(capsys: pytest.CaptureFixture[str]) -> None:
    two_sites.measure(_LONG)
    start = two_sites.start(_LONG)
    since, until = start.date(), (start + 20 * two_sites.DAY).date()
    assert (
        min(row[0] for row in CellState.objects.get(subject="news.example", network="").recent)
        > (start + 20 * two_sites.DAY).timestamp()
    )
    told = said(capsys, "XS", "--since", since.isoformat(), "--until", until.isoformat(), "--domain", "news.example")
    [line] = [line for line in told.splitlines() if line.endswith("news.example (failed measurements)")]
    assert "▁" in line.replace("█", "▁")
    assert "No detector found a change." in told


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["ZZ"], "no country that is known"),
        (["TR", "--since", "2999-01-01"], "begins in the future"),
        (["TR", "--domain", "x" * 300], "written as a domain"),
        (["TR", "--picture", "/nowhere/at/all.svg"], ""),
    ],
)
def test_the_command_refuses_with_what_to_do(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    if told:
        with pytest.raises(RefusalError, match=told):
            look.main(words)
    else:
        assert look.main(words) == 0
        assert "no picture" in capsys.readouterr().err


@pytest.mark.django_db
def test_a_country_that_nobody_measures_never_reads_as_calm_here_either(capsys: pytest.CaptureFixture[str]) -> None:
    told = said(capsys, "TR")
    assert "quiet does not mean calm" in told
    assert "Nothing was measured here." in told


@pytest.mark.django_db
def test_the_command_tells_nothing_that_is_for_some_readers_only(capsys: pytest.CaptureFixture[str]) -> None:
    now = timezone.now()
    for readers in (0, 8):
        Situation.objects.create(
            public_id=f"s{readers}", title=f"For {readers}", country="TR", harm="arrest", readers=readers,
            first_at=now, last_at=now, changed_at=now, probability=0.5, impact=3, rank=1,
        )  # fmt: skip
    told = said(capsys, "TR")
    assert "For 0" in told
    assert "For 8" not in told
