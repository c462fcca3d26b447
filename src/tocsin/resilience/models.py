"""Communities, what is said of where they live, what passed between them and us, and dated context from outside.

Nobody is listed here: a community is described as a whole. Whom to turn to in one is an ally, kept in that room.
"""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tocsin.alliances.models import Contact
from tocsin.resilience.practice_models import GuideAdoption, GuideRetired, GuideReview, GuideText
from tocsin.resilience.risk_models import Acceptance, Answer, Incident, Rating, Risk, Treatment

__all__ = [
    "Acceptance",
    "Answer",
    "Batch",
    "Community",
    "Context",
    "Dealing",
    "GuideAdoption",
    "GuideRetired",
    "GuideReview",
    "GuideText",
    "Incident",
    "Index",
    "Rating",
    "Risk",
    "Statement",
    "Tie",
    "Treatment",
]

_PERSON = settings.AUTH_USER_MODEL


class Community(models.Model):
    """People who have a language, a country, an organisation or a subject in common. Never a list of them."""

    class Kind(models.TextChoices):
        """What they have in common."""

        LANGUAGE = "language", _("language community")
        COUNTRY = "country", _("country community")
        AFFILIATE = "affiliate", _("affiliate")
        THEMATIC = "thematic", _("thematic community")

    class Consent(models.TextChoices):
        """Whether they want to be named outside the team."""

        NOT_ASKED = "not_asked", _("not asked yet")
        GIVEN = "given", _("may be named outside")
        REFUSED = "refused", _("must not be named outside")

    public_id = models.CharField(max_length=12, unique=True)
    once = models.CharField(max_length=32, unique=True, help_text="of the form: a second tap makes no second one")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=9, choices=Kind.choices)
    about = models.TextField(help_text="who they are, as a whole")
    countries = models.JSONField(default=list)
    languages = models.JSONField(default=list)
    consent = models.CharField(max_length=9, choices=Consent.choices, default=Consent.NOT_ASKED)
    consent_on = models.DateField(null=True, help_text="when they said so")
    consent_words = models.CharField(max_length=300, blank=True, help_text="who spoke for them, and how it was asked")
    owner = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    put_away_at = models.DateTimeField(null=True, db_index=True)
    put_away_why = models.CharField(max_length=300, blank=True)


class Statement(models.Model):
    """One dated sentence about where a community lives, with its source. It is taken back, never written over."""

    class Part(models.TextChoices):
        """What it is about."""

        LAW = "law", _("law")
        CIVIC = "civic", _("civic space")
        CONNECTIVITY = "connectivity", _("connectivity")
        OTHER = "other", _("other")

    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="statements")
    part = models.CharField(max_length=12, choices=Part.choices)
    words = models.TextField()
    on = models.DateField(help_text="the day for which it holds")
    source = models.CharField(max_length=200)
    url = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_why = models.CharField(max_length=300, blank=True)


class Dealing(models.Model):
    """One thing that passed between a community and us. A promise has a day and somebody who keeps it."""

    class Kind(models.TextChoices):
        """Which way it went."""

        TOLD = "told", _("they told us")
        ASKED = "asked", _("they asked for")
        PROMISED = "promised", _("we promised")
        GOT = "got", _("they got")

    class End(models.TextChoices):
        """How a promise ended."""

        KEPT = "kept", _("kept")
        BROKEN = "broken", _("not kept")

    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="dealings")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    words = models.TextField()
    on = models.DateField(help_text="the day on which it was said or given")
    due = models.DateField(null=True, db_index=True, help_text="of a promise")
    keeper = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    answers = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="answered_by")
    at = models.DateTimeField()
    by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    ended_on = models.DateField(null=True)
    ended_as = models.CharField(max_length=6, choices=End.choices, blank=True)
    ended_why = models.CharField(max_length=300, blank=True)
    told_at = models.DateTimeField(null=True, help_text="when its keeper was told last that it is late")
    told_times = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(kind="promised") | Q(due__isnull=False), name="a_promise_has_a_day")
        ]

    def open(self) -> bool:
        """Whether it is a promise that nobody has kept yet, nor given up."""
        return self.kind == self.Kind.PROMISED and self.ended_on is None

    def late(self, today: date) -> bool:
        """Whether it is an open promise whose day has passed."""
        return self.open() and self.due is not None and self.due < today


class Tie(models.Model):
    """Somebody whom a community trusts, and through whom we speak with it: an ally."""

    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="ties")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    words = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["community", "contact"], name="one_tie_per_ally")]


class Index(models.TextChoices):
    """Who judged a country from outside."""

    FREEDOM = "freedom", _("Freedom in the World (Freedom House)")
    PRESS = "press", _("World Press Freedom Index (Reporters Without Borders)")
    PROTECTION = "protection", _("Country and territory protection (Wikimedia Foundation)")


class Batch(models.Model):
    """One file of context: looked at, taken in, taken back. Its rows count only while it stands as taken."""

    class State(models.TextChoices):
        """How far it is."""

        SEEN = "seen", _("looked at, nothing taken")
        TAKING = "taking", _("being taken in")
        TAKEN = "taken", _("taken in")
        UNDONE = "undone", _("taken back")

    public_id = models.CharField(max_length=12, unique=True)
    index = models.CharField(max_length=10, choices=Index.choices)
    file = models.CharField(max_length=120, blank=True, help_text="its name")
    digest = models.CharField(max_length=64)
    on = models.DateField(null=True, help_text="the day for which it holds, where its rows do not say")
    body = models.BinaryField(help_text="compressed; empty once it was taken or put aside")
    state = models.CharField(max_length=6, choices=State.choices, default=State.SEEN, db_index=True)
    shown = models.CharField(max_length=64, help_text="of what taking it in would do, as it was shown")
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    doubled = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()
    by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    undone_at = models.DateTimeField(null=True)


class Context(models.Model):
    """What an index said of a country for one day. A later file that says otherwise adds a row and changes none."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="rows")
    index = models.CharField(max_length=10, choices=Index.choices)
    country = models.CharField(max_length=2)
    on = models.DateField()
    word = models.CharField(max_length=24, blank=True)
    score = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    rank = models.PositiveSmallIntegerField(null=True)
    more = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = [models.Index(fields=["country", "index", "on"], name="context_of_a_country")]
