"""Every word of a version can be said in its language, and a version follows the draft that it was begun from."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from django.test import Client
from django.utils import timezone
from django.utils.translation import trans_real

from tocsin.alerts.models import Alert, Policy
from tocsin.lib.charts import table_rows
from tocsin.people.models import Person
from tocsin.reports import arranging, checking, drafting, editing, keeping, releasing, versions
from tocsin.reports.document import Figure, Heading, WorldMap
from tocsin.reports.forms import Form, render
from tocsin.reports.laying import digest_of, document_of
from tocsin.reports.models import Draft, Issue
from tocsin.reports.refusals import RefusedError
from tocsin.situations import levels
from tocsin.situations.models import Assessment, Situation, ThreatLevel
from tocsin.streams.models import BlindSpot, Source

pytestmark = pytest.mark.django_db
Drafts = Callable[..., Draft]


@pytest.fixture
def week_of(
    draft: Drafts, situation: Callable[..., Situation], assess: Callable[..., Assessment]
) -> Callable[[str], Draft]:
    """A draft with headings, a table, charts and a map, in English."""
    now = timezone.now()
    assess(situation("Wikis blocked in the capital", tlp="green", probability=0.6), 0.9)
    levels.refresh("TR", "site-ban")
    ThreatLevel.objects.update(at=now - timedelta(days=2))
    source = Source.objects.create(name="A feed", kind="feeds", url="feed", next_fetch_at=now,
                                   expected_every=timedelta(hours=1))  # fmt: skip
    BlindSpot.objects.create(source=source, since=now - timedelta(days=2), countries=["KE"], reason="402")
    policy = Policy.objects.create(public_id="p", name="First line")
    Alert.objects.create(
        public_id="a", kind="situation", lane="wake", severity=3, dedupe="a", policy=policy, occurred_at=now,
        accepted_at=now, seen_at=now, first_answered_at=now + timedelta(minutes=4),
    )  # fmt: skip
    return lambda audience: draft(audience, cadence="hand")


def early(by: Person, draft: Draft, language: str = "ar") -> Draft:
    return versions.begin_early(by, draft, language)


def again(draft: Draft) -> Draft:
    return Draft.objects.get(pk=draft.pk)


def worded(by: Person, draft: Draft) -> Draft:
    """Every part that is left, in letters that no original has."""
    texts = {one["id"]: "كلمة " + "; ".join(versions.numbers(one["source"])) for one in versions.untranslated(draft)}
    return editing.word(by, draft, draft.version, texts)


def released(by: Person, draft: Draft) -> Issue:
    return releasing.release(by, draft, digest_of(document_of(draft)), without_pdf=True, reads=True, no_place=True)


def sentence_of(draft: Draft, words: str) -> dict[str, Any]:
    parts = (one for _block, one in editing.sentences(draft.blocks))
    return next(one for one in parts if words in str(one.get("source") or one["text"]))


def test_every_word_that_a_reader_sees_can_be_translated(week_of: Callable[[str], Draft], bob: Person) -> None:
    original = week_of("vice-president")
    kinds = {one["kind"] for one in original.blocks}
    assert kinds >= {"heading", "table", "figure", "map", "paragraph"}
    made = worded(bob, early(bob, original))
    assert not versions.untranslated(made)
    old, new = (keeping.document_out(document_of(one))["blocks"] for one in (original, made))

    def words(kept: object) -> Iterator[str]:
        match kept:
            case dict():
                skipped = {"facts", "kind", "name", "start", "end", "levels"}
                for key, value in kept.items():
                    yield from () if key in skipped else words(value)
            case list() | tuple():
                for one in kept:
                    yield from words(one)
            case str():
                yield from [kept] if any(letter.isascii() and letter.isalpha() for letter in kept) else []

    times = {one for one in words(new) if one[:2] == "20" and "T" in one}
    assert len(list(words(old))) > 30
    assert set(words(new)) - times == {"KE", "min"} & set(words(new)), "what is left is in the original's letters"
    assert made.title.startswith("كلمة")


def test_a_heading_that_was_translated_is_not_marked_as_english(week_of: Callable[[str], Draft], bob: Person) -> None:
    made = worded(bob, early(bob, week_of("vice-president")))
    heading = next(one for one in document_of(made).blocks if isinstance(one, Heading))
    assert heading.by_hand
    assert f"<h3>{heading.text}</h3>" in render(document_of(made), Form.HTML).decode()


def test_countries_and_units_come_in_their_language_by_themselves(week_of: Callable[[str], Draft], bob: Person) -> None:
    made = early(bob, week_of("vice-president"))
    known = {one["source"]: one["text"] for one in versions.parts(made) if one.get("ours")}
    assert known["Türkiye"] == "تركيا"
    assert known["Kenya"] == "كينيا"
    assert any("د" in text for source, text in known.items() if source.endswith(" min"))
    offered = {one["source"]: one["offer"] for one in versions.untranslated(made) if one.get("offer")}
    assert any(source.endswith("Türkiye") and "تركيا" in offer for source, offer in offered.items())
    shown = next(one for one in document_of(made).blocks if isinstance(one, WorldMap))
    assert shown.names == {"TR": "تركيا", "KE": "كينيا"}
    assert "تركيا" in render(document_of(made), Form.TEXT).decode()


@pytest.fixture
def catalogue(tmp_path: Path, settings: Any) -> Iterator[None]:
    """A catalogue for French that knows a few words."""
    found = Catalog(locale="fr")
    found.add("What changed", "Ce qui a changé")
    found.add("Now", "Maintenant")
    found.add("Report to the vice president", "Rapport au vice-président")
    found.add("No debrief was finished in this time.", "Aucun bilan n’a été achevé pendant ce temps.")
    path = tmp_path / "fr" / "LC_MESSAGES" / "django.mo"
    path.parent.mkdir(parents=True)
    body = BytesIO()
    write_mo(body, found)
    path.write_bytes(body.getvalue())
    settings.LOCALE_PATHS = [tmp_path]
    trans_real.__dict__["_translations"].pop("fr", None)
    yield
    trans_real.__dict__["_translations"].pop("fr", None)


def test_what_a_catalogue_knows_is_not_left_to_people(
    catalogue: None, week_of: Callable[[str], Draft], bob: Person
) -> None:
    made = early(bob, week_of("vice-president"), "fr")
    known = {one["source"]: one["text"] for one in versions.parts(made) if one.get("ours")}
    assert known["What changed"] == "Ce qui a changé"
    assert known["Now"] == "Maintenant"
    assert known["No debrief was finished in this time."] == "Aucun bilan n’a été achevé pendant ce temps."
    assert made.title.startswith("Rapport au vice-président")
    assert not any("Wikis blocked" in one for one in known), "what people wrote waits for people"


def test_only_what_changed_in_the_original_is_to_be_translated_again(
    week_of: Callable[[str], Draft], bob: Person, alice: Person
) -> None:
    original = week_of("vice-president")
    made = worded(bob, early(bob, original))
    name = sentence_of(original, "1 alert called")["id"]
    keys = sentence_of(original, "1 alert called")["facts"]
    original = editing.write(alice, original, original.version, name, "1 alert called all of us.", keys)
    now = again(made)
    (left,) = versions.untranslated(now)
    assert (left["id"], left["source"], left["text"]) == (name, *["1 alert called all of us."] * 2)
    assert left["was"].startswith("كلمة"), "how it was translated stands beside"
    with pytest.raises(editing.MovedError) as met:
        editing.write(bob, made, made.version, name, "كلمة 1", [])
    assert met.value.theirs == "1 alert called all of us."
    now = editing.write(bob, now, now.version, name, "كلمة 1", [])
    assert not versions.untranslated(now)
    editing.rename(alice, original, original.version, "Another title")
    assert [one["id"] for one in versions.untranslated(again(made))] == ["title"]


def test_what_is_left_out_of_the_original_is_left_out_of_its_version(
    week_of: Callable[[str], Draft], bob: Person
) -> None:
    original = week_of("vice-president")
    made = worded(bob, early(bob, original))
    key = next(key for key in document_of(original).facts if key.startswith("level:"))
    editing.drop(bob, original, original.version, key)
    now = again(made)
    assert key not in document_of(now).facts
    assert not [one for one in document_of(now).blocks if isinstance(one, WorldMap)]
    assert not versions.untranslated(now)


def test_a_version_waits_for_its_original_and_becomes_one_of_its_issue(
    week_of: Callable[[str], Draft], bob: Person, vera: Person
) -> None:
    original = week_of("vice-president")
    made = worded(bob, early(bob, original))
    assert made.translates is None
    with pytest.raises(RefusedError) as refused:
        released(vera, made)
    assert any("not released yet" in one for one in refused.value.lines)
    issue = released(vera, original)
    now = Draft.objects.select_related("translates").get(pk=made.pk)
    assert now.translates == issue
    assert [one["id"] for one in versions.untranslated(now)] == ["version"], "it says of which issue it is one"
    assert released(vera, worded(bob, now)).name == f"{issue.name}-ar"


def test_a_version_can_t_be_released_as_one_of_something_else(
    week_of: Callable[[str], Draft], bob: Person, vera: Person
) -> None:
    original = week_of("vice-president")
    made = worded(bob, early(bob, original))
    released(vera, original)
    row = worded(bob, again(made))
    for fields in ({"blocks": [*row.blocks[:3], *row.blocks[4:]]}, {"dropped": [*row.dropped, "level:TR:site-ban"]}):
        Draft.objects.filter(pk=row.pk).update(**fields)
        with pytest.raises(RefusedError) as refused:
            released(vera, again(row))
        assert any("does not follow its original" in one for one in refused.value.lines)
        versions.begin(bob, row.translates or Issue.objects.get(draft=original), "ar")
        assert not [one for one in checking.problems(again(row)) if one.blocks], "begun again, its words are kept"


def test_versions_of_what_is_put_away_are_put_away(week_of: Callable[[str], Draft], bob: Person) -> None:
    original = week_of("vice-president")
    made = early(bob, original)
    editing.put_away(bob, original, "Nobody needs it.")
    assert again(made).state == Draft.State.DROPPED
    with pytest.raises(RefusedError, match="put away"):
        early(bob, original, "fa")


def test_a_correction_is_translated_while_it_is_drafted(
    week_of: Callable[[str], Draft], bob: Person, vera: Person
) -> None:
    original = week_of("vice-president")
    made = early(bob, original)
    issue = released(vera, original)
    first = released(vera, worded(bob, again(made)))
    mend = drafting.make_correction(issue, "A word was wrong.", bob)
    following = early(bob, mend)
    assert {one["id"] for one in versions.untranslated(following)} >= {"correction"}
    assert len(versions.untranslated(following)) < 3, "what stayed keeps its translation"
    key = next(key for key in document_of(mend).facts if key.startswith("level:"))
    fixed = released(vera, editing.drop(bob, mend, mend.version, key))
    last = released(vera, worded(bob, again(following)))
    assert (last.corrects, last.translates) == (first, fixed)


def test_the_page_says_how_much_is_left_and_saves_the_words_of_a_part_at_once(
    week_of: Callable[[str], Draft], bob: Person, browse: Callable[[Person], Client]
) -> None:
    original, page = week_of("vice-president"), browse(bob)
    answer = page.post(f"/reports/drafts/{original.public_id}/translate", {"language": "ar"})
    made = Draft.objects.get(public_id=answer["Location"].split("/")[3])
    left, all_ = len(versions.untranslated(made)), len(list(versions.parts(made)))
    assert f"{left} of {all_} parts are left" in page.get(answer["Location"]).content.decode()
    assert f"{left} parts left" in page.get(f"/reports/drafts/{original.public_id}/").content.decode()
    table = next(one for one in made.blocks if one["kind"] == "table" and one.get("words"))
    given = {f"word:{one['id']}": "كلمة" for one in table["words"] if not versions.numbers(one["source"])}
    page.post(f"/reports/drafts/{made.public_id}/word", {"version": made.version, **given})
    now = {one["id"]: one for one in versions.parts(again(made))}
    assert {now[name.removeprefix("word:")]["text"] for name in given} == {"كلمة"}


def test_a_chart_of_a_version_keeps_its_numbers(week_of: Callable[[str], Draft], bob: Person) -> None:
    original = week_of("vice-president")
    made = worded(bob, early(bob, original))
    old, new = ([one.chart for one in document_of(each).blocks if isinstance(one, Figure)] for each in (original, made))
    assert [[row[1:] for row in table_rows(one)[1:]] for one in old] == [
        [row[1:] for row in table_rows(one)[1:]] for one in new
    ]


def test_a_version_names_no_place_that_its_original_does_not(
    arrange: Callable[..., Any], situation: Callable[..., Situation], assess: Callable[..., Assessment], bob: Person,
) -> None:  # fmt: skip
    assess(situation("Wikis blocked", tlp="clear", country="IR"), 0.9)
    original = arranging.draft_now(bob, arrange("policy", cadence="hand"))
    made = editing.clear(bob, early(bob, original), 1, "place:IR")
    assert "IR" not in {place for one in document_of(made).facts.values() for place in one.places}
