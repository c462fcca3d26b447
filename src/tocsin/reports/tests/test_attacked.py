"""Attacks on everything that is issued together: six audiences, their versions in other languages, whole rounds."""

from collections.abc import Callable
from datetime import UTC, timedelta
from itertools import combinations
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.reports import arranging, checking, drafting, editing, releasing, sending, together, versions
from tocsin.reports.arranging import Wanted
from tocsin.reports.audiences import AUDIENCES
from tocsin.reports.disclosure import Cell, alike
from tocsin.reports.disclosure.attacking import Said, Same, determined
from tocsin.reports.disclosure.keeping import packed, unpacked
from tocsin.reports.document import Table
from tocsin.reports.forms import Form, render
from tocsin.reports.gathering.period import Period
from tocsin.reports.laying import digest_of, document_of, facts_of
from tocsin.reports.models import CountedMonth, Delivery, Draft, Issue, Way
from tocsin.reports.numerals import numerals
from tocsin.reports.refusals import RefusedError
from tocsin.reports.secrets import link_of
from tocsin.situations.models import Situation

pytestmark = pytest.mark.django_db
Make = Callable[..., Any]
THREATS = ("arrest", "doxxing")
SECRET = "Qzx informant inside the ministry of interior"


@pytest.fixture
def world(situation: Make, assess: Make) -> Situation:
    """Something that everybody may know of."""
    row: Situation = situation("Wikis blocked in the capital", tlp="clear")
    assess(row, 0.9)
    return row


def again(draft: Draft) -> Draft:
    return Draft.objects.select_related("report", "gathered", "translates", "original", "corrects").get(pk=draft.pk)


def worded(by: Person, draft: Draft) -> Draft:
    """Every part that is left, with its numbers and no letter of its original."""
    texts = {one["id"]: "كلمة " + "; ".join(versions.numbers(one["source"])) for one in versions.untranslated(draft)}
    return editing.word(by, draft, draft.version, texts)


def released(by: Person, draft: Draft) -> Issue:
    return releasing.release(by, draft, digest_of(document_of(draft)), without_pdf=True, reads=True, no_place=True)


def blocking(draft: Draft) -> list[str]:
    return [one.says for one in checking.problems(draft) if one.blocks]


def names_of(draft: Draft) -> list[str]:
    """What is said of names that the original masks."""
    return [says for says in blocking(draft) if "sounds like" in says or "does not say this name" in says]


# Numbers of people


def counted(month: str, people: dict[tuple[str, str, str], int]) -> None:
    """A month of cases: so many in each place, with each threat and each help."""
    kinds: dict[Cell, int] = dict.fromkeys((Cell(month, at, kind) for at, kind, _help in people), 0)
    helped: dict[Cell, int] = dict.fromkeys((Cell(month, at, "") for at, _kind, _help in people), 0)
    helped |= dict.fromkeys((Cell(month, at, help_) for at, _kind, help_ in people), 0)
    for (at, kind, help_), number in people.items():
        kinds[Cell(month, at, kind)] += number
        helped[Cell(month, at, help_)] += number
    first, second = alike((kinds, helped), 10)
    CountedMonth.objects.create(
        month=month, least=10, blocks=packed(first), supports=packed(second), decided_at=timezone.now()
    )


