"""Language versions of an issue: the same facts and numbers in another language, in words that a person translated.

A version is begun from an issue, whose words are frozen, or from a draft, whose every change it follows. Nothing is
added to it and nothing left out, so whoever holds every version learns no number that one of them does not tell.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from babel import Locale, UnknownLocaleError
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tocsin.alerts import clock
from tocsin.audit.actions import record
from tocsin.lib.names import random_name
from tocsin.lib.tlp import Tlp
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.reports import coarsening, shipped_words, wording
from tocsin.reports.arranging import check_language
from tocsin.reports.audiences import AUDIENCES
from tocsin.reports.composing import Piece, sentence, whole
from tocsin.reports.facts import Fact, Nature, Source, Topic
from tocsin.reports.forms.ready import locale_of
from tocsin.reports.keeping import Kept, fact_out
from tocsin.reports.models import Draft, Edit, Issue
from tocsin.reports.numerals import differing, numerals
from tocsin.reports.refusals import RefusedError
from tocsin.reports.speaking import speaking, spoken

_BESIDE = ("report", "gathered", "corrects__report", "corrects__draft")


def begin(by: Person, issue: Issue, language: str) -> Draft:
    """Begin a version of an issue in another language; the one that is being translated is given instead.

    Raises:
        RefusedError: for no language, one in which it is there already, or when this person may not.
    """
    return _begin(by, issue.draft if issue.draft.original is None else issue.draft.original, language)


def begin_early(by: Person, draft: Draft, language: str) -> Draft:
    """Begin a version of a draft that is not released yet. It follows every change of its original.

    Raises:
        RefusedError: for no language, one in which it is there already, what was put away, or when this person may not.
    """
    return _begin(by, draft if draft.original is None else draft.original, language)


def _begin(by: Person, draft: Draft, language: str) -> Draft:
    if not by.may(Right.REPORTS):
        raise RefusedError(_("You may not translate reports. Ask a lead or an analyst."))
    language = language.strip()
    check_language(language)
    with transaction.atomic():
        original = Draft.objects.select_for_update(of=("self",)).select_related(*_BESIDE).get(pk=draft.pk)
        issue = _issue(original)
        there = released_in(issue) if issue is not None else {}
        if language.lower() in {one.lower() for one in (original.language, *there)}:
            raise RefusedError(_("It is there in this language already. If something in it is wrong, correct it."))
        if issue is not None and (later := newer(issue)) is not None:
            raise RefusedError(_("It was corrected. Translate %(issue)s instead.") % {"issue": later.name})
        if original.state == Draft.State.DROPPED:
            raise RefusedError(_("It was put away: there is nothing to translate."))
        if (found := open_in(original, language)) is not None:
            follow(original)
            return _open(original).get(pk=found.pk)
        return _begun(original, issue, language, by)


def begin_all(issue: Issue) -> None:
    """Begin a version in each language of its report, and in each in which the issue that it corrects is to be had;
    those that were begun before the release become versions of the issue.

    In the transaction of the release. Where sentences stayed, their translation stays too.
    """
    if issue.translates_id is not None:
        return
    original = Draft.objects.select_related(*_BESIDE).get(pk=issue.draft_id)
    languages = dict.fromkeys(issue.report.languages)
    if issue.corrects is not None:
        languages |= dict.fromkeys(released_in(issue.corrects))
        languages |= dict.fromkeys(_open(issue.corrects.draft).values_list("language", flat=True))
    for early in list(_open(original).select_for_update(of=("self",))):
        early.translates, early.corrects = issue, _before(original, early.language)
        early.wrong = issue.wrong if early.corrects is not None else ""
        early.save(update_fields=["translates", "corrects", "wrong"])
        languages.pop(early.language, None)
    follow(original)
    for language in languages:
        if language.lower() != original.language.lower() and open_in(original, language) is None:
            _begun(original, issue, language, None)
    if issue.corrects is not None:
        _put_away(issue.corrects.draft, _("Its original was corrected: the new one is translated."))


def follow(original: Draft) -> None:
    """Bring every version of a draft to what it says now. Words whose original stayed keep their translation; those
    whose original is another fall back to be worded again, with how they were worded beside.

    In the transaction of the change.
    """
    for row in list(_open(original).select_for_update(of=("self",))):
        known, issue = {one["source"]: one for one in parts(row) if wording.is_worded(one)}, row.translates
        _follow(row, original, issue, known)


def put_away(original: Draft) -> None:
    """Put the versions of a draft away that was put away itself, in its transaction."""
    _put_away(original, _("Its original was put away."))


def _put_away(original: Draft, said: str) -> None:
    _open(original).update(state=Draft.State.DROPPED, why_put_away=said[:200])


def newer(issue: Issue) -> Issue | None:
    """The issue that took the place of this one: its correction, or that of the original where it has none yet."""
    rows = Issue.objects.select_related("report", "draft")
    found = rows.filter(corrects=issue).first()
    if found is None and issue.translates_id is not None:
        found = rows.filter(corrects=issue.translates_id).first()
    return found


def released_in(issue: Issue) -> dict[str, Issue]:
    """The versions of an issue that were released, by language; of each the newest edition."""
    rows = issue.versions.select_related("report", "draft").order_by("edition")
    return {one.language: one for one in rows}


def open_in(original: Draft, language: str) -> Draft | None:
    """The version that is being translated."""
    return _open(original).filter(language__iexact=language).first()


def being_translated(original: Draft) -> Sequence[Draft]:
    """Every version that is being translated."""
    return list(_open(original).order_by("language"))


def parts(draft: Draft) -> Iterator[Piece]:
    """Everything in a version that has an original: sentences, and the words beside them."""
    for block in draft.blocks:
        yield from (*block.get("sentences", ()), *block.get("words", ()))


def untranslated(draft: Draft) -> list[Piece]:
    """The parts of a version that stand in the words of the original."""
    return [one for one in parts(draft) if "source" in one and not wording.is_worded(one)]


def strays(draft: Draft) -> bool:
    """Whether a version is not one of its original as it stands: other facts, parts, or words to translate."""
    original = draft.original
    assert original is not None
    if (
        draft.translates is None
        or draft.translates.draft_id != original.pk
        or draft.gathered_id != original.gathered_id
    ):
        return True
    mends = draft.corrects is not None and draft.corrects.translates_id == draft.translates_id
    if mends and draft.withdraws:
        return False
    laid, _own = _laid(original, draft.translates, draft.language)
    marks = {"version", "correction"} if mends else {"version"}
    mine, theirs = ([one for one in each if one.get("name") not in marks] for each in (draft.blocks, laid))
    return _bones(mine) != _bones(theirs) or draft.dropped != original.dropped


def spoken_by_original(draft: Draft) -> bool:
    """Whether the original's words are in the language in which forms say that what nobody translated is."""
    assert draft.original is not None
    return _base(draft.original.language) == _base(spoken(draft.language))


