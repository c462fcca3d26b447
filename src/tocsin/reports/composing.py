"""Makes the blocks of a draft out of facts, by a layout, for one audience; and says of each fact where it went.

A draft's blocks are JSON. Besides headings, paragraphs and bullets there are hints and places to write, which no reader
sees. Each sentence has an ``id`` of its own in its draft.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from tocsin.reports import coarsening
from tocsin.reports.audiences import Audience, barred, why_not
from tocsin.reports.facts import Fact, Nature, Topic
from tocsin.reports.gathering import words
from tocsin.reports.layout import Hint, Line, Part, Place

Piece: TypeAlias = dict[str, Any]
Draw: TypeAlias = Callable[[str, str, Sequence[Fact]], Piece | None]
Nothing: TypeAlias = Callable[[Topic, bool], Fact]


@dataclass(slots=True)
class Composed:
    """Blocks; where each fact stands, by its key; why each of the others stands nowhere; ``told`` stand as words or
    numbers, not only as a part of a picture."""

    blocks: list[Piece] = field(default_factory=list)
    placed: dict[str, str] = field(default_factory=dict)
    left: dict[str, str | Promise] = field(default_factory=dict)
    needed: dict[str, Fact] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)


def compose(
    lines: Iterable[Line],
    facts: Sequence[Fact],
    audience: Audience,
    draw: Draw,
    nothing: Nothing,
) -> Composed:
    """Lay facts out. ``draw`` makes a table, chart or map of those that may be shown; ``nothing`` is the fact that
    says that none about a topic is told, whether or not there is one above the ceiling; it is then in ``needed``."""
    made = Composed()
    may = []
    for fact in facts:
        why = why_not(fact, audience)
        if why is None:
            may.append(fact)
        else:
            made.left[fact.key] = why
    laying = _Laying(made, may, audience, draw, nothing, [one for one in facts if barred(one, audience) is not None])
    for line in lines:
        laying.put(line)
    for fact in may:
        if fact.key not in made.placed:
            made.left[fact.key] = laying.why_left(fact)
    return made


@dataclass(slots=True)
class _Laying:
    """One layout on its way, line by line."""

    made: Composed
    may: Sequence[Fact]
    audience: Audience
    draw: Draw
    nothing: Nothing
    withheld: Sequence[Fact]
    part: str = ""
    number: int = 0
    asked: set[Topic] = field(default_factory=set)
    judged: dict[str, str] = field(default_factory=dict)  # a judgement that was told, and in which part
    again: dict[str, str] = field(default_factory=dict)  # a fact that would tell one again, and where it stands
    full: dict[Topic, int] = field(default_factory=dict)

    def put(self, line: Line) -> None:
        """Lay one line out."""
        match line:
            case Part():
                self.part = line.text
                self.made.blocks.append({"kind": "heading", "text": line.text, "level": line.level})
            case Hint():
                self.made.blocks.append({"kind": "hint", "text": line.text})
            case Place(what="write"):
                self.made.blocks.append({"kind": "write"})
            case Place(what="facts"):
                self._facts(line)
            case Place():
                self._drawn(line)

    def _facts(self, place: Place) -> None:
        topic, placed = place.topic, self.made.placed
        assert topic is not None
        self.asked.add(topic)
        about = [one for one in self.may if one.topic is topic]
        fit = [one for one in about if place.nature in {None, one.nature} and one.key not in self.made.told]
        fit = [one for one in fit if not one.key.startswith("level:") or not _said_by_another(one, about)]
        fit = [one for one in fit if not self._told_already(one)]
        taken = _cut(self._once(_in_order(fit, self.audience)), min(place.most, self.audience.most), self.audience)
        if len(fit) > len(taken):
            self.full[topic] = len(taken)
        if not taken and not any(one.key in self.made.told or one.key in self.again for one in about):
            withheld = any(fact.topic is topic for fact in self.withheld)
            taken = [self.nothing(topic, withheld)]
            self.made.needed[taken[0].key] = taken[0]
        items = []
        for together in grouped(taken, self.audience):
            self.number += 1
            placed |= dict.fromkeys((one.key for one in together), self.part)
            self.judged |= {name: self.part for one in together if (name := _judgement(one))}
            self.made.told |= {one.key for one in together}
            items.append(_sentence_of(f"s{self.number}", together, self.audience))
        if items:
            self.made.blocks.append({"kind": "bullets" if len(items) > 1 else "paragraph", "sentences": items})

    def _told_already(self, fact: Fact) -> bool:
        """Whether the judgement that a fact tells stands in this report: a sentence tells it once, in one part."""
        name = _judgement(fact)
        if name not in self.judged:
            return False
        self.again[fact.key] = self.judged[name]
        return True

    def _once(self, facts: Sequence[Fact]) -> list[Fact]:
        """Without those that tell the same judgement as one before them."""
        found: dict[str, Fact] = {}
        for one in facts:
            if found.setdefault(_judgement(one) or one.key, one) is not one:
                self.again[one.key] = self.part
        return list(found.values())

    def _drawn(self, place: Place) -> None:
        piece = self.draw(place.what, place.name, self.may)
        if piece is None:
            self._nothing_drawn(place)
            return
        self.made.blocks.append(piece)
        for key in piece["facts"]:
            self.made.placed.setdefault(key, self.part)
        self.made.told.update(piece["told"])

    def _nothing_drawn(self, place: Place) -> None:
        """One line where a picture would be; outside none, since what is not drawn there may be withheld."""
        if place.what == "table" or self.audience.outside:
            return
        says = _("There is nothing to draw here: %(what)s. That does not mean that nothing happened.")
        titles = {"threat-levels": _("threat levels"), "alerts": _("alerts and answers"), "tasks": _("tasks of plans")}
        fact = self.nothing(Topic.CORRECTION, False)
        what = {"what": titles.get(place.name, place.name)}
        fact = replace(fact, key=f"nothing:{place.name}", says=says % what)
        if fact.key in self.made.needed:
            return
        self.made.needed[fact.key] = fact
        self.made.placed[fact.key] = self.part
        self.number += 1
        made = sentence(f"s{self.number}", fact.says, [fact.key])
        self.made.blocks.append({"kind": "paragraph", "sentences": [made]})

    def why_left(self, fact: Fact) -> str:
        """Why a fact that this audience may have stands nowhere."""
        if fact.key in self.again:
            return _("The same judgement stands in this report once: %(part)s.") % {"part": self.again[fact.key]}
        if fact.topic not in self.asked:
            return _("The layout of this audience has no place for it.")
        if fact.topic in self.full:
            return _("Others weigh more: this part has room for %(n)d.") % {"n": self.full[fact.topic]}
        return _("No place of the layout asks for it.")


def grouped(facts: Sequence[Fact], audience: Audience) -> list[list[Fact]]:
    """Facts that one sentence tells. Outside: situations of one harm that are as likely, and what reads the same.
    Inside: the situations of one country and harm."""
    found: dict[object, list[Fact]] = {}
    for fact in facts:
        own_words = audience.outside or (audience.brief and audience.key in fact.words)
        said: object = fact.words.get(audience.key, fact.says) if own_words else fact.key
        if (state := _state(fact)) is not None:
            said = state if audience.outside else _pair(fact) or fact.key
        found.setdefault(said, []).append(fact)
    return list(found.values())


def _cut(facts: list[Fact], most: int, audience: Audience) -> list[Fact]:
    """The first so many facts; for a brief, those of the first so many sentences."""
    if not audience.brief:
        return facts[:most]
    return [one for together in grouped(facts, audience)[:most] for one in together]


def _in_order(facts: Iterable[Fact], audience: Audience) -> list[Fact]:
    """What weighs most first. Inside situations of one country and harm stand together, the likeliest first: what cuts
    a list short never leaves the weaker without it."""
    chosen = sorted(facts, key=lambda one: (-one.rank, one.key))
    if audience.outside:
        return chosen
    places: dict[object, int] = {}
    for at, one in enumerate(chosen):
        places.setdefault(_pair(one) or one.key, at)
    return sorted(chosen, key=lambda one: (places[_pair(one) or one.key], -_amount(one), one.key))


def _pair(fact: Fact) -> tuple[str, str] | None:
    """The country and the harm of a fact about how things stand with a situation that has both."""
    known = _state(fact) is not None and fact.places and fact.harms
    return (fact.places[0], fact.harms[0]) if known else None


def _said_by_another(level: Fact, facts: Iterable[Fact]) -> bool:
    """Whether a situation says how likely this harm is in this country: then a level would say it twice."""
    return any(_pair(one) == (level.places[0], level.harms[0]) for one in facts)


def _judgement(fact: Fact) -> str:
    """The judgement that a fact tells whole: how likely something is now. Empty for one that tells of none."""
    if fact.nature is not Nature.ASSESSED or not fact.key.endswith((":state", ":forecast")):
        return ""
    return next((one.id for one in fact.sources if one.kind == "assessment"), "")


def _amount(fact: Fact) -> float:
    return fact.value.amount if fact.value is not None else 0.0


def _state(fact: Fact) -> tuple[str, str] | None:
    """The harm and the word of likelihood of a fact about how things stand with one situation."""
    if not (fact.key.startswith("situation:") and fact.key.endswith(":state")) or fact.value is None:
        return None
    return (fact.harms[0] if fact.harms else ""), words.likely(fact.value.amount)


def _sentence_of(name: str, together: Sequence[Fact], audience: Audience) -> Piece:
    first = together[0]
    brief = audience.brief and _pair(first) is not None
    if _state(first) is None or (len(together) == 1 and not brief):
        return sentence(name, first.words.get(audience.key, first.says), [one.key for one in together])
    harm = first.harms[0] if first.harms else ""
    if audience.outside:
        places = [_place_and_day(one) for one in together]
        said = words.chance(harm, _("these places"), _amount(first))
        pattern = _("%(said)s, as our team judged: {places}.") % {"said": said}
    else:
        places = [_chance(one) if brief else _title_and_chance(one) for one in together]
        values = {"harm": words.harm(harm), "place": words.place(first.places[0])}
        many = brief and len(together) > 1
        # Without titles, several chances in a row would read as doubt about one thing.
        pattern = (
            _("%(harm)s in %(place)s, situation by situation: {places}.")
            if many
            else _("%(harm)s in %(place)s: {places}.")
        )
        pattern %= values
    made = sentence(name, "", [one.key for one in together])
    # Each place knows which fact it comes from, so that a fact that is dropped takes its place along.
    return whole(
        {**made, "pattern": pattern, "places": [[one.key, at] for one, at in zip(together, places, strict=True)]}
    )


def _place_and_day(fact: Fact) -> str:
    """A place as it may be told outside, with when it was judged."""
    code = fact.places[0] if fact.places else ""
    at = next((one.at for one in fact.sources if one.kind == "assessment"), fact.as_of)
    return _("%(place)s (%(day)s)") % {"place": coarsening.named(code), "day": coarsening.moment(at, code)}


def _title_and_chance(fact: Fact) -> str:
    """A situation by its title for the team, with how likely it is and whether a person said so."""
    share = words.percent(_amount(fact))
    values = {"title": fact.sources[0].title.rstrip(" ."), "word": words.likely(_amount(fact)), "share": share}
    if fact.nature is Nature.ASSESSED:
        return _("“%(title)s”, %(word)s (%(share)s)") % values
    return _("“%(title)s”, %(word)s (%(share)s; no person has judged it yet)") % values


def _chance(fact: Fact) -> str:
    """How likely a situation is and whether a person said so, without its title: headlines are for who reads on."""
    values = {"word": words.likely(_amount(fact)), "share": words.percent(_amount(fact))}
    if fact.nature is Nature.ASSESSED:
        return _("%(word)s (%(share)s)") % values
    return _("%(word)s (%(share)s; no person has judged it yet)") % values


def whole(kept: Piece, dropped: Collection[str] = ()) -> Piece:
    """A sentence as it reads without these facts. One that an editor worded reads as it was worded."""
    if "pattern" not in kept:
        return kept
    places = dict.fromkeys(at for key, at in kept["places"] if key not in dropped)
    facts = [key for key in kept["facts"] if key not in dropped]
    return {**kept, "facts": facts or kept["facts"], "text": kept["pattern"].replace("{places}", "; ".join(places))}


def worded(kept: Piece, text: str) -> None:
    """Put an editor's words in the place of a sentence's own."""
    kept["text"], kept["by_hand"] = text, True
    kept.pop("pattern", None)
    kept.pop("places", None)


def sentence(name: str, text: str, facts: Sequence[str], opinion_of: str = "") -> Piece:
    """A sentence of a draft."""
    return {"id": name, "text": text, "facts": list(facts), "opinion_of": opinion_of}
