"""What an audience may not receive is found in what it reads, however it is written; and what is its own is left."""

import csv
import io
import json
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tocsin.lib.charts import Chart, Mark, Strip, Window
from tocsin.lib.tlp import Tlp
from tocsin.people.models import Person
from tocsin.reports import api_shapes, checking, coarsening, comparing, editing, releasing, templates_kept
from tocsin.reports.document import Document
from tocsin.reports.facts import Fact
from tocsin.reports.forms import Form, render
from tocsin.reports.keeping import chart_out, fact_in, fact_out
from tocsin.reports.laying import digest_of, document_of, facts_of
from tocsin.reports.models import Draft
from tocsin.situations.models import Assessment, Situation

pytestmark = pytest.mark.django_db
Drafts = Callable[..., Draft]
SECRET = "Agents will raid the café of the editors in Recife on Friday."


@pytest.fixture(autouse=True)
def world(situation: Callable[..., Situation], assess: Callable[..., Assessment]) -> Situation:
    row = situation("Block", tlp="clear", country="BR")
    assess(row, 0.9)
    return row


def fresh(draft: Draft) -> Draft:
    return Draft.objects.select_related("report", "gathered", "corrects").get(pk=draft.pk)


def blocking(draft: Draft) -> set[str]:
    return {one.kind for one in checking.problems(fresh(draft)) if one.blocks}


def state_key(draft: Draft) -> str:
    return next(key for key in facts_of(fresh(draft)) if key.endswith(":state"))


def kept_above(draft: Draft, says: str, **words: str) -> Fact:
    """A fact among those of the draft that its audience may not receive."""
    kept = draft.gathered
    base = next(fact_in(one) for one in kept.facts if one["key"].endswith(":state"))
    made = replace(base, key="held:1", says=says, words=words, tlp=Tlp.RED, places=())
    kept.facts = [*kept.facts, fact_out(made)]
    kept.save()
    return made


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        unicodedata.normalize("NFD", SECRET),
        SECRET.replace("raid", "ra\u202aid"),
        SECRET.replace("editors", "edi\u00adtors"),
        SECRET.replace("editors", "edi\u200btors"),
        SECRET.replace("editors", "edi\u3164tors"),
        "We heard that agents will raid the café of the editors.",
        SECRET.replace("a", "а").replace("e", "е").replace("o", "о"),
        SECRET.replace("o", "0"),
        SECRET.upper(),
        " ".join(SECRET),
        "".join(chr(ord(one) + 0xFEE0) if "a" <= one <= "z" else one for one in SECRET),
    ],
)
def test_secret_words_are_found_however_they_are_written(draft: Drafts, bob: Person, text: str) -> None:
    made = draft("public", title="Monthly")
    kept_above(made, SECRET)
    editing.add(bob, made, 1, 1, text, [state_key(made)], opinion=False)
    assert "ceiling" in blocking(made)


def test_secret_words_for_one_audience_are_found_too(draft: Drafts, bob: Person) -> None:
    made = draft("public", title="Monthly")
    kept_above(made, "Something else.", community="Meet at the old mill by the river at nine.")
    editing.rename(bob, made, 1, "Meet at the old mill by the river")
    assert "ceiling" in blocking(made)


def test_secret_words_without_spaces_are_found(draft: Drafts, bob: Person) -> None:
    made = draft("public", title="Monthly")
    kept_above(made, "警方将于星期五突击搜查编辑们的咖啡馆。")
    editing.add(bob, made, 1, 1, "据说警方将于星期五突击搜查编辑们。", [state_key(made)], opinion=False)
    assert "ceiling" in blocking(made)


def test_what_an_audience_may_read_is_not_taken_for_a_secret(draft: Drafts, bob: Person) -> None:
    made = draft("public", title="Monthly")
    fact = facts_of(fresh(made))[state_key(made)]
    kept_above(made, fact.words["public"], public=fact.words["public"])
    assert blocking(made) == set()
    editing.add(bob, made, 1, 1, "A few words of an editor about all this.", [fact.key], opinion=False)
    assert blocking(made) == set()


def test_five_words_that_anybody_says_are_no_secret() -> None:
    assert comparing.said_again(["On 7 Oct 2026 it was 13 % of 4711."], comparing.runs("7 Oct 2026")) == []
    assert comparing.said_again(["The editors went home."], comparing.runs(SECRET)) == []


def test_words_are_stored_as_they_are_drawn(draft: Drafts, bob: Person) -> None:
    made = draft("public", title="Monthly")
    editing.add(bob, made, 1, 1, "It\u202a is cafe\u0301\ufeff time.", [state_key(made)], opinion=False)
    editing.rename(bob, made, 2, "Another\u202e title")
    assert fresh(made).title == "Another title"
    assert any(one["text"] == "It is café time." for _block, one in editing.sentences(fresh(made).blocks))
    assert document_of(fresh(made)).title == "Another title"


def mend(by: Person, draft: Draft, text: str) -> None:
    """Write other words wherever a sentence names a place."""
    while bad := [one for one in checking.problems(fresh(draft)) if one.kind == "place"]:
        row = fresh(draft)
        sentence = next(one for _block, one in editing.sentences(row.blocks) if one["text"] == bad[0].text)
        editing.write(by, row, row.version, sentence["id"], text, sentence["facts"])


def what_is_said(document: Document) -> list[str]:
    """The column of the table of figures that says what each number is."""
    return [one["what"] for one in csv.DictReader(io.StringIO(render(document, Form.CSV).decode("utf-8-sig")))]


