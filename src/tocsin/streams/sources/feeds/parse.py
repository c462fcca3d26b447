"""Reads RSS, Atom and JSON Feed into plain entries. Runs in the jail; imports no Django."""

import calendar
import io
import json
import re
from datetime import UTC, datetime
from typing import Any

import feedparser

from tocsin.lib.jail.results import UnreadableError
from tocsin.streams.sources.cleaning import LONGEST_TITLE, clean, line, packed
from tocsin.streams.sources.plaintext import plain

MOST_ENTRIES = 1_000

_PROLOGUE = 64 * 1024
_INTERNAL_SUBSET = re.compile(rb"<!DOCTYPE[^\[>]*\[.*?\]\s*>", re.DOTALL | re.IGNORECASE)
_RAW_ENTRY = re.compile(rb"<((?:[\w.-]+:)?(?:item|entry))(?=[\s>])(?:[^>]*/>|.*?</\1\s*>)", re.DOTALL)
_DECLARED = re.compile(r"""(\A\s*<\?xml[^>]*?encoding=["'])[\w-]+(["'])""")
_WEB_PAGE = re.compile(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html[\s>])", re.DOTALL | re.IGNORECASE)
_FEED_MARKS = (b"<rss", b"<feed", b"<rdf", b"<channel", b":feed", b":rss")


def parse(body: bytes, *, address: str = "", content_type: str = "") -> dict[str, Any]:
    """Entries of one feed, also those without any words. ``address`` is where it was found, for relative links.

    Raises:
        UnreadableError: for an empty answer, a web page, or something that is no feed at all.
    """
    body, content_type = _by_its_mark(body, content_type)
    if not body.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        raise UnreadableError("The answer is empty: not even an empty feed. Check the address.")
    if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return _json_feed(body)
    _refuse_web_page(body)
    body, refused = _without_own_entities(body)
    parsed = _parsed(body, address, content_type)
    entries = parsed.entries[:MOST_ENTRIES]
    if not entries and not parsed.version:
        raise UnreadableError("This is not a feed, or one too damaged to read. Check the address.")
    if len(parsed.entries) > MOST_ENTRIES:
        refused.append(f"Only the first {MOST_ENTRIES} of {len(parsed.entries)} entries were read.")
    raw = [match.group(0) for match in _RAW_ENTRY.finditer(body)]
    if len(raw) != len(parsed.entries):
        raw = []
    items = [_item(entry, parsed.feed, raw[n] if raw else b"") for n, entry in enumerate(entries)]
    return {"items": _told_apart(items), "refused": refused, "note": _note(parsed, body)}


def _by_its_mark(body: bytes, content_type: str) -> tuple[bytes, str]:
    """A text that begins with the mark of UTF-16 is that, whatever its labels say."""
    if not body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body, content_type
    text = _DECLARED.sub(r"\1utf-8\2", body.decode("utf-16", "replace"), count=1)
    return text.encode("utf-8", "replace"), ""


def _refuse_web_page(body: bytes) -> None:
    start = body[:_PROLOGUE].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe")
    if _WEB_PAGE.match(start) and not any(mark in start.lower() for mark in _FEED_MARKS):
        raise UnreadableError("This address gives a web page, not a feed. Look on the page for the feed's own address.")


def _without_own_entities(body: bytes) -> tuple[bytes, list[str]]:
    """Entities that a feed declares itself are never expanded: that is how a few bytes become gigabytes."""
    if b"<!ENTITY" not in body[:_PROLOGUE].replace(b"\x00", b"").upper():
        return body, []
    stripped = _INTERNAL_SUBSET.sub(b"", body, count=1)
    if b"<!ENTITY" in stripped[:_PROLOGUE].replace(b"\x00", b"").upper():
        raise UnreadableError("This feed declares entities of its own in a way that only attacks do. Check the source.")
    return stripped, ["This feed declares entities of its own, as an attack would; they were not expanded."]


def _parsed(body: bytes, address: str, content_type: str) -> Any:
    headers = {"content-location": address}
    if content_type:
        headers["content-type"] = content_type
    parsed = _read(body, headers)
    if not parsed.entries and parsed.bozo and content_type:
        # The label may be wrong where the text is right.
        again = _read(body, {"content-location": address})
        parsed = again if again.entries else parsed
    return parsed


def _read(body: bytes, headers: dict[str, str]) -> Any:
    return feedparser.parse(
        io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )


