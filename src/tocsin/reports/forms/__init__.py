"""Draws a document as page, PDF, Word file, table of figures and plain text."""

from tocsin.reports.document import Document
from tocsin.reports.forms.kinds import MEDIA, Form, name_of
from tocsin.reports.forms.refused import GlyphError, NoFontsError, TooLongError, UndrawnError
from tocsin.reports.speaking import speaking

__all__ = [
    "MEDIA",
    "Form",
    "GlyphError",
    "NoFontsError",
    "TooLongError",
    "UndrawnError",
    "name_of",
    "render",
]


def render(document: Document, form: Form) -> bytes:
    """A document in one form, in the document's own language. Text is UTF-8.

    ``html`` is a fragment for a page of the console. The same document gives the same PDF, table and text.

    Raises:
        GlyphError: a PDF has characters that no font can draw; ``characters`` says which.
        NoFontsError: no fonts are there, so that no PDF can be drawn.
        TooLongError: a report of one page does not fit it.
        UndrawnError: the PDF's or the Word file's pictures could not be drawn.
    """
    # Each form loads what it needs when it is asked for: nothing of this stands in the way of a start.
    with speaking(document.language):
        from tocsin.reports.forms.ready import ready

        made = ready(document)
        match form:
            case Form.HTML:
                from tocsin.reports.forms.page import draw as as_page

                return as_page(made).encode()
            case Form.PDF:
                from tocsin.reports.forms.pdf import draw as as_pdf

                return as_pdf(made)
            case Form.DOCX:
                from tocsin.reports.forms.word import draw as as_word

                return as_word(made)
            case Form.CSV:
                from tocsin.reports.forms.figures import draw as as_figures

                return as_figures(document).encode("utf-8-sig")
            case Form.TEXT:
                from tocsin.reports.forms.plain import draw as as_text

                return as_text(made).encode()
