"""Developments made of signals, how they came to be, and what people judged of them."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tocsin.signals.models import Signal

# What the version before writes has these columns, too.
_NONE = models.Value([], output_field=models.JSONField())
_NOTHING = models.Value({}, output_field=models.JSONField())


class Situation(models.Model):
    """A development made of signals. What stands here follows from its membership log and its assessments."""

    class State(models.TextChoices):
        """Where it stands."""

        OPEN = "open", _("open")
        QUIET = "quiet", _("quiet")
        CLOSED = "closed", _("closed")
        MERGED = "merged", _("merged into another")

    public_id = models.CharField(max_length=12, unique=True)
    title = models.CharField(max_length=500)
    title_by_person = models.BooleanField(default=False)
    title_facts = models.JSONField(
        default=dict, db_default=_NOTHING, blank=True, help_text="what is measured, where the title says that"
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    country = models.CharField(max_length=2, blank=True)
    harm = models.CharField(max_length=30, blank=True)
    our_link = models.BooleanField(default=False)
    readers = models.PositiveIntegerField(default=0)
    tlp = models.CharField(max_length=12, default="clear")
    exercise = models.BooleanField(default=False)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    changed_at = models.DateTimeField(db_index=True)
    signals = models.PositiveIntegerField(default=0)
    independent = models.PositiveIntegerField(default=0)
    probability = models.FloatField(default=0)
    probability_before = models.FloatField(null=True)
    probability_rule = models.CharField(max_length=60, blank=True, help_text="empty: a person's assessment")
    reasons = models.JSONField(default=list)
    suggested = models.FloatField(null=True, help_text="what the rule says, whatever a person judged")
    rivals = models.JSONField(
        default=list, db_default=_NONE, help_text="competing explanations, the likeliest first, with their clues"
    )
    turns = models.JSONField(
        default=list, db_default=_NONE, help_text="what would change the explanations, the strongest first"
    )
    impact = models.PositiveSmallIntegerField(default=3)
    rank = models.FloatField(default=0, help_text="expected harm: what the list is ordered by")

    class Meta:
        indexes = [
            # Lists, their counts and the map's are answered from the index alone.
            models.Index(
                fields=["state", "-rank", "country", "harm", "our_link", "readers"], name="situation_state_rank"
            ),
            models.Index(fields=["country", "-changed_at"], name="situation_country"),
            # The likeliest of a country and harm makes its level, however many there are.
            models.Index(fields=["country", "harm", "state", "readers", "-probability", "id"], name="situation_level"),
        ]

    def __str__(self) -> str:
        return self.title


class MembershipEvent(models.Model):
    """One line of the membership log. Nothing here is ever changed or deleted; an undo is a line of its own."""

    class Verb(models.TextChoices):
        """What happened."""

        JOIN = "join", _("joined")
        LEAVE = "leave", _("left")
        MERGE = "merge", _("merged")
        SPLIT = "split", _("split off")
        UNDO = "undo", _("undone")
        TITLE = "title", _("title changed")

    verb = models.CharField(max_length=6, choices=Verb.choices)
    situation = models.ForeignKey(Situation, on_delete=models.PROTECT, related_name="events")
    other = models.ForeignKey(Situation, null=True, on_delete=models.PROTECT, related_name="+")
    signals = models.JSONField(default=list, help_text="ids of the signals that moved, and where they were before")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    rule = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField(db_index=True)
    reason = models.CharField(max_length=300, blank=True)
    undoes = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="undone_by")


class Member(models.Model):
    """Where a signal is now, as the log tells it; no situation: it was looked at and belongs to none."""

    signal = models.OneToOneField(Signal, on_delete=models.CASCADE, related_name="+")
    situation = models.ForeignKey(Situation, null=True, on_delete=models.PROTECT, related_name="members")
    since = models.DateTimeField()
    by_person = models.BooleanField(default=False)


class Assessment(models.Model):
    """A dated human judgement; every version is kept."""

    class Confidence(models.TextChoices):
        """How sure the judge is of the judgement itself."""

        LOW = "low", _("low")
        MODERATE = "moderate", _("moderate")
        HIGH = "high", _("high")

    situation = models.ForeignKey(Situation, on_delete=models.PROTECT, related_name="assessments")
    version = models.PositiveIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    probability = models.FloatField()
    impact = models.PositiveSmallIntegerField()
    confidence = models.CharField(max_length=8, choices=Confidence.choices)
    reasons = models.TextField()
    rivals = models.TextField()
    would_change = models.TextField(blank=True)
    review_on = models.DateField()
    suggested = models.FloatField(null=True, help_text="what the rule said at that moment")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["situation", "version"], name="one_assessment_per_version")]


class Subscription(models.Model):
    """What a person wants to hear of: a country, a kind of harm, or one situation (followed through merges)."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    topic = models.CharField(max_length=60, help_text="country:XX, harm:key or situation:id")
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "topic"], name="one_subscription_each")]


class Visit(models.Model):
    """When a person last looked, so that home can say what changed since."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()
    before_at = models.DateTimeField(null=True)


class ThreatLevel(models.Model):
    """The probability of one kind of harm in one country from one moment on, with what moved it."""

    country = models.CharField(max_length=2)
    harm = models.CharField(max_length=30)
    at = models.DateTimeField()
    probability = models.FloatField()
    moved_by = models.JSONField(default=list)
    clues = models.JSONField(default=list, db_default=_NONE, help_text="why, in words that name no text")
    rivals = models.JSONField(
        default=list, db_default=_NONE, help_text="competing explanations and their probabilities"
    )
    current = models.BooleanField(default=True)

    class Meta:
        indexes = [
            models.Index(fields=["current", "country"], name="level_now"),
            models.Index(fields=["country", "harm", "at"], name="level_course"),
        ]
