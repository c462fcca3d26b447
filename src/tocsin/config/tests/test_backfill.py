"""The command that judges the past anew says what it would do, does it, and then has nothing to do."""

import pytest

from tocsin.config import cli
from tocsin.signals.models import Replay
from tocsin.signals.tests.test_backfilling import DAYS, land, old_rule, own_lake, rest, source, told
from tocsin.streams.models import Source

__all__ = ["own_lake", "source"]

pytestmark = pytest.mark.django_db


def test_the_command_says_what_it_would_do_does_it_and_then_has_nothing_to_do(
    source: Source,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tocsin.config.commands.backfill.start", lambda: None)
    land(source, range(DAYS))
    rest()
    expected = told()
    old_rule()
    Replay.objects.all().delete()
    assert cli.main(["backfill", "--dry-run"]) == 0
    planned = capsys.readouterr().out
    assert "ooni.web: 180 rows of 30 days; would be replayed: change/1 judged it, no longer in force" in planned
    assert cli.main(["backfill"]) == 0
    said = capsys.readouterr()
    assert "ooni.web: 2 of 3 countries, 120 of 180 rows" in said.err
    assert "findings are new" in said.out
    assert [one[:4] for one in told() if one[0] != "change/1"] == [one[:4] for one in expected]
    assert cli.main(["backfill"]) == 0
    assert "Nothing to do" in capsys.readouterr().out
    assert cli.main(["backfill", "--only", "ooni/XA"]) == 0
    assert cli.main(["backfill", "--only", "tor"]) == 2
