"""Situations, judgements of them, threat levels and what changed, for programs."""

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from ninja import Query, Router

from tocsin.analysis.taxonomy import HARMS
from tocsin.lib.inputs import Id, Moment
from tocsin.lib.pages import Limit, Listed, Part, after
from tocsin.lib.territories import TERRITORIES
from tocsin.people.api_auth import Bearer, caller
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.signals.access import access_signal, signals_for
from tocsin.signals.api import SignalOut, signals_out
from tocsin.signals.models import Signal
from tocsin.situations import actions
from tocsin.situations import api_shapes as shapes
from tocsin.situations.access import access_event, access_situation, levels_for, log_of, situations_for
from tocsin.situations.api_shapes import PublicId
from tocsin.situations.calibrating import calibration
from tocsin.situations.changes import changed_since, last_look
from tocsin.situations.explaining import rivals_for, turns_for
from tocsin.situations.models import Assessment, Member, MembershipEvent, Situation, Subscription

router = Router(tags=["situations"])

_MEMBERS = 50
_VERSIONS = 20
_LINES = 30
_READ = Bearer(Right.READ)
_ASSESS = Bearer(Right.ASSESS)


@router.get("/situations", response=Listed[shapes.SituationOut], auth=_READ, summary="List situations")
def listed(request: HttpRequest, filters: Query[shapes.SituationFilters]) -> Listed[shapes.SituationOut]:
    """Situations that you may read, those that began last first; for the worst first, ask for the ranking."""
    rows, following = after(_narrowed(caller(request), filters), filters.cursor, filters.limit)
    return Listed[shapes.SituationOut](items=[shapes.situation_out(row) for row in rows], next=following)


@router.get("/ranking", response=list[shapes.SituationOut], auth=_READ, summary="The situations of most expected harm")
def ranking(request: HttpRequest, filters: Query[shapes.RankingFilters]) -> list[shapes.SituationOut]:
    """The worst situations first, as the console's list shows them."""
    rows = _narrowed(caller(request), filters).order_by("-rank", "-pk")[: filters.limit]
    return [shapes.situation_out(row) for row in rows]


@router.get("/situations/{public_id}", response=shapes.SituationDetail, auth=_READ, summary="Read one situation")
def one(request: HttpRequest, public_id: PublicId) -> shapes.SituationDetail:
    """One situation: what it is, how sure, what it rests on. The id of a merged one gives the one it went into."""
    person = caller(request)
    row = access_situation(person, public_id)
    members = list(_members(person, row).order_by("-at", "-pk")[:_MEMBERS])
    return shapes.SituationDetail.model_validate(
        shapes.fields(row)
        | {
            "reasons": row.reasons,
            "suggested": row.suggested,
            "rivals": shapes.rivals_out(rivals_for(person, row)),
            "turns": shapes.turns_out(turns_for(row)),
            "members": signals_out(person, members),
            "assessments": [shapes.assessment_out(one) for one in _assessments(row)[:_VERSIONS]],
            "log": shapes.events_out(person, list(log_of(person, row).order_by("-pk")[:_LINES])),
            "following": Subscription.objects.filter(person=person, topic=f"situation:{row.public_id}").exists(),
        }
    )


@router.get(
    "/situations/{public_id}/signals", response=Listed[SignalOut], auth=_READ, summary="List a situation's signals"
)
def members(request: HttpRequest, public_id: PublicId, part: Query[Part]) -> Listed[SignalOut]:
    """Every signal in the situation, those that came last first."""
    person = caller(request)
    rows, following = after(_members(person, access_situation(person, public_id)), part.cursor, part.limit)
    return Listed[SignalOut](items=signals_out(person, rows), next=following)


@router.get(
    "/situations/{public_id}/log", response=Listed[shapes.EventOut], auth=_READ, summary="Read the membership log"
)
def log(request: HttpRequest, public_id: PublicId, part: Query[Part]) -> Listed[shapes.EventOut]:
    """Every line of the membership log, newest first."""
    person = caller(request)
    rows, following = after(log_of(person, access_situation(person, public_id)), part.cursor, part.limit)
    return Listed[shapes.EventOut](items=shapes.events_out(person, rows), next=following)


