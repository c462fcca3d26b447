"""A case from its first words to its closing, as those who work on it write it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.http import Http404

from tocsin.cases import actions, members
from tocsin.cases.entries import Entry
from tocsin.cases.kinds.base import Verb, WrongError, checked
from tocsin.cases.kinds.course import About, Closing
from tocsin.cases.kinds.happened import Contact, Happened, Instruction
from tocsin.cases.kinds.people import PersonAtRisk
from tocsin.cases.kinds.safety import CheckIn, Protocol
from tocsin.cases.kinds.support import Money, Promise, Referral
from tocsin.cases.models import Deadline, Outcome
from tocsin.cases.refusals import RefusedError
from tocsin.cases.tests.conftest import Found, Know, checkin, consent, harm, only, read, soon, today, vetting
from tocsin.keys.safes import OpenSafe
from tocsin.keys.tests.conftest import Open
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db


def _verb(entry: Entry, name: str) -> Verb:
    return next(one for one in entry.what.verbs if one.name == name)


def test_what_was_written_is_read_by_members_alone(
    opened: Open, know: Know, found: Found, alice: Person, bob: Person, charlie: Person
) -> None:
    know(alice, bob, charlie)
    case = found(alice, (bob, "caseworker"))
    assert {type(one.what) for one in read(opened(bob), case)} == {About, Happened}
    for outsider in (charlie,):
        with pytest.raises(Http404):
            actions.write(
                opened(outsider), case, Contact(way="call", with_whom="person", said="x", reply="none"), "account"
            )


def test_only_who_may_take_on_cases_begins_one(opened: Open, vera: Person) -> None:
    with pytest.raises(RefusedError):
        actions.found(vera, opened(vera), About(line="x", urgent="now", retention="usual"), Happened(what="x"))


def test_first_aid_never_waits_but_a_reply_of_substance_needs_a_vetting(
    opened: Open, found: Found, alice: Person
) -> None:
    case = found(alice)
    call = Contact(way="call", with_whom="person", said="She is at home.", reply="first-aid")
    actions.write(opened(alice), case, call, "account")
    with pytest.raises(WrongError) as wrong:
        actions.write(opened(alice), case, replace(call, reply="substance"), "account")
    assert wrong.value.name == "reply"
    actions.write(opened(alice), case, vetting(enough="no"), "account")
    with pytest.raises(WrongError):
        actions.write(opened(alice), case, replace(call, reply="substance"), "account")
    actions.write(opened(alice), case, vetting(), "account")
    actions.write(opened(alice), case, replace(call, reply="substance"), "account")


def test_a_referral_needs_consent_vetting_and_the_harm_check(opened: Open, found: Found, alice: Person) -> None:
    case, vault = found(alice), opened(alice)
    with pytest.raises(WrongError):
        actions.write(vault, case, Referral(ally="A lawyer", need="legal"), "account")
    given = actions.write(vault, case, consent(), "account")
    planned = Referral(ally="A lawyer", need="legal", consent=str(given), override="Her own counsel, whom she chose.")
    row = actions.write(vault, case, planned, "account")
    one = actions.read(OpenSafe(vault, case), row)
    checked = actions.write(vault, case, harm(), "account")
    hand_over = {"harm_check": str(checked), "told": "That she needs counsel.", "handed_how": "In person"}
    with pytest.raises(RefusedError, match="vetting"):
        actions.do(vault, case, row, 1, _verb(one, "hand_over"), hand_over)
    actions.write(vault, case, vetting(), "account")
    against = actions.write(vault, case, harm(decision="no"), "account")
    with pytest.raises(WrongError):
        actions.do(vault, case, row, 1, _verb(one, "hand_over"), {**hand_over, "harm_check": str(against)})
    sent = actions.do(vault, case, row, 1, _verb(one, "hand_over"), hand_over)
    assert sent.what.is_open
    with pytest.raises(RefusedError):
        actions.do(vault, case, row, 1, _verb(one, "hand_over"), hand_over)


def test_a_withdrawn_lapsed_or_forced_consent_carries_nothing(opened: Open, found: Found, alice: Person) -> None:
    case, vault = found(alice), opened(alice)
    long_ago = today() - timedelta(days=30)
    lapsed = actions.write(vault, case, consent(given_on=long_ago, lapses_on=today() - timedelta(days=1)), "account")
    forced = actions.write(vault, case, consent(free="custody"), "account")
    taken_back = actions.write(vault, case, consent(), "account")
    one = actions.read(OpenSafe(vault, case), taken_back)
    actions.do(vault, case, taken_back, 1, _verb(one, "withdraw"), {})
    for row in (lapsed, forced, taken_back):
        with pytest.raises(WrongError):
            actions.write(vault, case, Referral(ally="A", need="legal", consent=str(row)), "account")
    reason = "She is held and can't be asked; Alice and Vera decided."
    actions.write(vault, case, Referral(ally="A", need="legal", override=reason), "account")


def test_a_relative_without_a_mandate_agrees_to_nothing_but_keeping_and_contact() -> None:
    for purpose in ("referral", "advocacy", "public", "evidence", "report"):
        with pytest.raises(WrongError):
            checked(consent(giver="relative", purpose=purpose))
    checked(consent(giver="relative", purpose="contact"))


def test_money_is_approved_by_another_and_never_before_the_sanctions_check(
    opened: Open, know: Know, found: Found, alice: Person, bob: Person
) -> None:
    know(alice, bob)
    case = found(alice, (bob, "caseworker"))
    asked = Money(amount=300, currency="EUR", why="A bus and a bed", way="Cash by a friend", sanctions="open")
    row = actions.write(opened(alice), case, asked, "money")
    one = actions.read(OpenSafe(opened(alice), case), row)
    terms = {"approval_words": "Once"}
    with pytest.raises(RefusedError, match="Somebody else"):
        actions.do(opened(alice), case, row, 1, _verb(one, "approve"), terms)
    with pytest.raises(WrongError):
        actions.do(opened(bob), case, row, 1, _verb(one, "approve"), terms)
    clear = actions.write(opened(alice), case, replace(asked, sanctions="clear"), "money")
    approved = actions.do(opened(bob), case, clear, 1, _verb(one, "approve"), terms)
    assert approved.what.state == "approved"  # type: ignore[attr-defined]


def test_an_instruction_from_custody_is_paused_until_another_looked(
    opened: Open, know: Know, found: Found, alice: Person, bob: Person
) -> None:
    know(alice, bob)
    case = found(alice, (bob, "caseworker"))
    row = actions.write(opened(alice), case, Instruction(words="Delete it all.", way="Call", free="custody"), "account")
    one = actions.read(OpenSafe(opened(alice), case), row)
    assert one.what.is_open
    given = {"decision": "protect", "reason": "She agreed on another word for that."}
    with pytest.raises(RefusedError):
        actions.do(opened(alice), case, row, 1, _verb(one, "review"), given)
    actions.do(opened(bob), case, row, 1, _verb(one, "review"), given)
    assert not actions.read(OpenSafe(opened(alice), case), row).what.is_open


def test_a_protocol_step_is_ticked_by_who_can_say_yes(
    opened: Open, know: Know, found: Found, alice: Person, bob: Person
) -> None:
    know(alice, bob)
    case = found(alice, (bob, "legal"))
    row = actions.write(opened(alice), case, Protocol(threat="detention"), "legal")
    actions.tick(opened(alice), case, row, "where", "")
    with pytest.raises(RefusedError, match="legal"):
        actions.tick(opened(alice), case, row, "counsel", "yes")
    with pytest.raises(RefusedError, match="who said"):
        actions.tick(opened(bob), case, row, "counsel", " ")
    actions.tick(opened(bob), case, row, "counsel", "I say yes")
    ticked = actions.read(OpenSafe(opened(alice), case), row).what.ticked  # type: ignore[attr-defined]
    assert {key: who for key, (who, _on, _said) in ticked.items()} == {"where": alice.pk, "counsel": bob.pk}
    actions.tick(opened(alice), case, row, "where", "")
    assert "where" not in actions.read(OpenSafe(opened(alice), case), row).what.ticked  # type: ignore[attr-defined]


def test_a_case_does_not_close_over_open_promises(opened: Open, found: Found, alice: Person) -> None:
    case, vault = found(alice), opened(alice)
    row = actions.write(vault, case, Promise(words="Call on Monday", owner=alice.pk, due=today()), "account")
    actions.write(vault, case, checkin(), "duty")
    closing = Closing(why="safe", words="She is abroad.", told="How to come back.")
    with pytest.raises(RefusedError):
        actions.close(vault, case, closing)
    one = actions.read(OpenSafe(vault, case), row)
    actions.do(vault, case, row, 1, _verb(one, "kept"), {})
    waiting, _what = only(vault, case, CheckIn)
    with pytest.raises(RefusedError):
        actions.close(vault, case, closing)
    actions.do(vault, case, waiting.id, waiting.version, _verb(waiting, "end"), {"ended_why": "She is safe."})
    actions.close(vault, case, closing)
    assert not Deadline.objects.exists()
    assert list(Outcome.objects.values_list("clock", "result")) == [("promise", "met")]
    with pytest.raises(RefusedError):
        actions.write(vault, case, vetting(), "account")
    with pytest.raises(RefusedError):
        actions.write(vault, case, checkin(next_at=soon()), "duty")
    assert not Deadline.objects.exists()
    _entry, about = only(vault, case, About)
    assert about.erase_on == (today() + timedelta(days=730)).isoformat()
    actions.reopen(vault, case)
    actions.write(vault, case, vetting(), "account")


def test_a_promise_kept_late_or_broken_leaves_a_row_that_tells_no_case(
    opened: Open, found: Found, alice: Person
) -> None:
    case, vault = found(alice), opened(alice)
    late = Promise(words="Find a bed", owner=alice.pk, due=today() - timedelta(days=1))
    for verb, given in (("kept", {}), ("broken", {"told": "She knows."})):
        row = actions.write(vault, case, late, "account")
        actions.do(vault, case, row, 1, _verb(actions.read(OpenSafe(vault, case), row), verb), given)
    month = f"{today():%Y-%m}"
    assert list(Outcome.objects.values_list("clock", "month", "result")) == [
        ("promise", month, "late"), ("promise", month, "missed"),
    ]  # fmt: skip


def test_identity_opens_with_a_purpose_and_every_opening_is_logged(opened: Open, found: Found, alice: Person) -> None:
    case, vault = found(alice), opened(alice)
    person = PersonAtRisk(name="Dana", relation="contributor", age="adult")
    actions.write(vault, case, person, "identity")
    assert not [one for one in read(vault, case) if isinstance(one.what, PersonAtRisk)]
    with pytest.raises(RefusedError):
        actions.open_identity(OpenSafe(vault, case), "curious", "")
    (one,) = actions.open_identity(OpenSafe(vault, case), "contact", "She asked us to call.")
    assert one.what == person
    line = OpenSafe(vault, case).read_log()[-1]
    assert (line["by"], line["code"], line["purpose"]) == (alice.pk, "identity", "contact")
    assert "She asked" not in str(line)


def test_the_last_owner_stays_and_who_leaves_opens_nothing_new(
    opened: Open, know: Know, found: Found, alice: Person, bob: Person
) -> None:
    know(alice, bob)
    case = found(alice, (bob, "owner"))
    with pytest.raises(RefusedError, match="yourself"):
        members.put_out(opened(alice), case, alice.pk)
    members.put_out(opened(bob), case, alice.pk)
    with pytest.raises(Http404):
        actions.write(opened(alice), case, vetting(), "account")
    while members.reseal(opened(bob), case, 1):
        pass
    assert OpenSafe(opened(bob), case).stale == 0
    assert len(read(opened(bob), case)) == 2


def test_who_is_kept_out_is_refused_in_the_words_for_who_has_no_keys(
    opened: Open, know: Know, found: Found, alice: Person, bob: Person, charlie: Person
) -> None:
    know(alice, bob)
    case = found(alice)
    members.keep_out(opened(alice), case, bob.pk, "His brother works there.")
    said = []
    for person in (bob, charlie):
        with pytest.raises(RefusedError) as refused:
            members.let_in(opened(alice), case, person.pk, "legal")
        said.append(refused.value.args)
    assert said[0] == said[1]
    with pytest.raises(RefusedError):
        members.set_duty(opened(alice), case, [bob.pk])


def test_duty_holds_its_sheet_alone_and_its_key_changes_when_somebody_goes(
    opened: Open, know: Know, found: Found, alice: Person, bob: Person, vera: Person
) -> None:
    know(alice, bob, vera)
    case = found(alice)
    members.set_duty(opened(alice), case, [bob.pk, vera.pk])
    safe = OpenSafe(opened(bob), case)
    assert safe.compartments == {"head", "duty"}
    before = safe.head.epochs["duty"]
    members.set_duty(opened(alice), case, [vera.pk])
    assert OpenSafe(opened(vera), case).head.epochs["duty"] > before
    with pytest.raises(Http404):
        actions.write(opened(bob), case, checkin(), "duty")
