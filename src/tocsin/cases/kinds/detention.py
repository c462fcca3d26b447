"""Detention, followed for years: where and why, who defends, and the days that matter."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from tocsin.cases.kinds import base
from tocsin.cases.kinds.base import Due, Kind, Verb, Words

_AHEAD = timedelta(days=14)


@dataclass(frozen=True)
class Detention(Kind):
    """Somebody is held: since when, where, by whom, on what ground, who defends, who visits."""

    kind: ClassVar[str] = "detention"
    title: ClassVar[Words] = _("Detention")
    compartments: ClassVar[tuple[str, ...]] = ("legal", "account")
    verbs: ClassVar[tuple[Verb, ...]] = (
        Verb("looked", _("Looked after this month"), ("state_words", "look_on"), {}, lambda one: one.state == "held"),
        Verb("released", _("Released"), ("released_on", "state_words"), {"state": "released"},
             lambda one: one.state == "held"),
    )  # fmt: skip

    since: date | None = base.day(_("Since"), needed=True)
    place: str = base.line(_("Where"))
    authority: str = base.line(_("By whom"), needed=True)
    ground: str = base.text(_("On what ground, in their words and in law"))
    counsel: str = base.text(_("Counsel: who, chosen by whom, last seen"))
    family: str = base.text(_("Family: who speaks for whom, what they want, where they disagree"))
    visits: str = base.text(_("Visits, parcels, letters: who may, when"))
    health: str = base.text(_("Health and treatment"))
    look_on: date | None = base.day(_("Look again on"), _("At least every month."), needed=True)
    state_words: str = base.text(_("How they are now"), later=True, needed=True)
    released_on: date | None = base.day(_("Released on"), later=True, needed=True)
    state: str = base.hidden("held")

    @property
    def headline(self) -> str:
        """By whom."""
        return f"{self.authority} {self.place}".strip()

    @property
    def standing(self) -> Words:
        """Held or released."""
        return _("released") if self.state == "released" else _("held")

    @property
    def is_open(self) -> bool:
        """They are held."""
        return self.state == "held"

    def dues(self, now: datetime) -> list[Due]:
        """The monthly look, and each anniversary two weeks ahead."""
        if not self.is_open:
            return []
        found = [Due(self.look_on, _("Look after the person in detention"))] if self.look_on else []
        if self.since and (when := anniversary(self.since, now.date())) and when - _AHEAD <= now.date():
            found.append(Due(when, _("Anniversary of the arrest")))
        return found


def anniversary(since: date, today: date) -> date | None:
    """The next yearly return of a day, from today on; None before the first."""
    for year in (today.year, today.year + 1):
        try:
            when = since.replace(year=year)
        except ValueError:
            when = date(year, 3, 1)
        if when >= today and when > since:
            return when
    return None


@dataclass(frozen=True)
class Date(Kind):
    """A day that matters: a hearing, a visit, an appeal that ends, an anniversary."""

    kind: ClassVar[str] = "date"
    title: ClassVar[Words] = _("Hearing, visit or other day")
    compartments: ClassVar[tuple[str, ...]] = ("legal", "account", "communications")
    verbs: ClassVar[tuple[Verb, ...]] = (
        Verb("happened", _("It took place"), ("outcome",), {"state": "over"}, lambda one: one.state == "open"),
        Verb("moved", _("It was put off"), ("on", "at"), {}, lambda one: one.state == "open"),
    )

    what: str = base.choice(
        _("What"),
        (("hearing", _("hearing")), ("visit", _("visit")), ("deadline", _("time limit of the law")),
         ("release", _("release expected")), ("anniversary", _("anniversary")), ("other", _("something else"))),
    )  # fmt: skip
    words: str = base.line(_("In a line"), needed=True)
    on: date | None = base.day(_("On"), needed=True)
    at: str = base.line(_("At, and where"))
    goes: str = base.line(_("Who goes, who watches"))
    prepare: str = base.text(_("What must be ready"))
    outcome: str = base.text(_("What came of it"), later=True, needed=True)
    state: str = base.hidden("open")

    @property
    def headline(self) -> str:
        """In a line."""
        return self.words

    @property
    def standing(self) -> Words:
        """Whether it is over."""
        return _("over") if self.state == "over" else _("ahead")

    def dues(self, now: datetime) -> list[Due]:
        """Its day."""
        return [Due(self.on, self.words)] if self.state == "open" and self.on else []
