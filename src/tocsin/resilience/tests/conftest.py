"""A responder, a community whom Bob keeps in touch with, and small tables as the indexes publish them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tocsin.alerts.tests.conftest import Time, time
from tocsin.lib.names import random_name
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.resilience import actions
from tocsin.resilience.drafts import CommunityDraft
from tocsin.resilience.models import Community

__all__ = ["Time", "time"]

Makes = Callable[..., Community]
FREEDOM = (
    "year,country,iso2c,iso3c,continent,political_rights,civil_liberties,status,color\n"
    "2018,Kenya,KE,KEN,Africa,4,4,Partially Free,#a1aafc\n"
    "2023,Kenya,KE,KEN,Africa,4,5,Partially Free,#a1aafc\n"
    "2023,Kenya,KE,KEN,Africa,4,5,Partially Free,#a1aafc\n"
    "2023,Uganda,UG,UGA,Africa,6,5,Not Free,#7454a6\n"
    "2023,Narnia,,NAR,Africa,1,1,Free,#ffffff\n"
    "2023,Uganda,UG,UGA,Africa,7,5,Not Free,#7454a6\n"
    "2023,Chad,TD,TCD,Africa,9,5,Not Free,#7454a6\n"
)
PRESS = "year,iso3,rank,score,country_en,zone\n2024,KEN,102,53.22,Kenya,Afrique\n2024,XXX,103,1,Nowhere,Afrique\n"
PROTECTION = (
    "name\tiso_code\tiso_alpha3_code\tis_protected\tdata_risk_score\tdata_risk_classification\n"
    "Namibia\tNA\tNAM\tFalse\t23.5\tLower risk\nUganda\tUG\tUGA\tTrue\t\tNot published\n"
)


@pytest.fixture
def rosa(db: None) -> Person:
    """A responder: reads about allies too."""
    return Person.objects.create(email="rosa@example.org", name="Rosa", roles=int(Role.RESPONDER))


def draft(by: Person, **more: Any) -> CommunityDraft:
    """Editors in Swahili."""
    begin = CommunityDraft(
        "Editors in Swahili", "language", "Some three hundred, mostly in Kenya and Tanzania.", by.pk,
        ("KE", "TZ"), ("sw",),
    )  # fmt: skip
    return replace(begin, **more)


@pytest.fixture
def community(bob: Person) -> Makes:
    """Makes a community that Bob keeps in touch with."""

    def make(**more: Any) -> Community:
        return actions.add(bob, draft(bob, **more), random_name(16))

    return make
