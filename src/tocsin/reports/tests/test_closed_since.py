"""What was closed to somebody since it was gathered shows to them on no page of a draft, and to nobody leaves."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tocsin.alerts.models import Alert, Policy
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.reports import api_shapes, checking, editing, recounting, releasing
from tocsin.reports.audiences import AUDIENCES
from tocsin.reports.document import sentences
from tocsin.reports.keeping import document_in
from tocsin.reports.laying import digest_of, document_of, facts_of
from tocsin.reports.models import Draft
from tocsin.reports.refusals import RefusedError
from tocsin.responses import missed
from tocsin.responses.models import Missed
from tocsin.signals.models import Signal
from tocsin.situations import membership
from tocsin.situations.models import Assessment, Situation, ThreatLevel
from tocsin.streams.models import BlindSpot, Source

pytestmark = pytest.mark.django_db
Browse = Callable[[Person], Client]
Drafts = Callable[..., Draft]
SECRET = "Raid on the editors in Recife"


def fresh(draft: Draft) -> Draft:
    return Draft.objects.select_related("report", "gathered", "corrects").get(pk=draft.pk)


def everything_shown(client: Client, person: Person, draft: Draft) -> dict[str, str]:
    """Every page and answer that shows something of a draft, by its address."""
    own = f"/reports/drafts/{draft.public_id}/"
    found = [
        own,
        f"{own}everywhere/",
        f"/reports/gathered/{draft.gathered.public_id}/",
        f"/reports/layouts/{draft.audience}/",
    ]
    found += [f"{own}?as={one}" for one in AUDIENCES if one != draft.audience]
    pages = {address: client.get(address).content.decode() for address in found}
    if draft.edits.exclude(by=person).exists():
        mine = {"version": 1, "part": "s1", "text": "x", "facts": []}
        pages["met"] = client.post(f"{own}write", mine).content.decode()
    pages["api"] = json.dumps(api_shapes.draft_out(person, fresh(draft)).model_dump(mode="json"))
    return pages


def told_in(client: Client, person: Person, draft: Draft, words: str) -> list[str]:
    return [address for address, page in everything_shown(client, person, draft).items() if words in page]


@pytest.fixture
def raid(situation: Callable[..., Situation], assess: Callable[..., Assessment]) -> Situation:
    row = situation(SECRET, country="BR", tlp="clear")
    row.first_at = timezone.now() - timedelta(days=60)
    row.save()
    assess(row, 0.9, days=20)
    assess(row, 0.5, days=2)
    return row


@pytest.mark.parametrize("audience", ["operational", "executive", "public"])
def test_a_situation_that_was_closed_shows_on_no_page_to_who_may_not_read_it(
    raid: Situation, draft: Drafts, browse: Browse, alice: Person, bob: Person, audience: str
) -> None:
    made = draft(audience)
    editing.write(alice, made, 1, "s1", f"We hear: {SECRET}, they say, tonight.", [f"situation:{raid.public_id}:state"])
    assert told_in(browse(bob), bob, made, SECRET)
    Situation.objects.filter(pk=raid.pk).update(readers=int(Role.LEAD))
    assert told_in(browse(bob), bob, made, SECRET) == []
    assert told_in(browse(alice), alice, made, SECRET), "who may read it still sees what has to be left out"
    page = browse(bob).get(f"/reports/drafts/{made.public_id}/").content.decode()
    assert "for others by now" in page
    with pytest.raises(RefusedError, match="not among those"):
        editing.add(bob, made, 2, 0, "Words.", [f"situation:{raid.public_id}:state"], opinion=False)


def test_what_somebody_may_not_see_can_be_left_out_unseen_and_then_no_longer_blocks(
    raid: Situation, situation: Callable[..., Situation], draft: Drafts, browse: Browse, alice: Person, bob: Person
) -> None:
    situation("Wikis blocked in the capital")
    made = draft("operational")
    editing.add(alice, made, 1, 2, f"Look at this: {SECRET} is near.", ["report:period"], opinion=True)
    Situation.objects.filter(pk=raid.pk).update(readers=int(Role.LEAD))
    assert {one.kind for one in checking.problems(fresh(made)) if one.blocks} == {"ceiling"}
    browse(bob).post(f"/reports/drafts/{made.public_id}/leave-closed", {"version": 2})
    assert SECRET not in json.dumps(fresh(made).blocks[3])
    assert not [one for one in checking.problems(fresh(made)) if one.blocks]


@pytest.fixture
def renamed(raid: Situation) -> Signal:
    """A text that gave the situation its title, and that was restricted since: it left, and the title with it."""
    at = timezone.now()
    text = Signal.objects.create(at=at, title=SECRET, rule="r", country="BR")
    membership.join([membership.Joining(text.pk, raid, "same story")], "r")
    return text


def test_the_words_of_a_text_that_was_restricted_show_to_nobody_else_and_do_not_leave(
    raid: Situation, renamed: Signal, draft: Drafts, browse: Browse, bob: Person
) -> None:
    made = draft("operational")
    Signal.objects.filter(pk=renamed.pk).update(readers=int(Role.LEAD))
    Situation.objects.filter(pk=raid.pk).update(title="Persecution in Brazil")
    assert told_in(browse(bob), bob, made, SECRET) == []
    assert "ceiling" in {one.kind for one in checking.problems(fresh(made)) if one.blocks}


def test_a_new_title_alone_closes_nothing(raid: Situation, draft: Drafts, browse: Browse, bob: Person) -> None:
    made = draft("operational")
    Situation.objects.filter(pk=raid.pk).update(title="Persecution in Brazil")
    assert told_in(browse(bob), bob, made, SECRET)
    assert not [one for one in checking.problems(fresh(made)) if one.blocks]


@pytest.fixture
def noted(raid: Situation, alice: Person) -> Missed:
    at = timezone.now() - timedelta(days=2)
    event = missed.Event(
        "The wiki editors of Olinda were followed home", at, at + timedelta(hours=9), "a paper", "gdelt", "None"
    )
    return missed.note(alice, event, raid)


@pytest.mark.parametrize("audience", ["operational", "vice-president"])
def test_a_missed_event_goes_with_the_situation_that_it_is_about(
    raid: Situation, noted: Missed, draft: Drafts, browse: Browse, bob: Person, audience: str
) -> None:
    made = draft(audience)
    assert told_in(browse(bob), bob, made, "followed home")
    Situation.objects.filter(pk=raid.pk).update(readers=int(Role.LEAD))
    assert told_in(browse(bob), bob, made, "followed home") == []
    assert any("followed home" in one.text for one in checking.problems(fresh(made)) if one.kind == "ceiling")


def test_a_missed_event_that_was_taken_back_is_not_released(
    raid: Situation, noted: Missed, draft: Drafts, alice: Person
) -> None:
    made = draft("operational")
    missed.take_back(alice, noted)
    assert [one.kind for one in checking.problems(fresh(made)) if one.blocks] == ["withdrawn"]


def test_a_silent_source_goes_with_its_readers(draft: Drafts, browse: Browse, bob: Person) -> None:
    feed = Source.objects.create(
        kind="rss", name="The quiet feed of a friend in Natal", url="https://example.org/f",
        expected_every=timedelta(hours=1), next_fetch_at=timezone.now(),
    )  # fmt: skip
    BlindSpot.objects.create(source=feed, since=timezone.now() - timedelta(days=3), countries=["BR"], reason="x")
    made = draft("operational")
    assert told_in(browse(bob), bob, made, "friend in Natal")
    Source.objects.filter(pk=feed.pk).update(readers=int(Role.LEAD))
    assert told_in(browse(bob), bob, made, "friend in Natal") == []
    assert "ceiling" in {one.kind for one in checking.problems(fresh(made)) if one.blocks}


@pytest.fixture
def called(db: None) -> list[Alert]:
    """Four alerts of this week that were answered after 1 to 4 minutes, and one after 90."""
    policy = Policy.objects.create(public_id="p", name="First line")
    rows = []
    for number, minutes in enumerate((1, 2, 3, 4, 90)):
        at = timezone.now() - timedelta(days=2, hours=number)
        answered = at + timedelta(minutes=minutes)
        rows.append(
            Alert.objects.create(
                public_id=f"a{number}", dedupe=f"d{number}", kind="situation", lane="wake", severity=3, policy=policy,
                occurred_at=at, accepted_at=at, seen_at=at, first_answered_at=answered, state="resolved",
            )
        )  # fmt: skip
    return rows


def test_numbers_are_counted_again_before_they_leave(
    called: list[Alert], draft: Drafts, browse: Browse, bob: Person, vera: Person
) -> None:
    made = draft("vice-president")
    assert "5 alerts called the team." in json.dumps(made.blocks)
    Alert.objects.filter(pk=called[4].pk).update(readers=int(Role.LEAD))
    row = fresh(made)
    with pytest.raises(RefusedError, match="Some numbers are others by now") as refused:
        releasing.release(vera, row, digest_of(document_of(row)), without_pdf=True)
    assert "“5 alerts called the team.”" in refused.value.lines
    assert any("Time to acknowledge an alert: 3 min" in one for one in refused.value.lines)
    browse(bob).post(f"/reports/drafts/{made.public_id}/recount", {"version": 1})
    row = fresh(made)
    said = json.dumps(row.blocks)
    assert "4 alerts called the team." in said
    assert "5 alerts" not in said
    assert "2.5 min" in said
    assert "3 min" not in said, "the table was drawn anew too"
    issue = releasing.release(vera, row, digest_of(document_of(row)), without_pdf=True)
    assert "5 alerts" not in json.dumps(issue.document)


def test_what_cannot_be_counted_any_more_is_left_out(
    called: list[Alert], draft: Drafts, bob: Person, vera: Person
) -> None:
    made = draft("vice-president")
    Alert.objects.update(readers=int(Role.LEAD))
    editing.recount(bob, made, 1)
    row = fresh(made)
    issue = releasing.release(vera, row, digest_of(document_of(row)), without_pdf=True)
    assert "alert" not in " ".join(one.text for one in sentences(document_in(issue.document)))


def test_a_level_that_a_closed_situation_made_does_not_leave(
    raid: Situation, draft: Drafts, vera: Person, bob: Person
) -> None:
    level = ThreatLevel.objects.create(country="BR", harm="site-ban", probability=0.9, at=timezone.now(), current=True)
    made = draft("vice-president")
    ThreatLevel.objects.filter(pk=level.pk).update(probability=0.2)
    assert not recounting.moved(fresh(made), facts_of(made)), "levels fall every day"
    Situation.objects.filter(pk=raid.pk).update(readers=int(Role.LEAD))
    editing.leave_closed(bob, made, 1)
    row = fresh(made)
    with pytest.raises(RefusedError, match="It can’t be released yet"):
        releasing.release(vera, row, digest_of(document_of(row)), without_pdf=True)
    editing.recount(bob, row, 2)
    row = fresh(made)
    issue = releasing.release(vera, row, digest_of(document_of(row)), without_pdf=True)
    assert "90%" not in json.dumps(issue.document)


@pytest.mark.parametrize("audience", ["operational", "vice-president"])
def test_a_refused_release_says_nothing_of_what_is_closed_to_whoever_releases(
    raid: Situation, draft: Drafts, vera: Person, audience: str
) -> None:
    made = draft(audience)
    Situation.objects.filter(pk=raid.pk).update(readers=int(Role.LEAD))
    row = fresh(made)
    with pytest.raises(RefusedError) as refused:
        releasing.release(vera, row, digest_of(document_of(row)), without_pdf=True)
    assert refused.value.lines
    assert SECRET not in " ".join([refused.value.message, *refused.value.lines])


def test_a_title_that_tells_of_what_was_closed_is_shown_as_the_generated_one_and_left_out_with_the_rest(
    raid: Situation, draft: Drafts, browse: Browse, alice: Person, bob: Person
) -> None:
    made = draft("operational")
    generated = made.title
    editing.rename(alice, made, 1, f"About: {SECRET}, tonight again")
    lists = ("/", "/reports/", f"/reports/{made.report.public_id}/")
    assert [one for one in lists if SECRET in browse(bob).get(one).content.decode()] == list(lists)
    Situation.objects.filter(pk=raid.pk).update(readers=int(Role.LEAD))
    told = told_in(browse(bob), bob, made, SECRET)
    told += [one for one in lists if SECRET in browse(bob).get(one).content.decode()]
    assert told == []
    listed = api_shapes.draft_fields(bob, fresh(made))
    assert (listed["title"], listed["title_by"]) == (generated, "")
    assert SECRET in api_shapes.draft_fields(alice, fresh(made))["title"]
    editing.leave_closed(bob, made, 2)
    assert (fresh(made).title, fresh(made).title_by) == (generated, "")