@router.get(
    "/situations/{public_id}/assessments",
    response=Listed[shapes.AssessmentOut],
    auth=_READ,
    summary="List a situation's assessments",
)
def assessments(request: HttpRequest, public_id: PublicId, part: Query[Part]) -> Listed[shapes.AssessmentOut]:
    """Every version of the human judgement, newest first."""
    row = access_situation(caller(request), public_id)
    rows, following = after(_assessments(row), part.cursor, part.limit)
    return Listed[shapes.AssessmentOut](items=[shapes.assessment_out(one) for one in rows], next=following)


@router.post(
    "/situations/{public_id}/assessments",
    response={201: shapes.AssessmentOut},
    auth=_ASSESS,
    summary="Assess a situation",
)
def assess(request: HttpRequest, public_id: PublicId, given: shapes.AssessmentIn) -> shapes.AssessmentOut:
    """Add a version of the judgement. Earlier versions are kept."""
    person = caller(request)
    return shapes.assessment_out(actions.assess(person, access_situation(person, public_id), given.judgement()))


@router.post(
    "/situations/{public_id}/merge", response={201: shapes.EventOut}, auth=_ASSESS, summary="Merge another into it"
)
def merge(request: HttpRequest, public_id: PublicId, given: shapes.MergeIn) -> shapes.EventOut:
    """Move everything of another situation into this one. The other's id leads here; undo the line to part them."""
    person = caller(request)
    row, other = access_situation(person, public_id), access_situation(person, given.other)
    return _line(person, actions.merge(person, row, other, given.reason))


@router.post(
    "/situations/{public_id}/split", response={201: shapes.SituationOut}, auth=_ASSESS, summary="Split signals off"
)
def split(request: HttpRequest, public_id: PublicId, given: shapes.SplitIn) -> shapes.SituationOut:
    """Move some signals into a new situation, which is the answer."""
    person = caller(request)
    row = access_situation(person, public_id)
    return shapes.situation_out(actions.split(person, row, given.signals, given.reason))


@router.post(
    "/situations/{public_id}/take-out", response={201: shapes.EventOut}, auth=_ASSESS, summary="Take a signal out"
)
def take_out(request: HttpRequest, public_id: PublicId, given: shapes.MoveIn) -> shapes.EventOut:
    """Take one signal out. It then belongs to no situation."""
    person = caller(request)
    row = access_situation(person, public_id)
    return _line(person, actions.take_out(person, row, given.signal, given.reason))


@router.post("/situations/{public_id}/put-in", response={201: shapes.EventOut}, auth=_ASSESS, summary="Put a signal in")
def put_in(request: HttpRequest, public_id: PublicId, given: shapes.MoveIn) -> shapes.EventOut:
    """Put one signal in, from wherever it is."""
    person = caller(request)
    row, signal = access_situation(person, public_id), access_signal(person, given.signal)
    return _line(person, actions.put_in(person, row, signal, given.reason))


@router.post(
    "/situations/{public_id}/log/{event}/undo",
    response={201: shapes.EventOut},
    auth=_ASSESS,
    summary="Undo a line of the log",
)
def undo_event(request: HttpRequest, public_id: PublicId, event: Id, given: shapes.UndoIn) -> shapes.EventOut:
    """Undo one step. The undo is a line of its own, and signals that moved on since then stay where they are."""
    person = caller(request)
    line = access_event(person, access_situation(person, public_id), event)
    return _line(person, actions.undo(person, line, given.reason))


@router.put("/situations/{public_id}/title", response=shapes.SituationOut, auth=_ASSESS, summary="Rename a situation")
def rename(request: HttpRequest, public_id: PublicId, given: shapes.SituationTitleIn) -> shapes.SituationOut:
    """Give it a title in a person's words, or give it back to the machine."""
    person = caller(request)
    actions.rename(person, access_situation(person, public_id), given.title)
    return shapes.situation_out(access_situation(person, public_id))


@router.put("/situations/{public_id}/state", response=shapes.SituationOut, auth=_ASSESS, summary="Close or open again")
def close(request: HttpRequest, public_id: PublicId, given: shapes.StateIn) -> shapes.SituationOut:
    """Close a situation, or open it again. A new signal opens a closed one."""
    person = caller(request)
    actions.close(person, access_situation(person, public_id), closed=given.state == "closed")
    return shapes.situation_out(access_situation(person, public_id))


