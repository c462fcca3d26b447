"""The Word file: for those who must edit, and for those who hear it."""

import io
import zipfile
from dataclasses import replace
from functools import cache

import docx
import pytest
from docx.document import Document as File
from docx.oxml.ns import qn
from lxml import etree

from tocsin.reports.document import Document, Heading, Paragraph, Sentence
from tocsin.reports.forms import Form, render
from tocsin.reports.forms.tests import samples


@cache
def body(language: str) -> bytes:
    return render(replace(samples.document(language), exercise=True), Form.DOCX)


def opened(document: Document) -> File:
    return docx.Document(io.BytesIO(render(document, Form.DOCX)))


def read(language: str = "en") -> File:
    return docx.Document(io.BytesIO(body(language)))


def test_its_headings_are_headings() -> None:
    found = [(one.style.name, one.text) for one in read().paragraphs if one.style and "Heading" in str(one.style.name)]
    assert found[:3] == [("Heading 1", "What changed"), ("Heading 1", "What matters"), ("Heading 2", "Where")]


def test_it_carries_title_and_language() -> None:
    known = read("ar").core_properties
    assert (known.title, known.language) == (samples.document("ar").title, "ar")


def test_tables_repeat_their_heads_and_pictures_have_words() -> None:
    file = read()
    table = file.tables[0]
    assert table.rows[0]._tr.xpath("./w:trPr/w:tblHeader")
    assert [cell.text for cell in table.rows[1].cells] == ["Blocking of two wikis", "Sarvania", "93 %"]
    told = [one.get("descr") for one in file.element.body.iter(qn("wp:docPr"))]
    assert len(told) == 2
    assert "Not measured: 6 of 92 intervals" in str(told[0])


def test_every_page_says_its_tlp_and_that_it_is_an_exercise() -> None:
    section = read().sections[0]
    for place in (section.header, section.footer):
        assert "EXERCISE: nothing here is real · TLP:AMBER+STRICT" in place.paragraphs[0].text
    assert "PAGE" in "".join(str(one.text) for one in section.footer._element.iter(qn("w:instrText")))


def test_a_number_leads_to_its_source() -> None:
    root = read().element.body
    links = {str(one.get(qn("w:anchor"))) for one in root.iter(qn("w:hyperlink"))}
    marks = {str(one.get(qn("w:name"))) for one in root.iter(qn("w:bookmarkStart"))}
    assert links
    assert links <= marks


def test_arabic_runs_from_right_to_left() -> None:
    file = read("ar")
    paragraph = next(one for one in file.paragraphs if "حجبت" in one.text)
    assert paragraph._p.xpath("./w:pPr/w:bidi")
    assert all(run.font.rtl for run in paragraph.runs if run.text.strip())
    assert file.tables[0]._tbl.tblPr.find(qn("w:bidiVisual")) is not None
    assert read("en").tables[0]._tbl.tblPr.find(qn("w:bidiVisual")) is None


def test_whatever_people_write_is_text() -> None:
    evil = '<w:p/> ]]> &amp; \x00\x0b {HYPERLINK "http://a.example"} INCLUDETEXT /etc/passwd'
    blocks = (Heading(evil), Paragraph((Sentence(evil, ("block",)),)))
    file = opened(samples.document(title=evil, issue=evil, blocks=blocks))
    shown = '<w:p/> ]]> &amp; {HYPERLINK "http://a.example"} INCLUDETEXT /etc/passwd'
    assert sum(shown in one.text for one in file.paragraphs) >= 3
    assert [str(one.text).strip() for one in file.element.body.iter(qn("w:instrText"))] == []


def test_nothing_in_it_points_outside() -> None:
    with zipfile.ZipFile(io.BytesIO(body("en"))) as archive:
        for name in archive.namelist():
            if name.endswith(".rels"):
                assert b'TargetMode="External"' not in archive.read(name)


@pytest.mark.parametrize("language", ["en", "ar", "zh-hans"])
def test_every_part_of_it_is_sound_xml(language: str) -> None:
    with zipfile.ZipFile(io.BytesIO(body(language))) as archive:
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                etree.fromstring(archive.read(name))
