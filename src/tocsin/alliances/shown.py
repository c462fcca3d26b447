"""What pages show of an ally: how they stand, where they work, and their history in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tocsin.alerts.words import language_name
from tocsin.alliances import regions, words
from tocsin.alliances.models import Contact, Event, Verification
from tocsin.alliances.words import Standing
from tocsin.lib import territories


@dataclass(frozen=True, slots=True)
class Line:
    """One ally in a list."""

    contact: Contact
    standing: Standing
    kinds: str
    helps: str
    places: str
    languages: str


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of an ally's history; ``verification`` stands beside a verification's line."""

    at: datetime
    words: str
    reason: str
    undone: bool
    verification: Verification | None


def line(row: Contact, at: datetime) -> Line:
    """An ally as a list shows them."""
    return Line(
        contact=row,
        standing=standing(row, at),
        kinds=", ".join(words.titles(row.kinds, words.KINDS)),
        helps=", ".join(words.titles(row.helps, words.HELPS)),
        places=", ".join(regions.place_names(row.countries, row.regions, get_language() or "en")),
        languages=", ".join(language_name(code) for code in row.languages),
    )


def standing(row: Contact, at: datetime) -> Standing:
    """How an ally stands at this moment."""
    return words.standing("stale" if row.stale(at.date()) else row.state)


def conflict_places(row: Contact) -> str:
    """The countries that an ally is in conflict with, by name."""
    return ", ".join(territories.name(code, get_language() or "en") for code in row.conflict_countries)


def history(events: Iterable[Event]) -> list[Happened]:
    """An ally's history, in the order given."""
    return [_happened(one) for one in events]


def _happened(event: Event) -> Happened:
    who = {"who": event.by.name if event.by is not None else _("Somebody who left")}
    said = {
        "proposed": _("%(who)s proposed them"),
        "changed": _("%(who)s changed what stands here"),
        "reach": _("%(who)s changed how they are reached"),
        "opened": _("%(who)s looked at how they are reached"),
        "verified": _("%(who)s verified them"),
        "suspended": _("%(who)s suspended them"),
        "let_go": _("%(who)s let them go"),
        "lifted": _("%(who)s ended the suspension"),
        "taken_back": _("%(who)s took them back"),
        "undone": _("%(who)s undid a step"),
    }.get(event.verb, "%(who)s")
    reason = event.reason
    if event.verb == "opened":
        reason = str(words.PURPOSES.get(reason, reason))
    if event.verb == "changed":
        reason = ", ".join(_field(name) for name in event.fields)
    return Happened(event.at, said % who, reason, event.undone_at is not None, event.verification)


def _field(name: str) -> str:
    return {
        "name": _("name"),
        "organisation": _("organisation"),
        "kinds": _("who they are"),
        "helps": _("what they can do"),
        "help_words": _("what they can do, in words"),
        "countries": _("countries"),
        "regions": _("regions"),
        "languages": _("languages"),
        "within_hours": _("how fast they answer"),
        "by_night": _("by night"),
        "tlp": _("what they may be told"),
        "fees": _("money"),
        "fee_words": _("money, in words"),
        "conflict_countries": _("conflicts with countries"),
        "conflict_organisations": _("conflicts with organisations"),
        "conflict_words": _("conflicts, in words"),
        "protected": _("protection"),
        "owner": _("who looks after them"),
    }.get(name, name)
