"""The documents of the exercise: a risk report as HTML and as a Word file, a note as plain text."""

import io
import zipfile
from html import escape

from tocsin.replay.documents import Document

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TITLE = "EXERCISE: Risk report on Sarvania"
PASSAGES: tuple[tuple[str, str], ...] = (
    (
        "Summary",
        "Within a month Sarvania has debated a liability law, threatened a nationwide shutdown of mobile internet, "
        "blocked the free encyclopedia on two of three networks and detained a volunteer. Everything here is invented.",
    ),
    (
        "People at risk",
        "The detained volunteer, a librarian from Tarn Vale. The eleven people on the list that an anonymous channel "
        "posted, whether or not they ever edited.",
    ),
    (
        "What we don't know",
        "Whether the blocking was ordered, and by whom. Who pays for the campaign against alleged editors. Whether "
        "the examination is the reason for the planned shutdown or an occasion.",
    ),
)
OSTRELL = "EXERCISE: Note on the outage in Ostrell"
OSTRELL_PASSAGES = (
    ("Finding", "Both cables broke in the storm. There is no sign that anyone cut Ostrell off on purpose."),
)


def papers() -> list[Document]:
    """The report on Sarvania in two formats, and the note on Ostrell."""
    return [
        Document("sarvania-risk-report.html", "text/html; charset=utf-8", _html(TITLE, PASSAGES)),
        Document("sarvania-risk-report.docx", DOCX, _docx(TITLE, PASSAGES)),
        Document("ostrell-outage.txt", "text/plain; charset=utf-8", _text(OSTRELL, OSTRELL_PASSAGES)),
    ]


def _html(title: str, passages: tuple[tuple[str, str], ...]) -> bytes:
    body = "".join(f"<h2>{escape(heading)}</h2><p>{escape(text)}</p>" for heading, text in passages)
    return (
        f'<!doctype html><html lang="en"><title>{escape(title)}</title><h1>{escape(title)}</h1>{body}</html>'.encode()
    )


def _text(title: str, passages: tuple[tuple[str, str], ...]) -> bytes:
    return "\n\n".join([title, *(f"{heading}\n{text}" for heading, text in passages)]).encode() + b"\n"


def _docx(title: str, passages: tuple[tuple[str, str], ...]) -> bytes:
    """The three parts that a Word file needs at least (ECMA-376)."""
    lines = [title, *(line for passage in passages for line in passage)]
    paragraphs = "".join(f"<w:p><w:r><w:t>{escape(line)}</w:t></w:r></w:p>" for line in lines)
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    types = "http://schemas.openxmlformats.org/package/2006/content-types"
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    parts = {
        "[Content_Types].xml": f'{head}<Types xmlns="{types}"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" '
        f'ContentType="{DOCX}.main+xml"/></Types>',
        "_rels/.rels": f'{head}<Relationships xmlns="{relations}"><Relationship Id="r1" Type="{office}" '
        'Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'{head}<w:document xmlns:w="{word}"><w:body>{paragraphs}</w:body></w:document>',
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return made.getvalue()
