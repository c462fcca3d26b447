"""Honest parsers, on the libraries that the real ones use."""

import io

import docx
import feedparser
import lxml.etree
import pypdfium2


def feed(payload: bytes) -> list[str]:
    return [entry.title for entry in feedparser.parse(payload).entries]


def pdf(payload: bytes) -> str:
    document = pypdfium2.PdfDocument(payload)
    return str(document[0].get_textpage().get_text_bounded())


def word(payload: bytes) -> list[str]:
    return [paragraph.text for paragraph in docx.Document(io.BytesIO(payload)).paragraphs]


def careless_xml(payload: bytes) -> str:
    parser = lxml.etree.XMLParser(resolve_entities=True, load_dtd=True, no_network=False, huge_tree=True)
    return "".join(str(text) for text in lxml.etree.fromstring(payload, parser).itertext())
