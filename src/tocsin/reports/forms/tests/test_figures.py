"""The open figures as a table for a spreadsheet or a program."""

import csv
import io
from dataclasses import replace

import pytest

from tocsin.lib.tlp import Tlp
from tocsin.reports.document import Document, Table
from tocsin.reports.facts import Value
from tocsin.reports.forms import Form, render
from tocsin.reports.forms.tests import samples


def rows(document: Document) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(render(document, Form.CSV).decode("utf-8-sig"))))


def test_a_fact_has_its_range_its_time_and_its_sources() -> None:
    found = next(one for one in rows(samples.document()) if one["kind"] == "fact" and one["what"] == "Answered.")
    assert (found["value"], found["low"], found["high"], found["before"]) == ("4.5", "3", "7", "6")
    assert (found["unit"], found["sources"], found["tlp"]) == ("min", "alert:7F3K", "amber+strict")
    assert found["as_of"] == "2026-09-30T00:00:00+00:00"


def test_each_interval_says_whether_it_was_measured() -> None:
    chart = [one for one in rows(samples.document()) if one["kind"] == "chart"]
    states = [one["state"] for one in chart]
    assert len(chart) == 92
    assert states.count("not measured") == 6
    assert states.count("not usable: too few probes") == 2
    assert states.count("zero") == 1
    assert all(one["value"] == "" for one in chart if one["state"].startswith("not"))


def test_a_country_that_nobody_measured_has_no_number() -> None:
    countries = {one["of"]: one for one in rows(samples.document()) if one["kind"] == "map"}
    assert (countries["XS"]["value"], countries["DE"]["state"]) == ("0.93", "zero")
    assert (countries["ER"]["value"], countries["ER"]["state"]) == ("", "not measured")


def test_what_is_for_some_readers_only_or_red_does_not_leave_as_a_table() -> None:
    facts = samples.facts()
    facts["block"] = replace(facts["block"], readers=4)
    facts["vote"] = replace(facts["vote"], tlp=Tlp.RED)
    found = rows(samples.document(facts=facts))
    assert {one["what"] for one in found if one["kind"] == "fact"} == {"Answered."}
    assert {one["kind"] for one in found} == {"fact", "map"}


def test_no_cell_is_taken_for_a_formula() -> None:
    facts = samples.facts()
    facts["block"] = replace(facts["block"], says="=HYPERLINK(1)", value=Value(-5))
    table = Table("@SUM(1)", ("a", "+b"), (("-c", "\t=d"), ("e", "-3.5")), ("held",))
    found = rows(samples.document(facts=facts, blocks=(table,)))
    cells = [cell for row in found for cell in row.values()]
    assert "'=HYPERLINK(1)" in cells
    assert {"-5", "-3.5"} <= set(cells)
    assert not [one for one in cells if one[:1] in "=+-@\t" and one not in {"", "-5", "-3.5"}]


@pytest.mark.parametrize("says", ["＝1+1", "＋1", "＠x", "\u200b=1+1", "\u2068=1+1\u2069", '"=1', "-inf", "x;=1"])
def test_no_sign_hides_a_formula(says: str) -> None:
    facts = samples.facts()
    facts["block"] = replace(facts["block"], says=says)
    text = render(samples.document(facts=facts), Form.CSV).decode("utf-8-sig")
    (cell,) = {
        one["what"]
        for one in csv.DictReader(io.StringIO(text))
        if one["what"].strip("'\u200b") == says.strip("'\u200b")
    }
    assert cell.startswith(("'", "x"))
    assert all(line.startswith('"') and line.endswith('"') for line in text.splitlines())


def test_each_row_says_what_it_belongs_to() -> None:
    found = rows(replace(samples.document(), exercise=True))
    assert {(one["report"], one["exercise"]) for one in found} == {("2026-3", "yes")}
