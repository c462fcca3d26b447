"""Whether an ally may be turned to now, and who fits a need: reasons in words, and no score about anybody."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from tocsin.alliances import regions
from tocsin.alliances.models import Contact
from tocsin.alliances.refusals import RefusedError
from tocsin.alliances.words import within
from tocsin.lib import territories
from tocsin.lib.names import random_name
from tocsin.lib.tlp import Tlp

_LEAST_REASON = 10


@dataclass(frozen=True, slots=True)
class Usable:
    """Whether an ally may be turned to. ``why`` says why not, and is empty where they may; ``may_override`` says
    whether a written reason of a person is enough to do it all the same."""

    ok: bool
    why: str
    may_override: bool = False


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An ally who may fit: why, and what to mind. Without any caution they may be turned to as they are."""

    contact: Contact
    reasons: tuple[str, ...]
    cautions: tuple[str, ...]
    usable: Usable


def usable(contact: Contact, at: datetime) -> Usable:
    """Whether an ally may be turned to at this moment (aware)."""
    state = Contact.State(contact.state)
    if state == Contact.State.LET_GO:
        return Usable(False, _("They were let go. Turn to somebody else."))
    if state == Contact.State.SUSPENDED:
        return Usable(False, _("They are suspended: %(reason)s") % {"reason": contact.reason})
    if state == Contact.State.PROPOSED:
        return Usable(False, _("They are only proposed: nobody has made sure of them yet."), may_override=True)
    if contact.altered_at is not None:
        why = _("Who they are or how they are reached was changed after they were verified. Verify them again first.")
        return Usable(False, why, may_override=True)
    if contact.stale(at.date()):
        return Usable(False, _("They were to be verified again by now, and were not."), may_override=True)
    return Usable(True, "")


def require_usable(contact: Contact, at: datetime, override: str = "") -> Usable:
    """Let a referral to this ally go on; ``override`` is a person's reason to use one who is proposed or stale.

    The reason belongs into the case, which keeps it sealed; nothing of it is stored here.

    Raises:
        RefusedError: when they can't be used, or only with a reason of at least ten letters.
    """
    found = usable(contact, at)
    if found.ok or (found.may_override and len(override.strip()) >= _LEAST_REASON):
        return found
    advice = _("Write down why you turn to them all the same.") if found.may_override else ""
    raise RefusedError(f"{found.why} {advice}".strip(), "override")


def suggest(
    rows: Iterable[Contact], at: datetime, *, country: str = "", language: str = "", need: str = "", tlp: str = ""
) -> list[Suggestion]:
    """Those of some allies who can give this kind of help, best first; empty strings ask for nothing.

    Whoever was let go or suspended is not among them, and whoever does not give the help. First come those who may be
    turned to as they are, then those who know the very country, then those who speak the language, then the faster.
    """
    found = [_fit(row, at, country, language, tlp) for row in rows if not need or need in row.helps]
    offered = [one for one in found if one[1].usable.ok or one[1].usable.may_override]
    return [one for _order, one in sorted(offered, key=lambda pair: pair[0])]


def _fit(row: Contact, at: datetime, country: str, language: str, tlp: str) -> tuple[tuple[object, ...], Suggestion]:
    standing = usable(row, at)
    cautions = [] if standing.ok else [standing.why]
    reasons: list[str] = []
    near = _nearness(row, country, reasons, cautions)
    speaks = _speech(row, language, reasons, cautions)
    if country and country in row.conflict_countries:
        cautions.append(_("They stand in conflict with this country: read what it says there."))
    told = not tlp or within(tlp, row.tlp)
    if not told:
        cautions.append(_("They may be told less than this: up to TLP:%(tlp)s.") % {"tlp": Tlp(row.tlp).value.upper()})
    if row.within_hours:
        hours = ngettext("answers within %(n)s hour", "answers within %(n)s hours", row.within_hours)
        reasons.append(hours % {"n": row.within_hours})
    if row.by_night:
        reasons.append(_("by night too"))
    if row.fees == "free":
        reasons.append(_("free"))
    clean = standing.ok and told and country not in row.conflict_countries
    # What is left is told apart by chance, so that nobody comes first for ever by their name.
    order = (not clean, near, not speaks, row.within_hours or 10_000, random_name(4))
    return order, Suggestion(row, tuple(reasons), tuple(cautions), standing)


def _nearness(row: Contact, country: str, reasons: list[str], cautions: list[str]) -> int:
    if not country:
        return 0
    name = territories.name(country, get_language() or "en")
    if country in row.countries:
        reasons.append(_("works in %(country)s") % {"country": name})
        return 0
    if regions.covering(country) in row.regions:
        reasons.append(_("works in the region of %(country)s") % {"country": name})
        return 1
    if regions.WORLD in row.regions:
        reasons.append(_("works everywhere"))
        return 2
    cautions.append(_("It is not said that they work in %(country)s.") % {"country": name})
    return 3


def _speech(row: Contact, language: str, reasons: list[str], cautions: list[str]) -> bool:
    if not language:
        return True
    spoken = {code.partition("-")[0] for code in row.languages}
    if language.partition("-")[0] in spoken:
        reasons.append(_("speaks the language"))
        return True
    cautions.append(_("They don’t speak the language: an interpreter is needed."))
    return False
