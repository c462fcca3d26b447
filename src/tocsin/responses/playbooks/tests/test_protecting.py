"""The table of protections."""

import pytest

from tocsin.responses.playbooks.protecting import needs_risk_check, protections

pytestmark = pytest.mark.django_db


def test_what_ends_sessions_needs_none_and_what_nobody_knows_needs_one() -> None:
    assert not needs_risk_check("end-sessions")
    assert needs_risk_check("something else")


def test_every_withdrawal_ban_and_office_action_needs_a_check() -> None:
    grave = {"office-action", "global-ban", "lock", "withdraw-checkuser", "withdraw-oversight", "withdraw-admin"}
    assert all(needs_risk_check(one) for one in grave)
    assert {"end-sessions", "suppress", "rename", "vanish", "block"} | grave <= set(protections())
