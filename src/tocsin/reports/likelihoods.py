"""Which likelihoods an audience is told. Where something is withheld there is silence, never calm.

Outside only what a person judged is told, and of each place and harm the highest.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tocsin.alliances import regions
from tocsin.lib.tlp import Tlp
from tocsin.reports import coarsening
from tocsin.reports.audiences import Audience, barred, within
from tocsin.reports.facts import Fact, Nature
from tocsin.situations.access import Situations
from tocsin.situations.models import Situation

_SINCE = "since-last:"
# The same words for every reason: they must not tell an editor whether something that they may not see is withheld.
WHY = _("Not told here: it could calm wrongly, no person judged it, or another of its country and harm stands for it.")


@dataclass(frozen=True, slots=True)
class _Told:
    """What a fact tells of: a situation by its public id (empty for a threat level), and which part of it."""

    fact: Fact
    name: str
    part: str
    now: bool  # False: it compares with an earlier issue

    @classmethod
    def of(cls, fact: Fact) -> "_Told | None":
        kind, _colon, rest = fact.key.removeprefix(_SINCE).partition(":")
        if kind == "level":
            return cls(fact, "", "level", not fact.key.startswith(_SINCE))
        name, _colon, part = rest.partition(":")
        known = kind == "situation" and part in {"state", "change", "forecast"}
        return cls(fact, name, part, not fact.key.startswith(_SINCE)) if known else None


@dataclass(frozen=True, slots=True)
class _Where:
    """A place as an audience is told it, and a harm."""

    place: str
    harm: str


def untold(facts: Iterable[Fact], audience: Audience, *, exercise: bool) -> Mapping[str, str | Promise]:
    """The keys of facts of a likelihood, or of a calm, that this audience is not told, each with why.

    Asks for the situations that are open at this moment, also for those that nobody gathered.
    """
    about = [told for one in facts if (told := _Told.of(one)) is not None]
    if not about or audience.key == "operational":
        return {}
    return dict.fromkeys(_Judging.of(about, audience, exercise).untold(), WHY)


@dataclass(frozen=True, slots=True)
class _Judging:
    about: Sequence[_Told]
    audience: Audience
    listed: Collection[str]
    still: Mapping[str, _Where]
    withheld: Collection[_Where]

    @classmethod
    def of(cls, about: Sequence[_Told], audience: Audience, exercise: bool) -> "_Judging":
        listed = coarsening.protected() if audience.outside else frozenset()
        rows = Situations(Situation).filter(state=Situation.State.OPEN, exercise=exercise)
        rows = rows.exclude(signals=0, assessments=None)
        found, withheld = {}, set()
        for name, country, harm, tlp, readers in rows.values_list("public_id", "country", "harm", "tlp", "readers"):
            found[name] = _Where(coarsening.place(country, listed), harm)
            if readers or not within(Tlp(tlp) if tlp in set(Tlp) else Tlp.RED, audience.ceiling):
                withheld |= _silenced(country, harm, audience, listed)
        for one in about:
            if one.name and one.fact.places and barred(one.fact, audience) is not None:
                for harm in one.fact.harms:
                    withheld |= _silenced(one.fact.places[0], harm, audience, listed)
        return cls(about, audience, listed, found, frozenset(withheld))

    def untold(self) -> list[str]:
        highest = self._highest() if self.audience.outside else {}
        return [one.fact.key for one in self.about if not self._may(one, highest)]

    def _may(self, one: _Told, highest: Mapping[_Where, _Told]) -> bool:
        where, outside = self._where(one), self.audience.outside
        if where is None or (outside and one.part == "level"):
            return not outside
        if one.now and one.part == "change" and one.fact.value is None and one.name in self.still:
            return True  # That something is new calms nobody.
        if where in self.withheld:
            return False
        if not outside:
            return True
        if one.part == "change" and one.fact.value is None:
            return not any(name != one.name and at == where for name, at in self.still.items())
        top = highest.get(where)
        if top is None or one.name != top.name or one.fact.nature is not Nature.ASSESSED:
            return False
        return _amount(one) == _amount(top)

    def _where(self, one: _Told) -> _Where | None:
        if not one.fact.places or not one.fact.harms:
            return None
        return _Where(coarsening.place(one.fact.places[0], self.listed), one.fact.harms[0])

    def _highest(self) -> dict[_Where, _Told]:
        found: dict[_Where, _Told] = {}
        judged = [one for one in self.about if one.now and one.part == "state" and one.fact.nature is Nature.ASSESSED]
        for one in sorted(judged, key=lambda each: (-_amount(each), each.name)):
            where = self._where(one)
            if where is not None and barred(one.fact, self.audience) is None:
                found.setdefault(where, one)
        return found


def _silenced(country: str, harm: str, audience: Audience, listed: Collection[str]) -> set[_Where]:
    """Of which places nothing likely is told: the place itself, and outside also the region that it lies in."""
    found = {_Where(coarsening.place(country, listed), harm)}
    if audience.outside and country:
        found |= {_Where(regions.covering(country) or regions.WORLD, harm)}
    return found


def _amount(one: _Told) -> float:
    return one.fact.value.amount if one.fact.value is not None else 0.0
