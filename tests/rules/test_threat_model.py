"""Each claim of the threat model names a test that is there."""

import re

from tests.rules.house import ROOT

MODEL = ROOT / "docs" / "threat-model.md"
HELD = re.compile(r"^(\d+)\. `test_", re.MULTILINE)


def _tests() -> set[str]:
    files = [*(ROOT / "src").rglob("test_*.py"), *(ROOT / "tests").rglob("test_*.py")]
    return {name for file in files for name in re.findall(r"^def (test_\w+)", file.read_text(), re.MULTILINE)}


def test_every_test_that_the_threat_model_names_exists() -> None:
    named = re.findall(r"`(test_\w+)`", MODEL.read_text())
    assert len(named) > 10
    assert sorted(set(named) - _tests()) == []


def test_every_claim_leads_to_tests_or_says_that_it_is_an_assumption() -> None:
    text = MODEL.read_text()
    rows = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith("| who |")]
    held = set(HELD.findall(text))
    for row in rows:
        claims = re.findall(r"\[(\d+)\]", row)
        assert claims or "**" in row or "TLS is the operator's" in row, row
        assert set(claims) <= held, row