def test_the_table_of_figures_says_what_the_released_sentences_say(
    draft: Drafts, alice: Person, bob: Person, vera: Person
) -> None:
    made = draft("public", title="Monthly")
    coarsening.change(alice, [*coarsening.protected(), "BR"], "People there were arrested.")
    assert "place" in blocking(made)
    mend(bob, made, "It got worse there.")
    assert blocking(made) == set()
    issue = releasing.release(vera, fresh(made), digest_of(document_of(fresh(made))), without_pdf=True)
    assert all(b"Brazil" not in bytes(one.body) for one in issue.forms.all())
    assert "Brazil" not in str(issue.document)
    assert "It got worse there." not in what_is_said(document_of(fresh(made))), "no number of a likelihood leaves"
    told = api_shapes.issue_out(issue, ())
    assert "Brazil" not in str(told)
    assert "It got worse there." in {one.says for one in told.rests_on}


def test_a_name_that_an_editor_masked_is_masked_in_the_table_of_figures(draft: Drafts, bob: Person) -> None:
    made = draft("public", title="Monthly")
    made.gathered.facts = [
        {**one, "words": {"public": "Write to jane@example.org about it."}} if one["key"].endswith(":state") else one
        for one in made.gathered.facts
    ]
    made.gathered.save()
    sentence = next(one for _block, one in editing.sentences(made.blocks) if state_key(made) in one["facts"])
    editing.write(bob, made, 1, sentence["id"], "Write to jane@example.org about it.", sentence["facts"])
    assert "name" in blocking(made)
    editing.mask(bob, made, 2, sentence["id"])
    assert "jane" not in str(document_of(fresh(made)))


def test_a_fact_that_no_sentence_tells_leaves_coarsened_and_masked(
    draft: Drafts, situation: Callable[..., Situation], assess: Callable[..., Assessment], alice: Person
) -> None:
    templates_kept.write(alice, "public", "# Situations\n{table situations}\n", "Only the table.", 0)
    made = draft("public", title="Monthly")
    made.gathered.facts = [
        {**one, "words": {"public": "A block in Brazil, says jane@example.org."}} for one in made.gathered.facts
    ]
    made.gathered.save()
    coarsening.change(alice, [*coarsening.protected(), "BR"], "People there were arrested.")
    document = document_of(fresh(made))
    assert document.facts[state_key(made)].says == "A block in South America, says [mail address withheld]."
    assert "Brazil" not in str(document)
    assert blocking(made) == set()


def test_a_table_for_readers_outside_tells_no_title_of_ours_and_no_protected_country(
    draft: Drafts, situation: Callable[..., Situation], assess: Callable[..., Assessment], alice: Person
) -> None:
    assess(situation("Told by our informant at the ministry", tlp="clear"), 0.9)
    for audience in ("public", "executive"):
        templates_kept.write(alice, audience, "# Situations\n{table situations}\n", "Only the table.", 0)
    outside, inside = (str(document_of(fresh(draft(one))).blocks) for one in ("public", "executive"))
    assert "Western Asia" in outside
    assert "informant" not in outside
    assert "Türkiye" not in outside
    assert "informant" in inside
    assert "Türkiye" in inside


NAMED = "Ask jane@example.org."


def table(**more: object) -> dict[str, object]:
    rows = [{"cells": ["a", "b"], "facts": ["KEY"]}]
    return {"kind": "table", "title": "T", "columns": ["A", "B"], "rows": rows, "numeric": [], "note": "", **more}


def figure(
    title: str = "C", description: str = "", strip: str = "S", note: str = "", label: str = ""
) -> dict[str, object]:
    start, step = datetime(2026, 10, 1, tzinfo=UTC), timedelta(days=1)
    marks, windows = [Mark(start, None, note=note)], [Window(start, None, label)]
    chart = Chart("c", title, description, start, start + 2 * step, [Strip(strip, step, marks, windows=windows)])
    return {"kind": "figure", "chart": chart_out(chart), "facts": ["KEY"]}


def world_map(**more: object) -> dict[str, object]:
    countries = [["DE", 0.5, ["KEY"]]]
    whole = {"kind": "map", "title": "M", "description": "", "countries": countries, "missing": [], "facts": ["KEY"]}
    return {**whole, **more}


@pytest.mark.parametrize(
    ("block", "kind"),
    [
        (table(title=NAMED), "name"),
        (table(columns=["A", NAMED]), "name"),
        (table(note=NAMED), "name"),
        (table(rows=[{"cells": ["a", NAMED], "facts": ["KEY"]}]), "name"),
        (figure(title=NAMED), "name"),
        (figure(description=NAMED), "name"),
        (figure(strip=NAMED), "name"),
        (figure(note=NAMED), "name"),
        (figure(label=NAMED), "name"),
        (figure(strip="Site bans, Türkiye"), "place"),
        (world_map(title=NAMED), "name"),
        (world_map(description=NAMED), "name"),
        (world_map(countries=[["TR", 0.5, ["KEY"]]]), "place"),
        (world_map(missing=["TR"]), "place"),
        (table(), ""),
        (figure(), ""),
        (world_map(), ""),
    ],
)
def test_every_text_of_what_leaves_is_looked_at(draft: Drafts, block: dict[str, object], kind: str) -> None:
    made = draft("public", title="Monthly")
    made.blocks = [*made.blocks, json.loads(json.dumps(block).replace("KEY", state_key(made)))]
    made.save()
    assert blocking(made) == ({kind} if kind else set())
