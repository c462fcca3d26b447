"""Signals become situations, and every step can be undone."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.http import Http404
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tocsin.people.models import Person
from tocsin.signals.access import signals_for
from tocsin.signals.actions import correct
from tocsin.signals.actions import undo as undo_correction
from tocsin.signals.models import Finding, Signal
from tocsin.situations import actions, work
from tocsin.situations.access import access_situation, situations_for
from tocsin.situations.changes import trend
from tocsin.situations.models import Assessment, Member, MembershipEvent, Situation, ThreatLevel
from tocsin.situations.standing import independent
from tocsin.situations.tests.arriving import ARREST, ARREST_AGAIN, FLOOD, NOW, arrive, run
from tocsin.streams.models import Item, ReadersChange, Source


@pytest.mark.django_db
def test_two_mastheads_about_one_arrest_become_one_situation_and_a_flood_another(source: Callable[..., Source]) -> None:
    arrive(source("Daily"), *ARREST)
    arrive(source("Herald"), *ARREST_AGAIN, hours=2)
    arrive(source("Daily2"), *FLOOD, hours=3)
    run()
    arrest = Situation.objects.get(harm="arrest")
    assert (arrest.signals, arrest.independent, arrest.country, arrest.our_link) == (2, 2, "TR", True)
    assert Situation.objects.count() == 2
    assert ThreatLevel.objects.get(current=True, country="TR", harm="arrest").probability == arrest.probability


@pytest.mark.django_db
def test_a_wire_copy_under_another_masthead_counts_once(source: Callable[..., Source]) -> None:
    arrive(source("Daily"), *ARREST)
    arrive(source("Mirror"), *ARREST, hours=1)
    run()
    situation = Situation.objects.get()
    assert (situation.signals, situation.independent) == (2, 1)
    assert situation.probability <= 0.6
    assert any("copies of the same text" in reason for reason in situation.reasons)


@pytest.mark.django_db
def test_running_again_changes_nothing(source: Callable[..., Source]) -> None:
    arrive(source(), *ARREST)
    run()
    events = MembershipEvent.objects.count()
    work.forget()
    run()
    assert MembershipEvent.objects.count() == events


@pytest.mark.django_db
def test_a_new_process_puts_the_next_report_into_the_same_situation(source: Callable[..., Source]) -> None:
    arrive(source("Daily"), *ARREST)
    run()
    work.forget()
    arrive(source("Herald"), *ARREST_AGAIN, hours=2)
    run()
    assert Situation.objects.get().signals == 2


@pytest.mark.django_db
def test_restricted_texts_never_meet_open_ones(source: Callable[..., Source], alice: Person, vera: Person) -> None:
    arrive(source("Daily"), *ARREST)
    arrive(source("Internal", readers=1), *ARREST_AGAIN, hours=1, readers=1)
    run()
    assert situations_for(alice).count() == 2
    seen = situations_for(vera).get()
    assert seen.signals == 1
    hidden = situations_for(alice).exclude(pk=seen.pk).get()
    with pytest.raises(Http404):
        access_situation(vera, hidden.public_id)
    assert ThreatLevel.objects.get(current=True).moved_by == [seen.public_id]
    with pytest.raises(actions.RefusedError):
        actions.merge(alice, seen, hidden)


@pytest.mark.django_db
def test_a_source_restricted_later_takes_its_signals_out_of_open_situations(
    source: Callable[..., Source], alice: Person, vera: Person
) -> None:
    arrive(source("Daily"), *ARREST)
    later = source("Herald")
    arrive(later, *ARREST_AGAIN, hours=2)
    run()
    assert situations_for(vera).get().signals == 2
    # As when a person restricts the source: its items, and the log that says so.
    Source.objects.filter(pk=later.pk).update(readers=1)
    Item.objects.filter(source=later).update(readers=1)
    ReadersChange.objects.create(source=later)
    assert signals_for(vera).count() == 1, "hidden at once"
    run()
    assert situations_for(vera).get().signals == 1
    assert ARREST_AGAIN[0] not in {one.title for one in situations_for(vera)}
    assert situations_for(alice).count() == 2


@pytest.mark.django_db
def test_a_merge_leads_old_links_on_and_its_undo_restores_both(source: Callable[..., Source], alice: Person) -> None:
    arrive(source("Daily"), *ARREST)
    arrive(source("Daily2"), *FLOOD)
    run()
    arrest, flood = Situation.objects.get(harm="arrest"), Situation.objects.exclude(harm="arrest").get()
    event = actions.merge(alice, arrest, flood, "one development")
    assert access_situation(alice, flood.public_id).pk == arrest.pk
    assert access_situation(alice, arrest.public_id).signals == 2
    actions.undo(alice, event)
    assert access_situation(alice, flood.public_id).pk == flood.pk
    assert {one.signals for one in situations_for(alice)} == {1}
    with pytest.raises(actions.RefusedError):
        actions.undo(alice, event)


@pytest.mark.django_db
def test_a_split_and_its_undo_leave_everything_as_it_was(source: Callable[..., Source], alice: Person) -> None:
    arrive(source("Daily"), *ARREST)
    second = arrive(source("Herald"), *ARREST_AGAIN, hours=2)
    run()
    situation = Situation.objects.get()
    signal = Signal.objects.get(item=second)
    new = actions.split(alice, situation, [signal.pk])
    assert (new.signals, Situation.objects.get(pk=situation.pk).signals) == (0, 1) or Member.objects.filter(
        situation=new
    ).count() == 1
    with pytest.raises(actions.RefusedError):
        actions.split(alice, new, [signal.pk])
    actions.undo(alice, MembershipEvent.objects.get(verb="split"))
    assert Situation.objects.get(pk=situation.pk).signals == 2
    assert Situation.objects.get(pk=new.pk).state == Situation.State.CLOSED


@pytest.mark.django_db
def test_what_a_person_took_out_does_not_come_back_by_itself(source: Callable[..., Source], alice: Person) -> None:
    item = arrive(source("Daily"), *ARREST)
    arrive(source("Herald"), *ARREST_AGAIN, hours=2)
    run()
    situation = Situation.objects.get()
    signal = Signal.objects.get(item=item)
    actions.take_out(alice, situation, signal.pk)
    run()
    assert Member.objects.get(signal=signal).situation is None
    actions.put_in(alice, situation, signal)
    assert Situation.objects.get(pk=situation.pk).signals == 2


@pytest.mark.django_db
def test_a_signal_marked_as_not_about_us_leaves_and_returns_when_that_is_undone(
    source: Callable[..., Source], alice: Person
) -> None:
    item = arrive(source("Daily"), *ARREST)
    arrive(source("Herald"), *ARREST_AGAIN, hours=2)
    run()
    signal = Signal.objects.get(item=item)
    correction = correct(alice, signal, "state", "not_ours")
    run()
    assert Situation.objects.get().signals == 1
    undo_correction(alice, correction)
    run()
    assert sum(one.signals for one in situations_for(alice)) == 2


@pytest.mark.django_db
def test_a_corrected_country_moves_the_threat_level(source: Callable[..., Source], alice: Person) -> None:
    item = arrive(source("Daily"), *ARREST)
    run()
    correct(alice, Signal.objects.get(item=item), "country", "AZ")
    run()
    assert Situation.objects.get().country == "AZ"
    assert ThreatLevel.objects.get(current=True, country="TR").probability == 0
    assert ThreatLevel.objects.get(current=True, country="AZ").probability > 0


@pytest.mark.django_db
def test_expired_texts_leave_no_title_behind(source: Callable[..., Source]) -> None:
    item = arrive(source("Daily"), *ARREST)
    run()
    item.delete()
    work.forget()
    run()
    situation = Situation.objects.get()
    assert situation.title == "Arrest or prosecution in Türkiye"
    assert (situation.signals, situation.state) == (0, Situation.State.CLOSED)


@pytest.mark.django_db
def test_every_assessment_is_kept_and_the_newest_one_stands(source: Callable[..., Source], alice: Person) -> None:
    arrive(source("Daily"), *ARREST)
    run()
    situation = Situation.objects.get()
    first = actions.Judgement(0.7, 4, "moderate", "Two lawyers say so.", "A mix-up of names.", date(2026, 4, 1))
    actions.assess(alice, situation, first)
    actions.assess(alice, situation, actions.Judgement(0.9, 5, "high", "Court papers.", "", date(2026, 4, 1)))
    standing = access_situation(alice, situation.public_id)
    assert (standing.probability, standing.impact, standing.probability_rule) == (0.9, 5, "")
    assert list(Assessment.objects.order_by("version").values_list("version", "probability")) == [(1, 0.7), (2, 0.9)]
    with pytest.raises(actions.RefusedError):
        actions.assess(alice, situation, actions.Judgement(1.2, 5, "high", "x", "", date(2026, 4, 1)))


@pytest.mark.django_db
def test_a_finding_joins_what_the_texts_say_of_the_same_country_and_harm(source: Callable[..., Source]) -> None:
    arrive(source(), "Turkey blocks Wikipedia", "The regulator blocked Wikipedia in Turkey; the site is unreachable.")
    run()
    assert Situation.objects.get().harm == "site-ban"
    finding = Finding.objects.create(
        rule="blocking/1", stream="blocking", kind="ooni.web", country="TR", subject="en.wikipedia.org", opened_at=NOW,
        seen_at=NOW, direction="rise", score=0.9, before=0, now=1, points=9, evidence="scored",
    )  # fmt: skip
    Signal.objects.create(
        finding=finding, at=NOW, title="Failed measurements rose", country="TR", harm="site-ban", rule="blocking/1"
    )
    before = Situation.objects.get().probability
    run()
    situation = Situation.objects.get()
    assert situation.signals == 2
    assert situation.probability > before
    assert "words and measurements agree" in situation.reasons


@pytest.mark.django_db
def test_reports_on_two_countries_in_the_same_words_are_two_situations(source: Callable[..., Source]) -> None:
    papers = source("Papers", kind="documents")
    words = " had elections in 2025. The opposition in parliament said that the police arrested journalists."
    for name in ("Albania", "Algeria"):
        arrive(papers, f"{name}, 2025", f"{name}{words} The constitution of {name} names the freedom of the press.")
    arrive(papers, "Albania, 2026", f"Albania{words} The constitution of Albania was changed by its parliament since.")
    run()
    found = sorted(Situation.objects.values_list("country", "signals"))
    assert found == [("AL", 2), ("DZ", 1)]


@pytest.mark.django_db
def test_our_own_name_alone_makes_no_story(source: Callable[..., Source]) -> None:
    arrive(source("Daily"), *ARREST)
    arrive(source("Herald"), "Pakistan bans Wikipedia", "The regulator in Islamabad blocked Wikipedia overnight.")
    run()
    assert sorted(Situation.objects.values_list("country", flat=True)) == ["PK", "TR"]


@pytest.mark.django_db
def test_the_first_text_about_what_was_only_measured_joins_it(source: Callable[..., Source]) -> None:
    Signal.objects.create(title="Failed measurements rose", at=NOW, country="TR", harm="arrest", finding=_finding())
    run()
    arrive(source("Daily"), *ARREST, hours=5)
    arrive(source("Herald"), *ARREST_AGAIN, hours=6)
    run()
    assert list(Situation.objects.values_list("signals", flat=True)) == [3]


def _finding() -> Finding:
    return Finding.objects.create(
        rule="blocking/1", stream="blocking", kind="ooni.web", country="TR", subject="en.wikipedia.org", opened_at=NOW,
        seen_at=NOW, direction="rise", score=0.9, before=0.1, now=0.9, points=5, evidence="scored",
    )  # fmt: skip


@pytest.mark.django_db
def test_a_situation_that_was_empty_did_not_rise_when_its_signals_came_back(
    source: Callable[..., Source], alice: Person
) -> None:
    arrive(source("Daily"), *ARREST)
    arrive(source("Herald"), *ARREST_AGAIN, hours=2)
    run()
    whole = Situation.objects.get()
    part = actions.split(alice, whole, [Signal.objects.order_by("pk")[0].pk])
    assert trend(part) == "steady"
    actions.undo(alice, MembershipEvent.objects.get(verb="split"))
    actions.put_in(alice, part, Signal.objects.order_by("pk")[0])
    part.refresh_from_db()
    assert (part.state, part.probability_before, trend(part)) == (Situation.State.OPEN, None, "steady")


@pytest.mark.django_db
def test_of_one_masthead_the_first_text_in_time_is_the_original(source: Callable[..., Source]) -> None:
    daily = source("Daily")
    arrive(daily, *ARREST_AGAIN, hours=2)
    arrive(daily, *ARREST)
    run()
    older, newer = Signal.objects.order_by("at")
    assert independent([newer, older]) == independent([older, newer]) == [older]


@pytest.mark.django_db
def test_the_page_of_a_situation_asks_no_more_for_many_texts_than_for_two(
    source: Callable[..., Source], browse: Callable[[Person], Client], alice: Person
) -> None:
    def asked() -> int:
        browser, address = browse(alice), f"/situations/{Situation.objects.get().public_id}/"
        browser.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(address).status_code == 200
        return len(queries)

    for number, name in enumerate(("Daily", "Herald", "Post", "Times", "Courier", "Echo")):
        arrive(source(name), *(ARREST_AGAIN if number else ARREST), hours=number)
        if number == 1:
            run()
            few = asked()
    run()
    assert Situation.objects.get().signals == 6
    assert asked() <= few + 1


@pytest.mark.django_db
def test_taking_the_last_signal_out_says_before_and_after_that_it_closes(
    source: Callable[..., Source], browse: Callable[[Person], Client], alice: Person
) -> None:
    arrive(source("Daily"), *ARREST)
    arrive(source("Herald"), *ARREST_AGAIN, hours=2)
    run()
    row, client = Situation.objects.get(), browse(alice)
    first, last = Signal.objects.order_by("pk").values_list("pk", flat=True)
    address = f"/situations/{row.public_id}/"
    assert "Taking out all of them closes the situation." in client.get(address).content.decode()
    page = client.post(f"{address}move", {"do": "out", "signal": first}, follow=True).content.decode()
    assert "so this situation is closed" not in page
    assert "This is the last signal: taking it out closes the situation." in page
    page = client.post(f"{address}move", {"do": "out", "signal": last}, follow=True).content.decode()
    assert "No signal is left, so this situation is closed." in page
    row.refresh_from_db()
    assert row.state == Situation.State.CLOSED
    actions.undo(alice, MembershipEvent.objects.filter(verb="leave").latest("pk"))
    row.refresh_from_db()
    assert (row.state, trend(row)) == (Situation.State.OPEN, "steady")
