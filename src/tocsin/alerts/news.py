"""Tells people, each once, what rows above say: who needs rest, who should stand in, gaps in rotas, rules stopped."""

from datetime import datetime, timedelta

from django.db import transaction

from tocsin.alerts import clock, leads
from tocsin.alerts.channels.here import usable
from tocsin.alerts.models import Notice, Rule
from tocsin.alerts.reach import Book
from tocsin.alerts.telling import send
from tocsin.lib import claims
from tocsin.oncall import resting
from tocsin.oncall.duty import Gap, Roster
from tocsin.oncall.models import Rest, Rota, Swap
from tocsin.oncall.refusals import RefusedError

GAPS_AHEAD = timedelta(days=14)
# A gap is known by its beginning, so that one which we are in keeps its name; one older than this comes again.
_GAPS_BEHIND = timedelta(days=21)
_ASKED_FOR = timedelta(days=2)
_LEASE, _LEASE_SECONDS = "alerts.news", 60.0
YES, NO = "yes", "no"


def step() -> None:
    """Tell what nobody was told of yet, and take the answers of those who were asked to stand in."""
    if not claims.hold(_LEASE, _LEASE_SECONDS):
        return
    now = clock.now()
    tell_of_rests(now)
    ask_substitutes(now)
    tell_of_swaps(now)
    tell_of_rules(now)


def tell_of_rests(now: datetime) -> None:
    """Tell whoever leads that somebody rests, or that nobody is left who could stand in."""
    for rest in Rest.objects.filter(lead_told_at=None, ended_at=None, until__gt=now).order_by("pk"):
        people = [one for one in leads.people() if one.pk != rest.person_id]
        with transaction.atomic():
            leads.tell_once(people, "rest", [f"rest:{rest.public_id}:{len(rest.declined_by)}"], now)
            Rest.objects.filter(pk=rest.pk).update(lead_told_at=now)


def ask_substitutes(now: datetime) -> None:
    """Ask whoever should stand in for somebody who rests, by day; what they answer is done."""
    waiting = Rest.objects.filter(substitute__isnull=False, accepted_at=None, ended_at=None, until__gt=now)
    for rest in waiting.select_related("substitute").order_by("pk"):
        assert rest.substitute is not None
        # Each time that somebody declined it is a new question.
        reference = f"rest:{rest.public_id}:{len(rest.declined_by)}"
        asked = Notice.objects.filter(person=rest.substitute, reference=reference, purpose=Notice.Purpose.ASK).first()
        if asked is None:
            _ask(rest, reference, now)
        elif asked.answer:
            _answered(rest, asked.answer)


def _ask(rest: Rest, reference: str, now: datetime) -> None:
    assert rest.substitute is not None
    notice = leads.quiet(rest.substitute, Notice.Purpose.ASK, "standin", reference, now)
    notice.options = [YES, NO]
    notice.until = max(min(rest.until, notice.leaves_at + _ASKED_FOR), now)
    with transaction.atomic():
        send(notice, Book([rest.substitute], usable()))


def _answered(rest: Rest, answer: str) -> None:
    assert rest.substitute is not None
    try:
        if answer == YES:
            resting.accept_rest(rest, rest.substitute)
        else:
            resting.decline_rest(rest, rest.substitute)
    except RefusedError:
        # They are away, or the rest has ended meanwhile: for the next one to be asked, they count as unable.
        if answer == YES:
            resting.decline_rest(rest, rest.substitute)


def tell_of_swaps(now: datetime) -> None:
    """Tell whoever has not agreed to a swap yet that one is asked of them. The rota says which, behind a sign-in."""
    waiting = Swap.objects.filter(state=Swap.State.ASKED, until__gt=now).select_related("giver", "taker")
    for swap in waiting.order_by("pk"):
        silent = [(swap.giver, swap.giver_agreed_at), (swap.taker, swap.taker_agreed_at)]
        asked = [person for person, agreed_at in silent if agreed_at is None and person.is_active]
        leads.tell_once(asked, "swap", [f"swap:{swap.public_id}"], now)


def tell_of_gaps() -> None:
    """Tell whoever leads of each stretch of the next two weeks that nobody holds, once."""
    if not claims.hold(_LEASE, _LEASE_SECONDS):
        return
    now = clock.now()
    since = now - _GAPS_BEHIND
    roster = Roster.load(since=since, now=now)
    found = [one for rota in roster.rotas for one in _gaps(roster, rota, since, now)]
    if found:
        leads.tell_once(leads.people(), "gap", list(dict.fromkeys(_name(one, since) for one in found)), now)


def _gaps(roster: Roster, rota: Rota, since: datetime, now: datetime) -> list[Gap]:
    # A rota without any layer is still being made.
    if not roster.plan(rota).layers:
        return []
    return [one for one in roster.gaps(rota, since, now + GAPS_AHEAD) if one.until > now]


def _name(gap: Gap, since: datetime) -> str:
    begin = "before" if gap.since <= since else f"{gap.since:%Y%m%dT%H%M}"
    return f"gap:{gap.rota.public_id}:{begin}"


def tell_of_rules(now: datetime) -> None:
    """Tell whoever leads that a rule was wrong too often and wakes nobody now."""
    stopped = Rule.objects.filter(may_wake=False, stopped_at__gt=now - _GAPS_BEHIND).order_by("pk")
    names = [f"rule:{one.pk}:{one.stopped_at:%Y%m%dT%H%M%S}" for one in stopped]
    if names:
        leads.tell_once(leads.people(), "rule", names, now)
