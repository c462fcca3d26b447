"""Nothing leaves without a source, by the wrong hand, in another version, or past those whom it is about."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tocsin.audit.models import Entry
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.reports import checking, drafting, drawn, editing, releasing, sending, templates_kept
from tocsin.reports.document import sentences
from tocsin.reports.forms import GlyphError
from tocsin.reports.laying import digest_of, document_of
from tocsin.reports.models import Delivery, Draft, Issue
from tocsin.reports.refusals import RefusedError
from tocsin.situations.models import Assessment, Situation

pytestmark = pytest.mark.django_db
Browse = Callable[[Person], Client]
Drafts = Callable[..., Draft]


@pytest.fixture(autouse=True)
def world(situation: Callable[..., Situation], assess: Callable[..., Assessment]) -> Situation:
    row = situation("Wikis blocked in the capital")
    assess(row, 0.9)
    return row


def fresh(draft: Draft) -> Draft:
    return Draft.objects.select_related("report", "gathered", "corrects").get(pk=draft.pk)


def hash_of(draft: Draft) -> str:
    return digest_of(document_of(fresh(draft)))


def test_a_sentence_without_a_source_blocks_and_is_named(
    draft: Drafts, bob: Person, vera: Person, browse: Browse
) -> None:
    made = draft()
    editing.add(bob, made, 1, 1, "Everything will be fine soon.", [], opinion=True)
    answer = browse(vera).post(f"/reports/drafts/{made.public_id}/release", {"digest": hash_of(made)}, follow=True)
    page = answer.content.decode()
    assert "It can’t be released yet." in page
    assert "This rests on no fact. Choose what it rests on, or remove it: “Everything will be fine soon.”" in page
    assert not Issue.objects.exists()
    sentence = next(one["id"] for _block, one in editing.sentences(fresh(made).blocks) if "fine" in one["text"])
    editing.write(
        bob, made, 2, sentence, "It may be fine soon.", [f"situation:{Situation.objects.get().public_id}:state"]
    )
    issue = releasing.release(vera, fresh(made), hash_of(made))
    opinion = [one for one in issue.document["blocks"] if "fine" in str(one)]
    assert "Bob" in str(opinion), "an assessment says whose it is"


def test_another_version_than_the_one_that_was_looked_at_is_not_released(
    draft: Drafts, bob: Person, vera: Person
) -> None:
    made = draft()
    looked_at = hash_of(made)
    editing.rename(bob, made, 1, "Another title")
    with pytest.raises(RefusedError, match="changed since you looked"):
        releasing.release(vera, fresh(made), looked_at)


@pytest.mark.parametrize("audience", ["public", "policy", "community"])
def test_what_leaves_is_released_by_somebody_who_did_not_work_on_it(
    draft: Drafts, audience: str, alice: Person
) -> None:
    made = draft(audience)
    editing.rename(alice, made, 1, "A title by Alice")
    if audience == "community":
        editing.agree(alice, fresh(made), hash_of(made), "The group", "By voice", timezone.localdate())
    with pytest.raises(RefusedError, match="Somebody else must release it"):
        releasing.release(alice, fresh(made), hash_of(made))
    inside = draft("executive")
    editing.rename(alice, inside, 1, "A title by Alice")
    assert releasing.release(alice, fresh(inside), hash_of(inside)).number == 1


def test_who_set_the_report_up_or_wrote_its_headings_does_not_let_it_leave(
    draft: Drafts, alice: Person, vera: Person
) -> None:
    dora = Person.objects.create(email="dora@example.org", name="Dora", roles=int(Role.LEAD))
    templates_kept.write(dora, "public", "# What we saw\n{facts topic=situation most=5}\n", "", 0)
    made = draft("public")
    for person in (alice, dora):
        with pytest.raises(RefusedError, match="Somebody else must release it"):
            releasing.release(person, fresh(made), hash_of(made), without_pdf=True)
    assert releasing.release(vera, fresh(made), hash_of(made), without_pdf=True).number == 1


def test_what_leaves_needs_a_second_factor_of_the_last_minutes(draft: Drafts, vera: Person, browse: Browse) -> None:
    made, inside, client = draft("public"), draft("executive"), browse(vera)
    session = client.session
    session["account_authentication_methods"][0]["at"] -= 400
    session.save()
    assert "Show that it is you, then release" in client.get(f"/reports/drafts/{made.public_id}/").content.decode()
    sent = {"digest": hash_of(made), "without_pdf": "1"}
    answer = client.post(f"/reports/drafts/{made.public_id}/release", sent, follow=True)
    assert "It was not released yet." in answer.content.decode()
    assert not Issue.objects.exists()
    sent["digest"] = hash_of(inside)
    client.post(f"/reports/drafts/{inside.public_id}/release", sent)
    browse(vera).post(f"/reports/drafts/{made.public_id}/release", {**sent, "digest": hash_of(made)})
    assert set(Issue.objects.values_list("audience", flat=True)) == {"executive", "public"}


def test_who_may_not_release_does_not(draft: Drafts, bob: Person, browse: Browse) -> None:
    made = draft()
    assert browse(bob).post(f"/reports/drafts/{made.public_id}/release", {"digest": hash_of(made)}).status_code == 403
    with pytest.raises(RefusedError, match="Ask a lead or an approver"):
        releasing.release(bob, fresh(made), hash_of(made))


def test_who_lost_the_right_while_it_was_drawn_releases_nothing(
    draft: Drafts, vera: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, drawn_by = fresh(draft()), drawn.all_of

    def meanwhile(*given: Any) -> Any:
        Person.objects.filter(pk=vera.pk).update(is_active=False)
        return drawn_by(*given)

    monkeypatch.setattr(drawn, "all_of", meanwhile)
    with pytest.raises(RefusedError, match="Ask a lead or an approver"):
        releasing.release(vera, made, hash_of(made), without_pdf=True)
    assert not Issue.objects.exists()


def test_a_community_agrees_with_one_exact_version(draft: Drafts, bob: Person, vera: Person, browse: Browse) -> None:
    made = draft("community")
    found = {one.kind for one in checking.problems(fresh(made)) if one.blocks}
    assert found == {"agreement"}
    editing.agree(bob, fresh(made), hash_of(made), "The user group", "A call with its board", timezone.localdate())
    page = browse(bob).get(f"/reports/drafts/{made.public_id}/").content.decode()
    assert "Agreed with The user group" in page
    editing.rename(bob, made, 1, "What we know about the block")
    assert [one.kind for one in checking.problems(fresh(made))] == ["agreement"], "another version needs another yes"
    with pytest.raises(RefusedError):
        releasing.release(vera, fresh(made), hash_of(made))
    editing.agree(bob, fresh(made), hash_of(made), "The user group", "Again by mail", timezone.localdate())
    assert releasing.release(vera, fresh(made), hash_of(made)).audience == "community"


def test_what_is_released_changes_no_more(draft: Drafts, bob: Person, vera: Person) -> None:
    made = draft()
    issue = releasing.release(vera, fresh(made), hash_of(made))
    with pytest.raises(RefusedError, match="changes by a correction only"):
        editing.rename(bob, made, 1, "Too late")
    with pytest.raises(RefusedError, match="not open any more"):
        releasing.release(vera, fresh(made), issue.digest)
    verbs = set(Entry.objects.filter(verb__startswith="report.").values_list("verb", flat=True))
    assert {"report.arrange", "report.draft", "report.release"} <= verbs


def test_a_correction_names_what_was_wrong_and_goes_to_exactly_those_who_got_it(
    draft: Drafts, bob: Person, vera: Person, browse: Browse
) -> None:
    made = draft()
    for name in ("ann", "ben"):
        sending.add(vera, made.report, name, f"{name}@example.org", "mail")
    issue = releasing.release(vera, fresh(made), hash_of(made))
    sending.end(vera, made.report.recipients.get(name="ben"))
    sending.add(vera, made.report, "new", "new@example.org", "mail")
    browse(bob).post(f"/reports/issues/{issue.public_id}/correct", {"wrong": "The date was wrong by a day."})
    mended = Draft.objects.get(corrects=issue)
    page = browse(vera).get(f"/reports/drafts/{mended.public_id}/").content.decode()
    assert "What was wrong: The date was wrong by a day." in page
    editing.add(bob, mended, 1, 0, "It was a Tuesday.", ["report:period"], opinion=False)
    again = releasing.release(vera, fresh(mended), hash_of(fresh(mended)))
    assert again.number == 2
    assert set(again.deliveries.values_list("name", flat=True)) == {"ann", "ben"}
    assert "The date was wrong by a day." in str(again.document)
    assert "This issue was corrected." in browse(vera).get(f"/reports/issues/{issue.public_id}/").content.decode()
    with pytest.raises(RefusedError, match="corrected already"):
        drafting.make_correction(issue, "x", bob)
    assert drafting.make_correction(again, "Wrong again.", bob).state == Draft.State.OPEN


def test_what_every_issue_begins_with_can_not_be_taken_out(draft: Drafts, bob: Person) -> None:
    made = draft()
    with pytest.raises(RefusedError):
        editing.remove(bob, made, 1, "top0")
    with pytest.raises(RefusedError):
        editing.drop(bob, made, 1, "report:period")


def test_a_fact_that_is_left_out_takes_its_sentences_along(draft: Drafts, bob: Person, world: Situation) -> None:
    made = draft()
    key = f"situation:{world.public_id}:state"
    assert key in document_of(fresh(made)).facts
    editing.drop(bob, made, 1, key)
    assert key not in document_of(fresh(made)).facts
    editing.drop(bob, made, 2, key, back=True)
    assert key in document_of(fresh(made)).facts


def test_names_are_masked_or_said_to_be_none_before_anything_leaves(draft: Drafts, bob: Person, vera: Person) -> None:
    made = draft("public")
    editing.add(bob, made, 1, 1, "Write to jane.roe@example.org about it.", ["report:period"], opinion=False)
    found = [one for one in checking.problems(fresh(made)) if one.kind == "name"]
    assert [one.words for one in found] == ["jane.roe@example.org"]
    with pytest.raises(RefusedError):
        releasing.release(vera, fresh(made), hash_of(made))
    sentence = next(one["id"] for _block, one in editing.sentences(fresh(made).blocks) if "jane" in one["text"])
    editing.mask(bob, made, 2, sentence)
    assert "jane" not in str(releasing.release(vera, fresh(made), hash_of(made)).document)


def test_a_number_that_no_fact_says_is_pointed_at(draft: Drafts, bob: Person) -> None:
    made = draft()
    editing.add(bob, made, 1, 1, "It hurts 4711 people.", ["report:period"], opinion=False)
    found = [one for one in checking.problems(fresh(made)) if one.kind == "number"]
    assert "4711" in found[0].says
    assert not found[0].blocks


def test_nothing_on_record_is_said_and_rests_on_what_was_gathered(
    draft: Drafts, vera: Person, world: Situation
) -> None:
    Assessment.objects.all().delete()
    Situation.objects.all().delete()
    made = draft()
    document = document_of(fresh(made))
    words = " ".join(one.text for one in sentences(document))
    assert "No situation is on record for this time. That does not mean that nothing happened." in words
    assert releasing.release(vera, fresh(made), hash_of(made)).tlp in {"clear", "green", "amber", "amber+strict"}
    assert not Delivery.objects.exists()


@pytest.mark.once
def test_nobody_agreed_with_words_before_they_were_written(draft: Drafts, bob: Person) -> None:
    made = draft("community")
    long_ago = timezone.now() - timedelta(days=9)
    Draft.objects.update(made_at=long_ago)

    def agree(days: int) -> str:
        on = (long_ago + timedelta(days=days)).date()
        return editing.agree(bob, fresh(made), hash_of(made), "The user group", "A call", on).digest

    with pytest.raises(RefusedError, match="reads so since"):
        agree(-2)
    agree(0)
    editing.rename(bob, made, 1, "Another title")
    for days in (0, 7):
        with pytest.raises(RefusedError, match="reads so since"):
            agree(days)
    editing.clear(bob, fresh(made), 2, "Another")
    assert agree(9) == hash_of(made)


@pytest.mark.once
def test_a_refused_release_does_not_say_that_one_can_be_made(
    draft: Drafts, vera: Person, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, client = draft("executive"), browse(vera)
    address = f"/reports/drafts/{made.public_id}/"
    assert "You can release it" in client.get(address).content.decode()
    monkeypatch.setattr(drawn, "render", lambda *_any: (_ for _ in ()).throw(GlyphError("\ua9c1")))
    answer = client.post(f"{address}release", {"digest": hash_of(made)})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "You can release it" not in page
    assert "It was not released" in page
    assert "No font here can draw some characters" in page
    assert "U+A9C1" in page
    session = client.session
    session["account_authentication_methods"][0]["at"] -= 400
    session.save()
    outside = draft("public")
    page = client.post(f"/reports/drafts/{outside.public_id}/release", {"digest": hash_of(outside)}).content.decode()
    assert "It was not released yet." in page
    assert f'?next=/reports/drafts/{outside.public_id}/"' in page, "back to the draft, not to a press"
