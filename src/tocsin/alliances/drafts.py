"""What somebody writes about an ally, checked before it is stored: the same rules for pages, programs and lists."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from tocsin.alliances import regions as known_regions
from tocsin.alliances.models import Verification
from tocsin.alliances.refusals import RefusedError
from tocsin.alliances.words import FEES, HELPS, KINDS
from tocsin.lib.territories import TERRITORIES
from tocsin.lib.tlp import Tlp
from tocsin.people.models import Person
from tocsin.people.roles import Right

NAME, WORDS, REASON = 120, 2_000, 300
MOST = 60
SLOWEST_HOURS = 720
LONGEST_HOLD = timedelta(days=730)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ONCE = re.compile(r"[0-9a-z]{8,32}")


@dataclass(frozen=True, slots=True)
class ContactDraft:
    """Everything about an ally but how to reach them. ``owner`` is the id of somebody of the team."""

    name: str
    kinds: tuple[str, ...]
    helps: tuple[str, ...]
    owner: int | None
    organisation: str = ""
    help_words: str = ""
    countries: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    within_hours: int | None = None
    by_night: bool = False
    tlp: str = Tlp.CLEAR.value
    fees: str = ""
    fee_words: str = ""
    conflict_countries: tuple[str, ...] = ()
    conflict_organisations: tuple[str, ...] = ()
    conflict_words: str = ""
    protected: bool = False


@dataclass(frozen=True, slots=True)
class ReachDraft:
    """How to reach an ally: ways, one a line, and what to mind."""

    ways: str = ""
    instructions: str = ""


@dataclass(frozen=True, slots=True)
class VerificationDraft:
    """How somebody made sure of an ally. ``next_due`` is needed where it holds."""

    identity: str
    reputation: str
    references: str
    how: str
    outcome: str
    next_due: date | None


def checked(draft: ContactDraft) -> dict[str, object]:
    """The columns of a draft.

    Raises:
        RefusedError: with the first field that can't be used.
    """
    hours = draft.within_hours
    if hours is not None and not 1 <= hours <= SLOWEST_HOURS:
        raise RefusedError(_("Say how fast they answer in hours, from 1 to 720."), "within_hours")
    if draft.tlp not in set(Tlp):
        raise RefusedError(_("Choose what they may be told from the list."), "tlp")
    if draft.fees not in FEES:
        raise RefusedError(_("Choose whether they take money from the list."), "fees")
    return {
        "name": line(draft.name, NAME, "name", needed=True),
        "organisation": line(draft.organisation, NAME, "organisation"),
        "kinds": chosen(draft.kinds, KINDS, "kinds"),
        "helps": chosen(draft.helps, HELPS, "helps"),
        "help_words": text(draft.help_words, WORDS, "help_words"),
        "countries": countries(draft.countries, "countries"),
        "regions": _regions(draft.regions),
        "languages": languages(draft.languages),
        "within_hours": hours,
        "by_night": draft.by_night,
        "tlp": draft.tlp,
        "fees": draft.fees,
        "fee_words": line(draft.fee_words, 200, "fee_words"),
        "conflict_countries": countries(draft.conflict_countries, "conflict_countries"),
        "conflict_organisations": _names(draft.conflict_organisations),
        "conflict_words": text(draft.conflict_words, WORDS, "conflict_words"),
        "protected": draft.protected,
        "owner_id": _owner(draft.owner),
    }


def checked_reach(draft: ReachDraft) -> dict[str, str]:
    """The columns of a draft.

    Raises:
        RefusedError: for what is too long.
    """
    ways = "\n".join(one.strip() for one in text(draft.ways, WORDS, "ways").splitlines() if one.strip())
    return {"ways": ways, "instructions": text(draft.instructions, WORDS, "instructions")}


def checked_verification(draft: VerificationDraft, today: date) -> dict[str, object]:
    """The columns of a draft.

    Raises:
        RefusedError: when it says nothing, or claims more than it looked at.
    """
    checks = {name: getattr(draft, name) for name in ("identity", "reputation", "references")}
    for name, value in checks.items():
        if value not in Verification.Check.values:
            raise RefusedError(_("Say what this gave."), name)
    if draft.outcome not in Verification.Outcome.values:
        raise RefusedError(_("Say what it gave in all."), "outcome")
    how = text(draft.how, WORDS, "how")
    if len(how) < 10:
        raise RefusedError(_("Say in a sentence how you made sure."), "how")
    holds = draft.outcome == Verification.Outcome.HOLDS
    if holds and checks["identity"] != Verification.Check.SURE:
        raise RefusedError(_("It can’t hold while it is not confirmed who they are."), "identity")
    if holds and (draft.next_due is None or not today < draft.next_due <= today + LONGEST_HOLD):
        raise RefusedError(_("Say when to verify again: after today, within two years."), "next_due")
    return {**checks, "how": how, "outcome": draft.outcome, "next_due": draft.next_due if holds else None}


def reason_of(words: str) -> str:
    """A reason that says something.

    Raises:
        RefusedError: for one of less than ten letters.
    """
    found = line(words, REASON, "reason")
    if len(found) < 10:
        raise RefusedError(_("Say why, in a few words that name nobody at risk."), "reason")
    return found


def once_of(words: str) -> str:
    """The random name of a form.

    Raises:
        RefusedError: for what no form of ours gave.
    """
    if not _ONCE.fullmatch(words):
        raise RefusedError(_("Open the form anew and send it again."), "once")
    return words


def line(words: str, most: int, field: str, *, needed: bool = False) -> str:
    """One line of at most so many letters.

    Raises:
        RefusedError: when it is longer, or missing although it is needed.
    """
    found = " ".join(_CONTROL.sub(" ", words).split())
    if len(found) > most:
        raise RefusedError(_("At most %(n)s letters fit here.") % {"n": most}, field)
    if needed and not found:
        raise RefusedError(_("This is needed."), field)
    return found


def text(words: str, most: int, field: str) -> str:
    """Lines of at most so many letters in all.

    Raises:
        RefusedError: when there are more.
    """
    found = _CONTROL.sub(" ", words.replace("\r\n", "\n")).strip()
    if len(found) > most:
        raise RefusedError(_("At most %(n)s letters fit here.") % {"n": most}, field)
    return found


def chosen(keys: Iterable[str], known: Collection[str], field: str) -> list[str]:
    """Keys of a list, each once, in the order of the list.

    Raises:
        RefusedError: for none, or for one that is not on the list.
    """
    found = set(keys)
    if not found or found - set(known):
        raise RefusedError(_("Choose at least one from the list: %(list)s.") % {"list": ", ".join(known)}, field)
    return [key for key in known if key in found]


def countries(codes: Iterable[str], field: str) -> list[str]:
    """Country codes in capitals, each once.

    Raises:
        RefusedError: for a code that no country has.
    """
    found = set()
    for code in codes:
        written = line(code, NAME, field)
        if written and written.upper() not in TERRITORIES:
            words = _("No country is called “%(name)s”. Use its name, or two letters, such as KE.")
            raise RefusedError(words % {"name": written}, field)
        found.add(written.upper())
    return sorted(found - {""})


def languages(codes: Iterable[str]) -> list[str]:
    """Language codes in small letters, each once.

    Raises:
        RefusedError: for what can't be a language code.
    """
    found = {line(code, NAME, "languages").lower().replace("_", "-") for code in codes} - {""}
    if len(found) > MOST:
        raise RefusedError(_("That are too many entries."), "languages")
    for code in sorted(found):
        if not _LANGUAGE.fullmatch(code):
            words = _("No language is called “%(code)s”. Use its name, or two or three letters, such as fa.")
            raise RefusedError(words % {"code": code}, "languages")
    return sorted(found)


def _regions(codes: Iterable[str]) -> list[str]:
    found = {line(code, NAME, "regions") for code in codes} - {""}
    if unknown := sorted(found - {known_regions.WORLD, *known_regions.MEMBERS}):
        words = _("No region is called “%(code)s”. Use a number of UN M49, such as 014, or 001 for the world.")
        raise RefusedError(words % {"code": unknown[0]}, "regions")
    return sorted(found)


def _names(names: Iterable[str]) -> list[str]:
    found = {line(one, NAME, "conflict_organisations") for one in names} - {""}
    if len(found) > MOST:
        raise RefusedError(_("That are too many entries."), "conflict_organisations")
    return sorted(found)


def _owner(number: int | None) -> int:
    person = Person.objects.filter(pk=number or 0, is_active=True).first()
    if person is None or not person.may(Right.ALLIES):
        raise RefusedError(_("Choose somebody of the team who looks after them."), "owner")
    return person.pk
