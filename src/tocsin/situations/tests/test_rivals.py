"""What competes to explain a situation, what a level tells of it, and who can move it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from tocsin.analysis.fusion import BOUND, Cause, Next
from tocsin.analysis.fusion.facts import Sort
from tocsin.people.models import Person
from tocsin.signals.models import CellState, Finding, Signal
from tocsin.situations import actions, known, standing
from tocsin.situations.api_shapes import level_out, rivals_out
from tocsin.situations.calibrating import calibration
from tocsin.situations.credence import credence
from tocsin.situations.explaining import Rival, country_explained, country_rivals, rivals_for, turns_for
from tocsin.situations.known import country_window
from tocsin.situations.models import Assessment, Situation, ThreatLevel
from tocsin.situations.tests.arriving import ARREST, NOW, arrive, run
from tocsin.streams.models import Occasion, Source

pytestmark = pytest.mark.django_db
Make = Callable[..., Source]

BAN = ("Turkey blocks Wikipedia", "The regulator blocked Wikipedia in Turkey on Monday; the site is unreachable there.")
BAN_AGAIN = (
    "Wikipedia unreachable in Turkey after order",
    "Access to Wikipedia in Turkey was blocked by the regulator on Monday; the site is unreachable, readers said.",
)


def found(network: str = "AS1", *, harm: str = "site-ban", readers: int = 0, **more: Any) -> Signal:
    """A finding of a blocked site of ours, unless something else is said, with its signal."""
    values: dict[str, Any] = {
        "rule": "blocking/1", "stream": "blocking", "kind": "ooni.web", "country": "TR", "subject": "en.wikipedia.org",
        "network": network, "opened_at": NOW, "seen_at": NOW, "direction": "rise", "score": 0.95, "before": 0.02,
        "now": 0.98, "points": 12, "evidence": "scored",
    }  # fmt: skip
    finding = Finding.objects.create(**(values | more))
    return Signal.objects.create(
        finding=finding, at=finding.opened_at, title="Failed measurements rose", country=finding.country, harm=harm,
        rule=finding.rule, origin=f"{finding.kind} {finding.network}".strip(), readers=readers, our_link=True,
    )  # fmt: skip


def seen_by(person: Person, situation: Situation) -> dict[str, Rival]:
    situation.refresh_from_db()
    return {one.cause: one for one in rivals_for(person, situation)}


def test_every_situation_shows_its_rivals_with_the_signals_behind_each_clue(source: Make, alice: Person) -> None:
    arrive(source(), *BAN)
    run()
    measured = found()
    run()
    rivals = seen_by(alice, Situation.objects.get())
    assert sum(one.probability for one in rivals.values()) == pytest.approx(1, abs=0.01)
    assert set(rivals) >= {Cause.BLOCKED, Cause.OUTAGE, Cause.OUR_FAULT, Cause.GAP, Cause.UNATTRIBUTED}
    assert measured.pk in {number for clue in rivals["blocked"].speaks_for for number in clue.signals}


def test_what_is_calm_beside_it_tells_a_block_from_wider_censorship(source: Make, alice: Person) -> None:
    found()
    run()
    before = seen_by(alice, Situation.objects.get())
    CellState.objects.create(
        rule="blocking/1", kind="ooni.web", stream="blocking", country="TR", subject="news.org", last_point_at=NOW
    )
    found("AS2")
    run()
    after = seen_by(alice, Situation.objects.get())
    assert after["blocked"].probability > before["blocked"].probability
    assert any(clue.says.startswith("other sites are measured") for clue in after["wider-censorship"].speaks_against)


def test_one_network_with_many_findings_stays_below_the_bound() -> None:
    for number in range(60):
        found(subject=f"w{number}.wikipedia.org", kind=f"ooni.web{number % 5}")
    run()
    run()
    situation = Situation.objects.get()
    assert situation.signals == 60
    assert situation.probability <= BOUND


def test_one_feed_with_many_names_stays_below_the_bound_and_a_second_one_may_pass(source: Make) -> None:
    feed = source("Aggregator")
    words = ("on Monday", "this morning", "overnight", "after an order", "for a week", "nationwide")
    for number, when in enumerate(words):
        item = arrive(feed, f"Turkey blocks Wikipedia {when}", f"{BAN[1]} Readers told us {when}.", hours=number)
        run()
        Signal.objects.filter(item=item).update(origin=f"{number}.example", copy_of=None, reliability="A")
    standing.refresh(Situation.objects.get())
    assert Situation.objects.get().probability <= BOUND
    arrive(source("Herald", reliability="A"), *BAN_AGAIN, hours=9)
    run()
    situation = Situation.objects.get(independent__gte=2)
    Signal.objects.filter(copy_of__isnull=False).update(copy_of=None)
    standing.refresh(situation)
    assert situation.probability > BOUND


def test_a_wire_story_copied_many_times_moves_nothing(source: Make) -> None:
    arrive(source("Daily"), *BAN)
    run()
    before = Situation.objects.get().probability
    for number in range(40):
        arrive(source(f"Mirror{number}"), *BAN, hours=1)
    run()
    situation = Situation.objects.get()
    assert (situation.signals, situation.probability) == (41, before)


def test_a_restricted_finding_moves_no_open_situation_and_no_level(source: Make, alice: Person, vera: Person) -> None:
    arrive(source(), *BAN)
    run()
    before = Situation.objects.get().probability
    for network in ("AS1", "AS2", "AS3"):
        found(network, readers=1)
    run()
    seen = Situation.objects.get(readers=0)
    assert seen.probability == before
    assert [one.probability for one in ThreatLevel.objects.filter(harm="site-ban")] == [before]
    hidden = Situation.objects.get(readers=1)
    assert hidden.probability > before
    assert not any(hidden.public_id in one.moved_by for one in ThreatLevel.objects.all())
    assert "AS" not in str(list(ThreatLevel.objects.values_list("clues", flat=True)))


def test_a_clue_of_a_source_that_was_restricted_since_is_not_shown(source: Make, alice: Person, vera: Person) -> None:
    item = arrive(source(), *BAN)
    run()
    situation = Situation.objects.get()
    assert seen_by(vera, situation)["blocked"].speaks_for
    Signal.objects.filter(item=item).update(readers=1)
    assert seen_by(vera, situation)["blocked"].speaks_for == ()
    assert seen_by(alice, situation)["blocked"].speaks_for


def test_a_level_keeps_what_moved_it_in_words_that_name_no_text(source: Make) -> None:
    arrive(source("Daily"), *BAN)
    run()
    found()
    run()
    level = ThreatLevel.objects.get(current=True, country="TR", harm="site-ban")
    assert level.moved_by == [Situation.objects.get().public_id]
    assert any("en.wikipedia.org" in clue for clue in level.clues)
    assert any("independent sources: 1" in clue for clue in level.clues)
    assert "daily" not in str(level.clues).lower()
    assert sum(probability for _cause, probability in level.rivals) == pytest.approx(1, abs=0.01)


def test_a_person_overrules_and_what_the_machine_said_stays_beside_it(source: Make, alice: Person) -> None:
    arrive(source(), *BAN)
    run()
    situation = Situation.objects.get()
    said = situation.probability
    actions.assess(alice, situation, actions.Judgement(0.97, 4, "high", "We tried it.", "-", date(2026, 4, 1)))
    situation.refresh_from_db()
    assert (situation.probability, situation.probability_rule, situation.suggested) == (0.97, "", said)
    assert Assessment.objects.get().suggested == said
    assert seen_by(alice, situation)["blocked"].probability > 0
    level = ThreatLevel.objects.get(current=True)
    assert (level.probability, level.clues[0]) == (0.97, "a person's assessment")


def test_what_is_measured_later_moves_another_situation_of_the_country(source: Make, alice: Person) -> None:
    arrive(source(), *BAN)
    run()
    before = seen_by(alice, Situation.objects.get(harm="site-ban"))
    found(
        "",
        harm="shutdown",
        stream="connectivity",
        kind="ioda.bgp",
        subject="bgp",
        direction="drop",
        before=1000,
        now=20,
    )
    run()
    after = seen_by(alice, Situation.objects.get(harm="site-ban"))
    assert after["outage"].probability > before["outage"].probability


def test_a_loss_of_the_network_alone_is_unattributed(alice: Person) -> None:
    found(
        "", harm="shutdown", stream="connectivity", kind="ioda.bgp", subject="bgp", direction="drop", before=99, now=24
    )
    run()
    rivals = seen_by(alice, Situation.objects.get())
    assert rivals["unattributed"].stands_out
    assert rivals["shutdown-ordered"].probability < rivals["outage"].probability


def test_a_harm_that_nothing_measures_either_happened_or_is_unattributed(source: Make, alice: Person) -> None:
    arrive(source(), *ARREST)
    run()
    assert set(seen_by(alice, Situation.objects.get())) == {Cause.HAPPENED, Cause.UNATTRIBUTED}


def test_what_a_person_took_out_speaks_no_more(source: Make, alice: Person) -> None:
    arrive(source(), *BAN)
    run()
    measured = found()
    run()
    situation = Situation.objects.get()
    actions.take_out(alice, situation, measured.pk)
    named = {
        number
        for one in seen_by(alice, situation).values()
        for clue in (*one.speaks_for, *one.speaks_against)
        for number in clue.signals
    }
    assert measured.pk not in named


def test_the_page_draws_each_rival_and_leads_to_its_signals(
    source: Make, alice: Person, browse: Callable[[Person], Client]
) -> None:
    arrive(source(), *BAN)
    run()
    measured = found()
    run()
    situation = Situation.objects.get()
    page = browse(alice).get(f"/situations/{situation.public_id}/").content.decode()
    for words in ("What could explain it", "Our own sites are blocked", "share-bar", f"signal {measured.pk}<"):
        assert words in page
    assert "style=" not in page[page.index("part-rivals") : page.index("part-judged")]


def test_programs_get_the_same(source: Make, alice: Person) -> None:
    arrive(source(), *BAN)
    run()
    first = rivals_out(rivals_for(alice, Situation.objects.get()))[0]
    assert first.cause in set(Cause)
    assert level_out(ThreatLevel.objects.get(current=True)).rivals[0] == (first.cause, first.probability)


def test_old_news_of_a_country_does_not_count(source: Make, alice: Person) -> None:
    found("AS7", opened_at=NOW - timedelta(days=60), seen_at=NOW - timedelta(days=60), subject="x.org")
    run()
    arrive(source(), *BAN)
    run()
    situation = Situation.objects.latest("pk")
    assert not any("x.org" in clue.says for one in seen_by(alice, situation).values() for clue in one.speaks_for)


def test_what_people_came_to_be_sure_of_measures_the_suggestions(source: Make, alice: Person, vera: Person) -> None:
    arrive(source(), *BAN)
    arrive(source("Papers"), *ARREST)
    run()
    assert calibration(vera).settled == 0
    for situation, probability in zip(Situation.objects.order_by("harm"), (0.97, 0.05), strict=True):
        for sure in (0.5, probability):
            actions.assess(alice, situation, actions.Judgement(sure, 3, "high", "Seen.", "-", date(2026, 4, 1)))
    found = calibration(vera)
    assert (found.settled, found.came_true, found.brier_base_rate) == (2, 1, 0.25)
    assert found.brier is not None
    assert sum(one.cases for one in found.bins) == 2
    Situation.objects.update(readers=1)
    assert calibration(vera).settled == 0
    assert calibration(alice).settled == 2


def test_a_country_is_weighed_as_a_whole_from_what_everybody_may_read(source: Make, alice: Person) -> None:
    arrive(source(), *BAN)
    found("AS1")
    found("AS2", readers=1)
    run()
    window = country_window("TR", now=NOW)
    assert len(window.told) == 1
    assert [one.network for one in window.measured] == ["AS1"]
    rivals = {one.cause: one for one in country_rivals(alice, "TR", NOW)}
    assert len(rivals["blocked"].speaks_for) >= 2
    assert rivals["blocked"].probability > rivals["outage"].probability


def test_how_exactly_a_start_is_known_is_the_step_of_its_cell() -> None:
    loss: dict[str, Any] = {"stream": "connectivity", "kind": "ioda.bgp", "subject": "bgp", "direction": "drop"}
    found("", harm="shutdown", **loss)
    assert country_window("TR", now=NOW).measured[0].resolution == timedelta(days=1)
    recent = [[int((NOW + timedelta(minutes=10 * number)).timestamp()), None, None, 1, "scored"] for number in range(4)]
    CellState.objects.create(
        rule="outage/1", kind="ioda.bgp", stream="connectivity", country="TR", subject="bgp", recent=recent
    )
    assert country_window("TR", now=NOW).measured[0].resolution == timedelta(minutes=10)


CUT_NEXT_WEEK = (
    "Internet shutdown threatened in Turkey for Monday",
    "The regulator ordered an internet shutdown in Turkey for next Monday: mobile internet will be shut down.",
)


def threats(source: Make) -> None:
    """Texts of a cut that is threatened, each of a house and a feed of its own."""
    for number in range(5):
        item = arrive(source(f"House{number}", reliability="A"), *CUT_NEXT_WEEK, hours=number)
        run()
        Signal.objects.filter(item=item).update(
            harm="shutdown", country="TR", actor="regulator", origin=f"{number}.example", copy_of=None, reliability="A"
        )


def named(person: Person, situation: Situation) -> dict[str, float]:
    """Explanations but for "unattributed", the likeliest first."""
    standing.refresh(situation)
    rivals = rivals_for(person, situation)
    return {one.cause: one.probability for one in rivals if one.cause != Cause.UNATTRIBUTED}


def test_our_site_that_fails_alone_is_blocked_whatever_cut_is_threatened(source: Make, alice: Person) -> None:
    CellState.objects.create(
        rule="blocking/1", kind="ooni.web", stream="blocking", country="TR", subject="news.org", last_point_at=NOW
    )
    threats(source)
    measured = found(now=0.7)
    run()
    situation = Situation.objects.get(members__signal=measured)
    alone = named(alice, situation)
    assert situation.harm == "site-ban"
    assert next(iter(alone)) == Cause.BLOCKED
    assert alone[Cause.SHUTDOWN] < 0.035
    assert 0.3 < situation.probability <= BOUND
    assert any("never" in why for why in situation.reasons)
    arrive(source("Readers"), *BAN)
    run()
    joined = named(alice, situation)
    assert next(iter(joined)) == Cause.BLOCKED
    assert joined[Cause.BLOCKED] > alone[Cause.BLOCKED] + 0.2
    assert joined[Cause.SHUTDOWN] < 0.035


def test_a_demand_rests_on_its_own_texts_alone(source: Make) -> None:
    demand = Signal.objects.filter(item=arrive(source("Gazette"), *BAN))
    run()
    demand.update(harm="legal-demand")
    situation = Situation.objects.get()
    standing.refresh(situation)
    before = situation.probability
    threats(source)
    found()
    found("AS2")
    situation.refresh_from_db()
    seen = list(demand)
    window = known.window(seen, country="TR", harm="legal-demand", readers=0, exercise=False)
    assert len(window.told) > 1
    assert credence("legal-demand", window, standing.evidence_of(seen)).probability == before


def test_a_paper_by_two_doors_is_one_source_and_one_witness(source: Make, alice: Person) -> None:
    arrive(source("Daily"), *BAN)
    run()
    situation = Situation.objects.get()
    alone = situation.probability
    item = arrive(source("GDELT", kind="gdelt", url="https://data.example/"), *BAN_AGAIN, hours=1)
    run()
    Signal.objects.filter(item=item).update(origin="daily.example", copy_of=None, fingerprint=b"")
    standing.refresh(situation)
    assert (situation.signals, situation.independent) == (2, 1)
    assert situation.probability == pytest.approx(alone, abs=0.01)
    Signal.objects.filter(item=item).update(origin="herald.example")
    standing.refresh(situation)
    assert situation.independent == 2
    assert situation.probability > alone


def test_what_we_say_ourselves_is_one_voice_through_however_many_sources(source: Make) -> None:
    brought = source("Brought", kind="documents", url="")
    house = source("House", url="https://diff.wikimedia.org/feed/")
    elsewhere = source("Elsewhere", reliability="A")
    for number, (where, words) in enumerate(((brought, BAN), (house, BAN_AGAIN), (elsewhere, BAN_AGAIN))):
        item = arrive(where, *words, hours=number, url="https://w.wikimedia.org/x" if where is elsewhere else "")
        run()
        Signal.objects.filter(item=item).update(copy_of=None, fingerprint=b"", reliability="A", our_link=True)
    situation = Situation.objects.get()
    standing.refresh(situation)
    assert (situation.signals, situation.independent) == (3, 1)
    assert situation.probability <= BOUND


def test_a_cut_that_is_threatened_while_the_network_stands_stays_below_the_bound(source: Make) -> None:
    CellState.objects.create(
        rule="outage/1", kind="ioda.bgp", stream="connectivity", country="TR", subject="routes", last_point_at=NOW
    )
    threats(source)
    Signal.objects.filter(finding=None).update(fingerprint=b"")
    situation = Situation.objects.filter(harm="shutdown").order_by("-signals").first()
    assert situation is not None
    standing.refresh(situation)
    assert situation.independent >= 2
    assert situation.probability <= BOUND


def test_a_cable_that_is_told_of_moves_a_lost_network_towards_an_outage(source: Make, alice: Person) -> None:
    loss: dict[str, Any] = {"stream": "connectivity", "kind": "ioda.bgp", "subject": "routes", "direction": "drop"}
    found("", harm="shutdown", before=900, now=300, **loss)
    run()
    before = {one.cause: one.probability for one in country_rivals(alice, "TR", NOW)}
    arrive(
        source("Daily"),
        "Internet slow in Turkey after submarine cable cut",
        "A submarine cable off Turkey was cut by an anchor; internet traffic of the country is lost, operators said.",
    )
    run()
    after = {one.cause: one for one in country_rivals(alice, "TR", NOW)}
    assert after["outage"].probability > before["outage"] + 0.1
    assert any("technical cause" in clue.says and clue.signals for clue in after["outage"].speaks_for)


def test_every_verdict_says_what_would_change_it(
    source: Make, alice: Person, browse: Callable[[Person], Client]
) -> None:
    arrive(source(), *BAN)
    run()
    situation = Situation.objects.get()
    turns = turns_for(situation)
    assert 1 <= len(turns) <= 3
    page = browse(alice).get(f"/situations/{situation.public_id}/").content.decode()
    assert "What would change our mind" in page
    assert turns[0].says in unescape(page)
    rivals, elsewhere = country_explained(alice, "TR", NOW)
    assert rivals
    assert {one.says for one in elsewhere} <= {one.value for one in Next}
    assert country_explained(alice, "PE", NOW) == ([], [])


def test_an_exam_on_the_day_of_a_loss_leans_to_an_order_and_a_holiday_to_a_season(alice: Person) -> None:
    loss: dict[str, Any] = {"stream": "connectivity", "kind": "ioda.bgp", "subject": "routes", "direction": "drop"}
    found("", harm="shutdown", before=900, now=300, **loss)
    plain = {one.cause: one.probability for one in country_rivals(alice, "TR", NOW)}
    exam = Occasion.objects.create(country="TR", sort="exam", name="School exams", first=NOW, last=NOW)
    Occasion.objects.create(country="GR", sort="exam", name="Elsewhere", first=NOW, last=NOW)
    weighed = {one.cause: one for one in country_rivals(alice, "TR", NOW)}
    assert weighed["shutdown-ordered"].probability > plain["shutdown-ordered"]
    assert any("School exams" in clue.says for clue in weighed["shutdown-ordered"].speaks_for)
    assert not any("Elsewhere" in clue.says for clue in weighed["shutdown-ordered"].speaks_for)
    Occasion.objects.filter(pk=exam.pk).update(sort="holiday")
    holiday = {one.cause: one.probability for one in country_rivals(alice, "TR", NOW)}
    assert holiday["seasonal"] > plain["seasonal"]
    Occasion.objects.filter(pk=exam.pk).update(removed_at=NOW)
    assert {one.cause: one.probability for one in country_rivals(alice, "TR", NOW)} == plain


def test_a_public_holiday_stands_beside_what_was_found_on_it_without_anybody_entering_it() -> None:
    republic_day = datetime(2026, 10, 29, 9, tzinfo=UTC)
    found(opened_at=republic_day, seen_at=republic_day)
    window = country_window("TR", now=republic_day + timedelta(hours=3))
    assert [(one.day, one.sort) for one in window.occasions] == [(republic_day.date(), Sort.HOLIDAY)]
