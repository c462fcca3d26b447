"""Every change that a person makes to a draft. Two may edit at once: what does not meet is kept side by side.

A change names the version that its writer saw. What others did since then stands, as long as it is about other parts;
where it is about the same part the change is refused with both wordings, and nothing is lost.
"""

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tocsin.alerts import clock
from tocsin.audit.actions import record
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.reports import drafting, eyes, likelihoods, masking, outward, present, recounting, versions
from tocsin.reports.audiences import AUDIENCES, barred
from tocsin.reports.composing import Piece, sentence, worded
from tocsin.reports.facts import Fact
from tocsin.reports.forms.cleaning import as_seen, clean, unturned
from tocsin.reports.keeping import fact_out
from tocsin.reports.laying import digest_of, document_of, facts_of
from tocsin.reports.models import Agreement, Draft, Edit
from tocsin.reports.refusals import RefusedError, refuse_unseen
from tocsin.reports.wording import TITLE, is_worded

LONGEST = 1_500
LONGEST_TITLE = 160
MOST_SENTENCES = 600
_FARTHEST_BEHIND = timedelta(hours=12)
# What is changed as a whole: two changes of it never meet.
ORDER = Edit.ORDER
# What may be done to a language version: other words, never more or fewer facts.
_OF_A_VERSION = frozenset({"write", "title", "mask", "clear"})
_GENERATED = ("correction:", "corrected:", "report:period")


@dataclass(frozen=True, slots=True)
class Others:
    """What others changed since the version that somebody saw."""

    edits: tuple[Edit, ...]

    @property
    def names(self) -> str:
        """Who they are."""
        return ", ".join(sorted({one.by.name for one in self.edits if one.by is not None}))


class MetError(RefusedError):
    """Somebody changed the same part meanwhile. ``theirs`` is how it stands now, ``mine`` what was meant."""

    def __init__(self, by: str, theirs: str, mine: str) -> None:
        message = _("%(who)s changed this very part meanwhile. Nothing was lost: both wordings stand below.")
        super().__init__(message % {"who": by or _("Somebody")})
        self.theirs, self.mine, self.moved = theirs, mine, False


class MovedError(MetError):
    """The original of what was to be translated is another by now: ``theirs`` is how it reads."""

    def __init__(self, theirs: str, mine: str) -> None:
        super().__init__("", theirs, mine)
        self.moved = True
        self.message = _(
            "The original of this changed meanwhile. Nothing was lost: its new words and yours stand below."
        )


def since(draft: Draft, version: int, by: Person) -> Others:
    """What others changed since a version."""
    rows = draft.edits.filter(version__gt=version).exclude(by=by).select_related("by").order_by("version")
    return Others(tuple(rows))


def sentences(blocks: Sequence[Piece]) -> Iterator[tuple[Piece, Piece]]:
    """Every sentence with the block that it stands in; of a language version also the words beside them."""
    for block in blocks:
        for one in (*block.get("sentences", ()), *block.get("words", ())):
            yield block, one


def write(by: Person, draft: Draft, version: int, name: str, text: str, keys: Sequence[str]) -> Draft:
    """Change the words of a sentence, and what it rests on. From then on it is marked as its writer's.

    Raises:
        MetError: when somebody else changed the same sentence since ``version``.
        RefusedError: with what to change, or for what an issue must begin with.
    """
    said = _words(text)

    def do(row: Draft) -> tuple[str, str]:
        one = _editable(row, name)
        if row.original_id is not None:
            return _translate(row, one, said, version)
        _citable(by, row, keys)
        before, facts_before = one["text"], set(one["facts"])
        worded(one, said)
        one["facts"] = list(dict.fromkeys(keys))
        # Its facts do not say what a person made of it: the words are marked as theirs, here and in the issue.
        if one["opinion_of"] or as_seen(said) != as_seen(before) or set(one["facts"]) != facts_before:
            one["opinion_of"] = by.name
        return before, said

    return _change(by, draft, version, "write", name, do, mine=said)


def _translate(row: Draft, one: Piece, said: str, version: int) -> tuple[str, str]:
    """Other words for a part of a version. What it rests on, and whose assessment it is, stays as in the original."""
    if one.get("since", 0) > version:
        raise MovedError(one["source"], said)
    if one["id"] == TITLE:
        row.title = _title(said)
    before = str(one["text"])
    worded(one, said)
    for key in ("ours", "offer", "was"):
        one.pop(key, None)
    return before, said


