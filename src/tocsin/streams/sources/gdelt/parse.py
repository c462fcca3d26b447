"""Reads GDELT's lists and zipped tables, line by line and within limits. Runs in the jail; imports no Django."""

import hashlib
import html
import io
import json
import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from tocsin.lib.jail.results import UnreadableError
from tocsin.streams.sources.cleaning import line, packed
from tocsin.streams.sources.gdelt.concerns import concerns, event_words, meets_people, subject_of
from tocsin.streams.sources.gdelt.languages import two_letters
from tocsin.streams.sources.gdelt.places import iso

MOST_INFLATED = 400 * 1024 * 1024
MOST_RATIO = 120
MOST_LINE = 1_000_000
MOST_ITEMS = 600
_WORDS_OF_A_HEADLINE = 4
STEP = 900

_TITLE = re.compile(r"<PAGE_TITLE>(.*?)</PAGE_TITLE>", re.DOTALL)
_PRECISE = re.compile(r"<PAGE_PRECISEPUBTIMESTAMP>(\d{14})</PAGE_PRECISEPUBTIMESTAMP>")
_FILE = re.compile(r"/(\d{14})\.(?:translation\.)?(export|gkg)\.csv\.zip$", re.IGNORECASE)


def listing(body: bytes) -> dict[str, Any]:
    """The newest files: address, sum and what is in them.

    Raises:
        UnreadableError: where no line names a file.
    """
    files = []
    for row in body[:100_000].decode("utf-8", "replace").splitlines():
        parts = row.split()
        found = _FILE.search(parts[-1]) if len(parts) == 3 else None
        if found:
            files.append({"url": parts[2], "md5": parts[1], "stamp": found[1], "what": found[2].lower()})
    if not files:
        raise UnreadableError("This is not GDELT's list of its newest files. Check the address.")
    return {"files": files, "entries": len(files)}


def events(
    body: bytes,
    *,
    stamp: str,
    md5: str = "",
    countries: list[str] | None = None,
    items: bool = True,
    suffix: str = "",
) -> dict[str, Any]:
    """Counts of events by country and kind, and items of those that meet people we may know.

    ``suffix`` is added to each subject: what is written in English and what was translated are counted apart.

    Raises:
        UnreadableError: for a broken or swollen file.
    """
    counted: dict[tuple[str, str], set[str]] = defaultdict(set)
    by_address: dict[str, dict[str, Any]] = {}
    refused = entries = 0
    for columns in _rows(body, md5):
        entries += 1
        if len(columns) < 58:
            refused += 1
            continue
        country, code = iso(columns[53]), columns[26]
        if countries and country not in countries:
            continue
        subject = subject_of(code)
        if subject and country:
            counted[(country, subject + suffix)].add(columns[0])
        if items and len(by_address) < MOST_ITEMS:
            _add_event(by_address, columns, code, country, stamp)
    observations = [_row(country, subject, stamp, len(ids)) for (country, subject), ids in sorted(counted.items())]
    return _result(list(by_address.values()), observations, entries, refused)


def graph(body: bytes, *, stamp: str, md5: str = "", countries: list[str] | None = None) -> dict[str, Any]:
    """Items of the texts that may concern us.

    Raises:
        UnreadableError: for a broken or swollen file.
    """
    found: list[dict[str, Any]] = []
    refused = entries = 0
    for columns in _rows(body, md5):
        entries += 1
        if len(columns) < 27:
            refused += 1
            continue
        if len(found) >= MOST_ITEMS:
            continue
        item = _graph_item(columns, stamp, countries or [])
        if item:
            found.append(item)
    return _result(found, [], entries, refused)


def _result(items: list[Any], observations: list[Any], entries: int, refused: int) -> dict[str, Any]:
    lines = [f"{refused} of {entries} lines have too few columns; they were left out."] if refused else []
    if len(items) >= MOST_ITEMS:
        lines.append(f"Only the first {MOST_ITEMS} texts of this file were taken.")
    return {"items": items, "observations": observations, "entries": entries, "refused": lines}


def _rows(body: bytes, md5: str) -> Iterator[list[str]]:
    # GDELT prints MD5 sums; they tell of a broken download, they guard against nobody.
    if md5 and hashlib.md5(body, usedforsecurity=False).hexdigest() != md5.lower():
        raise UnreadableError("The file differs from the sum that GDELT announced for it. It is tried again later.")
    try:
        archive = zipfile.ZipFile(io.BytesIO(body))
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise UnreadableError("This is not a zip file, though its name says so. It is tried again later.") from None
    members = archive.infolist()
    if len(members) != 1:
        raise UnreadableError("A file of GDELT's holds one table; this one holds something else. It was left aside.")
    if members[0].file_size > min(MOST_INFLATED, max(len(body), 20_000) * MOST_RATIO):
        raise _swollen()
    left = min(MOST_INFLATED, max(len(body), 20_000) * MOST_RATIO)
    try:
        with archive.open(members[0]) as table:
            while row := table.readline(MOST_LINE):
                left -= len(row)
                if left < 0:
                    raise _swollen()
                yield row.decode("utf-8", "replace").rstrip("\r\n").split("\t")
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError):
        raise UnreadableError("The zip file is broken or locked. It is tried again later.") from None


