"""A few situations with assessments, a standing report, and somebody who releases."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from tocsin.people.models import Person
from tocsin.reports import arranging
from tocsin.reports.arranging import Wanted
from tocsin.reports.gathering.period import Period
from tocsin.reports.models import Draft, Report
from tocsin.situations.models import Assessment, Situation


@pytest.fixture
def week() -> Period:
    """The seven days that end tonight."""
    end = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return Period(end - timedelta(days=7), end)


@pytest.fixture
def situation(db: None) -> Callable[..., Situation]:
    """Makes a situation that was heard of yesterday."""

    def make(title: str, **more: object) -> Situation:
        at = timezone.now() - timedelta(days=1)
        fields: dict[str, object] = {
            "public_id": title.lower().replace(" ", "")[:12],
            "title": title,
            "country": "TR",
            "harm": "site-ban",
            "first_at": at - timedelta(days=30),
            "last_at": at,
            "changed_at": at,
            "signals": 3,
            "independent": 2,
            "probability": 0.7,
            "rank": 3.0,
            **more,
        }
        return Situation.objects.create(**fields)

    return make


@pytest.fixture
def assess(alice: Person) -> Callable[..., Assessment]:
    """Adds an assessment to a situation, so many days ago."""

    def make(row: Situation, probability: float, days: float = 1, by: Person | None = None) -> Assessment:
        count = row.assessments.count()
        return Assessment.objects.create(
            situation=row,
            version=count + 1,
            by=by or alice,
            at=timezone.now() - timedelta(days=days),
            probability=probability,
            impact=4,
            confidence="moderate",
            reasons="Two outlets",
            rivals="An outage",
            review_on=(timezone.now() + timedelta(days=14)).date(),
        )

    return make


@pytest.fixture
def arrange(alice: Person) -> Callable[..., Report]:
    """Sets up a standing report."""

    def make(audience: str = "vice-president", by: Person | None = None, **more: object) -> Report:
        fields: dict[str, object] = {"title": f"For {audience}", "cadence": "weekly", "once": f"{audience}{more}"[:32]}
        return arranging.arrange(by or alice, Wanted(audience=audience, **{**fields, **more}))  # type: ignore[arg-type]

    return make


@pytest.fixture
def draft(arrange: Callable[..., Report], week: Period, bob: Person) -> Callable[..., Draft]:
    """Drafts a week of a report for an audience, asked for by Bob."""

    def make(audience: str = "vice-president", **more: object) -> Draft:
        return arranging.draft_now(bob, arrange(audience, **more), week)

    return make
