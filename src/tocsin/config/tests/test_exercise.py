"""The exercise, read as anything else is."""

from datetime import UTC, datetime, timedelta

from tocsin.analysis.text import Entry, Stories, Text, read
from tocsin.replay.exercise.stories import Story
from tocsin.replay.exercise.stories_more import LIVE, OTHER_LANGUAGES

LAUNCH = datetime(2026, 3, 1, tzinfo=UTC)


def chinese() -> list[Story]:
    return sorted((one for one in (*OTHER_LANGUAGES, *LIVE) if one.language == "zh"), key=lambda one: one.hours)


def test_its_chinese_stories_are_read_as_what_they_tell_and_are_stories_of_their_own() -> None:
    stories = Stories()
    harms: dict[str, str] = {}
    for number, story in enumerate(chinese()):
        told = read(Text(title=story.title, body=story.text, language="zh", source_country="XS"))
        at = LAUNCH + timedelta(hours=story.hours)
        entry = Entry(number, at, told.country, told.harm, told.terms, told.fingerprint, story.domain)
        assert stories.place(entry).group is None
        stories.add(entry, number)
        harms[story.key] = told.harm
    assert harms == {"wiki-zh": "site-ban", "arrest-zh": "arrest", "live-zh": "shutdown"}
