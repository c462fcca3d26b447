"""What stands between a draft and its release. Each finding names the very sentence, and what to do."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tocsin.lib.charts import Chart
from tocsin.reports import coarsening, comparing, likelihoods, outward, present, versions
from tocsin.reports.audiences import AUDIENCES, Audience, barred, within
from tocsin.reports.document import (
    Document,
    Figure,
    Heading,
    Sentence,
    Table,
    WorldMap,
    sentences,
    unsourced,
)
from tocsin.reports.drafting import title_of
from tocsin.reports.editing import agreement_of, opening
from tocsin.reports.eyes import Closed
from tocsin.reports.facts import Fact, Nature, Topic, wordings
from tocsin.reports.forms.cleaning import as_seen
from tocsin.reports.gathering import words
from tocsin.reports.gathering.period import Gatherer
from tocsin.reports.keeping import Kept, block_out
from tocsin.reports.laying import digest_of, document_of, facts_of
from tocsin.reports.models import Draft
from tocsin.reports.names import to_mask
from tocsin.reports.withheld import withheld, written_out

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend. ``blocks`` says that nothing can be released before."""

    kind: str
    says: str
    text: str = ""
    blocks: bool = True
    words: str = ""


def problems(draft: Draft) -> list[Problem]:
    """Everything that is wrong with a draft as it stands, what blocks first."""
    document, known, audience = document_of(draft), facts_of(draft), AUDIENCES[draft.audience]
    found = [
        *_without_source(document),
        *_without_opening(draft, document),
        *_unsigned_title(draft),
        *_above(document, known, audience),
        *_calming(document, known, audience),
        *_closed(draft, document, known),
        *_withdrawn(document, known),
        *_unchanged(draft, document),
        *_quoted(document, known, audience),
        *_mixed(document, known),
        *_loose_numbers(document, known),
        *(_unjudged(document, known) if audience.brief else ()),
        *(_of_a_version(draft) if draft.original_id is not None else ()),
        *(_named(draft, document) if audience.outside else ()),
        *(_named_again(draft, document) if audience.outside and draft.original_id is not None else ()),
    ]
    # That an issue is withdrawn waits for nobody's yes.
    if audience.agreed and not _is_notice(draft, document) and agreement_of(draft, digest_of(document)) is None:
        says = _("Whom it is about has not agreed with this version. Show it to them, then write down who agreed.")
        found.append(Problem("agreement", says))
    return sorted(found, key=lambda one: not one.blocks)


def concealed(found: Problem, closed: Closed) -> Problem:
    """What is to be mended as somebody may see it: without words of what is closed to them."""
    if not closed.tells(found.text, found.says, found.words):
        return found
    return replace(found, says=_("Something that is for others by now stands in it. Leave it out."), text="", words="")


def _without_source(document: Document) -> Iterator[Problem]:
    for text in unsourced(document):
        says = _("This rests on no fact. Choose what it rests on, or remove it: “%(text)s”") % {"text": _short(text)}
        yield Problem("unsourced", says, text)


def _of_a_version(draft: Draft) -> Iterator[Problem]:
    """What keeps a translation from telling what its original tells."""
    yield from _original(draft)
    for one in versions.parts(draft):
        if lost := versions.missing(one):
            values = {"numbers": ", ".join(lost), "text": _short(one["text"])}
            says = _("The original says %(numbers)s, and the translation does not: “%(text)s”")
            yield Problem("translation", says % values, one["text"])
        if more := versions.added(one):
            values = {"numbers": ", ".join(more), "text": _short(one["text"])}
            says = _("The translation says %(numbers)s, and the original does not, or not as often: “%(text)s”")
            yield Problem("translation", says % values, one["text"])
    waiting, count = versions.untranslated(draft), sum("source" in one for one in versions.parts(draft))
    if waiting and not draft.withdraws:
        says = ngettext(
            "%(n)d part of %(all)d is not translated yet. Left so, it stands in the words of the original.",
            "%(n)d parts of %(all)d are not translated yet. Left so, they stand in the words of the original.",
            len(waiting),
        )
        blocks = not any(one.get("by_hand") for one in versions.parts(draft)) or not versions.spoken_by_original(draft)
        yield Problem("untranslated", says % {"n": len(waiting), "all": count}, blocks=blocks)


def _original(draft: Draft) -> Iterator[Problem]:
    """What keeps a version from being released after its original, and as one of it."""
    if draft.translates is None:
        yield Problem("original", _("Its original is not released yet. This follows it, and can be released after it."))
    elif (later := versions.newer(draft.translates)) is not None:
        says = _("Its original was corrected by %(issue)s. Put this away, and translate that one.")
        yield Problem("original", says % {"issue": later.name})
    elif versions.strays(draft):
        says = _("It does not follow its original. Begin it again from there: what was translated stays.")
        yield Problem("original", says)


def _without_opening(draft: Draft, document: Document) -> Iterator[Problem]:
    """What an issue begins with and that no longer stands there as it was generated."""
    stands = {(one.text, one.facts) for one in sentences(document)}
    if draft.original_id is not None:
        # In another language, and nothing can be taken out of it.
        return
    for fact in opening(draft):
        if (fact.says, (fact.key,)) not in stands:
            says = _("This must stand in it as it was generated. Put this draft away and begin anew: “%(text)s”")
            yield Problem("opening", says % {"text": _short(fact.says)}, fact.says)