def missing(one: Piece) -> list[str]:
    """The numbers of an original sentence that its translation does not say, whatever digits it is written with."""
    return differing(one["source"], one["text"])[0] if "source" in one else []


def added(one: Piece) -> list[str]:
    """The numbers that a translation says and its original sentence does not, or not as often."""
    return differing(one["source"], one["text"])[1] if "source" in one else []


def places_unread(draft: Draft) -> tuple[str, ...]:
    """The protected countries whose cities no check finds in this version, which leaves: a person vouches for it."""
    if draft.original_id is None or not AUDIENCES[draft.audience].outside:
        return ()
    return coarsening.without_cities(draft.language)


def name_of_language(language: str) -> str:
    """What a language is called in the language of the moment; its code where nobody knows."""
    try:
        known = Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return language
    return known.get_display_name(locale_of(get_language() or "en")) or language


def _open(original: Draft) -> QuerySet[Draft]:
    # But for those that mend a version which was released.
    rows = original.version_drafts.filter(state=Draft.State.OPEN).exclude(corrects__draft__original=original)
    return rows.select_related("report", "gathered", "corrects", "translates__report", "original")


def _issue(original: Draft) -> Issue | None:
    return Issue.objects.select_related("report", "draft", "corrects").filter(draft=original).first()


def _begun(original: Draft, issue: Issue | None, language: str, by: Person | None) -> Draft:
    at, before = clock.now(), _before(original, language) if issue is not None else None
    draft = Draft(
        public_id=random_name(10), report=original.report, gathered=original.gathered, audience=original.audience,
        language=language, since=original.since, until=original.until, template=original.template, original=original,
        translates=issue, cleared=original.cleared, corrects=before,
        wrong=original.wrong if before is not None else "", withdraws=original.withdraws, made_by=by, made_at=at,
        changed_at=at,
    )  # fmt: skip
    _filled(draft, original, issue, _memory(original, language))
    draft.save()
    record(by.pk if by is not None else None, "report.version", f"draft:{draft.public_id}", of=original.public_id)
    return draft


def _follow(row: Draft, original: Draft, issue: Issue | None, known: Mapping[str, Piece]) -> None:
    old, stood = {one["id"]: one for one in parts(row)}, (row.blocks, row.own_facts, row.dropped, row.title)
    _filled(row, original, issue, known)
    row.cleared = list(dict.fromkeys([*original.cleared, *row.cleared]))
    changed = []
    for one in parts(row):
        was = old.get(one["id"])
        if was is not None and was["source"] == one["source"]:
            one.update({key: was[key] for key in ("since", "was") if key in was})
            continue
        changed.append(one["id"])
        one["since"] = row.version + 1
        if was is not None and wording.is_worded(was) and not wording.is_worded(one):
            one["was"] = was["text"]
    if (row.blocks, row.own_facts, row.dropped, row.title) == stood:
        return
    row.version, row.changed_at = row.version + 1, clock.now()
    row.save()
    Edit.objects.create(
        draft=row, version=row.version, verb="follow", part=Edit.ORDER, at=row.changed_at, after=" ".join(changed)
    )
    record(None, "report.follow", f"draft:{row.public_id}", version=row.version, again=len(changed))


