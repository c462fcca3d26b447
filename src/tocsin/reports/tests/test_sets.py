"""One press drafts a week for all audiences from the same facts; each is edited, agreed with and released by itself."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from tocsin.people.models import Person
from tocsin.reports import abreast, arranging, calendar, editing, releasing, together, work
from tocsin.reports.arranging import Wanted
from tocsin.reports.audiences import AUDIENCES
from tocsin.reports.disclosure import Block, Cell
from tocsin.reports.disclosure.attacking import Said, determined
from tocsin.reports.disclosure.keeping import packed
from tocsin.reports.facts import Topic
from tocsin.reports.gathering.period import Period
from tocsin.reports.laying import digest_of, document_of
from tocsin.reports.models import Cadence, CountedMonth, Draft, Gathered, Issue, Report, ReportSet, Round
from tocsin.reports.refusals import RefusedError
from tocsin.situations.models import Assessment, Situation

pytestmark = pytest.mark.django_db
ALL = tuple(AUDIENCES)


@pytest.fixture
def world(situation: Callable[..., Situation], assess: Callable[..., Assessment]) -> None:
    assess(situation("Wikis blocked in the capital", tlp="clear"), 0.9)
    situation("Qzx informant inside the ministry", tlp="red", country="KZ")


def arranged(by: Person, audiences: tuple[str, ...] = ALL, **more: object) -> ReportSet:
    wanted = {"title": "The week", "audience": "", "cadence": "weekly", "once": f"set{more}"[:32], **more}
    return together.arrange(by, Wanted(**wanted), audiences)  # type: ignore[arg-type]


def test_one_press_on_the_first_page_drafts_all_six_from_the_same_facts(
    world: None, alice: Person, browse: Callable[[Person], Client]
) -> None:
    browser = browse(alice)
    page = browser.get("/reports/").content.decode()
    once = re.search(r'name="once" value="([^"]+)"', page)
    assert once is not None
    sent = {"once": once[1], "audiences": list(ALL)}
    answer = browser.post("/reports/week", sent)
    assert answer.status_code == 302
    drafts = Draft.objects.all()
    assert sorted(one.audience for one in drafts) == sorted(ALL)
    assert len({one.gathered_id for one in drafts}) == Gathered.objects.count() == 1
    shown = browser.get(answer["Location"]).content.decode()
    assert all(str(one.name) in shown for one in AUDIENCES.values())
    assert "Above what this audience may receive." in shown
    assert browser.post("/reports/week", sent)["Location"] == answer["Location"]
    assert Draft.objects.count() == 6, "a second tap makes no second round"
    browser.post("/reports/week", {**sent, "once": "another-morning"})
    assert (Round.objects.count(), ReportSet.objects.count(), Draft.objects.count()) == (2, 1, 12)


def test_of_some_audiences_the_others_can_follow_from_the_same_facts(
    world: None, alice: Person, browse: Callable[[Person], Client]
) -> None:
    browser = browse(alice)
    browser.post("/reports/week", {"once": "some-alone", "audiences": ["executive", "public"]})
    row = Round.objects.get()
    assert sorted(row.drafts.values_list("audience", flat=True)) == ["executive", "public"]
    member = row.together.members.get(audience="policy")
    page = browser.get(f"/reports/sets/{row.together.public_id}/").content.decode()
    assert "Draft it from the same facts" in page
    browser.post(f"/reports/sets/{row.together.public_id}/draft", {"round": row.public_id, "report": member.public_id})
    assert member.drafts.get().gathered == row.gathered
    assert member.drafts.get().round == row


def test_the_form_chooses_time_and_scope_once_for_any_of_them(
    world: None, alice: Person, browse: Callable[[Person], Client]
) -> None:
    today = timezone.now().date()
    sent = {
        "once": "by-the-form", "title": "Kazakhstan in November", "audiences": ["executive", "operational"],
        "cadence": "monthly", "first": (today - timedelta(days=3)).isoformat(), "last": today.isoformat(),
        "places": ["KZ"], "language": "en", "time_zone": "Asia/Almaty", "hour": "7",
    }  # fmt: skip
    answer = browse(alice).post("/reports/sets/new/", sent)
    assert answer.status_code == 302, answer.content.decode()
    made = ReportSet.objects.get()
    assert {one.audience: one.places for one in made.members.all()} == {"executive": ["KZ"], "operational": ["KZ"]}
    assert "Wikis blocked" not in str(Gathered.objects.get().facts)
    assert made.due_at is not None
    assert made.due_at.astimezone(ZoneInfo("Asia/Almaty")).hour == 7
    wrong = browse(alice).post("/reports/sets/new/", {**sent, "once": "by-the-form-2", "audiences": []})
    assert wrong.status_code == 422


def test_side_by_side_each_says_where_it_stands_and_what_it_loses(world: None, alice: Person, bob: Person) -> None:
    row = together.draft_now(bob, arranged(bob), "first-round")
    beside = {one.audience.key: one for one in abreast.abreast(alice, row)}
    assert {one.state for one in beside.values()} == {"drafted"}
    assert beside["operational"].told > beside["public"].told
    assert all(one.told + sum(loss.count for loss in one.losses) == one.of for one in beside.values())
    team = beside["operational"].draft
    community = beside["community"].draft
    assert team is not None
    assert community is not None
    name = next(str(one["id"]) for _b, one in editing.sentences(team.blocks) if not str(one["id"]).startswith("top"))
    editing.remove(bob, team, 1, name)
    editing.agree(bob, community, digest_of(document_of(community)), "A users' group", "call", timezone.now().date())
    states = {one.audience.key: one.state for one in abreast.abreast(alice, row)}
    assert (states["operational"], states["community"], states["executive"]) == ("edited", "agreed", "drafted")


def test_the_release_of_one_releases_no_other(world: None, alice: Person, bob: Person, vera: Person) -> None:
    row = together.draft_now(bob, arranged(bob), "first-round")
    brief = row.drafts.get(audience="executive")
    releasing.release(vera, brief, digest_of(document_of(brief)))
    assert Issue.objects.get().audience == "executive"
    assert set(row.drafts.exclude(pk=brief.pk).values_list("state", flat=True)) == {Draft.State.OPEN}
    policy = row.drafts.get(audience="policy")
    with pytest.raises(RefusedError):
        releasing.release(bob, policy, digest_of(document_of(policy)))
    states = {one.audience.key: one.state for one in abreast.abreast(alice, row)}
    assert (states["executive"], states["policy"]) == ("released", "drafted")


def test_parallel_drafts_tell_no_cell_that_one_of_them_does_not(world: None, bob: Person) -> None:
    end = timezone.now().astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    month = f"{end - timedelta(days=1):%Y-%m}"
    truth = {Cell(month, place, kind): count for place, count in (("NO", 12), ("FR", 3), ("EG", 4), ("KE", 6))
             for kind in ("legal",)}  # fmt: skip
    alone = [cell for cell in truth if cell.place == "NO"]
    blocks = [Block(12, frozenset(alone)), Block(13, frozenset(truth) - frozenset(alone))]
    CountedMonth.objects.create(month=month, least=10, blocks=packed(blocks), decided_at=timezone.now())
    begin = (end - timedelta(days=1)).replace(day=1)
    row = together.draft_now(bob, arranged(bob), "a-whole-month", Period(begin, end))
    told = {one.audience: _people(one) for one in row.drafts.select_related("report", "gathered")}
    assert told["operational"]
    assert all(numbers <= told["operational"] for numbers in told.values())
    said = [_said(key, amount, truth) for numbers in told.values() for key, amount in numbers]
    found = determined(truth, [one for one in said if one is not None])
    assert set(found) == set(alone), "nothing but what is shown by itself"


def _people(draft: Draft) -> set[tuple[str, int]]:
    facts = document_of(draft).facts.values()
    return {(one.key, int(one.value.amount)) for one in facts if one.topic is Topic.PEOPLE and one.value is not None}


def _said(key: str, amount: int, truth: Mapping[Cell, int]) -> Said | None:
    what, _colon, place = key.split(":", 2)[2].partition(":")
    if what == "all":
        return Said(frozenset(truth), amount)
    return Said(frozenset(one for one in truth if one.place == place), amount) if what == "place" else None


def test_a_set_is_drafted_at_one_tick_and_missed_ticks_once(world: None, bob: Person) -> None:
    row = arranged(bob, cadence="weekly")
    begin = calendar.last_end(Cadence.WEEKLY, timezone.now() - timedelta(days=28), ZoneInfo("UTC"))
    ReportSet.objects.filter(pk=row.pk).update(covered_until=begin, due_at=timezone.now() - timedelta(hours=1))
    assert work.draft_set_due()
    assert not work.draft_set_due()
    assert not work.draft_due(), "no member is due by itself"
    assert {(one.missed, one.made_by) for one in Draft.objects.all()} == {(3, None)}
    assert Draft.objects.count() == 6
    row.refresh_from_db()
    assert row.due_at is not None
    assert row.due_at > timezone.now()
    assert set(row.members.values_list("covered_until", flat=True)) == {row.covered_until}


def test_a_crash_in_the_middle_leaves_no_half_set_and_the_next_tick_makes_the_whole(
    world: None, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = arranged(bob, cadence="daily")
    begin = calendar.last_end(Cadence.DAILY, timezone.now() - timedelta(days=1), ZoneInfo("UTC"))
    ReportSet.objects.filter(pk=row.pk).update(covered_until=begin, due_at=timezone.now() - timedelta(hours=1))
    kept = Draft.save

    def third_dies(self: Draft, *given: object, **more: object) -> None:
        if Draft.objects.count() == 2:
            raise MemoryError
        kept(self, *given, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as dying:
        dying.setattr(Draft, "save", third_dies)
        with pytest.raises(MemoryError):
            work.draft_set_due()
    assert (Draft.objects.count(), Round.objects.count()) == (0, 0)
    assert work.draft_set_due()
    assert Draft.objects.count() == 6
    assert len(set(Draft.objects.values_list("gathered", flat=True))) == 1


def test_after_an_event_a_set_is_drafted_once(situation: Callable[..., Situation], bob: Person) -> None:
    row = situation("Wikis blocked in the capital")
    arranged(bob, ("policy", "public"), cadence="event", situation=row.public_id)
    assert not work.draft_sets_after_events()
    Situation.objects.filter(pk=row.pk).update(state=Situation.State.CLOSED)
    assert work.draft_sets_after_events()
    assert not work.draft_sets_after_events()
    assert not work.draft_after_events(), "no member by itself"
    assert sorted(Draft.objects.values_list("audience", flat=True)) == ["policy", "public"]


def test_what_ended_is_not_drafted_and_taken_up_again_covers_the_time_between(world: None, bob: Person) -> None:
    row = arranged(bob, cadence="daily")
    together.end(bob, row)
    row.refresh_from_db()
    with pytest.raises(RefusedError):
        together.draft_now(bob, row, "too-late-now")
    ReportSet.objects.filter(pk=row.pk).update(covered_until=timezone.now() - timedelta(days=5))
    assert not work.draft_set_due()
    together.reopen(bob, row)
    assert work.draft_set_due()
    assert Round.objects.get().missed >= 3


def test_a_member_that_is_taken_up_again_is_not_due_by_itself(bob: Person) -> None:
    member = arranged(bob).members.get(audience="public")
    arranging.end(bob, member)
    arranging.reopen(bob, member)
    assert Report.objects.get(pk=member.pk).due_at is None


def test_who_takes_no_part_finds_no_set(bob: Person, charlie: Person, browse: Callable[[Person], Client]) -> None:
    row = arranged(bob)
    assert browse(charlie).get(f"/reports/sets/{row.public_id}/").status_code == 404
    assert "The week" not in browse(charlie).get("/reports/").content.decode()


@pytest.mark.parametrize(
    "days", [("9999-12-31", "9999-12-31"), ("0001-01-01", "9999-12-31"), ("0001-01-01", "0001-01-01")]
)
def test_days_that_no_calendar_holds_are_refused_and_leave_no_set_behind(
    alice: Person, browse: Callable[[Person], Client], days: tuple[str, str]
) -> None:
    sent = {"once": "some-days", "title": "Ever", "audiences": ["executive"], "cadence": "hand", "language": "en",
            "first": days[0], "last": days[1], "time_zone": "Asia/Tokyo", "hour": "6"}  # fmt: skip
    assert browse(alice).post("/reports/sets/new/", sent).status_code == 422
    assert not ReportSet.objects.exists()


def test_the_same_name_of_a_call_by_another_or_for_another_set_is_another_call(
    world: None, alice: Person, bob: Person, browse: Callable[[Person], Client]
) -> None:
    mine, theirs = arranged(alice), arranged(bob)
    squatted = arranged(bob, once=f"the-week:{alice.pk}")
    assert len({mine.pk, theirs.pk, squatted.pk}) == 3
    assert arranged(alice) == mine
    first, second = (together.draft_now(alice, one, "this-morning", audiences=["public"]) for one in (mine, theirs))
    assert (first.together, second.together) == (mine, theirs)
    assert together.draft_now(alice, mine, "this-morning", audiences=["public"]) == first
    wanted = Wanted("For the board", "executive", "hand", "every-monday")
    one, other = arranging.arrange(alice, wanted), arranging.arrange(bob, wanted)
    assert one != other
    assert arranging.arrange(bob, wanted) == other
    answer = browse(alice).post("/reports/week", {"once": "pressed-once", "audiences": ["public"]})
    assert answer["Location"].startswith("/reports/sets/"), "nobody keeps her week from her"