def _unsigned_title(draft: Draft) -> Iterator[Problem]:
    """A title rests on nothing: it is generated, or somebody stands for it."""
    if draft.original_id is None and not draft.title_by and draft.title != title_of(draft):
        says = _("Nobody stands for this title. Change it, so that it says whose it is, or leave it empty: “%(text)s”")
        yield Problem("title", says % {"text": draft.title}, draft.title)


def _above(document: Document, known: Mapping[str, Fact], audience: Audience) -> Iterator[Problem]:
    for key, fact in document.facts.items():
        why = barred(known.get(key, fact), audience)
        if why is not None:
            values = {"why": why, "text": _short(fact.says)}
            yield Problem("ceiling", _("A fact can’t go to this audience: %(why)s “%(text)s”") % values, fact.says)
    if not within(document.tlp, audience.ceiling):
        yield Problem("ceiling", _("The issue as a whole is above what this audience may receive."))


def _calming(document: Document, known: Mapping[str, Fact], audience: Audience) -> Iterator[Problem]:
    """Likelihoods that this audience is not told, whoever cites them, as situations stand at this moment."""
    hidden = likelihoods.untold(known.values(), audience, exercise=document.exercise)
    for key, fact in document.facts.items():
        if key in hidden and barred(known.get(key, fact), audience) is None:
            values = {"why": hidden[key], "text": _short(fact.says)}
            yield Problem("ceiling", _("A fact can’t go to this audience: %(why)s “%(text)s”") % values, fact.says)


def _closed(draft: Draft, document: Document, known: Mapping[str, Fact]) -> Iterator[Problem]:
    """Facts of what was closed to some of those who read this report inside, since it was gathered."""
    reader = Gatherer(readers=draft.report.readers)
    for key, fact in document.facts.items():
        if draft.audience == "operational" and not reader.reads(known.get(key, fact).readers):
            says = _("What this rests on is for some of the team only by now. Leave it out: “%(text)s”")
            yield Problem("ceiling", says % {"text": _short(fact.says)}, fact.says)


def _unchanged(draft: Draft, document: Document) -> Iterator[Problem]:
    """A correction that says what was wrong, and leaves it as it was."""
    if draft.corrects is None or draft.withdraws:
        return
    if draft.original_id is not None and draft.translates_id != draft.corrects.translates_id:
        # It follows a correction of its original, whose change may not show in this language.
        return
    old = draft.corrects.document
    now = [block_out(one) for one in document.blocks]
    if _seen([document.title, _mended(now)]) == _seen([old["title"], _mended(old["blocks"])]):
        says = _("But for its notice it says what the old issue says. Mend what was wrong, or withdraw the issue.")
        yield Problem("unchanged", says)


def _seen(kept: object) -> object:
    """The same with every text as its reader sees it."""
    match kept:
        case str():
            return as_seen(kept)
        case dict():
            # That an editor wrote a sentence anew is not read in it.
            return {key: _seen(one) for key, one in kept.items() if key != "by_hand"}
        case list() | tuple():
            return [_seen(one) for one in kept]
    return kept


def _mended(blocks: Iterable[Kept]) -> list[Kept]:
    """Blocks without the notices of corrections."""
    return [one for one in blocks if not any(_is_mark(sentence) for sentence in one.get("sentences", ()))]


def _is_mark(sentence: Kept) -> bool:
    return any(key.startswith("correction:") for key in sentence["facts"])


def _is_notice(draft: Draft, document: Document) -> bool:
    """Whether nothing stands in it but that an issue is withdrawn."""
    return draft.withdraws and not _mended([block_out(one) for one in document.blocks])


def _withdrawn(document: Document, known: Mapping[str, Fact]) -> Iterator[Problem]:
    """Facts that rest on what was taken back since, or is no longer there."""
    cited = [known[key] for key in document.facts if key in known]
    keys = present.withdrawn(cited)
    for fact in cited:
        if fact.key in keys:
            says = _("What this rests on was taken back, or is no longer there. Leave it out: “%(text)s”")
            yield Problem("withdrawn", says % {"text": _short(fact.says)}, fact.says)


def _quoted(document: Document, known: Mapping[str, Fact], audience: Audience) -> Iterator[Problem]:
    """Words of a fact that this audience may not have, typed or pasted into what it reads, however they are written."""
    may = [known[key] for key in document.facts if key in known and barred(known[key], audience) is None]
    allowed = "\n".join(comparing.letters(said) for one in may for said in _open_words(one, audience))
    secret = {run for one in known.values() if barred(one, audience) is not None for run in _secret_runs(one)}
    texts = [document.title, *_headings(document), *(one.text for one in sentences(document))]
    for text in comparing.said_again(dict.fromkeys(texts), [one for one in secret if one not in allowed]):
        says = _("This says what this audience may not receive. Write it anew, or remove it: “%(text)s”")
        yield Problem("ceiling", says % {"text": _short(text)}, text)


