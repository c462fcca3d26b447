"""Playbooks, protections and authorities, for programs: to read."""

from datetime import date, timedelta
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from tocsin.alerts import clock
from tocsin.lib.inputs import Country
from tocsin.people.api_auth import Bearer
from tocsin.people.roles import Right
from tocsin.responses.playbooks import authorities, library
from tocsin.responses.playbooks.authorities import Advice
from tocsin.responses.playbooks.library import ENGLISH, Standing
from tocsin.responses.playbooks.protecting import protections
from tocsin.responses.playbooks.shapes import Playbook, Step

router = Router(tags=["playbooks"])

_READ = Bearer(Right.READ)
_PLANS = Bearer(Right.PLANS)
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,38}[a-z0-9]$", examples=["detained"])]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[a-z0-9]{2,8})?$", max_length=12, examples=["es"])]


class Wanted(Schema):
    """In which language."""

    language: Language = ENGLISH


class PlaybookOut(Schema):
    """How a playbook stands. ``stale``: a translation whose original moved on. ``digest`` names its exact words.

    ``unreviewed`` names the parts that nobody of the team has looked at as they read now; ``reviewed``: there is none.
    """

    key: str
    language: str
    title: str
    version: int
    harms: list[str]
    severity: str
    reviewed: bool
    reviewed_on: date | None
    unreviewed: list[str]
    stale: bool
    digest: str


class PlaybookStepOut(Schema):
    """One step, due so many minutes after somebody took the matter on."""

    phase: str
    minutes: int
    function: str
    text: str
    approval: bool
    at_once: bool
    second_look: bool
    protections: list[str]


class PairOut(Schema):
    """Two texts that belong together: what not to do and why, words and when, what to watch and what then."""

    text: str
    about: str


class OptionOut(Schema):
    """A way to go. ``reversible`` is yes, partly or no."""

    title: str
    benefit: str
    risk: str
    cost: str
    reversible: str
    undoing: str


class PlaybookPartOut(Schema):
    """One part of a text, and on which day somebody of the team last looked at it as it reads now."""

    part: str
    digest: str
    reviewed_on: date | None


class ToldOut(Schema):
    """Who must be told of what, within so many minutes."""

    minutes: int
    function: str
    text: str


class PlaybookDetail(PlaybookOut):
    """A playbook with everything that it says."""

    use: list[str]
    told: list[ToldOut]
    steps: list[PlaybookStepOut]
    never: list[PairOut]
    words: list[PairOut]
    indicators: list[PairOut]
    stop: list[str]
    options: list[OptionOut]
    helps_nobody: list[PairOut]
    languages: list[str]
    parts: list[PlaybookPartOut]
    text: str


class ProtectionOut(Schema):
    """What can be done on the wikis, by whom, and whom it may hurt."""

    key: str
    title: str
    does: str
    who: str
    reach: str
    any_hour: bool
    minutes: int
    log: str
    undo: str
    undoing: str
    accused: str
    informants: str
    bystanders: str
    risk_check: bool


class AdviceOut(Schema):
    """What holds for the police of a country. ``answer`` is yes, no or ask; only ever go by it, not by ``written``."""

    country: str
    answer: str
    written: str
    function: str | None
    verified: bool
    stale: bool


class QuarterOut(Schema):
    """Disclosures to authorities in one quarter, exact: hide small numbers before they leave the team."""

    year: int
    quarter: int
    told: int
    approved: int


@router.get("/playbooks", response=list[PlaybookOut], auth=_READ, summary="List playbooks")
def playbooks(request: HttpRequest) -> list[PlaybookOut]:
    """Every playbook in English, as it is in force, by title."""
    return [PlaybookOut(**_plain(one)) for one in library.standings()]


@router.get("/playbooks/protections", response=list[ProtectionOut], auth=_READ, summary="List protections")
def playbook_protections(request: HttpRequest) -> list[ProtectionOut]:
    """The table of protections, in English."""
    names = ProtectionOut.model_fields
    return [ProtectionOut(**{name: getattr(one, name) for name in names}) for one in protections().values()]