def test_no_cell_can_be_worked_out_of_two_rounds_of_all_audiences_and_their_versions(
    world: Situation, bob: Person
) -> None:
    end = timezone.now().astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    last = (end - timedelta(days=1)).replace(day=1)
    first = (last - timedelta(days=1)).replace(day=1)
    places = {("NO", "arrest", "legal"): 14, ("FR", "arrest", "legal"): 3, ("EG", "arrest", "medical"): 4,
              ("KE", "doxxing", "legal"): 12, ("NO", "doxxing", "medical"): 2}  # fmt: skip
    for month in (f"{first:%Y-%m}", f"{last:%Y-%m}"):
        counted(month, places)
    wanted = Wanted("The month", "", "hand", "attacked", languages=("ar",))
    row = together.arrange(bob, wanted, list(AUDIENCES))
    told: dict[str, set[tuple[str, float]]] = {}
    for number, begin in enumerate((first, last)):
        made = together.draft_now(bob, row, f"round-{number}", Period(begin, end))
        for draft in made.drafts.select_related("report", "gathered"):
            version = worded(bob, versions.begin_early(bob, draft, "ar"))
            mine, theirs = numbers(draft), numbers(version)
            assert mine == theirs, "a version tells the very numbers of its original"
            assert figures(draft) == figures(version)
            told.setdefault(draft.audience, set()).update(mine)
    team = told["operational"]
    assert team
    assert all(one <= team for one in told.values()), "no audience is told what the team is not"
    kept = [
        block
        for month in CountedMonth.objects.all()
        for blocks in (month.blocks, month.supports)
        for block in unpacked(month.month, blocks)
    ]
    cells = {cell for one in kept for cell in one.cells}
    same = [
        Same(frozenset(c for c in cells if (c.month, c.place) == at and c.kind in THREATS),
             frozenset(c for c in cells if (c.month, c.place) == at and c.kind not in THREATS))
        for at in {(one.month, one.place) for one in cells}
    ]  # fmt: skip
    found = determined(cells, [Said(one.cells, one.total) for one in kept], same)
    assert {cell: amount for cell, amount in found.items() if amount < 10} == {}
    totals = {float(one.total) for one in kept}
    sums = {float(sum(one.total for one in kept if one.cells <= frozenset(part))) for part in parts(cells)} | totals
    assert {amount for _key, amount in team} <= sums, "each number that is told is one of the kept blocks, or their sum"


def parts(cells: set[Cell]) -> list[set[Cell]]:
    """Cells by everything by which a sum is told: month, place, kind and table, and any of them together."""
    ways = [way for n in range(1, 5) for way in combinations(range(4), n)]
    named = {one: (one.month, one.place, one.kind, one.kind in THREATS) for one in cells}
    return [
        {each for each in cells if all(named[each][at] == named[one][at] for at in way)}
        for way in ways
        for one in cells
    ]


def numbers(draft: Draft) -> set[tuple[str, float]]:
    facts = document_of(draft).facts.values()
    return {(one.key, one.value.amount) for one in facts if one.key.startswith("people:") and one.value is not None}


def figures(draft: Draft) -> list[list[str]]:
    """The numbers of every cell of every table, as they are read."""
    tables = [one for one in document_of(draft).blocks if isinstance(one, Table)]
    return [[str(n.readings[0]) for cell in row for n in numerals(cell)] for one in tables for row in one.rows]


# Names


@pytest.fixture
def masked(arrange: Make, world: Situation, bob: Person) -> Draft:
    """A policy brief in which a name and a handle were masked."""
    draft = arranging.draft_now(bob, arrange("policy", cadence="hand"))
    key = next(key for key in facts_of(draft) if key.startswith("situation:"))
    said = "Mrs Zahra Rahimi wrote as User:Zahra_Example."
    draft = editing.add(bob, draft, draft.version, 3, said, [key], opinion=True)
    name = next(one["id"] for _b, one in editing.sentences(draft.blocks) if "Rahimi" in one["text"])
    draft = editing.mask(bob, draft, draft.version, name)
    assert "Rahimi" not in str(draft.blocks)
    return draft


@pytest.mark.parametrize(
    "said",
    ["Zahra Rahimi", "ZAHRA RAHIMI", "Z-a-h-r-a R-a-h-i-m-i", "زهرا رحيمي", "Захра Рахими", "Zahra Example",
     "Ζάχρα Ραχίμι", "לזהרא רחימי"],
)  # fmt: skip
def test_a_name_that_the_original_masks_is_found_in_its_version(masked: Draft, bob: Person, said: str) -> None:
    version = worded(bob, versions.begin_early(bob, masked, "ar"))
    one = next(each for each in versions.parts(version) if "withheld" in each["source"])
    assert not names_of(version)
    version = editing.write(bob, version, version.version, one["id"], f"كلمة {said} كلمة", [])
    assert names_of(version), blocking(version)