def _filled(row: Draft, original: Draft, issue: Issue | None, known: Mapping[str, Piece]) -> None:
    """Give a version the parts of its original: in words that are known, in ours, or to be worded."""
    row.blocks, row.own_facts = _laid(original, issue, row.language)
    row.dropped, row.withdraws, row.title_by = original.dropped, original.withdraws, original.title_by
    left = [one for one in parts(row) if "source" in one and one["source"] not in known]
    ours = shipped_words.ours(original, row.language) if left else shipped_words.Ours()
    for one in parts(row):
        _say(one, known, ours)
    row.title = next(one["text"] for one in parts(row) if one["id"] == wording.TITLE)


def _say(one: Piece, known: Mapping[str, Piece], ours: shipped_words.Ours) -> None:
    source = one["source"]
    if (said := known.get(source)) is not None:
        one.update({"text": said["text"], **{key: True for key in ("by_hand", "ours") if said.get(key)}})
    elif source in ours.whole:
        one.update({"text": ours.whole[source], "ours": True})
    elif source in ours.parts:
        one["offer"] = ours.parts[source]


def _before(original: Draft, language: str) -> Issue | None:
    """The version that this one takes the place of: that of the issue which was corrected."""
    return released_in(original.corrects).get(language) if original.corrects is not None else None


def _memory(original: Draft, language: str) -> Mapping[str, Piece]:
    """How parts of the issue before were worded, by the words that they had."""
    if original.corrects is None:
        return {}
    released = released_in(original.corrects).get(language)
    begun = open_in(original.corrects.draft, language)
    found = [released.draft if released is not None else None, begun]
    worded = (one for each in found if each is not None for one in parts(each) if "source" in one)
    return {one["source"]: one for one in worded if wording.is_worded(one)}


def _laid(original: Draft, issue: Issue | None, language: str) -> tuple[list[Piece], list[Kept]]:
    """The blocks of a version with every part in the words of its original, and the facts that are its own."""
    dropped, met, own = frozenset(original.dropped), {original.title}, list(original.own_facts)
    blocks = [_to_translate(one, dropped, met, original.language) for one in original.blocks]
    if issue is not None and not original.withdraws:
        with speaking(language):
            fact = _version_fact(issue, language)
        mark = {**sentence("version", fact.says, [fact.key]), "source": fact.says}
        blocks.insert(0, {"kind": "paragraph", "name": "version", "sentences": [mark]})
        own.append(fact_out(fact))
    return [wording.title_piece(original.title), *blocks], own


def _to_translate(piece: Piece, dropped: frozenset[str], met: set[str], language: str) -> Piece:
    """A block of the original, each of its parts with its words as the source of its translation."""
    if "sentences" not in piece:
        piece = wording.named(piece, language)
        return {**piece, "words": words} if (words := wording.to_word(piece, met)) else piece
    made = []
    for one in piece["sentences"]:
        read = whole(one, dropped)
        bare = sentence(one["id"], read["text"], read["facts"], read["opinion_of"])
        made.append({**bare, "source": read["text"]})
    return {**piece, "sentences": made}


def _bones(blocks: Iterable[Piece]) -> list[object]:
    """What a version has of its original: pieces, and of each part its name, its original and what it rests on."""
    return [
        (
            {key: value for key, value in one.items() if key not in {"sentences", "words"}},
            [(each["id"], each.get("source"), each["facts"], each["opinion_of"])
             for key in ("sentences", "words") for each in one.get(key, ())],
        )
        for one in blocks
    ]  # fmt: skip


def _version_fact(issue: Issue, language: str) -> Fact:
    values = {"issue": issue.name, "language": name_of_language(language)}
    says = _("This is issue %(issue)s in %(language)s, translated by us. Where the two differ, the original holds.")
    url = reverse("reports:issue", args=[issue.public_id])
    return Fact(
        key=f"version:{issue.public_id}", topic=Topic.CORRECTION, nature=Nature.RECORDED, says=says % values,
        sources=(Source("issue", issue.public_id, issue.title, url, issue.released_at),), as_of=issue.released_at,
        tlp=Tlp.CLEAR, exercise=issue.exercise, rank=1000,
    )  # fmt: skip


def _base(language: str) -> str:
    return language.split("-")[0].lower()


def numbers(text: str) -> tuple[str, ...]:
    """The numbers of a text as they are written, in their order."""
    return tuple(one.written for one in numerals(text))
