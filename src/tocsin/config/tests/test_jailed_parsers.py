"""Every parser of the house reads inside all guards, whatever its libraries do while they are loaded."""

import pytest

from tocsin.lib.jail.running import guards_in_force

_SOURCES = "tocsin.streams.sources"
PARSERS = (
    "tocsin.streams.calendars:days",
    f"{_SOURCES}.documents.parse:document",
    f"{_SOURCES}.documents.parse:listing",
    f"{_SOURCES}.feeds.parse:parse",
    f"{_SOURCES}.gdelt.parse:events",
    f"{_SOURCES}.gdelt.parse:graph",
    f"{_SOURCES}.ioda.parse:signals",
    f"{_SOURCES}.ooni.parse:counts",
    f"{_SOURCES}.ooni.parse:measurements",
    f"{_SOURCES}.pageviews.parse:of_country",
    f"{_SOURCES}.pageviews.parse:of_project",
    "tocsin.cases.evidence.parse.facts:about",
)


@pytest.mark.parametrize("parser", PARSERS)
def test_no_library_of_a_parser_starts_threads_outside_the_lock(parser: str) -> None:
    found = guards_in_force(parser=parser)
    plain = guards_in_force()
    assert found == plain
    assert found["files"]
