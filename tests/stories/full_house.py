"""A house in which every page has something to show, and the addresses of all its pages."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from tests.stories.newsroom import AGAIN, ARREST, BLOCK, Newsroom
from tocsin.alerts import actions as alerts
from tocsin.alerts import escalating
from tocsin.alerts.models import Alert, Lane, Rule, Severity
from tocsin.lib.claims import take_lease
from tocsin.oncall import actions as oncall
from tocsin.oncall.duty import Roster
from tocsin.oncall.models import Load, Rota, Swap
from tocsin.people import actions as people
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.resilience import actions as communities
from tocsin.resilience import judging
from tocsin.resilience.drafts import CommunityDraft, DealingDraft, StatementDraft
from tocsin.resilience.models import Batch, Community, GuideText, Risk
from tocsin.resilience.practices import actions as practices
from tocsin.responses import actions as plans
from tocsin.responses import beginning
from tocsin.responses.log import acts
from tocsin.responses.models import Plan
from tocsin.responses.playbooks import library
from tocsin.signals import actions as signals
from tocsin.signals.models import CellState, Finding, Replay, Signal
from tocsin.situations import actions as situations
from tocsin.situations import work as grouping
from tocsin.situations.models import Situation
from tocsin.streams.models import BlindSpot, Import, LakeFile, Occasion, Requirement, Source

UNBROKEN = "Unbroken" * 40
NOBODYS = "00000000-0000-4000-8000-000000000000"
_CELL = {"rule": "blocking/1", "stream": "blocking", "kind": "ooni.web", "country": "TR", "network": "AS64500"}
_DAYS = 40


class House:
    """Texts, a measured finding, judgements, corrections, a merge, a silent source, lists and requirements."""

    def __init__(self, newsroom: Newsroom, lead: Person) -> None:
        newsroom.publish("daily", ARREST, BLOCK, (UNBROKEN, f"Police arrested an editor in Ankara. {UNBROKEN}"))
        self.silent = newsroom.publish("weekly", AGAIN)
        self.measured = _measure()
        newsroom.work()
        self.situation = Situation.objects.get(title=ARREST[0])
        self.signal = Signal.objects.get(title=ARREST[0])
        review = timezone.localdate()
        reasons = "Two outlets that do not copy each other. " + UNBROKEN
        for probability in (0.6, 0.85):
            judgement = situations.Judgement(probability, 4, "high", reasons, "A namesake.", review, "A denial.")
            situations.assess(lead, self.situation, judgement)
        other = Situation.objects.get(title=BLOCK[0])
        situations.undo(lead, situations.merge(lead, self.situation, other, reason="One wave"))
        signals.correct(lead, self.signal, "actor", "police")
        BlindSpot.objects.create(
            source=self.silent, since=timezone.now() - timedelta(hours=26), countries=["TR"], languages=["tr"],
            reason="It answers, but brings nothing new.",
        )  # fmt: skip
        Source.objects.filter(pk=self.silent.pk).update(health="silent", countries=["TR"])
        self.list = Import.objects.create(
            by=lead, title="Feeds of the region", common={"reliability": "C"},
            feeds=[{"name": "One", "url": "https://one.example/", "group": ""}],
            refused=[{"line": 3, "name": "Two", "url": "ftp://two.example/", "reason": "Not a web address."}],
        )  # fmt: skip
        self.requirement = Requirement.objects.create(
            question="Is our site blocked in Turkey?", asked_by="The lead", countries=["TR"], owner=lead
        )
        self.occasion = Occasion.objects.create(
            country="TR", sort="election", name="Local elections", first=date(2099, 3, 31), last=date(2099, 3, 31)
        )
        self.rule = alerts.rule("situation.severe", "A grave situation")
        self.alert = _alerts(lead, self.rule, self.situation)
        self.policy = alerts.default_policy()
        self.invitation, self.join = people.invite(lead, Role.ANALYST, "New here")
        self.lead = lead
        self.plan = _plan(lead)
        self.community, self.ratings = _community(lead)
        self.risk = _risk(lead, self.community)
        self.guide = _guide(lead)
        self.duty, self.calendar = _arrange(lead)
        _judge_anew()

    def addresses(self, client: Client) -> list[str]:
        """Every address that gives this reader a page, out of all that are routed."""
        found = []
        for route in _routes(get_resolver()):
            if route.startswith("api"):
                continue
            address = "/" + self._filled(route)
            answer = client.get(address)
            if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html"):
                found.append(address)
        return found

    def _filled(self, route: str) -> str:
        numbers = {
            "alerts/rules": self.rule.pk,
            "signals/": self.measured.pk,
            "situations/of": self.signal.pk,
            "sources/items": self.signal.item_id,
            "sources/import": self.list.pk,
            "sources/requirements": self.requirement.pk,
            "sources/occasions": self.occasion.pk,
            "sources/": self.silent.pk,
            "plans/": 1,
            "duty/load/": self.lead.pk,
            "resilience/risks/<slug:public_id>/treatments": self.risk.treatments.all()[0].pk,
            "resilience/communities/<slug:public_id>/statements": self.community.statements.all()[0].pk,
            "resilience/": self.community.dealings.order_by("-pk")[0].pk,
            "duty/": self.duty.layers.filter(closed_at=None)[0].pk,
        }
        number = next((number for start, number in numbers.items() if route.startswith(start)), 1)
        names = {
            "alerts/policies": self.policy.public_id,
            "alerts/": self.alert.public_id,
            "plans/": self.plan.public_id,
            "resilience/risks": self.risk.public_id,
            "resilience/communities": self.community.public_id,
            "resilience/context": self.ratings.public_id,
        }
        name = next((name for start, name in names.items() if route.startswith(start)), self.situation.public_id)
        route = route.replace("playbooks/<slug:key>", "playbooks/detained").replace("<slug:language>", "es")
        route = route.replace("authorities/<slug:code>", "authorities/KE").replace("<int:version>", "0")
        if route.startswith("duty/"):
            route = route.replace("swaps/<slug:public_id>", f"swaps/{Swap.objects.all()[0].public_id}")
            route = route.replace("<slug:public_id>", self.duty.public_id).replace("<str:token>", self.calendar)
        if route.startswith("resilience/practices/"):
            route = route.replace("<slug:key>", self.guide.key).replace("<slug:digest>", self.guide.digest)
        if route.startswith("plans/"):
            route = route.replace("<slug:key>", "detained" if route.startswith("plans/playbooks") else "s1")
        words = {
            "<int:number>": str(number),
            "<int:pk>": str(self.lead.pk),
            "<slug:public_id>": name,
            "<slug:name>": "feeds",
            "<slug:contact>": "nobody",
            "<slug:situation>": "nothere",
            "<slug:page>": "nothere",
            "<str:token>": self.join.rstrip("/").rsplit("/", 1)[-1],
            **dict.fromkeys(("<slug:kind>", "<slug:key>"), "contact"),
            "<int:place>": "0",
            "<int:correction>": "1",
            "<int:token>": "1",
            "<int:event>": "1",
            "<slug:verb>": "up",
            "<slug:plan>": self.plan.public_id,
            "<slug:language>": "en",
            "<slug:code>": "TR",
            "<str:part>": "account",
            "<str:number>": "1",
            "<slug:audience>": "executive",
            "<slug:form>": "html",
            "<slug:month>": "2026-01",
            "<int:version>": "1",
        }
        route = re.sub(r"<uuid:\w+>", NOBODYS, route)
        for gap, word in words.items():
            route = route.replace(gap, word)
        assert "<" not in route, f"tests/stories/full_house.py does not know what stands in {route}"
        return route


def _plan(lead: Person) -> Plan:
    """One from a playbook, with words that nothing breaks and a task that is overdue."""
    playbook = library.playbook("detained")
    assert playbook is not None
    first = beginning.content_of(playbook, UNBROKEN[:200], UNBROKEN[:200])
    tasks = beginning.tasks_of(playbook, timezone.now() - timedelta(hours=2))
    begun = acts.Begun(severity=2, playbook=playbook.key, playbook_digest=playbook.digest)
    book = plans.begin(lead, begun, first, [replace(one, owner=lead.pk) for one in tasks], None)
    plans.update(book, lead, UNBROKEN)
    return Plan.objects.get(public_id=book.id)


def _community(lead: Person) -> tuple[Community, Batch]:
    """One in a country of which something is said, with a statement and a late promise; and a file that waits."""
    today = timezone.localdate()
    then = today - timedelta(days=30)
    row = communities.add(
        lead, CommunityDraft(UNBROKEN[:120], "country", UNBROKEN, lead.pk, ("TR",), ("tr",)), "community1"
    )
    communities.say(lead, row, StatementDraft("law", UNBROKEN, then, UNBROKEN[:200], "https://gazette.example/7"))
    asked = communities.hear(lead, row, DealingDraft("asked", UNBROKEN, then))
    communities.hear(lead, row, DealingDraft("promised", UNBROKEN, then, today - timedelta(days=2), lead.pk, asked.pk))
    table = "year,iso3,rank,score\n2016,TUR,151,49.24\n2024,TUR,158,31.6\n2024,XXX,1,1\n"
    communities.take(lead, communities.look_at(lead, "press", table.encode(), "ranks.csv"))
    return row, communities.look_at(lead, "press", f"{table}2024,TUR,158,31.6\n2023,TUR,165,33.97\n".encode())


def _risk(lead: Person, community: Community) -> Risk:
    """One that was rated twice, is treated too late and was borne until its time was over."""
    today = timezone.localdate()
    row = judging.register(lead, community, judging.RiskDraft(UNBROKEN[:200], lead.pk, UNBROKEN, "arrest"), "risk00001")
    first = judging.RatingDraft("inherent", 5, "low", 5, "moderate", 5, UNBROKEN)
    for one in (first, replace(first, stage="current", impact=3), replace(first, stage="current", likelihood=2)):
        judging.rate(lead, row, one)
    due = today - timedelta(days=40)
    late = judging.TreatmentDraft("impact", UNBROKEN, UNBROKEN[:300], lead.pk, due)
    judging.treat(lead, row, late)
    made = judging.treat(lead, row, replace(late, option="share"))
    judging.end_treatment(lead, row, made.pk, done=True, on=due)
    judging.accept(lead, row, UNBROKEN[:300], today + timedelta(days=1))
    return judging.end_acceptance(None, row)


def _arrange(lead: Person) -> tuple[Rota, str]:
    """A rota of two layers with a gap, an override, a swap that is asked, a rest, an absence and a calendar link."""
    other = Person.objects.create(email="x@example.org", name=UNBROKEN[:80], roles=int(Role.ANALYST))
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    hour, day = timedelta(hours=1), timedelta(days=1)
    begin = (now - day).date()
    rota = oncall.create_rota(lead, "First line", "Africa/Tunis")
    turns = oncall.Turns((lead.pk, other.pk), begin, time(9), "Africa/Tunis", "day", 2, name=UNBROKEN[:80])
    oncall.add_layer(lead, rota, turns)
    oncall.add_layer(lead, rota, replace(turns, weekdays=31, from_time=time(8), until_time=time(16), name=""))
    oncall.create_rota(lead, "Nobody yet")
    oncall.override(lead, rota, lead, now + 100 * hour, now + 110 * hour)
    oncall.cancel(lead, oncall.override(lead, rota, other, now + 200 * hour, now + 210 * hour))
    oncall.ask_swap(other, rota, other, lead, *_shift(rota, other))
    oncall.ask_swap(lead, rota, lead, other, *_shift(rota, lead))
    oncall.away(lead, other, now + 500 * hour, now + 600 * hour)
    oncall.away(lead, lead, now + 550 * hour, now + 560 * hour)
    oncall.propose_substitute(lead, oncall.ask_rest(other), lead)
    Load.objects.create(person=lead, kind=Load.Kind.PAGE, at=now - hour)
    return rota, str(oncall.make_calendar_link(lead, rota)[1])


def _shift(rota: Rota, person: Person) -> tuple[datetime, datetime]:
    now = timezone.now()
    found = Roster.load([rota]).shifts(rota, now, now + timedelta(days=4))
    return next((one.since, one.until) for one in found if one.person == person and one.since > now)


def _guide(lead: Person) -> GuideText:
    """A version of a guide that waits, with words that nothing breaks."""
    text = f"## {UNBROKEN[:80]}\n\n- **{UNBROKEN[:200]}** Write to somebody.\n"
    until = timezone.localdate() + timedelta(days=200)
    return practices.write(lead, "at-a-border", "es", practices.GuideDraft(UNBROKEN[:120], text, until, base=0))


def _routes(room: URLResolver, before: str = "") -> Iterator[str]:
    for one in room.url_patterns:
        if isinstance(one, URLResolver):
            yield from _routes(one, before + str(one.pattern))
        elif isinstance(one, URLPattern):
            yield before + str(one.pattern)


def _alerts(lead: Person, rule: Rule, situation: Situation) -> Alert:
    """One that a rule raised and nobody has, one about a person, one that was answered by link, and a drill."""
    about = f"situation:{situation.public_id}"
    for number, outcome in enumerate([Alert.Outcome.TRUE, Alert.Outcome.FALSE]):
        new = alerts.New("situation", Severity.MODERATE, Lane.WAKE, f"old:{number}", reference=about, rule=rule)
        alerts.resolve(alerts.accept(new).alert, lead, outcome)
    made = alerts.accept(alerts.New("situation", Severity.SEVERE, Lane.WAKE, "new", reference=about, rule=rule)).alert
    alerts.page_now(lead, alerts.PageNow(Severity.EXTREME, Lane.LIFE, language="ar", urgency="immediate"))
    other = alerts.accept(alerts.New("webhook", Severity.MINOR, Lane.WAKE, "other")).alert
    alerts.acknowledge(other, lead, "link", confirmed=False)
    alerts.accept(alerts.New("drill", Severity.MODERATE, Lane.WAKE, "drill", drill=True))
    while escalating.climb():
        pass
    return made


def _measure() -> Signal:
    now = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    recent = []
    for day in range(_DAYS):
        epoch = int((now - timedelta(days=_DAYS - day)).timestamp())
        missing, failed = day in {5, 6, 7}, 20.0 if day > 30 else 0.0
        recent.append([epoch, 0, 0, None, "none"] if missing else [epoch, 30.0, failed, None, "scored", 0.02, 0.0, 0.1])
    CellState.objects.create(
        **_CELL, subject="tr.wikipedia.org", recent=recent, last_point_at=now, delay_seconds=2 * 86400.0
    )
    CellState.objects.create(**{**_CELL, "network": ""}, subject=UNBROKEN[:200], recent=recent)
    finding = Finding.objects.create(
        **_CELL, subject="tr.wikipedia.org", opened_at=now - timedelta(days=9), seen_at=now, direction="rise",
        score=0.93, before=0.02, now=0.66, points=9, evidence="scored",
        rivals=[["outage", "A part of the networks may be down.", "The network is up in part."]],
    )  # fmt: skip
    signal = Signal.objects.create(
        finding=finding, at=now, title="Failed measurements of tr.wikipedia.org in Türkiye rose from 2% to 66%",
        summary="66% of recent measurements are anomalous; 2% is usual here.", origin="ooni.web", country="TR",
        countries=["TR"], harm="site-ban", our_link=True, reliability="B", credibility=2, rule="blocking/1",
    )  # fmt: skip
    signals.note_change(signal.pk, new=True)
    while grouping.step():
        pass
    return signal


def _judge_anew() -> None:
    """The past of one kind is being judged, that of another rests, a third is done."""
    now = timezone.now()
    # By a worker on another machine, which has the files.
    take_lease("signals.replay", 3600, "elsewhere")
    last = {"at": now.isoformat(), "countries": 3, "rows": 9000, "opened": 2, "closed": 1, "retired": 1}
    each: dict[str, dict[str, Any]] = {"ooni.web": {}, "pageviews": {"paused": True}, "ioda.bgp": {"finished_at": now}}
    for kind, more in each.items():
        LakeFile.objects.create(kind=kind, day=now.date(), path=kind, rows=9000, digest="x", written_at=now)
        Replay.objects.create(
            kind=kind, begun_at=now, went_on_at=now, replaced=["blocking/0"], after="FR", countries=3, rows=9000,
            countries_done=2, rows_done=2000, seconds=60.0, sizes=[["", 1], ["FR", 1999], ["TR", 7000]], last=last,
            **more,
        )  # fmt: skip