@router.get("/playbooks/{key}", response=PlaybookDetail, auth=_READ, summary="Read a playbook")
def playbook(request: HttpRequest, key: Key, wanted: Query[Wanted]) -> PlaybookDetail:
    """One playbook in one language, as it is in force."""
    found = library.standing(key, wanted.language)
    if found is None:
        raise Http404
    return _detail(found)


@router.get("/authorities", response=list[AdviceOut], auth=_READ, summary="List what holds for authorities")
def authorities_listed(request: HttpRequest) -> list[AdviceOut]:
    """Every country of which somebody wrote something. Any other: ask counsel first."""
    at = clock.now()
    return [_advice(authorities.advice_of(row.country, row, at)) for row in authorities.in_force()]


@router.get("/authorities/{country}", response=AdviceOut, auth=_READ, summary="Read what holds for a country")
def authority(request: HttpRequest, country: Country) -> AdviceOut:
    """What holds for a country; ``ask`` where nothing is known."""
    return _advice(authorities.advice(country))


@router.get("/disclosures/quarters", response=list[QuarterOut], auth=_PLANS, summary="Count disclosures by quarter")
def disclosures_by_quarter(request: HttpRequest) -> list[QuarterOut]:
    """How often an authority was told something, by quarter. An empty list: nobody ever counted one."""
    return [QuarterOut(**{name: getattr(one, name) for name in QuarterOut.model_fields}) for one in
            authorities.by_quarter()]  # fmt: skip


def _plain(one: Standing) -> dict[str, Any]:
    book = one.playbook
    said = {name: getattr(book, name) for name in ("key", "language", "title", "version", "severity", "digest")}
    looks = {name: getattr(one, name) for name in ("reviewed", "reviewed_on", "stale")}
    return {**said, **looks, "harms": list(book.harms), "unreviewed": list(one.unreviewed)}


def _detail(one: Standing) -> PlaybookDetail:
    book = one.playbook
    original = library.playbook(book.key)
    languages = [each.language for each in library.translations(original)] if original is not None else []
    return PlaybookDetail.model_validate(
        {
            **_plain(one),
            **_said(book),
            "languages": [ENGLISH, *languages],
            "parts": [
                PlaybookPartOut(part=each.part.name, digest=each.part.digest, reviewed_on=each.on) for each in one.parts
            ],
            "text": book.text,
        }
    )


def _said(book: Playbook) -> dict[str, Any]:
    return {
        "use": list(book.use),
        "told": [ToldOut(minutes=_minutes(one.within), function=one.function, text=one.text) for one in book.told],
        "steps": [_step(one) for one in book.steps],
        "never": [PairOut(text=one.text, about=one.why) for one in book.never],
        "words": [PairOut(text=one.text, about=one.when) for one in book.words],
        "indicators": [PairOut(text=one.text, about=one.then) for one in book.indicators],
        "stop": list(book.stop),
        "options": [OptionOut(**{name: getattr(one, name) for name in OptionOut.model_fields}) for one in book.options],
        "helps_nobody": [PairOut(text=one.text, about=one.why) for one in book.helps_nobody],
    }


def _step(one: Step) -> PlaybookStepOut:
    return PlaybookStepOut(
        phase=one.phase, minutes=_minutes(one.within), function=one.function, text=one.text, approval=one.approval,
        at_once=one.at_once, second_look=one.second_look, protections=list(one.protections),
    )  # fmt: skip


def _minutes(length: timedelta) -> int:
    return int(length.total_seconds()) // 60


def _advice(one: Advice) -> AdviceOut:
    return AdviceOut(
        country=one.country, answer=one.answer, written=one.written, function=one.function, verified=one.verified,
        stale=one.stale,
    )  # fmt: skip
