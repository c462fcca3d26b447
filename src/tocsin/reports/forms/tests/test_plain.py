"""Plain text, as a mail carries it."""

from dataclasses import replace

import pytest

from tocsin.reports.forms import Form, render
from tocsin.reports.forms.tests import samples


@pytest.mark.parametrize("language", ["en", "ar", "zh-hans"])
def test_no_line_is_too_long_for_mail(language: str) -> None:
    text = render(samples.document(language), Form.TEXT).decode()
    assert max(len(line) for line in text.splitlines()) <= 72


def test_it_begins_and_ends_with_its_tlp_and_says_that_it_is_an_exercise() -> None:
    lines = render(replace(samples.document(), exercise=True), Form.TEXT).decode().splitlines()
    assert lines[:2] == ["TLP:AMBER+STRICT", "EXERCISE: nothing here is real"]
    assert lines[-2:] == lines[:2]


def test_each_number_stands_again_beside_its_source() -> None:
    text = render(samples.document(), Form.TEXT).decode()
    assert "within nine days. [1]" in text
    assert "[1] Blocking of two wikis in Sarvania (k3v9ab), 14 Aug 2026" in text


def test_tables_charts_and_the_map_are_told() -> None:
    text = " ".join(render(samples.document(), Form.TEXT).decode().split())
    assert "* Situation: Draft law; Where: Ostrell; Probability: –" in text
    assert "Not measured: 6 of 92 intervals. Measured, not usable: 2." in text
    assert "Eritrea not measured" in text


def test_a_terminal_that_shows_it_is_not_steered() -> None:
    text = render(replace(samples.document(), title="a\x1b[2Jb\rc\u202ed"), Form.TEXT).decode()
    assert "a [2Jb cd" in text
    assert not [one for one in text if one < " " and one != "\n"]