def _open_words(fact: Fact, audience: Audience) -> Iterator[str]:
    """What an audience reads of a fact; the team reads all of it."""
    if audience.outside:
        yield fact.words.get(audience.key, fact.says)
    else:
        yield from wordings(fact)


def _secret_runs(fact: Fact) -> Iterator[str]:
    for said in dict.fromkeys(wordings(fact)):
        yield from comparing.runs(said)


def _headings(document: Document) -> Iterator[str]:
    yield from (one.text for one in document.blocks if isinstance(one, Heading))


def _mixed(document: Document, known: Mapping[str, Fact]) -> Iterator[Problem]:
    for key, fact in document.facts.items():
        if known.get(key, fact).exercise != document.exercise:
            says = _("An exercise and what is real are never mixed. Leave this fact out: “%(text)s”")
            yield Problem("exercise", says % {"text": _short(fact.says)}, fact.says)


def _named(draft: Draft, document: Document) -> Iterator[Problem]:
    """Names, handles and addresses in what leaves: masked, or said to be none by a person."""
    known, listed = to_mask(), coarsening.protected()
    for text in dict.fromkeys(one for one in _texts(document) if one.strip()):
        for code in coarsening.told_in(text, draft.language, listed):
            if f"place:{code}" not in draft.cleared:
                values = {"place": words.place(code), "region": coarsening.named(code), "text": _short(text)}
                says = _("%(place)s is told as “%(region)s” outside. Write it so, or say that it may stand: “%(text)s”")
                yield Problem("place", says % values, text, words=f"place:{code}")
        for found in outward.names_in(text, draft.cleared, known):
            says = _("This may name a person: “%(words)s”. Mask it, or say that it is no name. In: “%(text)s”")
            yield Problem("name", says % {"words": found.text, "text": _short(text)}, text, words=found.text)


def _named_again(draft: Draft, document: Document) -> Iterator[Problem]:
    """Names in a version that its original masks, or that sound like one of those or of the team in another script."""
    hidden, known = withheld(draft), to_mask()
    for text in dict.fromkeys(one for one in _texts(document) if one.strip()):
        for found in written_out(text, hidden, known, draft.cleared):
            if found.sure:
                says = _("The original does not say this name: “%(words)s”. Leave it out of: “%(text)s”")
            else:
                says = _("This sounds like a name that the original masks: “%(words)s”. Leave it out, or say that it "
                         "is none. In: “%(text)s”")  # fmt: skip
            values = {"words": found.text, "text": _short(text)}
            yield Problem("name", says % values, text, words="" if found.sure else found.text)


def _texts(document: Document) -> Iterator[str]:
    """Every text of what leaves, also what stands in its table of figures alone."""
    yield document.title
    yield from (one.text for one in sentences(document))
    for block in document.blocks:
        match block:
            case Heading():
                yield block.text
            case Table():
                yield from (block.title, *block.columns, block.note, *(cell for row in block.rows for cell in row))
            case Figure():
                yield from _texts_of_chart(block.chart)
            case WorldMap():
                yield from (
                    block.title,
                    block.description,
                    *map(words.place, {*block.levels, *block.missing}),
                    *block.names.values(),
                )
    yield from (one.says for one in document.facts.values())


def _texts_of_chart(chart: Chart) -> Iterator[str]:
    yield from (chart.title, chart.description)
    for strip in chart.strips:
        yield from (strip.title, *(one.note for one in strip.marks), *(one.label for one in strip.windows))


def _loose_numbers(document: Document, known: Mapping[str, Fact]) -> Iterator[Problem]:
    """Numbers that none of the facts says. A notice alone: rounding and adding up are an editor's work."""
    for one in sentences(document):
        loose = sorted(set(_NUMBER.findall(one.text)) - _numbers(one, known))
        if loose and one.facts:
            values = {"numbers": ", ".join(loose), "text": _short(one.text)}
            says = _("None of the facts that this rests on says %(numbers)s. Look whether it is right: “%(text)s”")
            yield Problem("number", says % values, one.text, blocks=False)


def _unjudged(document: Document, known: Mapping[str, Fact]) -> Iterator[Problem]:
    """A brief that nobody stands behind: all that it says matters is a machine's. A notice alone."""
    told = [known[key] for one in sentences(document) for key in one.facts if key in known]
    weighed = [one for one in told if one.topic is Topic.SITUATION and one.key.endswith(":state")]
    if weighed and all(one.nature is not Nature.ASSESSED for one in weighed):
        says = _("No person has judged anything of what it says matters. Judge the gravest first, or say so in words.")
        yield Problem("unjudged", says, blocks=False)


def _numbers(sentence: Sentence, known: Mapping[str, Fact]) -> set[str]:
    found: set[str] = set()
    for key in sentence.facts:
        if key in known:
            fact = known[key]
            for words in (fact.says, *fact.words.values(), *(one.title for one in fact.sources)):
                found |= set(_NUMBER.findall(words))
    return found


def _short(text: str) -> str:
    return text if len(text) <= 160 else text[:159] + "…"