def word(by: Person, draft: Draft, version: int, texts: Mapping[str, str]) -> Draft:
    """Word several parts of a language version at once, by their ids; what is empty or as it stands is left.

    Raises:
        MetError: when somebody changed one of them since ``version``; the others stand.
        RefusedError: with what to change.
    """
    known, met = {one["id"]: one for _block, one in sentences(draft.blocks)}, None
    for name, text in texts.items():
        one = known.get(name)
        if one is None or not text.strip() or (clean(text) == one["text"] and is_worded(one)):
            continue
        try:
            draft = write(by, draft, version, name, text, [])
        except MetError as error:
            met = met or error
    if met is not None:
        raise met
    return draft


def add(by: Person, draft: Draft, version: int, after: int, text: str, keys: Sequence[str], *, opinion: bool) -> Draft:
    """Write a sentence of one's own into the block number ``after``, or behind it where that holds no sentences.

    ``opinion`` marks it as the writer's assessment, with their name; what cites facts is marked so in any case.

    Raises:
        RefusedError: with what to change.
    """
    said = _words(text)

    def do(row: Draft) -> tuple[str, str]:
        _citable(by, row, keys)
        if not 0 <= after < len(row.blocks) or sum(1 for _each in sentences(row.blocks)) >= MOST_SENTENCES:
            raise RefusedError(_("There is no room for it there. Open the draft anew."))
        new = sentence(f"e{row.version + 1}", said, list(dict.fromkeys(keys)), by.name if opinion or keys else "")
        worded(new, said)
        row.blocks.insert(after + 1, {"kind": "paragraph", "sentences": [new]})
        return "", said

    return _change(by, draft, version, "add", ORDER, do, mine=said)


def remove(by: Person, draft: Draft, version: int, name: str) -> Draft:
    """Take a sentence out. What it rested on stays among the facts.

    Raises:
        MetError: when somebody else changed the same sentence since ``version``.
        RefusedError: when it is what an issue must begin with.
    """

    def do(row: Draft) -> tuple[str, str]:
        one = _editable(row, name)
        row.blocks = [_without(block, name) for block in row.blocks]
        return one["text"], ""

    return _change(by, draft, version, "remove", name, do)


def drop(by: Person, draft: Draft, version: int, key: str, *, back: bool = False) -> Draft:
    """Leave a fact out, with every sentence, row and shade that rests on it alone; or bring it back.

    Raises:
        RefusedError: for a fact that is not among those of the draft, or that an issue must begin with.
    """

    def do(row: Draft) -> tuple[str, str]:
        if key not in facts_of(row) or (key.startswith(_GENERATED) and not back):
            raise RefusedError(_("This fact can’t be left out."))
        row.dropped = [one for one in row.dropped if one != key] + ([] if back else [key])
        return "", key

    return _change(by, draft, version, "back" if back else "drop", key, do)


def leave_closed(by: Person, draft: Draft, version: int) -> Draft:
    """Leave out everything that is closed to this person by now, with the sentences and the title that tell of it."""

    def do(row: Draft) -> tuple[str, str]:
        closed = eyes.closed_to(by, row)
        row.dropped = [*row.dropped, *sorted(closed.keys - set(row.dropped))]
        told = [one["id"] for _block, one in sentences(row.blocks) if closed.tells(one["text"])]
        for name in told:
            row.blocks = [_without(block, name) for block in row.blocks]
        if closed.tells(row.title):
            row.title, row.title_by = drafting.title_of(row), ""
        return "", ""

    return _change(by, draft, version, "closed", ORDER, do)


def recount(by: Person, draft: Draft, version: int) -> Draft:
    """Count again what was counted when it was gathered. Sentences that an editor worded stay as they are."""
    found = recounting.moved(draft, facts_of(draft))

    def do(row: Draft) -> tuple[str, str]:
        row.blocks = recounting.renewed(row, found)
        now = {one["key"]: one for one in row.own_facts}
        now |= {key: fact_out(one) for key, one in found.items() if one is not None}
        row.own_facts = list(now.values())
        row.dropped = [*row.dropped, *(key for key, one in found.items() if one is None and key not in row.dropped)]
        return "", ", ".join(sorted(found))

    return _change(by, draft, version, "recount", ORDER, do)


