"""What analysis and rules say is known, so that it can be translated."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product

import pytest
from django.utils import translation

from tocsin.analysis.detectors.base import Verdict
from tocsin.analysis.detectors.rivals import blocking_rivals, change_rivals
from tocsin.analysis.fusion import Window
from tocsin.analysis.series import Direction, Evidence, Rival
from tocsin.analysis.text.stories import Entry, Stories
from tocsin.console import phrases
from tocsin.situations import credence

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def marked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every translation stands in brackets, so that what was not translated shows."""
    monkeypatch.setattr(phrases, "gettext", lambda text: f"<{text}>")


def rivals() -> Iterator[Rival]:
    for direction, now, points, evidence in product(
        (Direction.RISE, Direction.DROP), (0.0, 0.5, 0.95), (3, 30), (Evidence.SCORED, Evidence.NONE)
    ):
        verdict = Verdict(NOW, None, direction, 0.9, 0.6, now, evidence, points, "")
        for known in (2, 200):
            yield from blocking_rivals(verdict, known=known)
            yield from change_rivals(verdict, weeks=known)


def test_everything_that_speaks_for_or_against_a_rival_is_translated() -> None:
    found = {text for one in rivals() for text in (one.speaks_for, one.speaks_against)}
    assert len(found) > 30
    assert [text for text in found if phrases.said(text) == text] == []


def test_numbers_and_names_stay_in_a_translation() -> None:
    assert phrases.said("It lasted over 30 intervals.") == "<It lasted over 30 intervals.>"
    assert phrases.said("words: dam, editor; country: TR; harm: arrest") == (
        "<words: dam, editor>; <country: Türkiye>; <harm: <Arrest or prosecution>>"
    )


def test_every_reason_of_a_first_suggestion_is_translated() -> None:
    for copies, scores in ((0, ()), (2, (0.9,))):
        evidence = credence.Evidence(reliabilities=("A",), scores=scores, copies=copies)
        verdict = credence.credence("arrest", Window("TR", NOW), evidence)
        assert all(phrases.said(reason) == f"<{reason}>" for reason in verdict.reasons)


def test_every_reason_of_the_story_index_is_translated() -> None:
    stories = Stories()
    first = Entry(1, NOW, "TR", "arrest", (("editor", 2.0), ("dam", 1.0)), b"", "Daily")
    stories.add(first, 7)
    place = stories.place(Entry(2, NOW, "TR", "arrest", (("editor", 2.0), ("dam", 1.0)), b"", "Herald"))
    assert place.reasons
    assert phrases.said("; ".join(place.reasons)).count("<") >= len(place.reasons)
    assert phrases.said("nothing close enough") == "<nothing close enough>"
    assert phrases.said("copy of an earlier text (0.97)") == "<copy of an earlier text (0.97)>"


def test_what_nobody_knows_stays_as_it_is() -> None:
    with translation.override("en"):
        for text in ("", "{count}", "a person's own words", "one; two"):
            assert phrases.said(text) == text
