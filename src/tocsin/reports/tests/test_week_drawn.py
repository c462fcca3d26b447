"""A report for a week draws what the week's facts say, alike in each form, and says in a line what it can't draw."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from tocsin.alerts.models import Alert, Policy
from tocsin.lib.charts import table_rows
from tocsin.reports.document import Figure, WorldMap, sentences
from tocsin.reports.forms import Form, render
from tocsin.reports.laying import document_of, facts_of
from tocsin.reports.models import Draft
from tocsin.situations import levels
from tocsin.situations.models import Situation, ThreatLevel
from tocsin.streams.models import BlindSpot, Source

pytestmark = pytest.mark.django_db
Drafts = Callable[..., Draft]


@pytest.fixture
def busy(situation: Callable[..., Situation]) -> None:
    """A level that rose, and three alerts of which two were taken up."""
    now = timezone.now()
    situation("Wikis blocked", probability=0.6)
    levels.refresh("TR", "site-ban")
    ThreatLevel.objects.update(at=now - timedelta(days=2))
    policy = Policy.objects.create(public_id="p", name="First line")
    for number in range(3):
        at = now - timedelta(days=number)
        Alert.objects.create(
            public_id=f"a{number}", kind="situation", lane="wake", severity=3, dedupe=str(number), policy=policy,
            occurred_at=at, accepted_at=at, seen_at=at, first_answered_at=at if number else None,
        )  # fmt: skip


@pytest.mark.parametrize("audience", ["vice-president", "operational"])
def test_a_week_is_drawn_from_its_facts(busy: None, draft: Drafts, audience: str) -> None:
    document = document_of(draft(audience))
    figures = {one.chart.name: one.chart for one in document.blocks if isinstance(one, Figure)}
    assert set(figures) == {"threat-levels", "alerts"}
    assert [one.levels for one in document.blocks if isinstance(one, WorldMap)] == [{"TR": 0.6}]
    assert sum(float(row[1]) for row in table_rows(figures["alerts"])[1:] if row[1].isdigit()) == 3
    said = " ".join(one.text for one in sentences(document))
    assert "There is nothing to draw here: tasks of plans" in said
    assert "3 alerts called the team." in said
    assert "2 alerts were answered." in said
    for form in (Form.HTML, Form.DOCX, Form.TEXT):
        assert render(document, form)
    assert b"<svg" in render(document, Form.HTML)


@pytest.mark.parametrize("audience", ["community", "policy", "public"])
def test_outside_no_day_is_drawn(busy: None, draft: Drafts, audience: str) -> None:
    document = document_of(draft(audience))
    assert not [one for one in document.blocks if isinstance(one, Figure)]
    assert not any(one.course for one in document.facts.values())


def test_what_is_asked_of_executives_rests_on_what_is_lost(draft: Drafts) -> None:
    nothing = [one.text for one in sentences(document_of(draft("executive", once="nothing")))]
    assert "Nothing is asked of you this time." in nothing
    source = Source.objects.create(
        name="A paid feed", kind="feeds", url="feed", next_fetch_at=timezone.now(), expected_every=timedelta(hours=1)
    )
    BlindSpot.objects.create(source=source, since=timezone.now() - timedelta(days=20), countries=["KE"], reason="402")
    made = draft("executive", once="lost")
    (asked,) = [one for one in facts_of(made).values() if one.topic == "ask" and not one.key.startswith("nothing")]
    assert "Decide on money or access" in asked.says
    assert asked.says in [one.text for one in sentences(document_of(made))]
