"""Refusals are counted, and a storm of them costs few writes."""

import pytest

from tocsin.alerts.integrations import actions
from tocsin.alerts.integrations.actions import Wanted
from tocsin.alerts.integrations.refusals import Refusals
from tocsin.alerts.models import Integration
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db


def test_within_a_second_they_gather_and_none_is_lost_from_the_count(alice: Person) -> None:
    row = actions.create(alice, "cap", Wanted("Warnings")).integration
    now = [100.0]
    counted = Refusals(every=1.0, clock=lambda: now[0])
    written = []
    for _ in range(50):
        counted.count(row.pk, "wrong")
        written.append(Integration.objects.get(pk=row.pk).refused)
    assert set(written) == {1}
    now[0] += 1
    counted.count(row.pk, "wrong again")
    row.refresh_from_db()
    assert (row.refused, row.refused_why) == (51, "wrong again")
