"""What somebody wants a source or a requirement to be, checked before anything is written; for forms and the API."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tocsin.analysis.taxonomy import HARMS
from tocsin.lib.http import HttpError, urls
from tocsin.lib.territories import TERRITORIES
from tocsin.lib.tlp import RELIABILITY, Tlp
from tocsin.people.models import Person
from tocsin.people.roles import Right, Role
from tocsin.streams.sources import KINDS, kind
from tocsin.streams.sources.base import Kind, Option
from tocsin.streams.sources.cleaning import clean, line

SHORTEST_INTERVAL = timedelta(seconds=10)
LONGEST_INTERVAL = timedelta(days=400)
MOST_ENTRIES = 300

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")
_HOST_AND_PORT = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9.-]+):\d{1,5}")
ALLOWED_INSIDE = gettext_noop("Allowed although it is inside")
"""The label of the field that lets a source reach a server inside; refusals name it."""
_EVERY_ROLE = int(sum(Role))


class RefusedError(Exception):
    """A write that can't be done. ``field`` says what is wrong (empty: the whole), ``message`` why, in plain words."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


@dataclass(frozen=True, slots=True)
class SourceDraft:
    """A source as somebody wants it. ``readers``: roles as bits, 0: all who may read; ``owner``: a person's id."""

    name: str
    kind: str
    url: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    reliability: str = "F"
    tlp: str = Tlp.CLEAR
    readers: int = 0
    expected_every: timedelta = timedelta(hours=12)
    owner: int | None = None
    allow_private: str = ""
    exercise: bool = False


@dataclass(frozen=True, slots=True)
class RequirementDraft:
    """A requirement as somebody states it. ``streams`` are kinds of source, ``harms`` keys of the taxonomy."""

    question: str
    asked_by: str
    why: str = ""
    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    harms: tuple[str, ...] = ()
    streams: tuple[str, ...] = ()
    review_on: date | None = None


def checked_source(draft: SourceDraft, person: Person | None, *, brought: bool = False) -> dict[str, Any]:
    """The columns of a source, cleaned, as this person may set them; None: the system.

    ``brought``: people bring what is in it, so that it needs no address.

    Raises:
        RefusedError: for the first thing that is wrong.
    """
    what = _kind(draft.kind)
    options = checked_options(what, draft.options)
    address = "" if brought else _address(draft.url)
    columns: dict[str, Any] = {
        "name": _needed(line(draft.name, 200), "name", _("Give it a name.")),
        "kind": draft.kind,
        "url": address,
        "options": options,
        "variant": _variant(what, options, draft.readers),
        "countries": countries(draft.countries),
        "languages": languages(draft.languages),
        "reliability": _one_of(draft.reliability, RELIABILITY, "reliability"),
        "tlp": _one_of(draft.tlp, [one.value for one in Tlp], "tlp"),
        "readers": readers(draft.readers, person),
        "expected_every": _interval(draft.expected_every),
        "owner_id": draft.owner,
        "allow_private": _allowed_host(draft.allow_private, address, person),
        "exercise": draft.exercise,
    }
    check_secrecy(columns["tlp"], columns["readers"], measures=bool(what.measures), days=not what.looks)
    return columns