def mask(by: Person, draft: Draft, version: int, name: str) -> Draft:
    """Mask every name, handle and address in a sentence that nobody said is none.

    Raises:
        MetError: when somebody else changed the same sentence since ``version``.
        RefusedError: when it is what an issue must begin with.
    """

    def do(row: Draft) -> tuple[str, str]:
        one = _editable(row, name)
        before = one["text"]
        worded(one, masking.masked(before, outward.names_in(before, row.cleared)))
        return before, one["text"]

    return _change(by, draft, version, "mask", name, do)


def clear(by: Person, draft: Draft, version: int, words: str) -> Draft:
    """Say that words which look like a name are none. Who said so stays known.

    Raises:
        RefusedError: for no words, or such as nobody can type.
    """
    refuse_unseen(words)

    def do(row: Draft) -> tuple[str, str]:
        if not words.strip() or len(words) > LONGEST:
            raise RefusedError(_("Say which words are no name."))
        row.cleared = [*(one for one in row.cleared if one != words), words]
        return "", words

    return _change(by, draft, version, "clear", f"words:{words}"[:120], do)


def rename(by: Person, draft: Draft, version: int, title: str) -> Draft:
    """Give it a title of one's own, which then says whose it is; an empty one brings the generated one back.

    Raises:
        RefusedError: for one that is too long.
    """
    refuse_unseen(title)
    said = _title(unturned(title))
    if draft.original_id is not None:
        # The title of a version is its original's in other words, and says whose it is as that does.
        return write(by, draft, version, TITLE, said, [])

    def do(row: Draft) -> tuple[str, str]:
        before, generated = row.title, drafting.title_of(row)
        row.title, row.title_by = said or generated, by.name if said not in {"", generated} else ""
        return before, row.title

    return _change(by, draft, version, "title", TITLE, do, mine=said)


def put_away(by: Person, draft: Draft, why: str) -> None:
    """Make no issue of it. The next one covers its own time only, so say why.

    Raises:
        RefusedError: without a reason, or when it is no longer open.
    """
    refuse_unseen(why)
    reason = " ".join(why.split())[:200]
    if not reason:
        raise RefusedError(_("Say in a few words why there will be no issue."))
    with transaction.atomic():
        row = _open(by, draft)
        row.state, row.why_put_away, row.changed_at = Draft.State.DROPPED, reason, clock.now()
        row.save(update_fields=["state", "why_put_away", "changed_at"])
        versions.put_away(row)
        record(by.pk, "report.put_away", f"draft:{row.public_id}")


def agree(by: Person, draft: Draft, digest: str, with_whom: str, how: str, on: date) -> Agreement:
    """Write down that the affected community agreed with this exact version.

    Raises:
        RefusedError: when the draft is another by now, it read otherwise on that day, or it is not said who and how.
    """
    refuse_unseen(with_whom, how)
    whom, way = " ".join(with_whom.split())[:200], " ".join(how.split())[:300]
    if not whom or not way:
        raise RefusedError(_("Say who agreed and how you asked. No name of a person at risk: write a role or a group."))
    with transaction.atomic():
        row = _open(by, draft)
        if digest_of(document_of(row)) != digest:
            raise RefusedError(_("The draft changed since. Show them what stands there now, and ask again."))
        if on > clock.now().date():
            raise RefusedError(_("The day lies in the future."))
        # Where it is still the day before, somebody may write down what they were told a moment ago.
        if on < (stands_since(row) - _FARTHEST_BEHIND).date():
            raise RefusedError(
                _("Nobody could agree with it on that day: it reads so since %(day)s. Show them what stands there now.")
                % {"day": date_format(stands_since(row), "DATE_FORMAT")}
            )
        made = Agreement.objects.create(
            draft=row, digest=digest, with_whom=whom, how=way, agreed_on=on, by=by, at=clock.now()
        )
        record(by.pk, "report.agreed", f"draft:{row.public_id}", digest=digest)
        return made


def stands_since(draft: Draft) -> datetime:
    """Since when a draft reads as it does. Saying that words are no name changes none of them."""
    last = draft.edits.exclude(verb="clear").order_by("-version").first()
    return last.at if last is not None else draft.made_at


def agreement_of(draft: Draft, digest: str) -> Agreement | None:
    """Who agreed with this exact version; None while nobody did."""
    rows = draft.agreements.filter(digest=digest, taken_back_at=None).select_related("by")
    return rows.order_by("-pk").first()


