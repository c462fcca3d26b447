"""Every write that a person, or a command on a person's behalf, makes to sources and requirements."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.audit.actions import record
from tocsin.lib.claims import in_order
from tocsin.people.models import Person
from tocsin.streams.collecting import Outcome, try_out
from tocsin.streams.drafts import (
    RefusedError,
    RequirementDraft,
    SourceDraft,
    checked_requirement,
    checked_source,
    host_and_port,
)
from tocsin.streams.models import BlindSpot, Health, Item, ReadersChange, Requirement, Source
from tocsin.streams.sources import KINDS, kind
from tocsin.streams.sources.cleaning import line
from tocsin.streams.turns import trial

# What other programs call a kind, and what it is called here.
KIND_NAMES = {"feed": "feeds", "rss": "feeds", "atom": "feeds", "document": "documents"}

# Changing one of these makes it another thing to fetch: what was remembered of the old one would mislead.
_ANOTHER_THING = ("kind", "url", "options")


@dataclass(frozen=True, slots=True)
class Subscribed:
    """What became of a list of sources: how many were added, were there already, or were refused and why."""

    added: list[Source]
    known: int
    refused: list[str]


@transaction.atomic
def add_source(person: Person | None, draft: SourceDraft) -> Source:
    """Add a source, due at once; one that was removed comes back with its items. ``person`` None: the system.

    Raises:
        RefusedError: for a draft that can't be used, or an address that is a source already.
    """
    columns = checked_source(draft, person)
    same = Source.objects.filter(kind=columns["kind"], url=columns["url"], variant=columns["variant"])
    source = same.filter(removed_at__isnull=False).first()
    if source is None:
        source = _created(columns)
    else:
        _set(source, {**columns, "removed_at": None, "paused": False, **_started_afresh()})
    record(_id(person), "source.add", f"source:{source.pk}", kind=source.kind, tlp=source.tlp, **_reach(source))
    return source


def _created(columns: Mapping[str, Any]) -> Source:
    try:
        with transaction.atomic():
            return Source.objects.create(**columns, next_fetch_at=timezone.now())
    except IntegrityError:
        raise RefusedError(_("This address is a source already, with the same options."), "url") from None


@transaction.atomic
def edit_source(person: Person, source: Source, draft: SourceDraft) -> Source:
    """Change a source. With another address or other options, collectors begin anew with it.

    Raises:
        RefusedError: for a draft that can't be used, or an address that is another source already.
    """
    row = _locked(source)
    columns = checked_source(draft, person, brought=not row.url)
    if not row.url:
        columns["variant"] = row.variant
    if draft.kind != row.kind:
        raise RefusedError(_("The kind of a source can’t be changed. Add another source."), "kind")
    changed = [name for name, value in columns.items() if getattr(row, name) != value]
    if any(name in changed for name in _ANOTHER_THING):
        columns |= _started_afresh()
    elif "readers" in changed or "tlp" in changed:
        columns["claimed_until"] = None  # a fetch under way must not store under the old limits
    try:
        with transaction.atomic():
            _set(row, columns)
    except IntegrityError:
        raise RefusedError(_("This address is a source already, with the same options."), "url") from None
    if row.url and ("readers" in changed or "tlp" in changed):
        # What is restricted later is restricted from the start; items that people brought keep limits of their own.
        Item.objects.filter(source=row).update(readers=row.readers, tlp=row.tlp)
        in_order("streams.readers")
        ReadersChange.objects.create(source=row)
    record(person.pk, "source.edit", f"source:{row.pk}", changed=",".join(sorted(changed)), **_reach(row))
    return row


def try_source(person: Person, draft: SourceDraft) -> Outcome:
    """Fetch a source that is not added, and store nothing but that it was tried.

    Raises:
        RefusedError: for a draft that can't be used, or while too many others are being read.
    """
    source = Source(**checked_source(draft, person), next_fetch_at=timezone.now())
    # Recorded first: what is asked of the server can't be taken back.
    with transaction.atomic():
        record(person.pk, "source.try", "source:new", **_reach(source))
    with trial():
        return try_out(source)


@transaction.atomic
def pause_source(person: Person, source: Source) -> None:
    """Let collectors leave a source alone; one that says what happens becomes a blind spot from now on."""
    row = _locked(source)
    if row.paused:
        return
    _set(row, {"paused": True, "health": Health.PAUSED, "claimed_until": None})
    if row.kind not in KINDS or kind(row.kind).looks:
        spot = BlindSpot(
            source=row,
            since=timezone.now(),
            countries=row.countries,
            languages=row.languages,
            reason="Paused by a person.",
        )
        BlindSpot.objects.bulk_create([spot], ignore_conflicts=True)
    record(person.pk, "source.pause", f"source:{row.pk}")


@transaction.atomic
def resume_source(person: Person, source: Source) -> None:
    """Let collectors fetch a source again, at once. Its blind spot ends when it delivers."""
    row = _locked(source)
    if not row.paused:
        return
    _set(row, {"paused": False, "health": Health.NEW, "next_fetch_at": timezone.now(), "failures": 0})
    record(person.pk, "source.resume", f"source:{row.pk}")


@transaction.atomic
def fetch_now(person: Person, source: Source) -> None:
    """Put a source at the head of the queue.

    Raises:
        RefusedError: for one that is paused, or that people bring things to.
    """
    row = _locked(source)
    if row.paused:
        raise RefusedError(_("This source is paused. Resume it first."))
    if not row.url:
        raise RefusedError(_("Nothing is fetched here: people bring what is in it."))
    _set(row, {"next_fetch_at": timezone.now() - timedelta(days=1)})
    record(person.pk, "source.fetch", f"source:{row.pk}")


@transaction.atomic
def remove_source(person: Person, source: Source) -> None:
    """Hide a source and fetch it no more. What it delivered stays until it expires, since others may rest on it."""
    row = _locked(source)
    now = timezone.now()
    _set(row, {"removed_at": now, "paused": True, "health": Health.PAUSED, "claimed_until": None})
    BlindSpot.objects.filter(source=row, until=None).update(until=now)
    record(person.pk, "source.remove", f"source:{row.pk}")


@transaction.atomic
def add_requirement(person: Person, draft: RequirementDraft) -> Requirement:
    """State what we need to know.

    Raises:
        RefusedError: for a draft that can't be used.
    """
    row = Requirement.objects.create(**checked_requirement(draft), owner=person)
    record(person.pk, "requirement.add", f"requirement:{row.pk}")
    return row


@transaction.atomic
def edit_requirement(person: Person, requirement: Requirement, draft: RequirementDraft) -> Requirement:
    """Change what we need to know.

    Raises:
        RefusedError: for a draft that can't be used.
    """
    row = Requirement.objects.select_for_update().get(pk=requirement.pk)
    for name, value in checked_requirement(draft).items():
        setattr(row, name, value)
    row.save()
    record(person.pk, "requirement.edit", f"requirement:{row.pk}")
    return row


@transaction.atomic
def close_requirement(person: Person, requirement: Requirement) -> None:
    """Say that we need this no more; ``reopen_requirement`` takes it back."""
    if Requirement.objects.filter(pk=requirement.pk, closed_at=None).update(closed_at=timezone.now()):
        record(person.pk, "requirement.close", f"requirement:{requirement.pk}")


@transaction.atomic
def reopen_requirement(person: Person, requirement: Requirement) -> None:
    """Take the closing back."""
    if Requirement.objects.filter(pk=requirement.pk, closed_at__isnull=False).update(closed_at=None):
        record(person.pk, "requirement.reopen", f"requirement:{requirement.pk}")


def subscribe(sources: Iterable[Mapping[str, Any]], *, allow_private: str = "", exercise: bool = False) -> Subscribed:
    """Add every source of a list as the replay server suggests it: name, kind, url, countries, languages, reliability,
    interval_seconds, tlp and options. ``allow_private`` (host:port) is given to those at that address only.

    Never raises for what the list holds: what can't be used is refused with a line.
    """
    added, known, refused = [], 0, []
    for place, given in enumerate(sources, 1):
        try:
            draft = _suggested(given, allow_private, exercise)
            added.append(add_source(None, draft))
        except RefusedError as error:
            if error.field == "url" and _is_known(given):
                known += 1
            else:
                refused.append(f"{place}: {error.message}")
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            refused.append(f"{place}: " + _("This entry can’t be read."))
    return Subscribed(added, known, refused)


def _suggested(given: Mapping[str, Any], allow_private: str, exercise: bool) -> SourceDraft:
    url = str(given["url"])
    near = bool(allow_private) and host_and_port(url) == allow_private
    return SourceDraft(
        name=str(given.get("name") or url),
        kind=KIND_NAMES.get(str(given["kind"]), str(given["kind"])),
        url=url,
        options=dict(given.get("options") or {}),
        countries=tuple(given.get("countries") or ()),
        languages=tuple(given.get("languages") or ()),
        reliability=str(given.get("reliability") or "F"),
        tlp=str(given.get("tlp") or "clear").lower(),
        readers=int(given.get("readers") or 0),
        expected_every=timedelta(seconds=float(given.get("interval_seconds") or 43_200)),
        allow_private=allow_private if near else "",
        exercise=exercise,
    )


def _reach(source: Source) -> dict[str, Any]:
    return {"host": host_and_port(source.url), "private": bool(source.allow_private)}


def _is_known(given: Mapping[str, Any]) -> bool:
    return Source.objects.filter(url=line(given.get("url"), 1_000)).exists()


def _locked(source: Source) -> Source:
    row = Source.objects.select_for_update().filter(pk=source.pk, removed_at=None).first()
    if row is None:
        raise RefusedError(_("This source was removed meanwhile."))
    return row


def _set(row: Source, columns: Mapping[str, Any]) -> None:
    for name, value in columns.items():
        setattr(row, name, value)
    row.save()


def _started_afresh() -> dict[str, Any]:
    # Without a claim, a fetch that is under way can't store what it brings for the old settings.
    return {
        "memory": {},
        "failures": 0,
        "health": Health.NEW,
        "message": "",
        "claimed_until": None,
        "next_fetch_at": timezone.now(),
    }


def _id(person: Person | None) -> int | None:
    return person.pk if person else None


@transaction.atomic
def keep_names(spans: Mapping[int, list[list[int]]]) -> None:
    """Keep where items may name who was harmed, by item; an empty list says that somebody looked and found none."""
    Item.objects.filter(pk__in=[pk for pk, found in spans.items() if not found]).update(named=[])
    Item.objects.bulk_update([Item(pk=pk, named=found) for pk, found in spans.items() if found], ["named"], 200)


def uncover(person: Person, item: Item) -> None:
    """Put it on record that somebody read an item with the names of those whom it says were harmed."""
    with transaction.atomic():
        record(person.pk, "item.names", f"item:{item.pk}")
