"""A cable, power, maintenance or weather that took a network down is read as a technical cause, in every language."""

import pytest

from tocsin.analysis.text import Text, read
from tocsin.analysis.text.lexicon import word_lists

LISTS = dict(word_lists())


@pytest.mark.parametrize("language", sorted(LISTS))
def test_every_language_knows_technical_causes_and_finds_each_beside_a_network(language: str) -> None:
    words = LISTS[language]["word"]
    net = words["net"][0].strip("*=")
    missed = []
    for fault in words["fault"]:
        found = read(Text(f"{net}: {fault.replace('*', '')}", "", language=language))
        if not found.technical or not found.fault_mentions:
            missed.append(fault)
    assert len(words["fault"]) >= 5
    assert missed == []


@pytest.mark.parametrize(
    ("title", "body", "technical"),
    [
        ("Internet down across Yemen after submarine cable cut", "Ships are on their way.", True),
        ("Yemen offline", "The internet was lost on Monday. A power outage in the main station is to blame.", True),
        ("Power outage in Yemen", "Lights went out in three towns. Hospitals ran on generators.", False),
        ("Internet shut down in Yemen by order", "The ministry ordered it, a decree says.", False),
        (
            "Internet down in Yemen, and not after a cable cut",
            "Operators denied a cable cut: internet was shut.",
            False,
        ),
        ("Undersea cable factory opens", "It will hire five hundred people, the mayor said on Monday.", False),
    ],
)
def test_a_technical_cause_is_one_of_a_network_and_not_denied(title: str, body: str, technical: bool) -> None:
    assert read(Text(title, body, language="en")).technical is technical
