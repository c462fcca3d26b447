"""The drafts of a round side by side: where each stands, and what each of them loses of the same facts."""

from collections import Counter
from dataclasses import dataclass
from typing import Literal, TypeAlias

from django.utils.translation import gettext as _

from tocsin.people.models import Person
from tocsin.reports import checking, eyes, present, shown
from tocsin.reports.audiences import AUDIENCES, Audience
from tocsin.reports.editing import agreement_of
from tocsin.reports.laying import digest_of, document_of
from tocsin.reports.models import Draft, Issue, Report, Round

State: TypeAlias = Literal["drafted", "edited", "agreed", "released", "away", "none"]


@dataclass(frozen=True, slots=True)
class Loss:
    """Why so many of the gathered facts stand nowhere for one audience."""

    why: str
    count: int


@dataclass(frozen=True, slots=True)
class Beside:
    """One audience of a round. ``draft`` is None where none was made, or the last one was put away.

    ``state`` is one of drafted, edited, agreed, released, away and none; ``words`` says it. ``mend`` counts what blocks
    its release; ``told`` of the ``of`` gathered facts stand in it, and ``losses`` says why the others do not.
    """

    audience: Audience
    report: Report
    draft: Draft | None
    state: State
    words: str
    issue: Issue | None = None
    mend: int = 0
    told: int = 0
    of: int = 0
    losses: tuple[Loss, ...] = ()


def abreast(person: Person, row: Round) -> list[Beside]:
    """Each audience of a set with its draft of this round, as far as this person may see it."""
    drafts: dict[int, Draft] = {}
    found = row.drafts.select_related("report", "gathered", "corrects", "translates").order_by("pk")
    for one in found:
        # The newest holds; one that was put away is told where nothing came after it.
        drafts[one.report_id] = one
    members = {one.audience: one for one in row.together.members.order_by("-pk")}
    with present.one_look():
        return [_beside(person, members[key], drafts.get(members[key].pk)) for key in AUDIENCES if key in members]


def _beside(person: Person, report: Report, draft: Draft | None) -> Beside:
    audience = AUDIENCES[report.audience]
    if draft is None:
        return Beside(audience, report, None, "none", _("not drafted"))
    if draft.state == Draft.State.DROPPED:
        return Beside(audience, report, None, "away", _("put away"))
    closed = eyes.closed_to(person, draft)
    gathered = {one["key"] for one in draft.gathered.facts}
    lines = [one for one in shown.standing(draft, closed) if one.fact.key in gathered]
    losses = Counter(one.why for one in lines if not one.where)
    state, words = _state(draft, audience)
    open_ = draft.state == Draft.State.OPEN
    return Beside(
        audience,
        report,
        draft,
        state,
        words,
        issue=None if open_ else Issue.objects.filter(draft=draft).select_related("report").first(),
        mend=sum(one.blocks for one in checking.problems(draft)) if open_ else 0,
        told=sum(bool(one.where) for one in lines),
        of=len(lines),
        losses=tuple(Loss(why, count) for why, count in losses.most_common()),
    )


def _state(draft: Draft, audience: Audience) -> tuple[State, str]:
    if draft.state == Draft.State.RELEASED:
        return "released", _("released")
    if audience.agreed and agreement_of(draft, digest_of(document_of(draft))) is not None:
        return "agreed", _("agreed")
    return ("edited", _("edited")) if draft.version > 1 else ("drafted", _("drafted"))
