"""What one reader may not see of a draft by now, however it is written: it is looked up anew each time it is shown."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from tocsin.people.models import Person
from tocsin.reports import comparing, present
from tocsin.reports.composing import Piece, whole
from tocsin.reports.drafting import title_of
from tocsin.reports.facts import Fact, wordings
from tocsin.reports.keeping import fact_in
from tocsin.reports.models import Draft
from tocsin.reports.wording import TITLE


@dataclass(frozen=True, slots=True)
class Closed:
    """What somebody may not see: facts by their keys, the runs of words that tell of them, and sentences whole."""

    keys: frozenset[str] = frozenset()
    runs: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()

    def tells(self, *texts: str) -> bool:
        """Whether one of these texts tells of it."""
        return bool(self.keys) and (not self.texts.isdisjoint(texts) or bool(comparing.said_again(texts, self.runs)))

    def said(self, text: str, keys: Sequence[str] = ()) -> str:
        """A text as it may be shown; where it tells of what is closed, that it does."""
        return closed_words() if not self.keys.isdisjoint(keys) or self.tells(text) else text


def closed_words() -> str:
    """What stands in the place of a sentence that somebody may not see."""
    return _("What stood here is for others by now.")


def closed_to(person: Person, draft: Draft) -> Closed:
    """What of a draft, and of what was gathered for it, somebody may not see at this moment."""
    kept = [fact_in(one) for one in [*draft.gathered.facts, *draft.own_facts]]
    keys = present.hidden_from(person, kept)
    if not keys:
        return Closed()
    open_to_them = "\n".join(comparing.letters(said) for one in kept if one.key not in keys for said in wordings(one))
    runs = {run for one in kept if one.key in keys for said in wordings(one) for run in comparing.runs(said)}
    cited = [one for block in draft.blocks for one in block.get("sentences", ()) if keys & set(one["facts"])]
    texts = {one["text"] for one in cited} | {whole(one, draft.dropped)["text"] for one in cited}
    texts |= {one.says for one in kept if one.key in keys}
    return Closed(keys, frozenset(one for one in runs if one not in open_to_them), frozenset(texts))


@dataclass(frozen=True, slots=True)
class Titled:
    """A draft with the title that somebody may see, and whose it is; empty where it was generated."""

    draft: Draft
    title: str
    by: str


def titled(person: Person, draft: Draft, closed: Closed | None = None) -> Titled:
    """A draft under its title; under the generated one where its own tells of what is closed to this person."""
    if not draft.title_by and draft.title == title_of(draft):
        return Titled(draft, draft.title, "")
    # What a translation tells is not found in its words, but in those of its original.
    told = [one["source"] for block in draft.blocks for one in block.get("words", ()) if one["id"] == TITLE]
    if (closed or closed_to(person, draft)).tells(draft.title, *told):
        return Titled(draft, title_of(draft), "")
    return Titled(draft, draft.title, draft.title_by)


def seen_of(piece: Piece, closed: Closed, dropped: Collection[str]) -> Piece:
    """A block of a draft as somebody may see it: sentences that tell of what is closed are named, not shown."""
    if "words" in piece:
        piece = {**piece, "words": [_sentence(one, closed) for one in piece["words"]]}
    if piece["kind"] in {"heading", "hint"}:
        return {**piece, "text": closed.said(piece["text"])}
    if "sentences" not in piece:
        return piece
    return {**piece, "sentences": [_sentence(whole(one, dropped), closed) for one in piece["sentences"]]}


def _sentence(kept: Piece, closed: Closed) -> Piece:
    said = closed.said(kept["text"], kept["facts"])
    if said == kept["text"] and not closed.tells(kept.get("source", ""), kept.get("offer", ""), kept.get("was", "")):
        return kept
    said = closed_words()
    kept = {key: value for key, value in kept.items() if key not in {"offer", "was"}}
    kept = {**kept, "source": said} if "source" in kept else kept
    return {**kept, "text": said, "facts": [one for one in kept["facts"] if one not in closed.keys], "closed": True}


def gathered_for(person: Person, facts: Iterable[Fact]) -> list[Fact]:
    """What was gathered, as far as somebody may see it at this moment, under today's ceilings."""
    given = present.as_now(facts)
    hidden = present.hidden_from(person, given)
    return [one for one in given if one.key not in hidden]
