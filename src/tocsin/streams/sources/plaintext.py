"""Turns foreign HTML into plain text. Runs in the jail."""

import re

from selectolax.lexbor import LexborHTMLParser

from tocsin.streams.sources.cleaning import LONGEST_TEXT, paragraphs

_DROPPED = ["script", "style", "noscript", "template", "iframe", "embed", "svg", "math", "head"]
# fmt: off
_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "br", "dd", "details", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li",
    "main", "nav", "ol", "option", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th",
    "thead", "tr", "ul",
))
# fmt: on
_FRAME = ["nav", "aside", "footer", "form", "button", "menu", "dialog"]
_MARKUP = re.compile(r"<[a-zA-Z/!?]|&[#a-zA-Z]")


def plain(html: str, longest: int = LONGEST_TEXT, *, framed: bool = False) -> str:
    """The words of a piece of HTML, a paragraph a line; scripts and other things that are not words are left out.

    ``framed``: it is a whole page, whose menus and margins are left out too.
    """
    if not _MARKUP.search(html):
        return paragraphs(html, longest)
    start = "" if framed else "<!doctype html><body>"
    tree = LexborHTMLParser(f"{start}{html[: longest * 8]}")
    body = tree.body
    if body is None:
        return ""
    tree.strip_tags(_DROPPED + _FRAME if framed else _DROPPED, recursive=True)
    pieces: list[str] = []
    for node in body.traverse(include_text=True):
        if node.tag == "-text":
            pieces.append(node.text_content or "")
        elif node.tag in _BLOCKS:
            pieces.append("\n")
    return paragraphs("".join(pieces), longest)
