"""A document as a Word file for those who must edit: real headings, lists, tables and alternative texts."""

import base64
import io
from collections.abc import Sequence
from typing import Any

import docx
from django.utils.translation import gettext as _
from docx.document import Document as File
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from tocsin.reports.forms import fonts, pdf
from tocsin.reports.forms.ready import Drawn, Grid, Picture, Points, Ready, Said, Text, Title

_FONT, _ACCENT, _SOFT = "Arial", RGBColor(0x2A, 0x4B, 0x8D), RGBColor(0x54, 0x59, 0x5D)
_WIDE = Cm(16.5)
_BOLD = {"Title", "Heading 1", "Heading 2"}
_EAST = {"zh", "ja", "ko"}
# What may follow the direction among the properties of a paragraph (ECMA-376, 17.3.1.26), as far as it is used.
_AFTER_DIRECTION = ("w:spacing", "w:ind", "w:jc", "w:outlineLvl", "w:rPr", "w:sectPr")


def draw(ready: Ready) -> bytes:
    """The file. Its letters are drawn by the fonts of whoever opens it; those in its pictures by ours.

    Raises:
        GlyphError, NoFontsError, UndrawnError: for pictures that can't be drawn; a document without any needs no font.
    """
    file = _Writer(ready).whole()
    body = io.BytesIO()
    file.save(body)
    return body.getvalue()


def _rasters(ready: Ready) -> list[bytes]:
    shown = [one for one in ready.blocks if isinstance(one, Picture)]
    if not shown:
        return []
    drawings = [pdf.drawing(one) for one in shown]
    data = {
        "families": fonts.chosen(ready.language, sorted(pdf.characters(drawings))),
        "dir": "rtl" if ready.rtl else "ltr",
        "pictures": drawings,
    }
    given = {"template": pdf.template("drawing.typ") + pdf.template("picture.typ"), "pictures": data}
    return [base64.b64decode(one) for one in pdf.run("rasters", given)]


