"""What stands beside a statement outside: no title of ours, no address of the console, no name of a person."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import lru_cache

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tocsin.people.models import Person
from tocsin.reports import masking
from tocsin.reports.facts import Fact, Source
from tocsin.reports.masking import Found

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


def outward(fact: Fact, audience: str) -> Fact:
    """A fact as it may stand in an issue that leaves: in the words of its audience, its sources by their kind."""
    sources = tuple(dict.fromkeys(_source(one) for one in fact.sources))
    author = _("our team") if fact.author else ""
    said = fact.words.get(audience, fact.says)
    return replace(fact, says=said, words={}, sources=sources, author=author, readers=0)


def _source(source: Source) -> Source:
    if source.kind in _AS_THEY_ARE:
        return replace(source, url="")
    if source.kind in {"issue", "gathered"}:
        title = (
            _("An earlier issue of this report") if source.kind == "issue" else _("What we gathered for this report")
        )
        return replace(source, id="", title=title, url="")
    return replace(source, id="", title=str(_CALLED.get(source.kind, _("Our own record"))), url="")


def names_in(text: str, cleared: Collection[str]) -> tuple[Found, ...]:
    """What in a text could name a person or lead to one, but for what an editor said is none."""
    found = masking.found(text, _team())
    return tuple(one for one in found if one.text not in cleared)


def _team() -> frozenset[str]:
    """The names of our own people: the first that somebody could be asked about."""
    return _kept(tuple(Person.objects.filter(is_active=True).order_by("pk").values_list("name", flat=True)))


@lru_cache(maxsize=4)
def _kept(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(names)
