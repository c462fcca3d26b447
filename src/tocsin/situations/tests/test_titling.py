"""What a situation is called where its texts contradict each other, and when that changes."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import translation

from tocsin.people.models import Person
from tocsin.signals.models import Finding, Signal
from tocsin.situations import actions
from tocsin.situations.access import access_situation
from tocsin.situations.models import MembershipEvent, Situation
from tocsin.situations.standing import refresh
from tocsin.situations.tests.arriving import NOW, arrive, run
from tocsin.situations.tests.test_rivals import BAN, BAN_AGAIN, found
from tocsin.situations.titling import Fit, fit
from tocsin.streams.models import Source

pytestmark = pytest.mark.django_db
Make = Callable[..., Source]
Browse = Callable[[Person], Client]


def situation_of(*signals: Signal) -> Situation:
    """All of them in one situation, whatever the machine grouped."""
    row = Situation.objects.get(members__signal=signals[0])
    for one in signals[1:]:
        Situation.objects.filter(members__signal=one).exclude(pk=row.pk).update(state=Situation.State.QUIET)
        one.__class__.objects.filter(pk=one.pk).update(harm=signals[0].harm)
        row.members.model.objects.filter(signal=one).update(situation=row)
    return row


def told(source: Source, title: str, *, harm: str = "shutdown", hours: int = 0) -> Signal:
    text = f"{title}. The ministry spoke of the internet shutdown in Iraq on Monday; networks were cut, operators said."
    item = arrive(source, title, text, hours)
    run()
    Signal.objects.filter(item=item).update(harm=harm, copy_of=None)
    return Signal.objects.get(item=item)


def titles(row: Situation) -> list[MembershipEvent]:
    return list(MembershipEvent.objects.filter(situation=row, verb="title").order_by("pk"))


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Internet shutdown in Iraq", Fit.TELLS),
        ("No internet shutdown in Iraq, ministry says", Fit.DOUBTS),
        ("Ministry denies internet shutdown in Iraq", Fit.DOUBTS),
        ("Internet restored in Iraq after internet shutdown", Fit.DOUBTS),
        ("What we know so far", Fit.SILENT),
        ("Journalist arrested in Baghdad", Fit.OTHER),
    ],
)
def test_a_title_fits_by_what_it_says_by_itself(title: str, expected: Fit) -> None:
    assert fit(Signal(title=title, harm="shutdown", language="en"), "shutdown") is expected


def test_a_text_that_denies_it_gives_no_title_even_if_it_came_first_and_is_the_best_rated(source: Make) -> None:
    first = told(source("Ministry", reliability="A"), "No internet shutdown in Iraq, ministry says")
    second = told(source("Daily", reliability="C"), "Internet shutdown in Iraq cuts off millions", hours=1)
    row = situation_of(first, second)
    refresh(row)
    assert row.title == second.title
    (line,) = titles(row)
    assert (line.by, line.signals, str(second.pk) in line.reason) == (None, [], True)
    assert "Iraq" not in line.reason, "the log stays when texts expire"


def test_a_denial_that_comes_later_changes_nothing(source: Make) -> None:
    first = told(source("Daily", reliability="C"), "Internet shutdown in Iraq cuts off millions")
    second = told(source("Ministry", reliability="A"), "Ministry denies internet shutdown in Iraq", hours=1)
    third = told(source("Cable"), "Internet restored in Iraq after internet shutdown", hours=2)
    row = situation_of(first, second, third)
    refresh(row)
    assert (row.title, titles(row)) == (first.title, [])


def test_among_texts_that_say_it_the_central_one_wins_only_when_markedly_nearer(source: Make) -> None:
    aside = told(source("Sports", reliability="E"), "Chess club in Iraq misses its online cup in internet shutdown")
    row = situation_of(aside)
    Signal.objects.filter(pk=aside.pk).update(terms=[["chess", 1.0], ["cup", 1.0]])
    near = [
        told(source(f"Paper{number}", reliability="B"), f"Internet shutdown in Iraq, day {number}", hours=number)
        for number in (1, 2, 3)
    ]
    Signal.objects.filter(pk__in=[one.pk for one in near]).update(terms=[["iraq", 1.0], ["shutdown", 1.0]])
    row = situation_of(aside, *near)
    refresh(row)
    assert row.title == near[0].title
    better = told(source("Agency", reliability="A"), "Internet shutdown in Iraq widens", hours=4)
    Signal.objects.filter(pk=better.pk).update(terms=[["iraq", 1.0], ["shutdown", 1.0]])
    row = situation_of(aside, *near, better)
    refresh(row)
    assert row.title == near[0].title, "a little better is no reason to call it otherwise"


def test_a_persons_title_stands_and_an_empty_one_gives_it_back(source: Make, alice: Person) -> None:
    first = told(source("Ministry"), "Ministry denies internet shutdown in Iraq")
    row = situation_of(first)
    actions.rename(alice, row, "Iraq goes dark")
    second = told(source("Daily"), "Internet shutdown in Iraq cuts off millions", hours=1)
    row = situation_of(first, second)
    row.refresh_from_db()
    refresh(row)
    assert row.title == "Iraq goes dark"
    actions.rename(alice, row, "")
    row.refresh_from_db()
    assert row.title == second.title
    assert [line.by for line in titles(row)] == [alice, alice, None]
    with pytest.raises(actions.RefusedError, match="rename"):
        actions.undo(alice, titles(row)[0])


def test_what_is_measured_is_said_in_the_readers_language_where_no_text_fits(alice: Person) -> None:
    found()
    run()
    row = Situation.objects.get()
    assert row.title == "Access to en.wikipedia.org has been failing in Türkiye since 1 Mar 2026"
    assert titles(row) == []
    with translation.override("ar"):
        shown = access_situation(alice, row.public_id).title
    assert "تركيا" in shown
    assert "since March" not in shown


def test_what_is_over_is_said_so_and_a_text_that_fits_takes_its_place(
    source: Make, browse: Browse, alice: Person
) -> None:
    found()
    run()
    Finding.objects.update(closed_at=NOW + timedelta(days=2))
    row = Situation.objects.get()
    refresh(row)
    assert row.title == "Access to en.wikipedia.org failed in Türkiye from 1 Mar 2026 to 3 Mar 2026"
    arrive(source(), *BAN)
    run()
    row.refresh_from_db()
    assert row.title == BAN[0]
    arrive(source("Herald"), *BAN_AGAIN, hours=1)
    run()
    page = browse(alice).get(f"/situations/{row.public_id}/").content.decode()
    history = page[page.index('id="part-history"') :]
    assert history.count("title changed") == 2
    assert "nearest to what this is about" in history
    assert [one.pk for one in titles(row) if f"/undo/{one.pk}" in history] == []


def test_what_moved_without_harm_and_what_is_empty_are_said_in_the_readers_language(
    alice: Person, browse: Browse
) -> None:
    found(network="")
    Finding.objects.update(stream="level", subject="tor", direction="rise", before=1_000, now=2_500)
    Signal.objects.update(harm="", title="Level of tor in Türkiye rose from 1,000 to 2,500")
    run()
    row = Situation.objects.get()
    assert row.title == "Level of tor in Türkiye rose from 1,000 to 2,500"
    Finding.objects.update(now=4_000)
    refresh(row)
    assert row.title.endswith("to 4,000")
    with translation.override("ar"):
        assert "تركيا" in access_situation(alice, row.public_id).title
        assert "تركيا" in Signal.objects.get().shown
    page = browse(alice).get(f"/situations/{row.public_id}/").content.decode()
    assert "rose from 1,000 to 4,000" in page[page.index('id="part-timeline"') : page.index('id="part-rivals"')]
    row.members.model.objects.filter(situation=row).delete()
    Situation.objects.update(harm="shutdown")
    row.refresh_from_db()
    refresh(row)
    assert row.title.endswith(" in Türkiye")
    assert row.state == Situation.State.CLOSED
    with translation.override("ar"):
        assert "تركيا" in access_situation(alice, row.public_id).title
