"""The forms that a report has."""

from collections.abc import Mapping
from enum import StrEnum

from tocsin.reports.document import Document


class Form(StrEnum):
    """One way to draw a document."""

    HTML = "html"
    PDF = "pdf"
    DOCX = "docx"
    CSV = "csv"
    TEXT = "text"


MEDIA: Mapping[Form, str] = {
    Form.HTML: "text/html; charset=utf-8",
    Form.PDF: "application/pdf",
    Form.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Form.CSV: "text/csv; charset=utf-8",
    Form.TEXT: "text/plain; charset=utf-8",
}
_SUFFIX = {Form.TEXT: "txt"}


def name_of(document: Document, form: Form) -> str:
    """A name for the file, of letters, digits and hyphens: it tells the issue and the TLP, not what is in it."""
    parts = [document.issue or "report", document.tlp.value, *(["exercise"] if document.exercise else [])]
    said = "-".join(parts).lower()
    safe = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in said)
    return f"{'-'.join(filter(None, safe.split('-')))}.{_SUFFIX.get(form, form.value)}"
