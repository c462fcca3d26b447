"""The PDF: for those who see it and those who hear it, in any script, and with nothing of a reader's in its making."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from django.conf import settings
from pytest_django.fixtures import Settings

from tocsin.lib import jail
from tocsin.lib.tlp import Tlp
from tocsin.reports.document import Document, Figure, Heading, Paragraph, Sentence, Table
from tocsin.reports.facts import Source
from tocsin.reports.forms import Form, GlyphError, NoFontsError, TooLongError, fonts, pdf, render
from tocsin.reports.forms.tests import samples
from tocsin.reports.forms.tests.conformance import faults, kinds

LANGUAGES = ("en", "ar", "fa", "zh-hans")
ATTACKS = (
    '#read("/etc/passwd")',
    '#import "@preview/cetz:0.3.4": *',
    '#include "/etc/hostname"',
    '#sys.inputs #eval("1+1") #panic("x") #plugin("/a.wasm")',
    "= Not a heading",
    "*not bold* _nor this_ `nor that` $x^2$ @label <label> \\ // not a comment /* nor this */",
    '] #image("/etc/passwd") [',
    '<image href="file:///etc/passwd"/><script>alert(1)</script> &amp; &#65;',
    "{{ settings.SECRET_KEY }} {% include '/etc/passwd' %} {facts topic=change}",
)


@cache
def drawn(language: str) -> bytes:
    return render(replace(samples.document(language), exercise=True), Form.PDF)


def words(body: bytes) -> list[str]:
    """The text of each page, its white space made even, without the places where a long word may be broken."""
    pages = pypdfium2.PdfDocument(body)
    return [" ".join(page.get_textpage().get_text_range().replace("\u200b", "").split()) for page in pages]


def saying(*texts: str) -> Document:
    sentences = tuple(Sentence(text, ("block",)) for text in texts)
    return samples.document(blocks=(Heading("Part"), Paragraph(sentences)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_passes_every_check_of_pdf_ua_that_a_program_can_do(language: str, tmp_path: Path) -> None:
    assert faults(drawn(language), tmp_path) == []


def test_the_checks_find_what_is_wrong(tmp_path: Path) -> None:
    with pikepdf.open(io.BytesIO(drawn("en"))) as pdf:
        del pdf.Root.Lang
        for one in pdf.objects:
            if isinstance(one, pikepdf.Dictionary) and one.get("/S") == "/Figure":
                del one["/Alt"]
            if isinstance(one, pikepdf.Dictionary) and "/ToUnicode" in one:
                del one["/ToUnicode"]
        pdf.pages[0].contents_add(b"0 0 10 10 re f", prepend=True)
        spoilt = io.BytesIO()
        pdf.save(spoilt)
    found = " ".join(faults(spoilt.getvalue(), tmp_path))
    for fault in ("no language", "without words", "does not say which letters", "paints outside"):
        assert fault in found


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_carries_its_title_and_its_language(language: str) -> None:
    with pikepdf.open(io.BytesIO(drawn(language))) as pdf:
        assert str(pdf.docinfo.Title) == samples.document(language).title
        assert str(pdf.Root.Lang).lower().startswith(language[:2])


def test_headings_lists_tables_figures_and_links_are_what_they_look_like() -> None:
    found = kinds(drawn("en"))
    assert {"H1", "H2", "L", "LI", "Table", "TH", "TD", "Figure", "Link"} <= set(found)
    assert found.count("Figure") == 2
    assert found.count("TH") == 3


def test_a_figure_is_told_with_its_numbers_and_its_gaps() -> None:
    with pikepdf.open(io.BytesIO(drawn("en"))) as pdf:
        told = " ".join(str(one.Alt) for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and "/Alt" in one)
    assert "210,000 at the end" in told
    assert "Not measured: 6 of 92 intervals. Measured, not usable: 2." in told
    assert "Highest: Sarvania 93%" in told


def test_every_page_says_its_tlp_its_number_and_that_it_is_an_exercise() -> None:
    pages = words(render(replace(samples.quarter(6), exercise=True, privileged=True), Form.PDF))
    assert len(pages) > 2
    for number, page in enumerate(pages, 1):
        assert page.count("TLP:AMBER+STRICT") >= 2
        assert "EXERCISE: nothing here is real" in page
        assert "Privileged and confidential" in page
        assert f"page {number} / {len(pages)}" in page


def test_each_number_leads_to_the_source_on_its_page_and_nothing_leads_outside() -> None:
    with pikepdf.open(io.BytesIO(drawn("en"))) as pdf:
        links = [one for page in pdf.pages for one in page.obj.get("/Annots", [])]
        assert links
        assert all("/Dest" in one or one.A.S == "/GoTo" for one in links)
    text = " ".join(words(drawn("en")))
    assert "Blocking of two wikis in Sarvania (k3v9ab), 14 Aug 2026" in text
    assert "assessment, as of 27 Sept 2026, by Alice" in text


def test_an_assessment_says_whose_it_is_before_it_is_read() -> None:
    assert "Assessment by Alice: We expect further pressure" in " ".join(words(drawn("en")))


def test_a_page_from_right_to_left_begins_at_the_right() -> None:
    def middle(language: str, word: str) -> float:
        page = pypdfium2.PdfDocument(drawn(language))[0]
        text = page.get_textpage()
        left, _bottom, right, _top = text.get_charbox(text.get_text_range().index(word))
        return float((left + right) / 2 / page.get_width())

    # The first word of the first heading; numbers and Latin words in it stay in their own order.
    assert middle("ar", "ما") > 0.8
    assert middle("en", "What changed") < 0.2


@pytest.mark.parametrize("language", ["en", "ar", "zh-hans"])
def test_executives_get_exactly_one_page(language: str) -> None:
    assert len(words(render(samples.executive(language), Form.PDF))) == 1
    assert len(words(render(samples.executive(language, points=10), Form.PDF))) == 1


def test_where_one_page_has_no_room_for_a_picture_the_words_stay_and_nothing_is_refused() -> None:
    roomy, full = (render(samples.executive(points=points), Form.PDF) for points in (3, 10))
    assert kinds(roomy).count("Figure") == 1
    assert len(words(full)) == 1
    said = words(full)[0]
    assert said.count("Sarvania blocked two wikis") >= 3
    assert "What we ask" in said


def test_a_tall_chart_leaves_no_empty_page_before_it() -> None:
    one = samples.chart()
    tall = replace(one, strips=[replace(one.strips[0], title=f"Strip {number}") for number in range(10)])
    line = Paragraph((Sentence("Words that stand before the chart.", ("block",)),))
    body = render(samples.document(blocks=(*[line] * 14, Figure(tall, ("block",)))), Form.PDF)
    first, second = words(body)[:2]
    assert "Strip 0" in first
    assert "Strip 2" in second
    assert kinds(body).count("Figure") == 5, "two strips each, and each is told"


def test_a_page_that_would_be_two_is_refused_with_what_to_do() -> None:
    with pytest.raises(TooLongError) as refused:
        render(samples.executive(points=60), Form.PDF)
    assert refused.value.pages > 1
    assert "Take the facts out that matter least" in refused.value.message


def test_what_people_write_is_shown_and_never_run() -> None:
    facts = samples.facts()
    facts["block"] = replace(facts["block"], sources=(Source("item", ATTACKS[0], ATTACKS[1], "", samples.START),))
    attacked = replace(
        samples.document(),
        title=ATTACKS[0],
        issue=ATTACKS[1],
        facts=facts,
        blocks=(
            Heading(ATTACKS[2]),
            Paragraph(tuple(Sentence(one, ("block",), opinion_of=ATTACKS[4]) for one in ATTACKS)),
            Table(ATTACKS[3], (ATTACKS[0], ATTACKS[5]), ((ATTACKS[6], ATTACKS[7]),), ("block",), note=ATTACKS[8]),
            *(one for one in samples.document(blocks=()).blocks),
        ),
    )
    text = "".join("".join(words(render(attacked, Form.PDF))).split())
    for attack in ATTACKS:
        assert "".join(attack.split()) in text
    assert "root:" not in text


@pytest.mark.parametrize(
    "markup",
    [
        '#read("/secret")',
        '#context read("/secret")',
        # Pages are laid out by threads of their own.
        '#for one in range(60) { pagebreak(); layout(area => context read("/secret")) }',
        '#set page(header: context read("/secret"))\n#for one in range(40) { [x]; pagebreak() }',
    ],
)
def test_even_a_template_that_turned_against_us_reads_no_file(markup: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("the key")
    folders = [str(one) for one in fonts.folders()]
    given = {"template": f'#set document(title: "x")\n#set text(font: "Noto Sans")\n{markup}', "document": {}}
    result = jail.run(
        "tocsin.reports.forms.typesetting:pages",
        json.dumps({**given, "sizes": [10], "most": 0}).encode(),
        limits=pdf.LIMITS,
        argument={"fonts": folders, "root": str(tmp_path), "moment": 0},
        folders=folders,
        threads=pdf.THREADS,
    )
    guarded = next(one.on for one in jail.capabilities() if one.name == "files")
    assert result.ok != guarded


def test_what_people_write_into_a_chart_is_shown_and_never_run() -> None:
    chart = samples.chart(title=ATTACKS[7])
    attacked = samples.document(blocks=(Figure(replace(chart, title=ATTACKS[0]), ("block",)),))
    text = "".join("".join(words(render(attacked, Form.PDF))).split())
    assert "".join(ATTACKS[7].split()) in text
    assert "".join(ATTACKS[0].split()) in text


def test_control_characters_overrides_and_broken_letters_do_no_harm() -> None:
    text = " ".join(words(render(saying("a\x00b\x07c\x1b[31md\ud800e\u202egnirts\u202cf\u2028g\ufeffh"), Form.PDF)))
    assert "a b c [31md�egnirtsf gh" in text


def test_a_word_without_an_end_stays_on_its_page() -> None:
    word = "https://a.example/" + "x" * 150
    rows = tuple(tuple([word, "few"] * 3) for _one in range(3))
    table = Table(word, ("a", "b") * 3, rows, ("block",))
    body = render(samples.document(title=word, blocks=(Heading(word), *saying(word).blocks, table)), Form.PDF)
    page = pypdfium2.PdfDocument(body)[0]
    text = page.get_textpage()
    assert max(text.get_charbox(place)[2] for place in range(text.count_chars())) < page.get_width() - 50


def test_letters_that_no_font_has_are_named() -> None:
    with pytest.raises(GlyphError) as refused:
        render(saying("Known, \U00012000 and \U00010380."), Form.PDF)
    assert set(refused.value.characters) == {"\U00012000", "\U00010380"}
    assert any("U+12000" in line and "CUNEIFORM" in line for line in refused.value.lines)
    assert "Put a font that has them" in refused.value.message


def test_joiners_and_marks_of_direction_need_no_font() -> None:
    assert render(saying("می\u200cخواهم \u200f\u2066x\u2069 👩\u200d💻 \u2764\ufe0f e\u0301"), Form.PDF)


@pytest.fixture
def only(tmp_path: Path, settings: Settings) -> Callable[[str], None]:
    """Leaves the fonts whose files begin so."""
    real = Path(settings.FONT_FOLDERS[0])

    def leave(start: str) -> None:
        for font in real.glob(f"{start}*"):
            (tmp_path / font.name).write_bytes(font.read_bytes())
        settings.FONT_FOLDERS = [tmp_path]

    return leave


def test_a_font_that_is_not_there_stops_only_what_needs_it(only: Callable[[str], None]) -> None:
    only("NotoSans[")
    assert render(saying("Plain words."), Form.PDF)
    with pytest.raises(GlyphError) as refused:
        render(saying("有何变化"), Form.PDF)
    assert set("有何变化") <= set(refused.value.characters)
    assert "有何变化" in render(saying("有何变化"), Form.HTML).decode()


def test_without_any_font_it_says_how_to_get_them(only: Callable[[str], None]) -> None:
    only("nothing")
    with pytest.raises(NoFontsError) as refused:
        render(saying("Plain words."), Form.PDF)
    assert "Start ./tocsin once where there is a network" in refused.value.message


def test_a_font_of_the_operators_own_is_used(only: Callable[[str], None], tmp_path: Path) -> None:
    only("NotoSans[")
    (tmp_path / "broken.ttf").write_bytes(b"no font at all")
    (tmp_path / "NotoSansThai.ttf").write_bytes(
        next(Path(settings.PACKAGE.parent.parent / "build" / "fonts").glob("NotoSansThai*")).read_bytes()
    )
    assert render(saying("ประเทศไทย"), Form.PDF)


def test_the_same_document_gives_the_same_file() -> None:
    assert render(samples.executive(), Form.PDF) == render(samples.executive(), Form.PDF)


def test_forty_charts_are_drawn() -> None:
    body = render(samples.quarter(), Form.PDF)
    assert kinds(body).count("Figure") == 40


@pytest.mark.parametrize("tlp", [Tlp.CLEAR, Tlp.RED])
def test_each_tlp_is_said(tlp: Tlp) -> None:
    text = words(render(replace(saying("Plain words."), tlp=tlp), Form.PDF))[0]
    assert text.count(f"TLP:{tlp.value.upper()}") == 3


def test_nothing_that_sets_type_is_loaded_until_a_pdf_is_asked_for() -> None:
    code = (
        "import tocsin.reports.forms, sys; print(sorted({'typst', 'docx', 'pikepdf', 'pypdfium2'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
