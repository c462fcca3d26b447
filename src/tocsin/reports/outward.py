"""What stands beside a statement outside: no title of ours, no address of the console, no name of a person."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tocsin.reports import coarsening, masking
from tocsin.reports.audiences import Audience, barred
from tocsin.reports.facts import Fact, Source
from tocsin.reports.masking import Found
from tocsin.reports.names import to_mask

# What a source of each kind is called outside. Kinds that are not named here are called our own record.
_CALLED: Mapping[str, str | Promise] = {
    "situation": gettext_lazy("What independent sources reported, gathered by us"),
    "assessment": gettext_lazy("A dated judgement of our team"),
    "look": gettext_lazy("What independent sources reported, gathered by us"),
    "source": gettext_lazy("Our record of what we could not see"),
    "alerts": gettext_lazy("Our record of alerts"),
}
# These say how something is counted, and nothing of anybody.
_AS_THEY_ARE = frozenset({"measure", "playbook", "counts"})


@dataclass(frozen=True, slots=True)
class Leaving:
    """What an issue that leaves is laid out with: for whom, which countries are not named, what is said to be no name,
    and the names that are masked."""

    audience: str
    unnamed: frozenset[str]
    cleared: Collection[str]
    known: Collection[str]

    @classmethod
    def of(cls, audience: str, cleared: Collection[str]) -> "Leaving":
        """As the list of countries, the team and its allies stand now."""
        unnamed = frozenset(one for one in coarsening.protected() if f"place:{one}" not in cleared)
        return cls(audience, unnamed, cleared, to_mask())

    def words(self, text: str, places: Collection[str]) -> str:
        """Words of ours as they may leave: regions for the countries that they are about, names masked."""
        coarse = coarsening.coarsened(text, self.unnamed & set(places))
        return masking.masked(coarse, names_in(coarse, self.cleared, self.known))


def outward(fact: Fact, leaving: Leaving, told: str = "") -> Fact:
    """A fact as it may stand in an issue that leaves: in the words of the sentence that tells it there, or else of its
    audience; its sources by their kind."""
    sources = tuple(dict.fromkeys(_source(one) for one in fact.sources))
    author = _("our team") if fact.author else ""
    said = told or leaving.words(fact.words.get(leaving.audience, fact.says), fact.places)
    places = tuple(dict.fromkeys(coarsening.place(one) for one in fact.places))
    if places != fact.places:
        first = datetime(fact.as_of.year, fact.as_of.month, 1, tzinfo=UTC)
        sources = tuple(replace(one, at=first) for one in sources)
        fact = replace(fact, as_of=first)
    if fact.value is not None and fact.value.unit == "probability":
        # A word of likelihood is told outside, never the number behind it.
        fact = replace(fact, value=None)
    return replace(fact, says=said, words={}, sources=sources, author=author, readers=0, places=places, course=())


def _source(source: Source) -> Source:
    if source.kind in _AS_THEY_ARE:
        return replace(source, id="", url="")
    if source.kind in {"issue", "gathered"}:
        title = (
            _("An earlier issue of this report") if source.kind == "issue" else _("What we gathered for this report")
        )
        return replace(source, id="", title=title, url="")
    return replace(source, id="", title=str(_CALLED.get(source.kind, _("Our own record"))), url="")


def unnamable(facts: Iterable[Fact], audience: Audience) -> frozenset[str]:
    """The keys of facts about a country that is not named outside, and that have no words without it."""
    if not audience.outside:
        return frozenset()
    listed = coarsening.protected()
    here = [one for one in facts if barred(one, audience) is None and audience.key not in one.words]
    return frozenset(one.key for one in here if set(one.places) & listed)


def names_in(text: str, cleared: Collection[str], known: Collection[str] | None = None) -> tuple[Found, ...]:
    """What in a text could name a person or lead to one, but for what an editor said is none.

    ``known`` spares looking up the names of the team and of allies again.
    """
    found = masking.found(text, to_mask() if known is None else known)
    return tuple(one for one in found if one.text not in cleared)