def _swollen() -> UnreadableError:
    return UnreadableError("The zip file unpacks to far more than such files do, as an attack would. Check the source.")


def _add_event(by_address: dict[str, dict[str, Any]], columns: list[str], code: str, country: str, stamp: str) -> None:
    words, address = event_words(code), columns[60] if len(columns) > 60 else ""
    actors = [columns[5], columns[15], *columns[12:15], *columns[22:25]]
    if not words or not address.startswith("http") or not meets_people(*actors):
        return
    known = by_address.get(address)
    if known:
        known["facts"]["events"] = sorted({*known["facts"]["events"], code})
        return
    who = [line(columns[at], 80).title() for at in (6, 16) if columns[at]]
    place = line(columns[52], 120)
    by_address[address] = {
        "key": f"event\n{address}",
        "url": address,
        "title": _headline_of(address) or _coded_title(words, who, place),
        "text": f"GDELT coded this from a press report: {words.lower()}; {', '.join(who)}; {place}.",
        "language": "en",
        "origin": _host(address),
        "stated": _epoch(stamp),
        "media_type": "text/tab-separated-values",
        "facts": {"country": country, "events": [code], "coded": True},
        "original": packed("\t".join(columns).encode()),
    }


def _coded_title(words: str, who: list[str], place: str) -> str:
    title = f"{words}: {' → '.join(who)}" if who else words
    return f"{title} ({place})" if place else title


def _graph_item(columns: list[str], stamp: str, countries: list[str]) -> dict[str, Any] | None:
    extras, address = columns[26], columns[4]
    titled = _TITLE.search(extras)
    title = line(html.unescape(titled[1])) if titled else ""
    themes = {theme for theme in columns[7].split(";") if theme}
    if not address.startswith("http") or not concerns(themes, address, title):
        return None
    places = _countries(columns[9])
    if countries and not set(places) & set(countries):
        return None
    precise = _PRECISE.search(extras)
    return {
        "key": address,
        "url": address,
        "title": title or _words_of(address),
        "text": "",
        "language": two_letters(columns[25]),
        "origin": line(columns[3], 200),
        "stated": _epoch(precise[1] if precise else stamp),
        "media_type": "text/tab-separated-values",
        "facts": {
            "country": places[0] if places else "",
            "countries": places[:8],
            "themes": sorted(themes)[:60],
            "tone": _tone(columns[15]),
        },
        "original": packed(json.dumps(columns[:16] + columns[25:27], ensure_ascii=False).encode()),
    }


def _countries(places: str) -> list[str]:
    """ISO codes in the text's places, the most frequent first."""
    count = Counter(iso(parts[2]) for place in places.split(";") if len(parts := place.split("#")) > 2)
    return [code for code, _ in count.most_common() if code]


def _tone(text: str) -> float:
    try:
        return round(float(text.split(",", 1)[0]), 2)
    except ValueError:
        return 0.0


def _words_of(address: str) -> str:
    """A title made of the address, where the page gave none."""
    last = address.rstrip("/").rsplit("/", 1)[-1].split("?", 1)[0].rsplit(".", 1)[0]
    return line(re.sub(r"[-_+]+", " ", last), 200)


def _headline_of(address: str) -> str:
    """The page's headline, where its address spells it out; empty where it does not."""
    words = _words_of(address)
    spelt = [word for word in words.split() if word.isalpha() and len(word) > 1]
    return words[:1].upper() + words[1:] if len(spelt) >= _WORDS_OF_A_HEADLINE else ""


def _host(address: str) -> str:
    return line(address.split("/", 3)[2] if address.count("/") > 1 else "", 200).removeprefix("www.")


def _epoch(stamp: str) -> int | None:
    try:
        return int(datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC).timestamp())
    except ValueError:
        return None


def _row(country: str, subject: str, stamp: str, count: int) -> dict[str, Any]:
    return {
        "stream": "events",
        "kind": "gdelt.events",
        "country": country,
        "subject": subject,
        "epoch": _epoch(stamp),
        "step": STEP,
        "value": count,
    }