def test_a_masked_name_stays_withheld_whoever_says_that_it_is_none(masked: Draft, bob: Person, vera: Person) -> None:
    version = worded(bob, versions.begin_early(bob, masked, "ar"))
    one = next(each for each in versions.parts(version) if "withheld" in each["source"])
    version = editing.write(bob, version, version.version, one["id"], "كلمة Zahra Rahimi", [])
    version = editing.clear(bob, version, version.version, "Zahra Rahimi")
    released(vera, masked)
    with pytest.raises(RefusedError) as refused:
        released(vera, again(version))
    assert any("does not say this name" in says for says in refused.value.lines)


def test_a_name_that_a_correction_inherits_masked_is_found_as_well(masked: Draft, bob: Person, vera: Person) -> None:
    mend = drafting.make_correction(released(vera, masked), "A word was wrong.", bob)
    version = worded(bob, versions.begin_early(bob, mend, "fr"))
    one = next(each for each in versions.parts(version) if "withheld" in each["source"])
    version = editing.write(bob, version, version.version, one["id"], "Zahra Rahimi l’a écrit", [])
    assert any("does not say this name" in says for says in blocking(version))


# Yeses


def test_a_yes_to_the_original_is_none_to_its_version_and_ends_with_each_change(
    arrange: Make, world: Situation, bob: Person, alice: Person, vera: Person
) -> None:
    draft = arranging.draft_now(bob, arrange("community", cadence="hand"))
    version = worded(bob, versions.begin_early(bob, draft, "ar"))
    today = timezone.now().date()
    editing.agree(bob, version, digest_of(document_of(version)), "A users' group", "call", today)
    assert not any("has not agreed" in says for says in blocking(version))
    assert any("has not agreed" in says for says in blocking(draft))
    key = next(key for key in facts_of(draft) if key.startswith("situation:"))
    draft = editing.add(alice, draft, draft.version, 1, "More is known by now.", [key], opinion=True)
    assert any("has not agreed" in says for says in blocking(again(version))), "the original changed, so did it"
    editing.agree(bob, draft, digest_of(document_of(draft)), "A users' group", "call", today)
    draft = editing.rename(alice, draft, draft.version, "Another title")
    assert any("has not agreed" in says for says in blocking(draft))
    editing.agree(bob, draft, digest_of(document_of(draft)), "A users' group", "call", today)
    issue = released(vera, draft)
    now = worded(bob, again(version))
    assert any("has not agreed" in says for says in blocking(now))
    with pytest.raises(RefusedError):
        released(vera, now)
    editing.agree(bob, now, digest_of(document_of(now)), "A users' group", "call", today)
    assert released(vera, again(now)).translates == issue


def test_renaming_a_set_of_reports_moves_no_yes_and_no_number(
    world: Situation, bob: Person, alice: Person, vera: Person
) -> None:
    row = together.arrange(bob, Wanted("The week", "", "hand", "named"), list(AUDIENCES))
    draft = together.draft_now(bob, row, "one").drafts.get(audience="community")
    digest = digest_of(document_of(draft))
    editing.agree(bob, draft, digest, "A users' group", "call", timezone.now().date())
    type(row).objects.filter(pk=row.pk).update(title="Something calmer")
    draft.report.title = "Something calmer"
    draft.report.save()
    assert digest_of(document_of(again(draft))) == digest
    assert "calmer" not in render(document_of(again(draft)), Form.TEXT).decode()
    other = together.draft_now(bob, row, "two", audiences=["community"]).drafts.get(audience="community")
    assert digest_of(document_of(other)) == digest or any("has not agreed" in one for one in blocking(other))


# Two at once, and what is corrected meanwhile


def test_two_who_release_one_version_at_once_make_one_issue(
    arrange: Make, world: Situation, bob: Person, vera: Person, alice: Person
) -> None:
    draft = arranging.draft_now(bob, arrange("executive", cadence="hand", languages=("ar",)))
    mine, theirs = again(draft), again(draft)
    issue = released(vera, mine)
    with pytest.raises(RefusedError, match="not open any more"):
        released(alice, theirs)
    version = worded(bob, Draft.objects.get(translates=issue))
    mine, theirs = again(version), again(version)
    released(vera, mine)
    with pytest.raises(RefusedError, match="not open any more"):
        released(alice, theirs)
    assert Issue.objects.count() == 2
    assert Draft.objects.filter(state=Draft.State.OPEN).count() == 0


