"""What crosses a boundary of analysis can't be changed on the way."""

import json
from dataclasses import FrozenInstanceError, fields, is_dataclass
from datetime import UTC, datetime, timedelta

import pytest

from tocsin.analysis.baselines import Band, Belief
from tocsin.analysis.detectors import Blocking, State
from tocsin.analysis.engine import Row, Written, check
from tocsin.analysis.series import Cell, Finding, Point, Rival, RuleId, Stream
from tocsin.analysis.text import Entry, Mention, Place, Reading, Text

CELL = Cell(Stream.BLOCKING, "ooni.web", "XS", "wiki.example")


@pytest.mark.parametrize(
    "kind", [Band, Belief, Cell, Entry, Finding, Mention, Place, Point, Reading, Rival, RuleId, Text, Written]
)
def test_every_value_is_frozen(kind: type) -> None:
    assert is_dataclass(kind)
    bare = object.__new__(kind)
    with pytest.raises(FrozenInstanceError):
        setattr(bare, fields(kind)[0].name, 1)


def test_a_rule_is_named_with_its_version() -> None:
    assert str(RuleId("blocking", 1)) == "blocking/1"


def test_the_state_of_a_detector_is_json() -> None:
    detector = Blocking(CELL)
    detector.update(Point(datetime(2026, 1, 1, tzinfo=UTC), timedelta(days=1), n=10, k=1))
    saved: State = detector.state()
    assert json.loads(json.dumps(saved)) == saved


def test_a_row_without_its_stream_s_number_is_refused() -> None:
    row = Row("views", "pageviews.project", "XS", "wiki.example", "", 0, 86400, 5.0, 1.0, None, "scored", 1, 1, "{}")
    with pytest.raises(ValueError, match="value"):
        check(row)
