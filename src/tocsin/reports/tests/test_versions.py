"""One issue in two languages: the same facts and numbers, words by a person, to each reader in theirs."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tocsin.audit.models import Entry
from tocsin.people.models import Person
from tocsin.reports import arranging, checking, drafting, editing, eyes, releasing, sending, versions
from tocsin.reports.laying import digest_of, document_of, facts_of
from tocsin.reports.models import Delivery, Draft, Issue, Report, Way
from tocsin.reports.refusals import RefusedError
from tocsin.reports.secrets import link_of
from tocsin.situations.models import Assessment, Situation

pytestmark = pytest.mark.django_db


@pytest.fixture
def report(
    arrange: Callable[..., Report], situation: Callable[..., Situation], assess: Callable[..., Assessment]
) -> Report:
    """A brief that is to be had in English and Arabic, about something."""
    assess(situation("Wikis blocked in the capital", tlp="green"), 0.9)
    return arrange("executive", cadence="hand", languages=("ar",))


@pytest.fixture
def issue(report: Report, bob: Person, vera: Person) -> Issue:
    """Its first issue, in English, with a reader in each language."""
    sending.add(vera, report, "The board", "board@example.org", Way.MAIL)
    sending.add(vera, report, "The office in Tunis", "tunis@example.org", Way.MAIL, language="ar")
    return released(vera, arranging.draft_now(bob, report))


def released(by: Person, draft: Draft) -> Issue:
    return releasing.release(by, draft, digest_of(document_of(draft)), without_pdf=True, reads=True, no_place=True)


def arabic(issue: Issue) -> Draft:
    found = versions.open_in(issue.draft, "ar")
    assert found is not None
    return found


def translated(by: Person, draft: Draft) -> Draft:
    """Every sentence in Arabic; numbers in the digits that are written there."""
    eastern = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
    for one in versions.untranslated(draft):
        digits = "; ".join(versions.numbers(one["source"]))
        draft = editing.write(by, draft, draft.version, one["id"], f"جملة {digits}".translate(eastern), [])
    return draft


def problems(draft: Draft) -> dict[str, bool]:
    return {one.kind: one.blocks for one in checking.problems(draft)}


def test_a_version_is_begun_with_each_release_and_says_what_is_not_translated(
    issue: Issue, bob: Person, browse: Callable[[Person], Client]
) -> None:
    draft = arabic(issue)
    assert draft.gathered == issue.draft.gathered
    assert problems(draft)["untranslated"], "nothing is translated yet"
    page = browse(bob).get(f"/reports/drafts/{draft.public_id}/").content.decode()
    assert "not translated yet" in page
    assert f"/reports/issues/{issue.public_id}/" in page, "the original is one click away"
    first = versions.untranslated(draft)[0]
    draft = editing.write(bob, draft, draft.version, first["id"], f"جملة {first['source']}", [])
    assert problems(draft)["untranslated"] is False, "the rest stands in English, and the issue says so"
    page = browse(bob).get(f"/reports/drafts/{draft.public_id}/").content.decode()
    assert first["source"] in page


def test_each_reader_gets_their_language_and_a_version_is_released_by_who_reads_it(
    issue: Issue, bob: Person, vera: Person, alice: Person
) -> None:
    assert [one.address for one in issue.deliveries.all()] == ["board@example.org"]
    draft = translated(bob, arabic(issue))
    with pytest.raises(RefusedError, match="reads its language"):
        releasing.release(vera, draft, digest_of(document_of(draft)), without_pdf=True)
    made = released(vera, draft)
    assert made.name == f"{issue.name}-ar"
    assert (made.number, made.translates) == (issue.number, issue)
    assert [one.address for one in made.deliveries.all()] == ["tunis@example.org"]
    with pytest.raises(RefusedError, match="already"):
        versions.begin(bob, issue, "ar")
    assert drafting.last_issue(issue.report) == issue
    assert released(vera, arranging.draft_now(alice, issue.report)).number == issue.number + 1


def test_a_version_tells_the_very_facts_and_numbers_of_its_original(issue: Issue, bob: Person, vera: Person) -> None:
    draft = translated(bob, arabic(issue))
    made = released(vera, draft)
    original, version = issue.document["facts"], made.document["facts"]
    own = {f"version:{issue.public_id}"}
    assert {key: one["value"] for key, one in original.items()} == {
        key: one["value"] for key, one in version.items() if key not in own
    }
    assert set(version) == {*original, *own}


@pytest.mark.parametrize("verb", ["add", "remove", "drop", "recount", "leave_closed"])
def test_nothing_is_added_to_a_version_and_nothing_left_out(issue: Issue, bob: Person, verb: str) -> None:
    draft = arabic(issue)
    key = next(key for key in facts_of(draft) if key.startswith("situation:"))
    name = versions.untranslated(draft)[1]["id"]
    acts: dict[str, Callable[[], Any]] = {
        "add": lambda: editing.add(bob, draft, 1, 0, "More.", [key], opinion=False),
        "remove": lambda: editing.remove(bob, draft, 1, name),
        "drop": lambda: editing.drop(bob, draft, 1, key),
        "recount": lambda: editing.recount(bob, draft, 1),
        "leave_closed": lambda: editing.leave_closed(bob, draft, 1),
    }
    with pytest.raises(RefusedError, match="every version follows"):
        acts[verb]()


def test_a_number_of_the_original_that_a_translation_lacks_blocks_its_release(issue: Issue, bob: Person) -> None:
    draft = translated(bob, arabic(issue))
    assert "translation" not in problems(draft)
    one = next(each for each in versions.parts(draft) if versions.numbers(each["source"]))
    draft = editing.write(bob, draft, draft.version, one["id"], "جملة", [])
    assert problems(draft)["translation"] is True


@pytest.mark.parametrize("more", ["4711", "٤٧١١"])
def test_a_number_that_the_original_lacks_blocks_the_release_and_is_named(issue: Issue, bob: Person, more: str) -> None:
    draft = translated(bob, arabic(issue))
    one = next(each for each in versions.parts(draft) if versions.numbers(each["source"]))
    draft = editing.write(bob, draft, draft.version, one["id"], f"{one['text']}; {more}", [])
    assert [each for each in checking.problems(draft) if each.blocks and more in each.says]


def test_who_releases_a_version_for_outside_vouches_for_places_that_no_check_finds(
    arrange: Callable[..., Report], bob: Person, vera: Person
) -> None:
    report = arrange("public", cadence="hand", languages=("es",))
    first = released(vera, arranging.draft_now(bob, report))
    found = versions.open_in(first.draft, "es")
    assert found is not None
    draft = translated(bob, found)
    with pytest.raises(RefusedError, match="names no such place"):
        releasing.release(vera, draft, digest_of(document_of(draft)), without_pdf=True, reads=True)
    made = released(vera, draft)
    entry = Entry.objects.get(verb="report.release", target=f"issue:{made.public_id}")
    assert entry.facts["no_place"] is True


def test_a_correction_reaches_the_readers_of_every_version_at_once_and_then_in_their_language(
    issue: Issue, bob: Person, vera: Person
) -> None:
    released(vera, translated(bob, arabic(issue)))
    mend = drafting.make_correction(issue, "The place was wrong.", bob)
    key = next(key for key in facts_of(mend) if key.startswith("situation:"))
    mend = editing.drop(bob, mend, mend.version, key)
    fixed = released(vera, mend)
    assert sorted(one.address for one in fixed.deliveries.all()) == ["board@example.org", "tunis@example.org"]
    draft = arabic(fixed)
    kept = [one for one in versions.parts(draft) if one.get("by_hand")]
    assert kept, "what stayed keeps its translation"
    assert {one["id"] for one in versions.untranslated(draft)} >= {"correction"}
    last = released(vera, translated(bob, draft))
    assert [one.address for one in last.deliveries.all()] == ["tunis@example.org"]
    assert last.corrects is not None
    assert last.corrects.translates == issue
    assert versions.newer(last.corrects) == last


def test_a_translation_of_what_was_corrected_meanwhile_is_put_away_and_its_words_kept(
    issue: Issue, bob: Person, vera: Person
) -> None:
    old = translated(bob, arabic(issue))
    mend = drafting.make_correction(issue, "The place was wrong.", bob)
    mend = editing.rename(bob, mend, mend.version, "Another title")
    fixed = released(vera, mend)
    old.refresh_from_db()
    assert old.state == Draft.State.DROPPED
    assert sum(bool(one.get("by_hand")) for one in versions.parts(arabic(fixed))) > 1
    with pytest.raises(RefusedError):
        versions.begin(bob, issue, "fa")


def test_words_of_a_version_alone_are_mended_for_its_readers_alone(issue: Issue, bob: Person, vera: Person) -> None:
    made = released(vera, translated(bob, arabic(issue)))
    mend = drafting.make_correction(made, "A word was wrong.", bob)
    one = [each for each in versions.parts(mend) if "source" in each][-1]
    mend = editing.write(bob, mend, mend.version, one["id"], one["text"] + " كلمة", [])
    fixed = released(vera, mend)
    assert fixed.name == f"{issue.name}-ar-2"
    assert [each.address for each in fixed.deliveries.all()] == ["tunis@example.org"]
    assert versions.newer(issue) is None


def test_a_link_shows_its_version_and_the_original_one_press_away(
    issue: Issue, bob: Person, vera: Person, client: Client
) -> None:
    made = released(vera, translated(bob, arabic(issue)))
    row = Delivery.objects.get(issue=made)
    Delivery.objects.filter(pk=row.pk).delete()
    sent = sending.send_to(vera, made, sending.add(vera, made.report, "A partner", "p@example.org", Way.LINK))
    path = "/" + link_of(sent.public_id).split("/", 3)[3]
    page = client.post(path).content.decode()
    assert "جملة" in page
    assert "Read the original" in page
    assert "جملة" not in client.post(path, {"original": "1"}).content.decode()


def test_the_original_of_a_sentence_that_was_closed_shows_to_nobody_it_is_closed_to(issue: Issue, bob: Person) -> None:
    draft = arabic(issue)
    key = next(key for key in facts_of(draft) if key.startswith("situation:"))
    piece = next(one for one in draft.blocks if any(key in each["facts"] for each in one.get("sentences", ())))
    closed = eyes.Closed(frozenset({key}), frozenset(), frozenset())
    seen = next(one for one in eyes.seen_of(piece, closed, ())["sentences"] if one.get("closed"))
    assert "capital" not in str(seen)


def test_a_language_that_the_report_is_not_to_be_had_in_is_refused_to_a_reader(issue: Issue, vera: Person) -> None:
    with pytest.raises(RefusedError):
        sending.add(vera, issue.report, "Them", "them@example.org", Way.MAIL, language="fa")
    with pytest.raises(RefusedError):
        arranging.translate_into(vera, issue.report, ["fa"])


def test_the_page_of_an_issue_leads_to_its_languages_and_says_who_waits(
    issue: Issue, alice: Person, browse: Callable[[Person], Client]
) -> None:
    page = browse(alice).get(f"/reports/issues/{issue.public_id}/").content.decode()
    assert "being translated" in page
    assert "1 reader waits for their language" in page
    answer = browse(alice).post(f"/reports/issues/{issue.public_id}/translate", {"language": "fa"})
    assert answer["Location"].startswith("/reports/drafts/")
    assert browse(alice).get(f"/reports/{issue.report.public_id}/").status_code == 200
