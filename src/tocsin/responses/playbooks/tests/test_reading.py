"""A playbook's text is read whole, or refused with its line and what to do."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.responses.log.content import Function as PlanFunction
from tocsin.responses.playbooks.faults import Fault, ReadingError
from tocsin.responses.playbooks.protecting import shipped as protections
from tocsin.responses.playbooks.reading import LARGEST, digest_of, read, read_translation
from tocsin.responses.playbooks.shapes import Caution, Function, Option, Phase, Phrase, Playbook, Step, Undone
from tocsin.responses.playbooks.tests.conftest import SMALL


def small(text: str | bytes = SMALL) -> Playbook:
    return read(text, "flood.md", protections())


def faults(text: str | bytes) -> list[str]:
    with pytest.raises(ReadingError) as caught:
        small(text)
    assert len(caught.value.faults) <= 20
    return [str(one) for one in caught.value.faults]


def test_everything_that_a_text_says_is_read() -> None:
    book = small()
    assert (book.key, book.language, book.title, book.version) == ("flood", "en", "A flood in the archive", 1)
    assert (book.harms, book.severity, book.reviewed, book.reviewed_on) == (("threat",), "moderate", False, None)
    assert book.use == ("Water stands in the archive.",)
    assert book.during(Phase.HOUR) == (
        Step(Phase.HOUR, timedelta(minutes=10), Function.DUTY, "Switch the power off.", line=20),
        Step(Phase.HOUR, timedelta(hours=1), Function.LEGAL, "Lock it, and write down why.", approval=True,
             protections=("lock", "block"), line=21),
    )  # fmt: skip
    assert book.during(Phase.DAY)[0].second_look
    assert book.never == (Caution("Do not open the boxes.", "Wet paper tears."),)
    assert book.words == (Phrase("First call", "Are you safe and dry?"),)
    assert book.options == (
        Option("Wait", "Costs nothing.", "More gets wet.", "None.", Undone.PARTLY, "Until paper rots."),
    )
    assert book.protections == ("lock", "block")
    assert book.text == SMALL


def test_functions_are_those_of_plans() -> None:
    assert {one.value for one in Function} == {one.value for one in PlanFunction}


def test_the_digest_covers_what_is_said_and_not_its_version_or_review() -> None:
    later = SMALL.replace("version = 1", "version = 9").replace(
        'reviewed_by = "not yet reviewed"', 'reviewed_by = "Two of us"\nreviewed_on = 2026-05-01'
    )
    assert small(later).digest == small().digest == digest_of(SMALL.replace("\n", "\r\n"))
    assert small(later).reviewed_on == date(2026, 5, 1)
    for change in (("dry?", "dry."), ('"moderate"', '"severe"'), ('["threat"]', '["violence"]'), ("[3 d]", "[4 d]")):
        assert small(SMALL.replace(*change)).digest != small().digest
    hidden = SMALL.replace("in the archive.", "version = 7")
    assert small(hidden).digest != small(hidden.replace("version = 7", "version = 8")).digest


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("+++\ntitle", "title", 1, "must be +++"),
        ('+++\n\n# Use this', "\n# Use this", 1, "must end with a second line +++"),
        ('title = "A flood in the archive"', "title", 2, "a name, an equals sign and a value"),
        ('title = "A flood in the archive"', 'title = ""', 2, "Write it like this: title ="),
        ('title = "A flood in the archive"', "title = 7", 2, "Write it like this: title ="),
        ("version = 1", "version = true", 3, "Write it like this: version = 1"),
        ("version = 1", "version = 1\nversion = 2", 4, "stands twice"),
        ("version = 1", "", 1, "lacks “version”"),
        ("version = 1", "version = 1\ncolour = 2", 4, "knows no “colour”"),
        ('["threat"]', '["rain"]', 4, "no kind of harm “rain”"),
        ('["threat"]', "[]", 4, "Write it like this: harms"),
        ('["threat"]', "[" * 400 + "]" * 400, 4, "Write it like this: harms"),
        ('["threat"]', '{a={b={c=1}}}', 4, "Write it like this: harms"),
        ('"moderate"', '"bad"', 5, "must be one of: minor, moderate, severe, extreme"),
        ('"not yet reviewed"', '"Ada"', 6, "Add reviewed_on"),
        ('"not yet reviewed"', '"not yet reviewed"\nreviewed_on = 2026-05-01', 7, "has no day of review"),
        ('"not yet reviewed"', '"Ada"\nreviewed_on = 2026-02-31', 7, "Write it like this: reviewed_on"),
        ("# First day", "# Second day", 24, "no such section"),
        ("# First day", "# First hour", 24, "stands twice"),
        ("# Stop when\n\n- Everything is dry.", "", 57, "“# Stop when” is missing"),
        ("- Everything is dry.", "", 59, "“# Stop when” says nothing"),
        ("# Use this when", "Hello.\n# Use this when", 9, "before the first section"),
        ("- It rains again", "It rains again", 42, "belongs to nothing"),
        ("- It rains again. | Begin anew.", "-  ", 42, "belongs to nothing"),
        ("[10 min]", "[soon]", 20, "Say by when in brackets"),
        ("[10 min]", "[0 min]", 20, "Say by when in brackets"),
        ("[10 min]", "[2 h]", 20, "later than its section"),
        ("- [10 min] on duty:", "-", 20, "Write a step like this"),
        ("on duty", "the president", 20, "Nobody is called “the president”"),
        ("· approval", "· aproval", 21, "“aproval” is unknown here"),
        ("uses lock", "uses magic", 21, "no protection “magic”"),
        ("[4 h] caseworker · second look: Call whoever keeps the boxes", "[4 h] on duty: switch the  power off", 26,
         "stands in line 20 already"),
        ("boxes. | Wet paper tears.", "boxes.", 34, "Two parts are needed"),
        ("## Wait", "", 51, "Begin each option with a line"),
        ("- cost: None.\n", "", 50, "does not say its cost"),
        ("- cost: None.", "- cost: None.\n- cost: Some.", 54, "Of an option say, each once"),
        ("partly |", "perhaps |", 54, "Write yes, partly or no"),
        ("Paper does not read", "Paper\tdoes not read", 58, "invisible sign"),
        ("Paper does not read", "Paper \u202edaer ton seod", 58, "turns the order"),
        ("Paper does not read", "Paper" * 300, 58, "longer than 1000 signs"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_line_and_what_to_do(old: str, new: str, line: int, says: str) -> None:
    assert old in SMALL
    found = faults(SMALL.replace(old, new, 1))
    assert any(one.startswith("flood.md:") and says in one for one in found), found
    assert line in {int(one.split(":")[1]) for one in found if says in one}, found


def test_every_fault_is_said_at_once() -> None:
    text = SMALL.replace("on duty", "nobody").replace("[3 d]", "[30 d]").replace("It rains again. |", "It rains")
    assert len(faults(text)) == 3


@pytest.mark.parametrize(
    "text",
    [
        b"", b"\x00", b"\xff\xfe+\x00", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "+++", "+++\n+++",
        "# First hour\n" * 4_000, "- [1 h] lead: a\n" * 3_000, "+++\n" + "a = 1\n" * 5_000 + "+++\n", "\ud800",
        SMALL + "x" * LARGEST, SMALL.encode("utf-16"), "[" * 50_000, "+++\ntitle = " + "[" * 900 + "\n+++\n",
        SMALL.replace("# Indicators", "# Indicators\n" + "- a | b\n" * 100),
    ],
)  # fmt: skip
def test_an_attack_is_refused_and_nothing_else_happens(text: str | bytes) -> None:
    assert faults(text)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=400), st.integers(0, len(SMALL)), st.integers(0, 40))
def test_whatever_is_typed_it_is_read_or_refused_with_a_line(typed: str, place: int, gone: int) -> None:
    text = SMALL[:place] + typed + SMALL[place + gone :]
    wrong: tuple[Fault, ...] = ()
    try:
        book = small(text)
    except ReadingError as error:
        wrong = error.faults
    assert [str(one).partition(":")[0] for one in wrong] == ["flood.md"] * len(wrong)
    assert bool(wrong) or book.text == text.replace("\r\n", "\n")


def translated(**changes: str) -> str:
    """A translation into no language: its words are dots."""
    head = f'+++\ntitle = "…"\nversion = 1\ntranslates = "{small().digest}"\nreviewed_by = "not yet reviewed"\n+++'
    text = head + SMALL[SMALL.index("\n+++", 3) + 4 :].replace("Dry the boxes", "…")
    for old, new in changes.items():
        text = text.replace(old, new)
    return text


def test_a_translation_takes_from_its_original_what_is_no_language() -> None:
    book = read_translation(translated(), "flood.es.md", small(), protections())
    assert (book.key, book.language, book.harms, book.severity) == ("flood", "es", ("threat",), "moderate")
    assert book.translates == small().digest
    assert book.steps[-1].text == "…."


def test_a_translation_may_change_no_step_but_its_words() -> None:
    for text in (
        translated().replace("legal · approval", "legal"),
        translated().replace("[3 d]", "[4 d]"),
        translated().replace("- It rains again. | Begin anew.", "- a | b\n- c | d"),
    ):
        with pytest.raises(ReadingError):
            read_translation(text, "flood.es.md", small(), protections())


def test_a_translation_of_an_older_original_is_read_as_stale() -> None:
    moved = small(SMALL.replace("- [10 min] on duty: Switch the power off.\n", ""))
    book = read_translation(translated(), "flood.es.md", moved, protections())
    assert book.translates != moved.digest