@router.get("/calibration", response=shapes.CalibrationOut, auth=_READ, summary="Ask how well suggestions held")
def calibrated(request: HttpRequest) -> shapes.CalibrationOut:
    """What the machine suggested at the first assessment, against what people came to be sure of. Exercises are left
    out."""
    return shapes.calibration_out(calibration(caller(request)))


@router.get("/threat-levels", response=Listed[shapes.LevelOut], auth=_READ, summary="List threat levels")
def levels(request: HttpRequest, filters: Query[shapes.LevelFilters]) -> Listed[shapes.LevelOut]:
    """The probability of each kind of harm in each country, those that moved last first."""
    wanted = {
        "country": filters.country,
        "harm": filters.harm,
        "current": True if filters.current else None,
        "at__gte": filters.since,
        "at__lt": filters.until,
    }
    rows = levels_for(caller(request)).filter(**{name: value for name, value in wanted.items() if value is not None})
    found, following = after(rows, filters.cursor, filters.limit)
    return Listed[shapes.LevelOut](items=[shapes.level_out(row) for row in found], next=following)


@router.get("/changes", response=shapes.ChangesOut, auth=_READ, summary="What changed")
def changes(request: HttpRequest, since: Moment | None = None, limit: Limit = 25) -> shapes.ChangesOut:
    """Situations that came or moved since a moment; without one, since you last looked at the console's home."""
    person = caller(request)
    start = since if since is not None else last_look(person)
    found = changed_since(person, start, limit)
    return shapes.ChangesOut(since=start, items=[shapes.changed_out(one) for one in found])


@router.post("/changes/seen", response={204: None}, auth=_READ, summary="Say that you looked")
def seen(request: HttpRequest) -> None:
    """Everything up to now was seen."""
    actions.looked(caller(request))


@router.get("/subscriptions", response=list[shapes.SubscriptionOut], auth=_READ, summary="What you follow")
def subscriptions(request: HttpRequest) -> list[shapes.SubscriptionOut]:
    """Countries, kinds of harm and situations that you follow."""
    rows = Subscription.objects.filter(person=caller(request)).order_by("pk")
    return [shapes.subscription_out(row) for row in rows]


@router.post("/subscriptions", response={201: shapes.SubscriptionOut}, auth=_READ, summary="Follow a topic")
def follow(request: HttpRequest, given: shapes.FollowIn) -> shapes.SubscriptionOut:
    """Follow a country, a kind of harm or a situation. Following twice changes nothing."""
    person = caller(request)
    topic = _known(person, given.topic)
    actions.subscribe(person, topic, on=True)
    return shapes.subscription_out(Subscription.objects.get(person=person, topic=topic))


@router.delete("/subscriptions/{topic}", response={204: None}, auth=_READ, summary="Stop following a topic")
def unfollow(request: HttpRequest, topic: shapes.Topic) -> None:
    """Stop following. What you did not follow stays so."""
    actions.subscribe(caller(request), topic, on=False)


def _members(person: Person, row: Situation) -> QuerySet[Signal]:
    rows = signals_for(person).filter(pk__in=Member.objects.filter(situation=row).values("signal"))
    return rows.defer("fingerprint", "terms", "why")


def _assessments(row: Situation) -> QuerySet[Assessment]:
    return Assessment.objects.filter(situation=row).select_related("by").order_by("-pk")


def _line(person: Person, event: MembershipEvent) -> shapes.EventOut:
    return shapes.events_out(person, [event])[0]


def _known(person: Person, topic: str) -> str:
    """The topic as it is kept. One that is not there, or not for this person, is a 404."""
    kind, _sep, value = topic.partition(":")
    if kind == "situation":
        return f"situation:{access_situation(person, value).public_id}"
    if value not in (TERRITORIES if kind == "country" else {one.key for one in HARMS}):
        raise Http404
    return topic


def _narrowed(person: Person, wanted: shapes.Narrowing) -> QuerySet[Situation]:
    rows = situations_for(person)
    if wanted.state != "all":
        rows = rows.filter(state=wanted.state)
    if wanted.country is not None:
        rows = rows.filter(country=wanted.country)
    if wanted.harm is not None:
        rows = rows.filter(harm=wanted.harm)
    elif wanted.show == "ours":
        rows = rows.filter(our_link=True)
    elif wanted.show == "threats":
        rows = rows.exclude(harm="", our_link=False)
    if wanted.words:
        rows = rows.titled(wanted.words)
    return rows
