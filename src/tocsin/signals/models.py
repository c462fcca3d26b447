"""One common shape for a text and for a measured finding."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tocsin.streams.models import Item

# The interval over which observations are added up before a detector or a reader sees them.
STEP = timedelta(days=1)


class Finding(models.Model):
    """What a detector concluded over one cell. A change of the same finding updates its row."""

    rule = models.CharField(max_length=60)
    stream = models.CharField(max_length=16)
    kind = models.CharField(max_length=40)
    country = models.CharField(max_length=2, blank=True)
    subject = models.CharField(max_length=200)
    network = models.CharField(max_length=20, blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField()
    direction = models.CharField(max_length=8)
    score = models.FloatField()
    before = models.FloatField()
    now = models.FloatField()
    points = models.PositiveIntegerField()
    evidence = models.CharField(max_length=10)
    delay_seconds = models.FloatField(null=True)
    rivals = models.JSONField(default=list)
    readers = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "kind", "country", "subject", "network", "opened_at"], name="one_row_per_finding"
            )
        ]


class CellState(models.Model):
    """A detector's memory of one cell, and how blind it is there."""

    rule = models.CharField(max_length=60)
    kind = models.CharField(max_length=40)
    stream = models.CharField(max_length=16)
    country = models.CharField(max_length=2, blank=True)
    subject = models.CharField(max_length=200)
    network = models.CharField(max_length=20, blank=True)
    state = models.JSONField(default=dict)
    recent = models.JSONField(
        default=list, help_text="newest points: epoch, n, k, value, evidence, usual level, low, high"
    )
    last_point_at = models.DateTimeField(null=True)
    delay_seconds = models.FloatField(null=True)
    delay_with_one_more_seconds = models.FloatField(
        null=True, help_text="the same if one more measurement a day came; empty: more would not help"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "kind", "country", "subject", "network"], name="one_state_per_cell")
        ]
        indexes = [models.Index(fields=["country"], name="cell_country")]


class Signal(models.Model):
    """When, where, what kind of harm, who acts, on whom, and how credible: of a text or of a finding."""

    class State(models.TextChoices):
        """What became of it."""

        READ = "read", _("read")
        NOT_OURS = "not_ours", _("not about us")
        UNREADABLE = "unreadable", _("could not be read")

    item = models.OneToOneField(Item, null=True, on_delete=models.CASCADE, related_name="+")
    finding = models.OneToOneField(Finding, null=True, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=12, choices=State.choices, default=State.READ)
    at = models.DateTimeField(db_index=True)
    title = models.CharField(max_length=500)
    summary = models.CharField(max_length=600, blank=True)
    url = models.CharField(max_length=2000, blank=True)
    origin = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=16, blank=True)
    country = models.CharField(max_length=2, blank=True)
    countries = models.JSONField(default=list)
    harm = models.CharField(max_length=30, blank=True)
    actor = models.CharField(max_length=30, blank=True)
    target = models.CharField(max_length=30, blank=True)
    our_link = models.BooleanField(default=False)
    reliability = models.CharField(max_length=1, default="F")
    credibility = models.PositiveSmallIntegerField(default=6)
    tlp = models.CharField(max_length=12, default="clear")
    readers = models.PositiveIntegerField(default=0)
    copy_of = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="copies")
    rule = models.CharField(max_length=60)
    why = models.JSONField(default=dict, help_text="the spans and weights that the verdict rests on")
    terms = models.JSONField(default=list)
    fingerprint = models.BinaryField(default=b"")
    exercise = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            # What was read of a country, day by day, is counted from the index alone.
            models.Index(fields=["country", "-at", "harm", "readers", "item"], name="signal_country_read"),
            models.Index(fields=["harm", "-at"], name="signal_harm_time"),
        ]


class Correction(models.Model):
    """A person's word against the machine's about one field of a signal; it teaches later versions."""

    signal = models.ForeignKey(Signal, on_delete=models.CASCADE, related_name="corrections")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    field = models.CharField(max_length=20)
    before = models.CharField(max_length=60, blank=True)
    after = models.CharField(max_length=60, blank=True)
    undone_at = models.DateTimeField(null=True)


class Change(models.Model):
    """The log of signals that came, changed or went, in order: search caches and situations follow it by id."""

    signal = models.BigIntegerField()
    new = models.BooleanField(default=False)
