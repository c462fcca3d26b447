"""For ``report``: a quarter's report with many charts, drawn as a PDF."""

import json
import os
import random
import time
from datetime import UTC, date, datetime, timedelta

CHARTS_IN_A_PART = 5
DAYS = 92


def run(charts: int, rounds: int) -> None:
    """Draw it so often; prints seconds, pages and bytes."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tocsin.config.settings"
    import django

    django.setup()
    import pypdfium2

    from tocsin.lib.charts import Chart, Mark, Strip, Usual, Window
    from tocsin.lib.tlp import Tlp
    from tocsin.reports.document import Block, Document, Figure, Heading, Paragraph, Sentence, Table
    from tocsin.reports.facts import Fact, Nature, Source, Topic
    from tocsin.reports.forms import Form, render

    start = datetime(2026, 7, 1, tzinfo=UTC)
    dice = random.Random(1)

    def fact(number: int) -> Fact:
        at = start + timedelta(days=number % DAYS)
        source = Source("situation", f"s{number}", f"Development {number}", f"/situations/s{number}/", at)
        says = f"Access to two projects was lost in {1 + number % 7} networks for {number % 29} hours."
        return Fact(f"f{number}", Topic.SITUATION, Nature.MEASURED, says, (source,), at)

    def chart(number: int) -> Chart:
        days = [start + timedelta(days=day) for day in range(DAYS)]
        marks = [Mark(day, dice.gauss(100, 12), 80, 125) for day in days if dice.random() > 0.05]
        usual = [Usual(day, 100, 78, 122) for day in days]
        window = Window(days[40], days[55], "Finding")
        title = f"Page views, network {number}"
        strip = Strip(title, timedelta(days=1), marks, usual, (window,))
        return Chart(f"c{number}", title, "Each day of the quarter.", start, days[-1], [strip])

    facts = {f"f{number}": fact(number) for number in range(charts * 3)}
    blocks: list[Block] = []
    for number in range(charts):
        if number % CHARTS_IN_A_PART == 0:
            blocks.append(Heading(f"Part {number // CHARTS_IN_A_PART + 1}"))
            rows = tuple((f"Network {one}", str(one * 3), f"{one} %") for one in range(12))
            blocks.append(Table("Networks", ("Name", "Readings", "Lost"), rows, ("f0",), frozenset({1, 2})))
        keys = [f"f{number * 3 + one}" for one in range(3)]
        blocks.append(Paragraph(tuple(Sentence(facts[key].says, (key,)) for key in keys)))
        blocks.append(Figure(chart(number), (keys[0],)))
    document = Document(
        "The quarter", "vice-president", "en", rtl=False, tlp=Tlp.AMBER_STRICT, since=start.date(),
        until=date(2026, 9, 30), made_at=start + timedelta(days=DAYS), issue="bench-1", blocks=blocks, facts=facts,
    )  # fmt: skip
    seconds, body = [], b""
    for _round in range(rounds):
        begun = time.perf_counter()
        body = render(document, Form.PDF)
        seconds.append(time.perf_counter() - begun)
    print(json.dumps({"seconds": seconds, "pages": len(pypdfium2.PdfDocument(body)), "bytes": len(body)}))