def test_who_translates_while_it_is_released_loses_nothing(
    arrange: Make, world: Situation, bob: Person, vera: Person
) -> None:
    draft = arranging.draft_now(bob, arrange("executive", cadence="hand"))
    version = versions.begin_early(bob, draft, "ar")
    one = next(each for each in versions.untranslated(version) if not each["id"].startswith("t"))
    released(vera, draft)
    words = "كلمة " + "; ".join(versions.numbers(one["source"]))
    now = editing.write(bob, version, version.version, one["id"], words, [])
    assert now.translates is not None
    assert one["id"] not in {each["id"] for each in versions.untranslated(now)}


def test_a_withdrawal_reaches_who_had_a_version_and_ends_what_is_being_translated(
    arrange: Make, world: Situation, bob: Person, vera: Person, client: Client
) -> None:
    report = arrange("executive", cadence="hand", languages=("ar", "fa"))
    sending.add(vera, report, "The office in Tunis", "tunis@example.org", Way.MAIL, language="ar")
    issue = released(vera, arranging.draft_now(bob, report))
    first = released(vera, worded(bob, Draft.objects.get(translates=issue, language="ar")))
    handed = sending.send_to(vera, first, sending.add(vera, report, "A partner", "p@example.org", Way.LINK))
    late = worded(bob, Draft.objects.get(translates=issue, language="fa"))
    gone = released(vera, drafting.make_correction(issue, "It put somebody at risk.", bob, withdraw=True))
    sent = {one.address for one in Delivery.objects.filter(issue=gone)}
    assert sent == {"tunis@example.org", "p@example.org"}, "whoever had a version learns of it at once"
    assert again(late).state == Draft.State.DROPPED
    with pytest.raises(RefusedError):
        released(vera, again(late))
    with pytest.raises(RefusedError, match="corrected"):
        sending.send_to(vera, first, report.recipients.get(address="tunis@example.org"))
    with pytest.raises(RefusedError):
        sending.hand_over(vera, first, "A partner")
    page = client.post("/" + link_of(handed.public_id).split("/", 3)[3]).content.decode()
    assert "withdrawn" in page
    assert "كلمة" not in page
    notice = Draft.objects.get(translates=gone, language="ar")
    assert {one["id"] for one in versions.untranslated(notice)} == {"correction", "title"} - (
        {"title"} if again(first.draft).title == notice.title else set()
    )
    told = released(vera, worded(bob, notice))
    assert {one.address for one in told.deliveries.all()} == {"tunis@example.org", "p@example.org"}


# What was closed meanwhile


def test_what_was_closed_meanwhile_shows_in_no_version_not_even_in_its_translation(
    arrange: Make, situation: Make, assess: Make, bob: Person, vera: Person, browse: Callable[[Person], Client]
) -> None:
    row = situation(SECRET, tlp="amber")
    assess(row, 0.8)
    draft = arranging.draft_now(bob, arrange("vice-president", cadence="hand"))
    draft = editing.rename(bob, draft, draft.version, f"About the {SECRET}")
    version = versions.begin_early(bob, draft, "ar")
    texts = {one["id"]: "سرية " + "; ".join(versions.numbers(one["source"])) for one in versions.untranslated(version)}
    told = {one["id"] for one in versions.parts(version) if "Qzx" in one["source"]}
    assert len(told) > 1
    version = editing.word(bob, version, version.version, {one: text for one, text in texts.items() if one in told})
    Situation.objects.filter(pk=row.pk).update(readers=int(Role.COUNSEL))
    page = browse(bob).get(f"/reports/drafts/{version.public_id}/").content.decode()
    assert "Qzx" not in page
    assert "سرية" not in page
    lists = browse(bob).get(f"/reports/{version.report.public_id}/").content.decode()
    assert "Qzx" not in lists
    assert "سرية" not in lists
    released_ = [one for one in blocking(again(version)) if "some of the team" in one or "may not" in one]
    assert released_
    with pytest.raises(RefusedError):
        released(vera, draft)