def _title(said: str) -> str:
    if len(said) > LONGEST_TITLE:
        raise RefusedError(_("A title has at most %(n)d letters.") % {"n": LONGEST_TITLE})
    return said


def _words(text: str) -> str:
    refuse_unseen(text)
    said = clean(text)
    if not said:
        raise RefusedError(_("A sentence has words. To take it out, remove it."))
    if len(said) > LONGEST:
        raise RefusedError(_("A sentence has at most %(n)d letters.") % {"n": LONGEST})
    return said


def _citable(by: Person, draft: Draft, keys: Sequence[str]) -> None:
    known: dict[str, Fact] = facts_of(draft)
    hidden = present.hidden_from(by, [known[key] for key in keys if key in known])
    audience = AUDIENCES[draft.audience]
    untold = likelihoods.untold(known.values(), AUDIENCES[draft.audience], exercise=draft.report.exercise)
    for key in keys:
        if key not in known or key in hidden:
            raise RefusedError(_("A fact that this sentence rests on is not among those of the draft."))
        # What is not what this audience needs may still carry an editor's sentence; what is above its ceiling never.
        if (why := barred(known[key], audience) or untold.get(key)) is not None:
            raise RefusedError(_("A fact can’t carry this sentence here: %(why)s") % {"why": why})


def opening(draft: Draft) -> list[Fact]:
    """The facts that an issue of this draft must begin with, each in a sentence of its own, as they were generated."""
    known = facts_of(draft)
    first = [f"correction:{draft.corrects.public_id}"] if draft.corrects is not None else []
    keys = [*first, *(key for key in known if key.startswith(_GENERATED[1:]))]
    return [known[key] for key in keys if key in known]


def _editable(draft: Draft, name: str) -> Piece:
    """A sentence that an editor may change; what an issue begins with is generated."""
    if (name.startswith("top") or name == "correction") and draft.original_id is None:
        raise RefusedError(
            _("Every issue says which time it covers and what was corrected. That stays as it was generated.")
        )
    return _find(draft, name)


def _find(draft: Draft, name: str) -> Piece:
    found = next((one for _block, one in sentences(draft.blocks) if one["id"] == name), None)
    if found is None:
        raise RefusedError(_("This sentence is no longer there. Open the draft anew."))
    return found


def _without(block: Piece, name: str) -> Piece:
    if "sentences" not in block:
        return block
    return {**block, "sentences": [one for one in block["sentences"] if one["id"] != name]}


def _open(by: Person, draft: Draft) -> Draft:
    if not by.may(Right.REPORTS):
        raise RefusedError(_("You may not edit reports. Ask a lead or an analyst."))
    row = (
        Draft.objects.select_for_update(of=("self",))
        .select_related("report", "gathered", "corrects", "original")
        .get(pk=draft.pk)
    )
    if row.state != Draft.State.OPEN:
        raise RefusedError(_("It is not being edited any more. What is released changes by a correction only."))
    return row


def _change(
    by: Person,
    draft: Draft,
    version: int,
    verb: str,
    part: str,
    do: Callable[[Draft], tuple[str, str]],
    mine: str = "",
) -> Draft:
    refuse_unseen(part)
    with transaction.atomic():
        row = _open(by, draft)
        met = row.edits.filter(version__gt=version, part=part).exclude(by=by).exclude(part=ORDER)
        if (last := met.select_related("by").order_by("-version").first()) is not None:
            raise MetError(last.by.name if last.by is not None else "", last.after, mine)
        if row.original_id is not None and verb not in _OF_A_VERSION:
            raise RefusedError(
                _("A translation tells what its original tells. Correct the original: every version follows.")
            )
        row.blocks = copy.deepcopy(row.blocks)
        before, after = do(row)
        at = clock.now()
        row.version, row.changed_at = row.version + 1, at
        row.save(
            update_fields=["blocks", "own_facts", "dropped", "cleared", "title", "title_by", "version", "changed_at"]
        )
        Edit.objects.create(
            draft=row, version=row.version, verb=verb, part=part, by=by, at=at, before=before, after=after
        )
        record(by.pk, f"report.{verb}", f"draft:{row.public_id}", version=row.version)
        if row.original_id is None:
            versions.follow(row)
        return row
