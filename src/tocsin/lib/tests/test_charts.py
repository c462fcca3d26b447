"""Charts say the same to the eye, to the ear and in the table, and never draw a gap as a zero."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from defusedxml import ElementTree
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.lib.charts import Chart, Mark, Strip, Usual, Window, Words, draw, sparkline, table_rows

START = datetime(2024, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def chart(*strips: Strip, days: int = 10, rtl: bool = False, words: Words | None = None) -> Chart:
    return Chart("views", "Views", "Ten days.", START, START + days * DAY, strips, rtl=rtl, words=words or Words())


def strip(*marks: Mark, bars: bool = False, usual: tuple[Usual, ...] = (), windows: tuple[Window, ...] = ()) -> Strip:
    return Strip("Views a day", DAY, marks, usual=usual, windows=windows, bars=bars)


def mark(day: int, value: float | None, **more: float) -> Mark:
    return Mark(START + day * DAY, value, **more)  # type: ignore[arg-type]


def whole(value: float = 5.0) -> list[Mark]:
    return [mark(day, value) for day in range(10)]


def lefts(svg: str, kind: str) -> list[tuple[float, float]]:
    shapes = re.findall(rf'<rect class="{kind}" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', svg)
    return [(float(left), float(width)) for left, width in shapes]


def test_it_is_well_formed_and_has_a_title_and_a_description() -> None:
    root = ElementTree.fromstring(draw(chart(strip(*whole()))))
    names = {child.get("id"): child.text for child in root if child.get("id")}
    assert root.get("role") == "img"
    assert [names[name] for name in (root.get("aria-labelledby") or "").split()] == ["Views", "Ten days."]


def test_it_carries_no_style_and_no_script() -> None:
    svg = draw(chart(strip(*whole(), usual=(Usual(START, 4, 3, 5),), windows=(Window(START, None, "drop"),))))
    assert "style" not in svg
    assert "<script" not in svg
    assert " on" not in re.sub(r">[^<]*<", "><", svg)


def test_all_text_is_escaped() -> None:
    nasty = '<script>"&\x00'
    one = strip(Mark(START, None, note=nasty), mark(1, 2), windows=(Window(START, None, nasty),))
    svg = draw(Chart("a", nasty, nasty, START, START + 9 * DAY, [Strip(nasty, DAY, one.marks, windows=one.windows)]))
    assert "<script" not in svg
    assert "\x00" not in svg
    assert ElementTree.fromstring(svg)[0].text == '<script>"&'
    assert "<script" not in sparkline([1, 2], title=nasty)


def test_a_whole_series_has_no_hatching_and_an_empty_one_is_all_hatched() -> None:
    assert lefts(draw(chart(strip(*whole()))), "chart-gap") == []
    [(_, width)] = lefts(draw(chart(strip())), "chart-gap")
    assert width == 480 - 52 - 8


def test_missing_discarded_and_zero_are_three_different_things() -> None:
    marks = [mark(0, 4), mark(1, 0), Mark(START + 2 * DAY, None, note="wrong clock"), *whole()[5:]]
    svg = draw(chart(strip(*marks)))
    assert len(lefts(svg, "chart-gap")) == 1
    assert len(lefts(svg, "chart-discarded")) == 1
    assert svg.count('class="chart-zero"') == 1
    assert "measured, not usable: wrong clock" in svg
    assert "not measured" in svg


def test_the_line_breaks_where_nothing_was_measured() -> None:
    svg = draw(chart(strip(*whole()[:4], *whole()[6:])))
    assert svg.count('class="chart-line"') == 2


def test_a_bar_of_zero_is_drawn_as_a_ring() -> None:
    svg = draw(chart(strip(mark(0, 3), mark(1, 0), mark(2, 1), bars=True)))
    assert svg.count('class="chart-bar"') == 2
    assert svg.count('class="chart-zero"') == 1


def test_uncertainty_and_the_usual_band_are_drawn() -> None:
    marks = [mark(day, 5, low=4, high=7) for day in range(10)]
    usual = tuple(Usual(START + day * DAY, 5, 4, 6) for day in range(10))
    svg = draw(chart(strip(*marks, usual=usual)))
    assert [svg.count(f'class="{kind}"') for kind in ("chart-range", "chart-band", "chart-usual")] == [1, 1, 1]


def test_a_window_that_lasts_has_one_edge_and_one_that_ended_two() -> None:
    lasts = draw(chart(strip(*whole(), windows=(Window(START + DAY, None, "block"),))))
    ended = draw(chart(strip(*whole(), windows=(Window(START + DAY, START + 2 * DAY, "block"),))))
    outside = draw(chart(strip(*whole(), windows=(Window(START - 9 * DAY, START - DAY, "block"),))))
    assert [svg.count('class="chart-edge"') for svg in (lasts, ended, outside)] == [1, 2, 0]
    assert "block" in ended


def test_strips_share_one_axis() -> None:
    svg = draw(chart(strip(*whole()[:2], bars=True), strip(*whole()[:2], bars=True)))
    bars = lefts(svg, "chart-bar")
    assert bars[:2] == bars[2:]


def test_from_right_to_left_time_runs_the_other_way() -> None:
    bars = strip(*whole()[:3], bars=True)
    there, back = lefts(draw(chart(bars)), "chart-bar"), lefts(draw(chart(bars, rtl=True)), "chart-bar")
    assert there == sorted(there)
    assert back == sorted(back, reverse=True)
    assert 'direction="rtl"' in draw(chart(bars, rtl=True))


def test_the_table_says_what_the_picture_shows() -> None:
    one = strip(mark(0, 1234.5), Mark(START + 2 * DAY, None, note="clock"))
    two = Strip("Share", DAY, [mark(0, 0.0, low=0.0, high=0.25)])
    assert table_rows(chart(one, two)) == [
        ("Time", "Views a day", "Share"),
        ("2024-03-01 00:00", "1,234", "0 (0 – 0.25)"),
        ("2024-03-03 00:00", "measured, not usable: clock", "not measured"),
    ]


def test_its_words_and_numbers_can_be_translated() -> None:
    words = Words(time="Zeit", missing="nicht gemessen", number=lambda value: f"{value:.1f}".replace(".", ","))
    said = chart(strip(*whole()[:2]), words=words)
    assert table_rows(said)[:2] == [("Zeit", "Views a day"), ("2024-03-01 00:00", "5,0")]
    assert "nicht gemessen" in draw(said)


def test_times_are_shown_in_the_zone_of_the_axis() -> None:
    start = START.astimezone(ZoneInfo("Africa/Lagos"))
    assert table_rows(Chart("a", "t", "d", start, start + DAY, [strip(mark(0, 1))]))[1][0] == "2024-03-01 01:00"


@pytest.mark.parametrize("days", [1, 2, 9, 40, 200, 900, 9000])
def test_the_axis_has_a_few_labels_whatever_its_length(days: int) -> None:
    svg = draw(chart(strip(), days=days))
    labels = re.findall(r'class="chart-label"[^>]*text-anchor="middle"', svg)
    assert 1 <= len(labels) <= 8


def test_it_refuses_what_it_cannot_draw() -> None:
    with pytest.raises(ValueError, match="later than the first"):
        Chart("a", "t", "d", START, START, [])
    with pytest.raises(ValueError, match="letters, digits"):
        Chart('a"b', "t", "d", START, START + DAY, [])


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(-3, 14), st.none() | st.floats(allow_nan=False, allow_infinity=False, width=32)),
        max_size=12,
    ),
    st.booleans(),
    st.booleans(),
)
def test_any_numbers_give_a_picture_inside_its_frame(
    numbers: list[tuple[int, float | None]], bars: bool, rtl: bool
) -> None:
    svg = draw(chart(strip(*(mark(day, value) for day, value in numbers), bars=bars), rtl=rtl))
    ElementTree.fromstring(svg)
    assert "nan" not in svg
    assert "inf" not in svg.replace("missing", "").replace("inherit", "")
    for x, width in lefts(svg, "chart-(?:bar|gap|discarded)"):
        assert 0 <= x <= x + width <= 720


def test_a_sparkline_breaks_at_none_and_marks_the_newest() -> None:
    svg = sparkline([1, 2, None, 0, 4], title="Views")
    assert svg.count('class="chart-line"') == 2
    assert svg.count('class="chart-dot"') == 1
    assert ElementTree.fromstring(svg)[0].text == "Views"
    assert 'class="chart-dot"' not in sparkline([1, 2, None], title="Views")
    assert ElementTree.fromstring(sparkline([], title="Views")).get("role") == "img"
