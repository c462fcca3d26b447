"""What programs are told of a finding and of a cell."""

from datetime import UTC, datetime

from tocsin.lib.pages import Listed
from tocsin.signals.api import CellOut, FindingOut, cell_out, finding_out
from tocsin.signals.models import CellState, Finding

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PLACE = {"rule": "blocking/1", "kind": "ooni.web", "stream": "blocking", "country": "TR", "subject": "a.example"}


def test_a_finding_tells_its_rivals_and_no_number_that_json_can_not_hold() -> None:
    row = Finding(pk=3, **PLACE, opened_at=NOW, seen_at=NOW, direction="rise", score=0.9, before=0.0,
        now=float("inf"), points=9, evidence="scored", rivals=[["outage", "for", "against"]])  # fmt: skip
    told = Listed[FindingOut](items=[finding_out(row)], next=None).model_dump()["items"][0]
    assert {name: told[name] for name in PLACE} == PLACE
    assert (told["id"], told["score"], told["now"], told["closed_at"]) == (3, 0.9, None, None)
    assert told["rivals"] == [{"key": "outage", "speaks_for": "for", "speaks_against": "against"}]


def test_a_cell_tells_its_blindness() -> None:
    row = CellState(pk=4, **PLACE, last_point_at=NOW, delay_seconds=float("inf"))
    told = Listed[CellOut](items=[cell_out(row)], next=None).model_dump()["items"][0]
    assert told == {"id": 4, **PLACE, "network": "", "last_point_at": NOW, "delay_seconds": None}
