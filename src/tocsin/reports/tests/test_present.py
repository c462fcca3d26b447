"""What is closed to readers or made stricter after it was gathered does not leave, and is not said to be gone."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.reports import arranging, checking, present, releasing
from tocsin.reports.gathering.period import Period
from tocsin.reports.laying import digest_of, document_of, facts_of
from tocsin.reports.models import Draft, Report
from tocsin.reports.refusals import RefusedError
from tocsin.situations.models import Assessment, Situation

pytestmark = pytest.mark.django_db


@pytest.fixture
def raid(situation: Callable[..., Situation], assess: Callable[..., Assessment]) -> Situation:
    row = situation("Raid on the editors in Recife", country="BR", tlp="clear")
    row.first_at = timezone.now() - timedelta(days=60)
    row.save()
    assess(row, 0.9, days=20)
    return row


def fresh(draft: Draft) -> Draft:
    return Draft.objects.select_related("report", "gathered", "corrects").get(pk=draft.pk)


def change(row: Situation, **fields: object) -> None:
    Situation.objects.filter(pk=row.pk).update(**fields)


@pytest.mark.parametrize(
    ("audience", "fields"),
    [
        ("public", {"tlp": "red"}),
        ("executive", {"tlp": "red"}),
        ("executive", {"readers": int(Role.LEAD)}),
        ("operational", {"readers": int(Role.LEAD)}),
    ],
)
def test_what_was_closed_since_it_was_gathered_is_named_and_not_released(
    raid: Situation, draft: Callable[..., Draft], vera: Person, audience: str, fields: dict[str, object]
) -> None:
    made = draft(audience)
    assert f"situation:{raid.public_id}:state" in document_of(made).facts
    assert not any(one.blocks for one in checking.problems(fresh(made)))
    change(raid, **fields)
    row = fresh(made)
    assert "ceiling" in {one.kind for one in checking.problems(row) if one.blocks and one.text}
    with pytest.raises(RefusedError, match="can’t be released yet"):
        releasing.release(vera, row, digest_of(document_of(row)), without_pdf=True)


def test_a_stricter_mark_within_the_ceiling_stands_on_the_issue(
    raid: Situation, draft: Callable[..., Draft], vera: Person
) -> None:
    made = draft("executive")
    looked_at = digest_of(document_of(fresh(made)))
    change(raid, tlp="amber+strict")
    with pytest.raises(RefusedError, match="changed since you looked"):
        releasing.release(vera, fresh(made), looked_at, without_pdf=True)
    issue = releasing.release(vera, fresh(made), digest_of(document_of(fresh(made))), without_pdf=True)
    assert issue.tlp == "amber+strict"


def test_what_was_released_stays_as_it_was_released(raid: Situation, draft: Callable[..., Draft], vera: Person) -> None:
    made = draft("executive")
    issue = releasing.release(vera, fresh(made), digest_of(document_of(fresh(made))), without_pdf=True)
    change(raid, tlp="red", readers=int(Role.LEAD))
    assert facts_of(fresh(made))[f"situation:{raid.public_id}:state"].tlp == "clear"
    assert digest_of(document_of(fresh(made), issue.name)) == issue.digest


@pytest.fixture
def again(
    raid: Situation, arrange: Callable[..., Report], week: Period, bob: Person, vera: Person
) -> Callable[..., str]:
    """Releases an issue, changes the situation, and gives what the next draft knows."""

    def make(**fields: object) -> str:
        report = arrange("executive")
        first = arranging.draft_now(bob, report, week)
        releasing.release(vera, first, digest_of(document_of(first)), without_pdf=True)
        change(raid, **fields)
        return str(facts_of(fresh(arranging.draft_now(bob, report))))

    return make


def test_what_was_closed_to_the_readers_is_not_said_to_be_gone(again: Callable[..., str]) -> None:
    assert "Recife" not in again(readers=int(Role.LEAD))


def test_what_ended_is_said_to_be_gone(again: Callable[..., str]) -> None:
    told = again(state="merged")
    assert "No longer on record since the last issue" in told
    assert "Recife" in told


def test_what_ended_and_was_closed_to_the_readers_is_not_told(again: Callable[..., str]) -> None:
    assert "Recife" not in again(state="merged", readers=int(Role.LEAD))


def test_a_page_asks_once_what_its_facts_rest_on_and_the_next_page_anew(
    raid: Situation, draft: Callable[..., Draft]
) -> None:
    made, key = draft("executive"), f"situation:{raid.public_id}:state"
    with present.one_look():
        before = facts_of(made)[key].tlp
        change(raid, tlp="red")
        with present.one_look():
            assert facts_of(made)[key].tlp is before, "one page holds together"
    assert facts_of(made)[key].tlp == "red"
    assert before != "red"
