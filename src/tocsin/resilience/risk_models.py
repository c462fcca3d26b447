"""Risks of communities in the words of ISO 31000: dated ratings, treatments, acceptances that end, what happened."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tocsin.situations.models import Situation

_PERSON = settings.AUTH_USER_MODEL


class Risk(models.Model):
    """What could happen to one community. Its level is that of the newest rating of how things are now."""

    class State(models.TextChoices):
        """What is done about it."""

        TREAT = "treat", _("to be treated")
        ACCEPTED = "accepted", _("accepted for a time")
        CLOSED = "closed", _("closed")

    public_id = models.CharField(max_length=12, unique=True)
    once = models.CharField(max_length=32, unique=True, help_text="of the form: a second tap makes no second one")
    community = models.ForeignKey("Community", on_delete=models.CASCADE, related_name="risks")
    scenario = models.CharField(max_length=200)
    about = models.TextField(blank=True)
    harm = models.CharField(max_length=30, blank=True, help_text="a key of the taxonomy")
    owner = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.TREAT)
    lapsed_at = models.DateTimeField(null=True, help_text="its acceptance ran out, and nothing was decided since")
    closed_why = models.CharField(max_length=300, blank=True)
    likelihood = models.PositiveSmallIntegerField(null=True)
    impact = models.PositiveSmallIntegerField(null=True)
    level = models.PositiveSmallIntegerField(default=0, help_text="their product; 0 while nobody rated it")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["state", "-level", "-id"], name="risks_by_level")]


class Rating(models.Model):
    """One dated judgement. The next one of its stage only says until when it held."""

    class Stage(models.TextChoices):
        """Which risk is judged."""

        INHERENT = "inherent", _("inherent: if we did nothing")
        CURRENT = "current", _("current: as things are now")
        RESIDUAL = "residual", _("residual: once every treatment is done")

    class Confidence(models.TextChoices):
        """How sure the judge is."""

        LOW = "low", _("low")
        MODERATE = "moderate", _("moderate")
        HIGH = "high", _("high")

    risk = models.ForeignKey(Risk, on_delete=models.CASCADE, related_name="ratings")
    stage = models.CharField(max_length=8, choices=Stage.choices)
    likelihood = models.PositiveSmallIntegerField()
    likelihood_confidence = models.CharField(max_length=8, choices=Confidence.choices)
    impact = models.PositiveSmallIntegerField()
    impact_confidence = models.CharField(max_length=8, choices=Confidence.choices)
    vulnerability = models.PositiveSmallIntegerField(help_text="how little they could do against it, 1 to 5")
    why = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    until = models.DateTimeField(null=True, help_text="when the next one of this stage came")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["risk", "stage"], condition=Q(until=None), name="one_rating_holds")
        ]
        indexes = [models.Index(fields=["stage", "at"], name="ratings_by_day")]


class Treatment(models.Model):
    """One thing that is done about a risk, by somebody, until a day."""

    class Option(models.TextChoices):
        """The options of ISO 31000."""

        AVOID = "avoid", _("avoid it")
        SOURCE = "source", _("remove its source")
        LIKELIHOOD = "likelihood", _("make it less likely")
        IMPACT = "impact", _("make it harm less")
        SHARE = "share", _("share it")

    class End(models.TextChoices):
        """How it ended."""

        DONE = "done", _("done")
        DROPPED = "dropped", _("dropped")

    risk = models.ForeignKey(Risk, on_delete=models.CASCADE, related_name="treatments")
    option = models.CharField(max_length=10, choices=Option.choices)
    words = models.TextField()
    expected = models.CharField(max_length=300, help_text="what it is to change, so that it can be seen later")
    owner = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    cost = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True)
    due = models.DateField(db_index=True)
    at = models.DateTimeField()
    by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    ended_on = models.DateField(null=True)
    ended_as = models.CharField(max_length=7, choices=End.choices, blank=True)
    ended_why = models.CharField(max_length=300, blank=True)
    told_at = models.DateTimeField(null=True)
    told_times = models.PositiveSmallIntegerField(default=0)

    def late(self, today: date) -> bool:
        """Whether its day has passed and it has not ended."""
        return self.ended_on is None and self.due < today


class Acceptance(models.Model):
    """A risk is borne for a time, with the reason. When the time is over the risk is to be treated again."""

    class End(models.TextChoices):
        """How it ended."""

        EXPIRED = "expired", _("its time was over")
        WITHDRAWN = "withdrawn", _("taken back")

    risk = models.ForeignKey(Risk, on_delete=models.CASCADE, related_name="acceptances")
    why = models.CharField(max_length=300)
    until = models.DateField(db_index=True, help_text="the last day")
    at = models.DateTimeField()
    by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_as = models.CharField(max_length=9, choices=End.choices, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["risk"], condition=Q(ended_at=None), name="one_acceptance_holds")
        ]


class Incident(models.Model):
    """A situation in which a risk came true. Who may not read the situation does not see this either."""

    risk = models.ForeignKey(Risk, on_delete=models.CASCADE, related_name="incidents")
    situation = models.ForeignKey(Situation, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["risk", "situation"], name="one_incident_each")]


class Answer(models.Model):
    """What somebody made of a suggestion: a situation, or the level of a harm in a country, beside a community."""

    community = models.ForeignKey("Community", on_delete=models.CASCADE, related_name="+")
    situation = models.ForeignKey(Situation, null=True, on_delete=models.CASCADE, related_name="+")
    country = models.CharField(max_length=2, blank=True)
    harm = models.CharField(max_length=30, blank=True)
    risk = models.ForeignKey(
        Risk, null=True, on_delete=models.SET_NULL, related_name="+", help_text="where it was taken"
    )
    why = models.CharField(max_length=300, blank=True, help_text="where it was refused")
    at = models.DateTimeField(db_index=True)
    by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
