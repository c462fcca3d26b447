"""What a record may hold: whatever is handed in is either refused, or comes back as it was."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.cases import protocols
from tocsin.cases.kinds import base
from tocsin.cases.kinds.base import Shape, WrongError
from tocsin.cases.kinds.detention import Detention, anniversary
from tocsin.cases.kinds.happened import THREATS
from tocsin.cases.kinds.registry import KINDS
from tocsin.cases.roles import ANSWERS_PART, APPROVES, COMPARTMENTS, OPENS
from tocsin.cases.tests.conftest import checkin, consent, harm, vetting
from tocsin.keys.safes import LOG

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=400), st.dates(), st.datetimes(timezones=st.just(UTC)),
    st.datetimes(), st.lists(st.text(max_size=8), max_size=3).map(tuple),
)  # fmt: skip
FITTING: dict[Shape, st.SearchStrategy[Any]] = {
    Shape.LINE: st.text(max_size=60),
    Shape.TEXT: st.text(max_size=200),
    Shape.DAY: st.one_of(st.none(), st.dates()),
    Shape.MOMENT: st.one_of(st.none(), st.datetimes(timezones=st.just(UTC))),
    Shape.NUMBER: st.integers(0, 500),
    Shape.TICK: st.booleans(),
    Shape.PERSON: st.integers(0, 9),
    Shape.LINK: st.one_of(st.just(""), st.uuids().map(str)),
}


def _fitting(ask: base.Ask) -> st.SearchStrategy[Any]:
    keys = [key for key, _words in ask.choices]
    if ask.shape == Shape.CHOICE:
        return st.sampled_from(["", *keys])
    if ask.shape == Shape.CHOICES:
        return st.lists(st.sampled_from(keys), unique=True).map(tuple)
    return FITTING[ask.shape]


@st.composite
def records(draw: st.DrawFn) -> base.Kind:
    kind = KINDS[draw(st.sampled_from(sorted(KINDS)))]
    given_: dict[str, Any] = {}
    for name, ask in base.asks(kind).items():
        if ask.shape != Shape.HIDDEN:
            given_[name] = draw(st.one_of(_fitting(ask), _fitting(ask), _fitting(ask), ANYTHING))
    return kind(**given_)


def _wrong(one: base.Kind) -> WrongError | None:
    try:
        base.checked(one)
    except WrongError as wrong:
        return wrong
    return None


@settings(max_examples=120, deadline=None)
@given(records())
def test_whatever_is_handed_in_is_refused_or_comes_back_as_it_was(one: base.Kind) -> None:
    if wrong := _wrong(one):
        assert wrong.name in base.asks(type(one))
        assert str(wrong.words)
        return
    words = json.dumps(base.pack(one)).encode()
    assert base.unpack(type(one), json.loads(words)) == one
    assert isinstance(one.headline, str)
    assert str(one.standing) is not None
    for due in one.dues(NOW):
        assert isinstance(due.on, date)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_each_kind_stands_in_a_compartment_has_words_and_may_be_empty(kind: type[base.Kind]) -> None:
    assert kind.compartments
    assert set(kind.compartments) <= COMPARTMENTS.keys()
    assert str(kind.title)
    assert base.unpack(kind, {"from a later version": 1}) == kind()
    known = base.asks(kind)
    for verb in kind.verbs:
        assert set(verb.fields) <= known.keys()
        assert all(known[name].shape == Shape.HIDDEN for name in verb.sets), verb.name
    assert all(ask.shape == Shape.HIDDEN or str(ask.label) for ask in known.values())


def test_roles_open_what_there_is() -> None:
    for opens in OPENS.values():
        assert set(opens) <= {*COMPARTMENTS, ANSWERS_PART, LOG}
    assert set(OPENS["owner"]) == {*COMPARTMENTS, ANSWERS_PART, LOG}


def test_every_yes_that_a_protocol_needs_can_be_given_by_somebody() -> None:
    mine = {one for approves in APPROVES.values() for one in approves}
    for threat, _words in THREATS:
        steps = protocols.steps(threat)
        assert len({one.key for one in steps}) == len(steps)
        assert {one.approver for one in steps if one.approver} <= mine & protocols.APPROVERS.keys()


def test_vetting_by_nothing_or_with_a_trap_is_not_enough() -> None:
    for wrong in (vetting(how=("none",)), vetting(how=("none", "met"), enough="no"), vetting(coercion="high")):
        with pytest.raises(WrongError):
            base.checked(wrong)
    base.checked(vetting(how=("none",), enough="no"))
    base.checked(vetting(coercion="high", enough="limited"))


def test_what_they_dont_want_is_not_done() -> None:
    for wish in ("against", "notasked"):
        with pytest.raises(WrongError):
            base.checked(harm(wish=wish))
    base.checked(harm(wish="against", decision="no"))


def test_a_harm_check_holds_for_two_weeks() -> None:
    today = date(2026, 3, 1)
    assert harm(on=today - timedelta(days=14)).holds(today)
    assert not harm(on=today - timedelta(days=15)).holds(today)
    assert not harm(on=today + timedelta(days=1)).holds(today)


def test_a_consent_that_lapsed_says_so_before_and_after() -> None:
    one = consent(given_on=date(2026, 1, 1), lapses_on=date(2026, 3, 10))
    assert [due.grave for due in one.dues(NOW)] == [False]
    assert one.holds(date(2026, 3, 10))
    assert not one.holds(date(2026, 3, 11))
    assert [due.grave for due in one.dues(datetime(2026, 3, 11, tzinfo=UTC))] == [True]


def test_safe_word_and_duress_word_differ_whatever_their_case() -> None:
    with pytest.raises(WrongError):
        base.checked(checkin(safe_word="Lemon tree", duress_word=" lemon  TREE"))


def test_anniversaries_come_every_year_and_on_leap_days_too() -> None:
    assert anniversary(date(2024, 2, 29), date(2026, 3, 1)) == date(2026, 3, 1)
    assert anniversary(date(2025, 3, 10), date(2026, 3, 1)) == date(2026, 3, 10)
    assert anniversary(date(2026, 2, 1), date(2026, 3, 1)) == date(2027, 2, 1)
    held = Detention(since=date(2025, 3, 10), authority="The police", look_on=date(2026, 4, 1))
    assert [due.on for due in held.dues(NOW)] == [date(2026, 4, 1), date(2026, 3, 10)]
