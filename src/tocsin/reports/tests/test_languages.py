"""A report's language decides words, days and numbers together; what is in another stands in a run of its own."""

import io
from collections.abc import Callable

import docx
import pytest
from docx.oxml.ns import qn

from tocsin.people.models import Person
from tocsin.reports import editing
from tocsin.reports.forms import Form, render
from tocsin.reports.laying import document_of
from tocsin.reports.models import Draft
from tocsin.situations import levels
from tocsin.situations.models import Assessment, Situation

pytestmark = pytest.mark.django_db
Drafts = Callable[..., Draft]
EASTERN = set("٠١٢٣٤٥٦٧٨٩")
ARABIC = "حُجبت المواقع في 3 مدن"


@pytest.fixture
def arabic(draft: Drafts, situation: Callable[..., Situation], assess: Callable[..., Assessment], bob: Person) -> Draft:
    """A draft in Arabic, which has no catalogue, in which one sentence was translated."""
    assess(situation("Wikis blocked in the capital", tlp="amber"), 0.9)
    made = draft("vice-president", language="ar")
    name = next(str(one["id"]) for _block, one in editing.sentences(made.blocks) if "Site ban" in one["text"])
    keys = next(one["facts"] for _block, one in editing.sentences(made.blocks) if one["id"] == name)
    return editing.write(bob, made, 1, name, ARABIC, keys)


def drawn(draft: Draft, form: Form) -> str:
    return render(document_of(draft), form).decode()


@pytest.mark.parametrize("language", ["ar", "fa", "fr", "zh", "tr"])
def test_a_language_without_words_of_ours_has_no_days_of_its_own(draft: Drafts, language: str) -> None:
    made = draft("vice-president", language=language)
    text = drawn(made, Form.TEXT)
    assert not EASTERN & set(text)
    assert "This covers" in text
    assert "年" not in text
    assert "juil" not in text
    assert "Days, sources and what nobody worded anew are in English." in " ".join(text.split())


def test_english_among_arabic_is_a_run_of_its_own_in_each_form(arabic: Draft) -> None:
    page = drawn(arabic, Form.HTML)
    assert '<article class="report" lang="ar" dir="rtl"' in page
    assert '<h3><bdi lang="en" dir="ltr">' in page
    assert '<bdi lang="en" dir="ltr">\u2068This covers' in page
    assert f"\u2068{ARABIC}\u2069<" in page, "what a person worded is in the report's language, its number apart"
    assert f'<bdi lang="en" dir="ltr">\u2068{ARABIC}' not in page
    file = docx.Document(io.BytesIO(render(document_of(arabic), Form.DOCX)))
    runs = [one for at in file.paragraphs for one in at.runs]
    english = next(one for one in runs if "This covers" in one.text)
    translated = next(one for one in runs if ARABIC in one.text)
    assert (english.font.rtl, translated.font.rtl) == (None, True)
    language = english._r.get_or_add_rPr().find(qn("w:lang"))
    assert language is not None
    assert language.get(qn("w:val")) == "en"


def test_english_sources_of_an_arabic_report_run_from_left_to_right(arabic: Draft) -> None:
    assert '<section class="report-sources" lang="en" dir="ltr">' in drawn(arabic, Form.HTML)
    file = docx.Document(io.BytesIO(render(document_of(arabic), Form.DOCX)))
    start = next(at for at, one in enumerate(file.paragraphs) if one.text == "What this rests on")
    before, after = file.paragraphs[start - 1], file.paragraphs[start + 1]
    assert before._p.pPr is not None
    assert before._p.pPr.find(qn("w:bidi")) is not None
    assert after._p.pPr is None or after._p.pPr.find(qn("w:bidi")) is None
    assert not any(one.font.rtl for one in after.runs)


def test_an_issue_for_outside_says_what_its_mark_means(draft: Drafts) -> None:
    assert "anybody may read this and pass it on" in " ".join(drawn(draft("public"), Form.TEXT).split())
    assert "pass it on" not in drawn(draft("executive"), Form.TEXT)


def test_what_is_asked_stands_above_the_pictures(draft: Drafts, situation: Callable[..., Situation]) -> None:
    situation("Wikis blocked", probability=0.6)
    levels.refresh("TR", "site-ban")
    for audience in ("executive", "vice-president"):
        page = drawn(draft(audience, once=audience), Form.HTML)
        assert page.index("What we ask") < page.index("<figure")


def test_a_report_in_english_says_nothing_of_its_language(draft: Drafts) -> None:
    page = drawn(draft("vice-president"), Form.HTML)
    assert "<bdi" not in page
    assert "are in English" not in page