def _note(parsed: Any, body: bytes) -> str:
    error = parsed.get("bozo_exception")
    if isinstance(error, feedparser.CharacterEncodingOverride) and not _is_utf8(body):
        return "The text is not in the encoding that it states, so its words may be garbled. Look at the original."
    if parsed.bozo and not isinstance(error, feedparser.NonXMLContentType | feedparser.CharacterEncodingOverride):
        return "The feed is not well-formed; what could be read was taken."
    return ""


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _item(entry: Any, feed: Any, raw: bytes) -> dict[str, Any]:
    title = _title(entry)
    text, language = _text(entry)
    url = line(entry.get("link", ""), 2_000)
    stated, doubt = _stated(entry)
    identity = entry.get("id") or url or f"{title}\n{text[:500]}".strip()
    return {
        "key": clean(identity),
        "url": url,
        "title": title or line(text, 120),
        "text": text,
        "language": line(language or entry.get("language") or feed.get("language") or "", 16).replace("_", "-").lower(),
        "origin": line(entry.get("source", {}).get("title", ""), 200),
        "stated": stated,
        "time_doubt": doubt,
        "media_type": "application/xml",
        "facts": _facts(entry),
        "original": packed(raw or _as_json(entry)),
    }


def _title(entry: Any) -> str:
    detail = entry.get("title_detail", {})
    value = entry.get("title", "") or ""
    return line(value if detail.get("type") == "text/plain" and "&" not in value else plain(value, LONGEST_TITLE))


def _text(entry: Any) -> tuple[str, str]:
    """The longest of what the entry offers as its text, and the language that it says it is in."""
    best, language = "", ""
    for content in [*entry.get("content", []), entry.get("summary_detail", {})]:
        value = content.get("value", "") or ""
        words = clean(value).strip() if content.get("type") == "text/plain" and "<" not in value else plain(value)
        if len(words) > len(best):
            best, language = words, content.get("language") or ""
    return best, language


def _stated(entry: Any) -> tuple[int | None, str]:
    for name in ("published", "updated", "created"):
        moment = entry.get(f"{name}_parsed")
        if moment is not None:
            try:
                return calendar.timegm(moment), ""
            except (ValueError, OverflowError, TypeError):
                return None, "states a date that no calendar has"
    if any(entry.get(name) for name in ("published", "updated")):
        return None, "states a date that can't be read"
    return None, ""


def _facts(entry: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    tags = [line(tag.get("term") or "", 80) for tag in entry.get("tags", [])[:20]]
    if any(tags):
        facts["tags"] = [tag for tag in tags if tag]
    return facts


def _told_apart(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Some feeds give every entry the same id: the address then belongs to the key."""
    seen: dict[str, set[str]] = {}
    for item in items:
        seen.setdefault(item["key"], set()).add(item["url"])
    for item in items:
        if len(seen[item["key"]]) > 1:
            item["key"] = f"{item['key']}\n{item['url']}"
    return items


def _as_json(entry: Any) -> bytes:
    return json.dumps(entry, default=str, ensure_ascii=False).encode("utf-8", "replace")


def _json_feed(body: bytes) -> dict[str, Any]:
    try:
        feed = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise UnreadableError("This looks like JSON, but can't be read as such. Check the address.") from None
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise UnreadableError("This is JSON, but not a JSON Feed: it has no list of items. Check the address.")
    entries = [one for one in feed["items"][:MOST_ENTRIES] if isinstance(one, dict)]
    items = [_json_item(one, feed) for one in entries]
    lost = len(feed["items"]) - len(items)
    refused = [f"{lost} entries can't be read; they were left out."] if lost else []
    return {"items": _told_apart(items), "refused": refused, "note": ""}


def _json_item(entry: dict[str, Any], feed: dict[str, Any]) -> dict[str, Any]:
    html, words = entry.get("content_html"), entry.get("content_text")
    text = plain(html) if isinstance(html, str) and html else clean(words).strip()
    text = text or clean(entry.get("summary")).strip()
    url = line(entry.get("url") or entry.get("external_url"), 2_000)
    title = line(entry.get("title"))
    stated, doubt = _json_stated(entry)
    identity = entry.get("id")
    return {
        "key": clean(str(identity) if identity not in (None, "") else url or f"{title}\n{text[:500]}".strip()),
        "url": url,
        "title": title or line(text, 120),
        "text": text,
        "language": line(entry.get("language") or feed.get("language"), 16).replace("_", "-").lower(),
        "origin": "",
        "stated": stated,
        "time_doubt": doubt,
        "media_type": "application/json",
        "facts": {"tags": [line(tag, 80) for tag in entry["tags"][:20]]} if isinstance(entry.get("tags"), list) else {},
        "original": packed(json.dumps(entry, ensure_ascii=False).encode("utf-8", "replace")),
    }


def _json_stated(entry: dict[str, Any]) -> tuple[int | None, str]:
    value = entry.get("date_published") or entry.get("date_modified")
    if not value:
        return None, ""
    try:
        moment = datetime.fromisoformat(value)
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()), ""
    except (ValueError, TypeError, OverflowError):
        return None, "states a date that can't be read"