def checked_options(what: Kind, given: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a kind in their own shapes; what is not given stays out, so that defaults may improve.

    Raises:
        RefusedError: for an unknown option or a value that does not fit.
    """
    known = {option.name: option for option in what.options}
    for name in given:
        if name not in known:
            raise RefusedError(_("This kind of source has no such option."), "options")
    kept = {}
    for name, option in known.items():
        value = given.get(name)
        if value is None or value == "" or value == []:
            if option.required and not option.default:
                raise RefusedError(_("This is needed."), f"option_{name}")
            continue
        kept[name] = _option(option, value)
    return kept


def _option(option: Option, value: Any) -> Any:
    where = f"option_{option.name}"
    if option.shape == "yes-no":
        return _typed(value, bool, where)
    if option.shape == "number":
        number = _typed(value, int, where)
        if isinstance(number, bool) or not option.least <= number <= option.most:
            limits = {"least": option.least, "most": option.most}
            raise RefusedError(_("Give a number from %(least)s to %(most)s.") % limits, where)
        return number
    if option.shape == "choice":
        return _one_of(value, [choice for choice, _words in option.choices], where)
    if option.shape == "list":
        if isinstance(value, str) or not isinstance(value, Iterable):
            raise RefusedError(_("Give one entry a line."), where)
        entries = [line(one, 200) for one in value]
        if len(entries) > MOST_ENTRIES:
            raise RefusedError(_("That are too many entries."), where)
        if option.name == "countries":
            return countries(entries, where)
        return list(dict.fromkeys(one for one in entries if one))
    return line(value, 500)


def countries(codes: Iterable[object], where: str = "countries") -> list[str]:
    """Country codes in capitals, each once, in the order of the alphabet.

    Raises:
        RefusedError: for a code that no country has.
    """
    found = {line(code, 10).upper() for code in codes} - {""}
    if unknown := sorted(found - TERRITORIES):
        raise RefusedError(
            _("No country has the code “%(code)s”. Use two letters, such as KE.") % {"code": unknown[0]}, where
        )
    return sorted(found)


def languages(codes: Iterable[object], where: str = "languages") -> list[str]:
    """Language codes in small letters, each once.

    Raises:
        RefusedError: for what can't be a language code.
    """
    found = {line(code, 20).lower().replace("_", "-") for code in codes} - {""}
    for code in sorted(found):
        if not _LANGUAGE.fullmatch(code) or len(code) > 16:
            words = _("“%(code)s” is not a language code. Use two or three letters, such as am or fa.")
            raise RefusedError(words % {"code": code}, where)
    return sorted(found)


def readers(mask: int, person: Person | None) -> int:
    """Roles as bits, as this person may name them; None: the system.

    Raises:
        RefusedError: for bits that are no role, or roles of which the person has none.
    """
    if isinstance(mask, bool) or not isinstance(mask, int) or mask & ~_EVERY_ROLE or mask < 0:
        raise RefusedError(_("One of the roles does not exist."), "readers")
    # Else a refusal, or its absence, would tell of a source that is kept from this person.
    if mask and person is not None and not mask & person.roles:
        raise RefusedError(_("Name one of your own roles too: you can’t keep it from yourself."), "readers")
    return mask


def check_secrecy(tlp: str, mask: int, *, measures: bool = False, days: bool = False) -> None:
    """Check that TLP and readers fit each other.

    Raises:
        RefusedError: for TLP:RED without named roles, or a restriction that measured counts, or days in the calendar of
            a country, can't keep.
    """
    if tlp == Tlp.RED and not mask:
        raise RefusedError(_("TLP:RED is for named people only: say which roles may read it."), "readers")
    if days and (mask or tlp not in {Tlp.CLEAR, Tlp.GREEN}):
        words = _("Occasions are for everybody who reads, so a calendar can’t be restricted.")
        raise RefusedError(words, "readers" if mask else "tlp")
    if measures and (mask or tlp not in {Tlp.CLEAR, Tlp.GREEN}):
        words = _("What this kind measures goes into charts that everybody reads, so it can’t be restricted.")
        raise RefusedError(words, "readers" if mask else "tlp")


def checked_requirement(draft: RequirementDraft) -> dict[str, Any]:
    """The columns of a requirement, cleaned.

    Raises:
        RefusedError: for the first thing that is wrong.
    """
    harms, kinds = list(dict.fromkeys(draft.harms)), list(dict.fromkeys(draft.streams))
    for harm in harms:
        _one_of(harm, [one.key for one in HARMS], "harms")
    for name in kinds:
        _one_of(name, KINDS, "streams")
    return {
        "question": _needed(line(draft.question, 300), "question", _("Write what we need to know, as a question.")),
        "why": clean(draft.why, 5_000).strip(),
        "asked_by": _needed(line(draft.asked_by, 120), "asked_by", _("Say who asked.")),
        "countries": countries(draft.countries),
        "languages": languages(draft.languages),
        "harms": harms,
        "streams": kinds,
        "review_on": draft.review_on,
    }


def _kind(name: str) -> Kind:
    if name not in KINDS:
        raise RefusedError(_("There is no such kind of source."), "kind")
    return kind(name)


def _address(text: str) -> str:
    try:
        address = urls.read(line(text, 2_000)).text
    except HttpError as error:
        raise RefusedError(error.message, "url") from None
    if len(address) > 1_000:
        raise RefusedError(_("The address is too long."), "url")
    return address


def host_and_port(address: str) -> str:
    """The host of an address with its port, the usual one filled in; empty if it can't be read."""
    try:
        return urls.read(address).name
    except HttpError:
        return ""


def allowed_host(text: str, person: Person | None) -> str:
    """The host and port of a server inside, as this person may allow it; empty for none. None: the system.

    Raises:
        RefusedError: for what is no host and port, or a person who may not allow any.
    """
    name = line(text, 200).lower()
    if name and not _HOST_AND_PORT.fullmatch(name):
        raise RefusedError(_("Write host and port, such as feeds.internal:8080."), "allow_private")
    if name and person is not None and not person.may(Right.PEOPLE):
        raise RefusedError(_("Ask the lead: only they may let a source reach a server inside."), "allow_private")
    return name


def _allowed_host(text: str, address: str, person: Person | None) -> str:
    name = allowed_host(text, person)
    if name and name != host_and_port(address):
        words = _("Only the host and port of the address itself can be allowed: %(name)s.")
        raise RefusedError(words % {"name": host_and_port(address)}, "allow_private")
    return name


def _interval(value: timedelta) -> timedelta:
    if not SHORTEST_INTERVAL <= value <= LONGEST_INTERVAL:
        raise RefusedError(_("The interval must lie between ten seconds and 400 days."), "expected_every")
    return value


def _variant(what: Kind, options: Mapping[str, Any], mask: int) -> str:
    # Readers belong to it, so that adding an address openly never tells that it is a restricted source already.
    text = what.variant(options) + (f"|readers:{mask}" if mask else "")
    return hashlib.sha256(text.encode()).hexdigest()[:16] if text else ""


def _one_of(value: object, known: Iterable[str], where: str) -> str:
    if not isinstance(value, str) or value not in set(known):
        raise RefusedError(_("This is not one of the choices."), where)
    return value


def _needed(value: str, where: str, words: str) -> str:
    if not value:
        raise RefusedError(words, where)
    return value


def _typed(value: Any, wanted: type, where: str) -> Any:
    if not isinstance(value, wanted):
        raise RefusedError(_("This value does not fit."), where)
    return value
