"""What an issue keeps of a document is the document."""

from datetime import UTC, datetime, timedelta

from tocsin.lib.charts import Chart, Mark, Strip, Usual, Window
from tocsin.reports.keeping import chart_in, chart_out

AT = datetime(2026, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def test_a_kept_chart_has_its_usual_band_and_its_marked_spans() -> None:
    strip = Strip(
        "Views", DAY, [Mark(AT, 3.0, 2.0, 4.0, "few")], [Usual(AT, 5.0, 4.0, 6.0)],
        [Window(AT, None, "lasts"), Window(AT, AT + DAY, "over")], bars=True, top=9.0,
    )  # fmt: skip
    chart = Chart("views", "Views", "Page views", AT, AT + 9 * DAY, [strip], rtl=True)
    kept = chart_in(chart_out(chart))
    assert kept.strips == [strip]
    assert (kept.name, kept.title, kept.start, kept.end, kept.rtl) == ("views", "Views", AT, AT + 9 * DAY, True)
