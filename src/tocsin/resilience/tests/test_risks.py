"""Risks: dated ratings, treatments that run late, acceptances that end by the clock, suggestions, 5,000 of them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from tocsin.alerts import clock
from tocsin.alerts.models import Notice
from tocsin.alliances.refusals import RefusedError
from tocsin.audit.models import Entry
from tocsin.lib.names import random_name
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.resilience import judging, registers, risk_access, work
from tocsin.resilience.judging import About, RatingDraft, RiskDraft, TreatmentDraft
from tocsin.resilience.models import Acceptance, Answer, Community, Incident, Rating, Risk, Treatment
from tocsin.resilience.tests.conftest import Makes
from tocsin.resilience.tests.test_api import Program
from tocsin.situations.models import Situation, ThreatLevel

pytestmark = pytest.mark.django_db

Browse = Callable[[Person], Client]
JUDGED = RatingDraft("current", 4, "low", 5, "high", 4, "Two arrests last year, and a new law.")


def risk(bob: Person, community: Community, scenario: str = "Editors are arrested", harm: str = "arrest") -> Risk:
    return judging.register(bob, community, RiskDraft(scenario, bob.pk, "", harm), random_name(16))


def situation(title: str, country: str = "KE", readers: int = 0, days_ago: int = 1) -> Situation:
    at = clock.now() - timedelta(days=days_ago)
    return Situation.objects.create(
        public_id=random_name(8), title=title, country=country, harm="arrest", our_link=True, readers=readers,
        first_at=at, last_at=at, changed_at=at, title_by_person=True, impact=4, rank=9,
    )  # fmt: skip


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_from_the_form_to_a_judgement_and_the_heat_map(
    community: Makes, browse: Browse, bob: Person, charlie: Person
) -> None:
    client, here = browse(bob), community()
    form = {"scenario": "Editors are arrested", "community": here.public_id, "harm": "arrest", "owner": bob.pk,
            "once": "k3v9x2mw7q"}  # fmt: skip
    at = client.post("/resilience/risks/new/", form)["Location"]
    assert client.post("/resilience/risks/new/", form)["Location"] == at
    assert "Nobody has rated it yet" in text(client, at)
    sent = {"stage": "current", "likelihood": 4, "likelihood_confidence": "low", "impact": 5,
            "impact_confidence": "high", "vulnerability": 4, "why": "Two arrests last year."}  # fmt: skip
    assert client.post(f"{at}rate/", sent | {"likelihood": 6}).status_code == 422
    assert client.post(f"{at}rate/", sent).status_code == 302
    page = text(client, "/resilience/risks/")
    assert "?stage=current&amp;cell=45" in page
    assert "Editors are arrested" in text(client, "/resilience/risks/?cell=45&band=extreme&harm=arrest&state=mine")
    for query in (
        "cell=11",
        "stage=inherent&cell=45",
        "band=low",
        "state=accepted",
        "state=lapsed",
        "state=late",
        "q=x",
    ):
        assert "No risk fits these filters" in text(client, f"/resilience/risks/?{query}"), query
    for path in ("/resilience/risks/", at, "/resilience/changes/", "/resilience/suggestions/"):
        assert browse(charlie).get(path).status_code == 403
    assert browse(bob).post(f"{at}accept/", {}).status_code == 403
    assert browse(bob).get("/resilience/risks/nothere/").status_code == 404


def test_no_rating_is_written_over_and_what_moved_this_quarter_shows(
    community: Makes, browse: Browse, bob: Person
) -> None:
    row, today = risk(bob, community()), clock.now().date()
    judging.rate(bob, row, JUDGED)
    long_ago = registers.quarter_start(today) - timedelta(days=20)
    Rating.objects.update(at=long_ago)
    assert registers.moved(bob, today) == []
    judging.rate(bob, row, replace(JUDGED, likelihood=1, impact=3))
    judging.rate(bob, row, replace(JUDGED, stage="residual", likelihood=1, impact=1))
    kept = list(Rating.objects.filter(stage="current").order_by("pk").values_list("likelihood", "impact"))
    assert kept == [(4, 5), (1, 3)]
    moved = registers.moved(bob, today)
    assert [(one.level_before, one.risk.level, one.now.key) for one in moved] == [(20, 3, "low")]
    quarters = registers.quarters(bob, today)
    assert [one.counts for one in quarters[-2:]] == [(1, 0, 0, 0), (0, 0, 0, 1)]
    assert len(quarters) == registers.QUARTERS
    assert "extreme (20)" in text(browse(bob), "/resilience/changes/")


def test_an_acceptance_ends_by_the_clock_and_asks_for_a_decision(
    community: Makes, browse: Browse, alice: Person, bob: Person
) -> None:
    row, today = risk(bob, community()), clock.now().date()
    soon = today + timedelta(days=30)
    with pytest.raises(RefusedError, match="nobody bears what nobody judged"):
        judging.accept(alice, row, "It costs too much now.", soon)
    judging.rate(bob, row, JUDGED)
    with pytest.raises(RefusedError, match="Your roles"):
        judging.accept(bob, row, "It costs too much now.", soon)
    for wrong in (today, today + timedelta(days=400)):
        with pytest.raises(RefusedError, match="within a year"):
            judging.accept(alice, row, "It costs too much now.", wrong)
    judging.accept(alice, row, "It costs too much now.", soon)
    assert not work.expire(clock.now())
    assert not work.expire(clock.now() + timedelta(days=30))
    Acceptance.objects.update(until=today - timedelta(days=1))
    assert work.expire(clock.now())
    assert not work.expire(clock.now())
    row.refresh_from_db()
    assert row.state == "treat"
    assert [one.person for one in Notice.objects.all()] == [bob]
    assert "1 risk is borne no longer" in text(browse(bob), "/")
    at = f"/resilience/risks/{row.public_id}/"
    assert "Its acceptance ran out" in text(browse(bob), at)
    judging.treat(bob, row, TreatmentDraft("impact", "Lawyers on call.", "Nobody waits a day.", bob.pk, soon))
    assert "borne no longer" not in text(browse(bob), "/")
    verbs = Entry.objects.filter(target=f"risk:{row.public_id}").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == [f"risk.{one}" for one in ("register", "rate", "accept", "expire", "treat")]


def test_a_late_treatment_stands_on_home_and_its_effect_is_a_count_over_equal_spans(
    community: Makes, browse: Browse, bob: Person, rosa: Person
) -> None:
    row, today = risk(bob, community()), clock.now().date()
    due = today - timedelta(days=1)
    for wrong in ({"cost": Decimal(5)}, {"currency": "EUR"}, {"owner": 0}, {"expected": "good"}, {"option": "hope"}):
        with pytest.raises(RefusedError):
            judging.treat(
                bob, row, replace(TreatmentDraft("impact", "Lawyers.", "Nobody waits.", rosa.pk, due), **wrong)
            )
    made = judging.treat(bob, row, TreatmentDraft("impact", "Lawyers on call.", "Nobody waits a day.", rosa.pk, due))
    for person, there in ((rosa, True), (bob, False)):
        assert ("1 treatment of a risk is late" in text(browse(person), "/")) is there
    assert "1 treatment late" in text(browse(bob), "/resilience/risks/?state=late")
    assert work.remind(clock.now())
    assert not work.remind(clock.now())
    judging.end_treatment(bob, row, made.pk, True, today - timedelta(days=100))
    for days in (150, 120, 110, 300, 20):
        judging.link(bob, row, situation(f"An arrest {days}", days_ago=days))
    made = Treatment.objects.get()
    found = registers.effect(made, risk_access.incidents_of(bob, row), today)
    assert found == registers.Effect(100, 3, 1, too_early=False)
    page = text(browse(bob), f"/resilience/risks/{row.public_id}/")
    assert "Linked situations in the 100 days before: 3; in as many days after: 1." in page
    made.ended_on = today
    early = registers.effect(made, [], today)
    assert early is not None
    assert early.too_early


def test_suggestions_are_taken_or_refused_with_a_reason_and_not_made_again(
    community: Makes, browse: Browse, bob: Person
) -> None:
    here, client = community(), browse(bob)
    first, second = situation("Editors arrested"), situation("Another arrest")
    situation("Elsewhere", country="FR")
    ThreatLevel.objects.create(country="TZ", harm="shutdown", at=clock.now(), probability=0.6)
    page = text(client, "/resilience/suggestions/")
    assert "Elsewhere" not in page
    assert [one.situation for one in registers.suggested(bob, clock.now())] == [second, first, None]
    at = f"/resilience/suggestions/answer/?community={here.public_id}"
    assert client.post(f"{at}&situation={first.public_id}", {"risk": "", "reason": ""}).status_code == 422
    onward = client.post(f"{at}&situation={first.public_id}", {"risk": "new"})["Location"]
    form = {"scenario": "Editors are arrested", "community": here.public_id, "owner": bob.pk, "once": "k3v9x2mw7q"}
    assert client.post(onward, form).status_code == 302
    row = Risk.objects.get()
    assert Incident.objects.get().situation == first
    client.post(f"{at}&situation={second.public_id}", {"risk": row.public_id})
    client.post(f"{at}&country=TZ&harm=shutdown", {"risk": "", "reason": "They have satellites there."})
    assert registers.suggested(bob, clock.now()) == []
    assert [(one.risk_id, bool(one.why)) for one in Answer.objects.order_by("pk")] == [
        (row.pk, False), (row.pk, False), (None, True),
    ]  # fmt: skip
    assert len(registers.suggested(bob, clock.now() + timedelta(days=91))) == 1
    assert client.get(f"{at}&country=ZZ&harm=shutdown").status_code == 404


def test_a_new_risk_and_its_suggestion_stand_together_or_not_at_all(
    community: Makes, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, found = community(), situation("Editor arrested in Nakuru")
    draft, about, once = (
        RiskDraft("Editors are arrested", bob.pk, "", "arrest"),
        About(found, "KE", "arrest"),
        random_name(16),
    )

    def broken(*_words: object) -> Answer:
        raise OSError("the disk went away")

    with monkeypatch.context() as trouble:
        trouble.setattr(judging, "_answer", broken)
        with pytest.raises(OSError, match="went away"):
            judging.register_suggestion(bob, here, draft, once, about)
    assert not Risk.objects.exists()
    assert not Incident.objects.exists()
    made = judging.register_suggestion(bob, here, draft, once, about)
    assert Answer.objects.get().risk == made
    assert Incident.objects.get().risk == made


def test_a_restricted_situation_shows_to_its_readers_alone(
    community: Makes, browse: Browse, alice: Person, bob: Person
) -> None:
    here = community()
    secret = situation("A secret arrest", readers=int(Role.LEAD))
    row = risk(bob, here)
    assert registers.suggested(bob, clock.now()) == []
    assert [one.situation for one in registers.suggested(alice, clock.now())] == [secret]
    judging.take_suggestion(alice, here, About(secret, "KE", "arrest"), row)
    at = f"/resilience/risks/{row.public_id}/"
    assert "A secret arrest" in text(browse(alice), at)
    assert "A secret arrest" not in text(browse(bob), at)
    assert secret.public_id not in str(list(Entry.objects.values_list("target", "facts")))
    query = f"?community={here.public_id}&situation={secret.public_id}"
    assert browse(bob).get(f"/resilience/suggestions/answer/{query}").status_code == 404
    assert browse(bob).post(f"{at}incidents/{secret.public_id}/remove").status_code == 404
    Situation.objects.filter(pk=secret.pk).update(readers=0)
    open_one = situation("It goes on")
    Situation.objects.filter(pk=secret.pk).update(state="merged", merged_into=open_one)
    assert [one.pk for one in risk_access.incidents_of(bob, row)] == [open_one.pk]


def test_five_thousand_risks_take_no_more_queries_than_few(
    community: Makes, browse: Browse, bob: Person, django_assert_max_num_queries: Callable[..., object]
) -> None:
    here, at = community(), clock.now()
    rows = Risk.objects.bulk_create(
        Risk(public_id=f"r{n}", once=f"once{n:06}", community=here, scenario=f"Scenario {n}", owner=bob, likelihood=3,
             impact=n % 5 + 1, level=3 * (n % 5 + 1), made_at=at, made_by=bob) for n in range(5_000)
    )  # fmt: skip
    Rating.objects.bulk_create(
        Rating(risk=row, stage="current", likelihood=3, likelihood_confidence="low", impact=n % 5 + 1,
               impact_confidence="low", vulnerability=3, why="Because.", at=at, by=bob) for n, row in enumerate(rows)
    )  # fmt: skip
    client = browse(bob)
    for path, most in (
        ("/resilience/risks/", 26),
        ("/resilience/risks/?page=50&cell=33", 26),
        ("/resilience/changes/", 30),
    ):
        client.get(path)
        with django_assert_max_num_queries(most):  # type: ignore[attr-defined]
            page = client.get(path)
        assert page.status_code == 200
        assert len(page.content) < 150_000


def test_programs_do_the_same(community: Makes, alice: Person, bob: Person) -> None:
    here, call, today = community(), Program(alice), clock.now().date()
    given = {"scenario": "Editors are arrested", "harm": "arrest", "owner": alice.pk}
    new = {"community": here.public_id, "risk": given, "once": "k3v9x2mw7q"}
    status, made = call("POST", "risks", new)
    assert (status, made["band"]) == (201, "unrated")
    at = f"risks/{made['id']}"
    sent = {"stage": "current", "likelihood": 4, "likelihood_confidence": "low", "impact": 5,
            "impact_confidence": "high", "vulnerability": 4, "why": "Two arrests."}  # fmt: skip
    assert call("POST", f"{at}/ratings", sent)[1]["level"] == 20
    assert [one["risks"] for one in call("GET", "risks/heat/current")[1] if one["risks"]] == [1]
    assert call("GET", "risks/moved")[1][0]["level_before"] == 0
    todo = {"option": "impact", "words": "Lawyers on call.", "expected": "Nobody waits a day.", "owner": alice.pk,
            "due": today.isoformat(), "cost": 100, "currency": "EUR"}  # fmt: skip
    number = call("POST", f"{at}/treatments", todo)[1]["treatments"][0]["id"]
    ended = call("POST", f"{at}/treatments/{number}/end", {"done": True, "on": today.isoformat()})[1]
    assert ended["treatments"][0]["ended_as"] == "done"
    until = (today + timedelta(days=9)).isoformat()
    assert call("POST", f"{at}/acceptance", {"why": "It costs too much.", "until": until})[1]["accepted_until"] == until
    assert call("DELETE", f"{at}/acceptance")[1]["state"] == "treat"
    found = situation("Editors arrested")
    assert call("GET", "risks/suggestions")[1][0]["situation"] == found.public_id
    answer = {"community": here.public_id, "situation": found.public_id, "risk": made["id"]}
    assert call("POST", "risks/suggestions", answer)[0] == 204
    assert call("GET", at)[1]["incidents"] == [found.public_id]
    assert call("DELETE", f"{at}/incidents/{found.public_id}")[1]["incidents"] == []
    assert call("POST", f"{at}/close", {"reason": "The law was repealed."})[1]["state"] == "closed"
    assert call("POST", f"{at}/ratings", sent)[0] == 409
    assert call("GET", "risks?band=extreme")[1]["items"] == []
    assert call("POST", f"{at}/reopen")[1]["state"] == "treat"
    assert Program(bob)("POST", f"{at}/close", {"reason": "The law was repealed."})[0] == 403