class _Writer:
    """Writes one document into a new file."""

    def __init__(self, ready: Ready) -> None:
        self._ready = ready
        self._file: File = docx.Document()
        self._rasters = iter(_rasters(ready))
        self._marked, self._rtl = 0, ready.rtl

    def whole(self) -> File:
        ready, file = self._ready, self._file
        self._properties()
        self._styles()
        self._margins()
        self._words(file.add_paragraph(style="Title"), ready.title)
        about = file.add_paragraph(style="Subtitle")
        self._words(about, " · ".join([ready.label, *ready.marks, *ready.about]), language=ready.other)
        for block in ready.blocks:
            self._block(block)
        self._notes()
        return file

    def _properties(self) -> None:
        known = self._file.core_properties
        known.title, known.language, known.author = self._ready.title, self._ready.language, "Tocsin"
        known.subject, known.comments, known.keywords = self._ready.label, "", ""
        known.created = known.modified = self._ready.made_at.replace(tzinfo=None)

    def _styles(self) -> None:
        for name, size, colour in (
            ("Normal", 10.5, None),
            ("Title", 22, None),
            ("Subtitle", 9.5, _SOFT),
            ("Heading 1", 14, _ACCENT),
            ("Heading 2", 11.5, None),
            ("Caption", 10, None),
            ("List Bullet", 10.5, None),
            ("List Number", 8.5, None),
        ):
            style = self._file.styles[name]
            style.font.size, style.font.italic, style.font.cs_italic = Pt(size), False, False
            style.font.bold = style.font.cs_bold = name in _BOLD
            style.font.color.rgb = colour or RGBColor(0x20, 0x21, 0x22)
            marks = style.element.get_or_add_rPr()
            # Letters set apart tear Arabic words to pieces.
            for apart in marks.findall(qn("w:spacing")):
                marks.remove(apart)
            letters = marks.get_or_add_rFonts()
            for key in [key for key in letters.attrib if "Theme" in key]:
                del letters.attrib[key]
            for kind in ("ascii", "hAnsi", "cs"):
                letters.set(qn(f"w:{kind}"), _FONT)
            _child(marks, "w:szCs", val=str(int(size * 2)))
        marks = self._file.styles["Normal"].element.get_or_add_rPr()
        for line in self._file.styles["Title"].element.iter(qn("w:bottom")):
            line.set(qn("w:color"), str(_ACCENT))
        language = _child(marks, "w:lang", val=self._ready.language)
        language.set(qn("w:bidi"), self._ready.language)
        if self._ready.language.split("-")[0] in _EAST:
            language.set(qn("w:eastAsia"), self._ready.language)

    def _margins(self) -> None:
        section = self._file.sections[0]
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.2)
        if self._ready.rtl:
            section._sectPr.insert_element_before(_made("w:bidi"), "w:rtlGutter", "w:docGrid")
        head, foot = section.header.paragraphs[0], section.footer.paragraphs[0]
        for place in (head, foot):
            place.style = self._file.styles["Normal"]
            self._words(place, " · ".join([*self._ready.marks, self._ready.label]), bold=True)
            place.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        pages = section.footer.add_paragraph()
        pages.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        self._words(pages, f"{_('page')} ")
        for field, between in (("PAGE", " / "), ("NUMPAGES", "")):
            _field(pages, field).font.rtl = True if self._ready.rtl else None
            self._words(pages, between)

    def _block(self, block: Drawn) -> None:
        match block:
            case Title():
                place = self._file.add_paragraph(style=f"Heading {block.level}")
                self._words(place, block.text, language=block.language)
            case Text():
                self._sentences(self._file.add_paragraph(), block.said)
            case Points():
                for item in block.items:
                    self._sentences(self._file.add_paragraph(style="List Bullet"), item.said)
            case Grid():
                self._grid(block)
            case Picture():
                self._picture(block)

    def _words(
        self,
        paragraph: Paragraph,
        text: str,
        *,
        bold: bool = False,
        link: str = "",
        up: bool = False,
        language: str = "",
    ) -> None:
        """A run; with the marks that let Word set it from right to left."""
        marks = paragraph._p.get_or_add_pPr()
        if self._rtl and marks.find(qn("w:bidi")) is None:
            marks.insert_element_before(_made("w:bidi"), *_AFTER_DIRECTION)
        if not text:
            return
        run = paragraph.add_run(text)
        run.font.superscript = True if up else None
        run.bold = True if bold else None
        run.font.cs_bold = True if bold and self._rtl else None
        # English among Arabic is a run of its own direction.
        run.font.rtl = True if self._rtl and not language else None
        if language:
            _child(run._r.get_or_add_rPr(), "w:lang", val=language)
        if link:
            around = OxmlElement("w:hyperlink")
            around.set(qn("w:anchor"), link)
            run._r.addprevious(around)
            around.append(run._r)

    def _sentences(self, paragraph: Paragraph, said: Sequence[Said]) -> None:
        for place, one in enumerate(said):
            if place:
                self._words(paragraph, " ")
            if one.opinion:
                self._words(paragraph, f"{one.opinion} ", bold=True)
            self._words(paragraph, one.text, language=one.language)
            self._cites(paragraph, one.notes)

    def _cites(self, paragraph: Paragraph, notes: Sequence[int]) -> None:
        for place, number in enumerate(notes):
            self._words(paragraph, "[" if place == 0 else ",", up=True)
            self._words(paragraph, str(number), up=True, link=f"note-{number}")
        if notes:
            self._words(paragraph, "]", up=True)

    def _caption(self, title: str, notes: Sequence[int], about: str) -> None:
        caption = self._file.add_paragraph(style="Caption")
        caption.paragraph_format.keep_with_next = True
        self._words(caption, title, bold=True)
        self._cites(caption, notes)
        if about:
            self._words(caption, f" {about}")

    def _grid(self, grid: Grid) -> None:
        self._caption(grid.title, grid.notes, "")
        table = self._file.add_table(rows=0, cols=len(grid.columns), style="Table Grid")
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        properties = table._tbl.tblPr
        if self._ready.rtl:
            properties.insert_element_before(
                OxmlElement("w:bidiVisual"), "w:tblStyleRowBandSize", "w:tblW", "w:jc", "w:tblLayout", "w:tblLook"
            )
        _child(properties, "w:tblCaption", val=grid.title)
        _child(properties, "w:tblDescription", val=grid.note or grid.title)
        for place, cells in enumerate((grid.columns, *grid.rows)):
            row = table.add_row()
            if place == 0:
                _child(row._tr.get_or_add_trPr(), "w:tblHeader", val="true")
            for column, (cell, text) in enumerate(zip(row.cells, cells, strict=False)):
                paragraph = cell.paragraphs[0]
                self._words(paragraph, text or "–", bold=place == 0)
                if column in grid.numeric:
                    # In a paragraph from right to left Word takes “right” for its end, which is at the left.
                    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        self._words(self._file.add_paragraph(), grid.note)

    def _picture(self, picture: Picture) -> None:
        self._caption(picture.title, picture.notes, picture.description)
        paragraph = self._file.add_paragraph()
        shape = paragraph.add_run().add_picture(io.BytesIO(next(self._rasters)), width=_WIDE)
        for side in "TBLR":
            shape._inline.set(f"dist{side}", "0")
        shape._inline.docPr.set("descr", picture.spoken)
        shape._inline.docPr.set("title", picture.title)
        if picture.levels is not None:
            said = "; ".join(f"{name} {level}" for name, level in picture.table[1:])
            self._words(self._file.add_paragraph(), said)

    def _notes(self) -> None:
        if not self._ready.notes:
            return
        # In English they are set as English, from left to right: among Arabic its marks would stand at the wrong side.
        other, self._rtl = self._ready.other, self._ready.rtl and not self._ready.other
        self._words(self._file.add_paragraph(style="Heading 1"), _("What this rests on"), language=other)
        for note in self._ready.notes:
            paragraph = self._file.add_paragraph()
            paragraph.paragraph_format.space_after = Pt(2)
            self._mark(paragraph, f"note-{note.number}")
            sources = "; ".join(one.words for one in note.sources)
            self._words(paragraph, f"{note.number}. ", bold=True)
            self._words(paragraph, f"{sources} · {note.how}", language=other)
        self._rtl = self._ready.rtl

    def _mark(self, paragraph: Paragraph, name: str) -> None:
        self._marked += 1
        for kind in ("Start", "End"):
            mark = _child(paragraph._p, f"w:bookmark{kind}", id=str(self._marked))
            if kind == "Start":
                mark.set(qn("w:name"), name)


def _made(name: str) -> Any:
    return OxmlElement(name)


def _child(parent: Any, name: str, **values: str) -> Any:
    """An element of WordprocessingML, made once; later ones of its name take its place."""
    found = parent.find(qn(name)) if not name.startswith("w:bookmark") else None
    if found is None:
        found = OxmlElement(name)
        parent.append(found)
    for key, value in values.items():
        found.set(qn(f"w:{key}"), value)
    return found


def _field(paragraph: Paragraph, name: str) -> Run:
    """A number that Word fills in, such as that of the page."""
    run = paragraph.add_run()
    for kind, text in (("begin", ""), ("", f" {name} "), ("end", "")):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._r.append(element)
    return run
