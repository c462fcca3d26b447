"""Nobody is asked who did not choose it; who withdraws leaves nothing behind."""

from dataclasses import replace

import pytest

from tocsin.alerts import answering
from tocsin.alerts.models import Notice, Page
from tocsin.alerts.tests.drums import Drums, address
from tocsin.people.models import Person
from tocsin.rollcalls import taking_part, travelling
from tocsin.rollcalls.models import Ask, CheckIn, Journey, Member, Participant
from tocsin.rollcalls.refusals import RefusedError
from tocsin.rollcalls.taking_part import Part
from tocsin.rollcalls.tests.conftest import Time, Works
from tocsin.rollcalls.tests.test_asking import hold
from tocsin.rollcalls.tests.test_travelling import plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def part(charlie: Person, drums: Drums) -> Part:
    """Charlie could be asked in these words by SMS."""
    number = address(charlie, "sms").pk
    return Part(
        safe_check=True, can_help=False, manner=Participant.Manner.AGREED, own_words="Did it rain?", address=number
    )


@pytest.mark.parametrize(
    "words",
    [
        "", "   ", "Charlie, tea?", "Tocsin: tea?", "See https://x", "www x", "tea at x.org", "call 1234", "me@x",
        "Wikipedia tea?", "a\nb", "a" * 81, "TOCSINtea", "localhost tea",
    ],
)  # fmt: skip
def test_words_that_could_tie_a_phone_to_us_are_refused(words: str, part: Part, charlie: Person) -> None:
    with pytest.raises(RefusedError):
        taking_part.take_part(charlie, replace(part, own_words=words))
    assert not Participant.objects.exists()


@pytest.mark.parametrize("words", ["Did it rain?", "Çay içelim mi?", "هل نشرب الشاي؟", "喝茶吗", "Ok 7?"])
def test_everyday_words_of_any_script_are_taken(words: str, part: Part, charlie: Person) -> None:
    assert taking_part.take_part(charlie, replace(part, own_words=words)).own_words == words


def test_a_phone_must_be_ones_own_verified_and_plain(part: Part, charlie: Person, bob: Person, drums: Drums) -> None:
    unverified = address(charlie, "signal")
    unverified.verified_at = None
    unverified.save()
    for number in (0, address(bob, "sms").pk, address(charlie, "mail").pk, unverified.pk, 10**9):
        with pytest.raises(RefusedError):
            taking_part.take_part(charlie, replace(part, address=number))


def test_two_questions_need_two_different_words(part: Part, charlie: Person) -> None:
    both = replace(part, can_help=True)
    for words in ("", "Did it rain?", "did it RAIN?"):
        with pytest.raises(RefusedError):
            taking_part.take_part(charlie, replace(both, help_words=words))
    taking_part.take_part(charlie, replace(both, help_words="Is it cold?"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"safe_check": False}, {"skills": ("juggling",)}, {"languages": ("english!",)}, {"country": "ZZ"},
        {"fallback_hours": 100}, {"contact": 10**9},
    ],
)  # fmt: skip
def test_what_is_on_no_list_is_refused(wrong: dict[str, object], part: Part, charlie: Person) -> None:
    with pytest.raises(RefusedError):
        taking_part.take_part(charlie, replace(part, **wrong))  # type: ignore[arg-type]


def test_the_moment_of_consent_stays_when_something_changes(part: Part, charlie: Person) -> None:
    first = taking_part.take_part(charlie, part)
    second = taking_part.take_part(charlie, replace(part, skills=("legal",)))
    assert (second.pk, second.opted_in_at) == (first.pk, first.opted_in_at)
    assert second.changed_at > first.changed_at


def test_the_quiet_digit_is_a_free_one_and_ends_with_open_messages(part: Part, charlie: Person) -> None:
    with pytest.raises(RefusedError):
        taking_part.set_quiet_digit(charlie, 5)
    taking_part.take_part(charlie, part)
    for digit in (0, 1, 2, 10):
        with pytest.raises(RefusedError):
            taking_part.set_quiet_digit(charlie, digit)
    taking_part.set_quiet_digit(charlie, 5)
    taking_part.take_part(charlie, part)
    assert Participant.objects.get().quiet_digit == 5
    taking_part.take_part(charlie, replace(part, manner=Participant.Manner.OPEN))
    assert Participant.objects.get().quiet_digit is None


def test_withdrawing_erases_the_row_the_answers_the_journeys_and_the_messages(
    dana: Person, emre: Person, rosa: Person, runs: Works, time: Time
) -> None:
    travelling.plan(dana, dana, plan(rosa, every=1))
    hold(rosa)
    time.passes(hours=1)
    runs()
    answering.by_message("sms", "sms:Dana", "1", "m1")
    runs()
    assert CheckIn.objects.exists()
    taking_part.withdraw(dana)
    assert [one.person for one in Participant.objects.all()] == [emre]
    assert [one.person for one in Member.objects.all()] == [emre]
    assert not Journey.objects.exists()
    assert not Notice.objects.filter(person=dana).exists()
    assert not Page.objects.filter(address__person=dana).exists()
    assert Ask.objects.exists()
    runs()


def test_a_closed_account_takes_no_part_any_more(dana: Person, rosa: Person, runs: Works) -> None:
    hold(rosa)
    dana.is_active = False
    dana.save()
    runs()
    assert not Participant.objects.exists()
    assert not Member.objects.exists()
