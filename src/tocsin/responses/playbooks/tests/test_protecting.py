"""The table of protections, and the record that risk was weighed."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tocsin.responses.playbooks.protecting import (
    Decision,
    RiskCheck,
    RiskCheckError,
    demand,
    needs_risk_check,
    protections,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 1, tzinfo=UTC)
WORDS = "Lives abroad, is known by another name there."

def check(protection: str = "office-action", decided: Decision = Decision.GO, **words: Any) -> RiskCheck:
    said = {"accused": WORDS, "informants": WORDS, "bystanders": WORDS, **words}
    return RiskCheck(protection, considered_by=7, decided=decided, decided_at=NOW, **said)


def test_no_office_action_without_a_recorded_risk_check() -> None:
    for without in (None, check("lock"), check(decided=Decision.NOT)):
        with pytest.raises(RiskCheckError):
            demand("office-action", without)
    demand("office-action", check())
    demand("office-action", check(decided=Decision.GO_CHANGED))


@pytest.mark.parametrize("name", ["accused", "informants", "bystanders"])
def test_none_is_no_answer(name: str) -> None:
    for words in ("", "none", " none" + " " * 40, "x" * 2_001):
        with pytest.raises(RiskCheckError) as caught:
            check(**{name: words})  # type: ignore[arg-type]
        assert caught.value.field == name


def test_whoever_weighs_is_a_person_and_the_moment_has_a_zone() -> None:
    with pytest.raises(RiskCheckError):
        RiskCheck("lock", WORDS, WORDS, WORDS, 0, Decision.GO, NOW)
    with pytest.raises(RiskCheckError):
        RiskCheck("lock", WORDS, WORDS, WORDS, 7, Decision.GO, NOW.replace(tzinfo=None))


def test_what_ends_sessions_needs_none_and_what_nobody_knows_needs_one() -> None:
    demand("end-sessions", None)
    assert needs_risk_check("something else")


def test_every_withdrawal_ban_and_office_action_needs_a_check() -> None:
    grave = {"office-action", "global-ban", "lock", "withdraw-checkuser", "withdraw-oversight", "withdraw-admin"}
    assert all(needs_risk_check(one) for one in grave)
    assert {"end-sessions", "suppress", "rename", "vanish", "block"} | grave <= set(protections())
