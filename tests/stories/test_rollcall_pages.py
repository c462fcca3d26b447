"""The live pages of a roll-call, a journey and silences in a shutdown, as whoever holds them sees them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.stories.conftest import Open
from tests.stories.test_every_page import LOOK, PHONE, walk
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.rollcalls.models import CheckIn, Fallback, Journey, Member, Participant, Question, RollCall, Silence, Silent

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

UNBROKEN = "Unbroken" * 9


class Held:
    """A roll-call with somebody in every state, a journey with check-ins, and an event with one taken out."""

    def __init__(self, holder: Person) -> None:
        self.holder, self.now = holder, timezone.now()
        hour = timedelta(hours=1)
        self.rollcall = RollCall.objects.create(
            public_id="rollcall22", once="x" * 16, question=Question.SAFE, asked_by=holder, asked_at=self.now - hour,
            until=self.now + hour,
        )  # fmt: skip
        self.journey = Journey.objects.create(
            public_id="journey222", person=self._person("Traveller"), made_by=holder, agreed_at=self.now - 9 * hour,
            starts_at=self.now - 9 * hour, ends_at=self.now + 9 * hour, time_zone="Africa/Lagos", every_hours=3,
            country="TR", fallback=Fallback.CALL, contact=holder, next_at=self.now + hour,
        )  # fmt: skip
        self.journey.watchers.create(person=holder)
        self.silence = Silence.objects.create(
            public_id="silence222", country="TR", situation="none", since=self.now - hour, began_at=self.now - hour
        )
        said = {"answered_at": self.now, "answered_via": "sms"}
        states: dict[str, dict[str, object]] = {
            "waiting": {"asks": 0, "asked_at": None},
            "asked": {},
            "again": {"asks": 2},
            "silent": {"silent_at": self.now},
            "claimed": {"silent_at": self.now - hour, "answer": "safe", "by_sender": True} | said,
            "unproved": {"answer": "safe", "by_sender": True} | said,
            "confirmed": {"answer": "safe", "by_sender": True, "confirmed_at": self.now} | said,
            "safe": {"answer": "safe"} | said,
            "help": {"answer": "help", "help_at": self.now} | said,
            "quiet": {"answer": "help", "help_at": self.now, "quiet": True} | said,
            "helped": {"answer": "help", "help_at": self.now - hour, "helped_at": self.now} | said,
        }
        for number, (name, values) in enumerate(states.items()):
            begun = {"due_at": self.now - hour, "asked_at": self.now - hour, "asks": 1} | values
            member = Member.objects.create(rollcall=self.rollcall, person=self._person(f"{name} {UNBROKEN}"), **begun)
            moment = self.now - number * hour
            checkin = CheckIn.objects.create(journey=self.journey, **begun | {"due_at": moment})
            if name in {"silent", "claimed"}:
                Silent.objects.create(silence=self.silence, member=member, joined_at=self.now)
                apart = {"apart_at": self.now, "apart_by": holder} if name == "claimed" else {}
                Silent.objects.create(silence=self.silence, checkin=checkin, joined_at=self.now, **apart)

    def _person(self, name: str) -> Person:
        email = f"{name.split()[0].lower()}@example.org"
        made = Person.objects.create(email=email, name=name[:80], roles=0)
        Participant.objects.create(
            person=made, opted_in_at=self.now, changed_at=self.now, safe_check=True, country="TR",
            manner=Participant.Manner.OPEN, contact=self.holder,
        )  # fmt: skip
        return made

    @property
    def addresses(self) -> list[str]:
        """The pages that change while they are looked at, and the forms that lead to them."""
        return [
            "/rollcalls/", "/rollcalls/new/", "/rollcalls/me/", "/rollcalls/journeys/new/",
            f"/rollcalls/{self.rollcall.public_id}/", f"/rollcalls/journeys/{self.journey.public_id}/",
            f"/rollcalls/silences/{self.silence.public_id}/",
        ]  # fmt: skip


@pytest.fixture
def held(db: None) -> Held:
    return Held(Person.objects.create(email="rosa@example.org", name="Rosa", roles=int(Role.RESPONDER)))


@pytest.mark.once
def test_whoever_holds_them_meets_no_barrier(held: Held, open_as: Open) -> None:
    assert walk(open_as(held.holder), held.addresses) == {}
    assert walk(open_as(held.holder, viewport=PHONE, color_scheme="dark"), held.addresses, *LOOK) == {}
    window = open_as(held.holder)
    window.go(f"/rollcalls/{held.rollcall.public_id}/")
    for words in ("“safe”, from the phone number alone", "silent, then “safe”", "asks for help, unseen"):
        assert words in window.page.inner_text("#part-members")


@pytest.mark.once
def test_the_traveller_meets_no_barrier(held: Held, open_as: Open) -> None:
    mine = ["/rollcalls/", f"/rollcalls/journeys/{held.journey.public_id}/"]
    assert walk(open_as(held.journey.person, viewport=PHONE, color_scheme="dark"), mine) == {}


def test_ages_are_told_alike_with_and_without_scripts(held: Held, open_as: Open) -> None:
    address = f"/rollcalls/journeys/{held.journey.public_id}/"
    Journey.objects.update(next_at=timezone.now() + timedelta(hours=5, minutes=55))
    told = []
    for scripts in (True, False):
        window = open_as(held.holder, java_script_enabled=scripts)
        window.go(address)
        told.append(window.page.locator("time[data-relative]", has_text="in ").first.inner_text())
    assert told == ["in 6 hours", "in 6 hours"]
