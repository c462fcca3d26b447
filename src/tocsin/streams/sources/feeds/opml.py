"""Reads lists of feeds (OPML), mending what can be mended safely. Runs in the jail; imports no Django.

OPML 2.0: dev.opml.org/spec2.html. Many lists in the wild are not well-formed XML, most often for a bare ``&``.
"""

import re
from typing import Any

from lxml import etree

from tocsin.lib.jail.results import UnreadableError
from tocsin.streams.sources.cleaning import line

MOST_FEEDS = 5_000

_BARE_AMPERSAND = re.compile(rb"&(?!#\d+;|#x[0-9a-fA-F]+;|(?:amp|lt|gt|quot|apos);)")
_INTERNAL_SUBSET = re.compile(rb"<!DOCTYPE[^\[>]*\[.*?\]\s*>", re.DOTALL | re.IGNORECASE)
_OUTLINE = re.compile(rb"<outline\b")


def feeds(body: bytes) -> dict[str, Any]:
    """Every outline with an address, in order: line, name, address, language and the groups that it stands in.

    ``mended`` says what had to be mended to read the list; ``lost``: outlines that even then could not be read.

    Raises:
        UnreadableError: for what is no list of feeds.
    """
    mended: list[str] = []
    text, declared = _INTERNAL_SUBSET.subn(b"", body)
    if declared:
        mended.append("It declares entities of its own; they were ignored.")
    if b"<!ENTITY" in text.upper():
        raise UnreadableError("This list declares entities in a way that only attacks do. Check where it comes from.")
    root = _strict(text)
    if root is None and _BARE_AMPERSAND.search(text):
        text = _BARE_AMPERSAND.sub(b"&amp;", text)
        root = _strict(text)
        mended.append("It holds “&” where “&amp;” must stand; that was mended.")
    if root is None:
        root = _recovered(text)
        mended.append("It is not well-formed XML; what could be read was taken.")
    if root is None or not any(_local(node) in {"opml", "outline"} for node in root.iter()):
        raise UnreadableError("This is not a list of feeds (OPML). Export it again from your feed reader.")
    found = [_feed(node) for node in root.iter() if _local(node) == "outline" and _address(node)]
    stated = len(_OUTLINE.findall(text))
    read = sum(_local(node) == "outline" for node in root.iter())
    return {"feeds": found[:MOST_FEEDS], "mended": mended, "lost": max(0, stated - read), "title": _title(root)}


def _parser(*, recover: bool) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, recover=recover
    )


def _strict(text: bytes) -> Any:
    try:
        return etree.fromstring(text, _parser(recover=False))
    except (etree.XMLSyntaxError, ValueError):
        return None


def _recovered(text: bytes) -> Any:
    try:
        return etree.fromstring(text, _parser(recover=True))
    except (etree.XMLSyntaxError, ValueError):
        return None


def _feed(node: Any) -> dict[str, Any]:
    groups = [_name(parent) for parent in node.iterancestors() if _local(parent) == "outline"]
    return {
        "line": int(node.sourceline or 0),
        "name": line(_name(node), 200),
        "url": line(_address(node), 2_000),
        "language": line(_attribute(node, "language"), 40),
        "groups": [line(group, 100) for group in reversed(groups) if group][:5],
    }


def _local(node: Any) -> str:
    return str(node.tag).rpartition("}")[2].lower() if isinstance(node.tag, str) else ""


def _attribute(node: Any, name: str) -> str:
    """An attribute, whatever its case: readers write xmlUrl, xmlurl and xmlURL."""
    return next((str(value).strip() for key, value in node.attrib.items() if str(key).lower() == name), "")


def _address(node: Any) -> str:
    return _attribute(node, "xmlurl")


def _name(node: Any) -> str:
    return _attribute(node, "title") or _attribute(node, "text")


def _title(root: Any) -> str:
    return next((line(node.text, 200) for node in root.iter() if _local(node) == "title" and node.text), "")
