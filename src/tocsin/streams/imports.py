"""Lists of feeds (OPML): looked through first, taken in when a person says so, and taken back if it was a mistake."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as Xml

from django.db import transaction
from django.utils.translation import gettext as _

from tocsin.audit.actions import record
from tocsin.lib import jail
from tocsin.people.models import Person
from tocsin.streams import actions, drafts
from tocsin.streams.access import sources_for
from tocsin.streams.drafts import RefusedError, SourceDraft
from tocsin.streams.models import Import, Source
from tocsin.streams.sources.cleaning import line
from tocsin.streams.turns import turn

PARSER = "tocsin.streams.sources.feeds.opml:feeds"
LARGEST = 5 * 1024 * 1024
MOST_SHOWN = 1_000
FEEDS_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Common:
    """What every source of a list is given. ``allow_private`` (host:port) goes to those at that address only."""

    reliability: str = "F"
    tlp: str = "clear"
    readers: int = 0
    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    expected_every: timedelta = timedelta(days=1)
    allow_private: str = ""

    def as_dict(self) -> dict[str, Any]:
        """As it is stored."""
        return {
            "reliability": self.reliability,
            "tlp": self.tlp,
            "readers": self.readers,
            "countries": list(self.countries),
            "languages": list(self.languages),
            "seconds": self.expected_every.total_seconds(),
            "allow_private": self.allow_private,
        }

    @classmethod
    def of(cls, stored: dict[str, Any]) -> "Common":
        """From what was stored."""
        return cls(
            reliability=stored["reliability"],
            tlp=stored["tlp"],
            readers=stored["readers"],
            countries=tuple(stored["countries"]),
            languages=tuple(stored["languages"]),
            expected_every=timedelta(seconds=stored["seconds"]),
            allow_private=stored.get("allow_private", ""),
        )


def propose(person: Person, body: bytes, common: Common) -> Import:
    """Look through a list without adding anything: what would be added, and what is refused and why.

    Raises:
        RefusedError: when it is no list of feeds, or what all of them are to be given can't be used.
    """
    if len(body) > LARGEST:
        raise RefusedError(_("The list is larger than 5 MB. Split it."), "file")
    common = replace(common, allow_private=drafts.allowed_host(common.allow_private, person))
    drafts.checked_source(_draft({"name": "Any", "url": "https://example.org/", "language": ""}, common), person)
    with turn():
        result = jail.run(PARSER, body)
    if result.failure is not None:
        raise RefusedError(result.failure.message, "file")
    data = result.data
    taken, refused = _sorted_out(person, data["feeds"], common)
    if data["lost"]:
        why = _("%(n)s entries can’t be read.") % {"n": data["lost"]}
        refused.append({"line": 0, "name": "", "url": "", "why": why})
    with transaction.atomic():
        row = Import.objects.create(
            by=person,
            title=line(data["title"], 200),
            common=common.as_dict(),
            feeds=taken,
            refused=refused[:MOST_SHOWN],
            note=" ".join(data["mended"])[:300],
        )
        record(person.pk, "import.propose", f"import:{row.pk}", feeds=len(taken), refused=len(refused))
    return row


def _sorted_out(person: Person, feeds: Iterable[dict[str, Any]], common: Common) -> tuple[list[Any], list[Any]]:
    taken: list[Any] = []
    refused: list[Any] = []
    seen: set[str] = set()
    for feed in feeds:
        try:
            columns = drafts.checked_source(_draft(feed, common), person)
        except RefusedError as error:
            refused.append({**_shown(feed), "why": error.message})
            continue
        url = columns["url"]
        if url in seen:
            refused.append({**_shown(feed), "why": _("It stands in the list twice.")})
        elif _exists(columns):
            refused.append({**_shown(feed), "why": _("It is a source already.")})
        else:
            taken.append({**_shown(feed), "url": url, "language": feed.get("language", "")})
        seen.add(url)
    return taken, refused


def take(person: Person, row: Import) -> int:
    """Add the feeds of a list that was looked through; how many sources it became. Safe to call twice.

    Raises:
        RefusedError: for a list that was taken in or taken back already.
    """
    if row.state != Import.State.PROPOSED:
        raise RefusedError(_("This list was taken in already."))
    common, added, refused = Common.of(row.common), 0, list(row.refused)
    for first in range(0, len(row.feeds), FEEDS_AT_ONCE):
        with transaction.atomic():
            for feed in row.feeds[first : first + FEEDS_AT_ONCE]:
                try:
                    source = actions.add_source(person, _draft(feed, common))
                except RefusedError as error:
                    refused.append({**_shown(feed), "why": error.message})
                    continue
                Source.objects.filter(pk=source.pk).update(imported=row)
                added += 1
    with transaction.atomic():
        Import.objects.filter(pk=row.pk).update(state=Import.State.DONE, refused=refused[:MOST_SHOWN])
        record(person.pk, "import.take", f"import:{row.pk}", sources=added)
    return added


def undo(person: Person, row: Import) -> tuple[int, int]:
    """Take a list back: its sources that delivered nothing are deleted, the others hidden until their items expire.

    Gives how many were deleted and how many hidden. Sources that were kept from the person meanwhile stay.

    Raises:
        RefusedError: for a list that is not taken in.
    """
    if row.state != Import.State.DONE:
        raise RefusedError(_("This list is not taken in, so there is nothing to take back."))
    deleted = hidden = 0
    for source in sources_for(person).filter(imported=row):
        if source.items.exists():
            actions.remove_source(person, source)
            hidden += 1
        else:
            source.delete()
            deleted += 1
    with transaction.atomic():
        Import.objects.filter(pk=row.pk).update(state=Import.State.UNDONE)
        record(person.pk, "import.undo", f"import:{row.pk}", deleted=deleted, hidden=hidden)
    return deleted, hidden


def export(sources: Iterable[Source]) -> bytes:
    """These feeds as OPML 2.0; sources of other kinds have no place in such a list."""
    root = Xml.Element("opml", version="2.0")
    Xml.SubElement(Xml.SubElement(root, "head"), "title").text = "Tocsin"
    body = Xml.SubElement(root, "body")
    for source in sources:
        if source.kind == "feeds":
            attributes = {"type": "rss", "text": source.name, "title": source.name, "xmlUrl": source.url}
            if source.languages:
                attributes["language"] = ",".join(source.languages)
            Xml.SubElement(body, "outline", attributes)
    written: bytes = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _draft(feed: dict[str, Any], common: Common) -> SourceDraft:
    draft = SourceDraft(
        name=feed["name"] or feed["url"],
        kind="feeds",
        url=feed["url"],
        countries=common.countries,
        languages=common.languages,
        reliability=common.reliability,
        tlp=common.tlp,
        readers=common.readers,
        expected_every=common.expected_every,
        allow_private=common.allow_private if drafts.host_and_port(feed["url"]) == common.allow_private else "",
    )
    stated = [code.strip() for code in str(feed.get("language") or "").split(",") if code.strip()]
    try:
        return replace(draft, languages=tuple(drafts.languages(stated))) if stated and not common.languages else draft
    except RefusedError:
        return draft


def _exists(columns: dict[str, Any]) -> bool:
    same = {name: columns[name] for name in ("kind", "url", "variant")}
    return Source.objects.filter(**same, removed_at=None).exists()


def _shown(feed: dict[str, Any]) -> dict[str, Any]:
    return {"line": feed.get("line", 0), "name": feed.get("name", ""), "url": line(feed.get("url"), 300)}
