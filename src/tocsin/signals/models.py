"""One common shape for a text and for a measured finding."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tocsin.signals.wording import Moved, moved
from tocsin.streams.models import Item

_NONE = models.Value([], models.JSONField())
_NOTHING = models.Value({}, models.JSONField())

# The interval over which observations are added up before a detector or a reader sees them.
STEP = timedelta(days=1)

# By who measures: what comes often enough to be judged sooner.
_STEPS: Final[Mapping[str, timedelta]] = MappingProxyType({"ioda": timedelta(hours=1)})


def step_of(kind: str) -> timedelta:
    """The interval over which observations of one kind are added up."""
    return _STEPS.get(kind.partition(".")[0], STEP)


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
    began_at = models.DateTimeField(null=True, help_text="when it began, known more exactly than by its intervals")
    began_within_seconds = models.FloatField(null=True, help_text="how exactly that is known")
    rivals = models.JSONField(default=list)
    readers = models.PositiveIntegerField(default=0)
    retired_at = models.DateTimeField(null=True, help_text="since when no rule in force says it")
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


class Replay(models.Model):
    """How far the history of one kind of observation was judged by the rules in force."""

    class Cause(models.TextChoices):
        """Why the past of a kind is judged."""

        RULES = "rules", _("the rules or their parameters have changed")
        ASKED = "asked", _("it was asked for")

    kind = models.CharField(max_length=40, unique=True)
    cause = models.CharField(max_length=8, choices=Cause.choices, default=Cause.RULES, db_default=Cause.RULES)
    replaced = models.JSONField(default=list, db_default=_NONE, help_text="rules of before, no longer in force")
    rules = models.JSONField(default=dict, help_text="by stream, the marks of the rules that judge or judged it")
    after = models.CharField(max_length=2, null=True, help_text="the last country that is done; empty: the world")
    change = models.BigIntegerField(default=0, help_text="the newest change of the lake when it began")
    live_from = models.DateTimeField(null=True, help_text="what opened before was no news any more when it began")
    sizes = models.JSONField(default=list, db_default=_NONE, help_text="each country with its rows, in order")
    countries = models.PositiveIntegerField(default=0)
    countries_done = models.PositiveIntegerField(default=0)
    rows = models.BigIntegerField(default=0)
    rows_done = models.BigIntegerField(default=0)
    opened = models.PositiveIntegerField(default=0, help_text="findings that were not there before")
    closed = models.PositiveIntegerField(default=0, db_default=0, help_text="findings that stood open and are over")
    retired = models.PositiveIntegerField(default=0, help_text="findings that no rule in force says")
    seconds = models.FloatField(default=0.0, db_default=0.0, help_text="worked on it so far")
    paused = models.BooleanField(default=False)
    begun_at = models.DateTimeField(null=True)
    went_on_at = models.DateTimeField(null=True, help_text="when it came on last")
    finished_at = models.DateTimeField(null=True)
    last = models.JSONField(default=dict, db_default=_NOTHING, help_text="when the last one was done, and its counts")


class Signal(models.Model):
    """When, where, what kind of harm, who acts, on whom, and how credible: of a text or of a finding."""

    class State(models.TextChoices):
        """What became of it."""

        READ = "read", _("read")
        NOT_OURS = "not_ours", _("not about us")
        DEAD = "dead", _("dead: nothing to read")
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
    technical = models.BooleanField(
        default=False, db_default=False, help_text="it names a technical cause of a lost network"
    )
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
    replayed = models.BooleanField(
        default=False, db_default=False, help_text="of the past, found when history was judged anew: calls nobody"
    )
    urgency = models.CharField(
        max_length=8, blank=True, default="", db_default="", help_text="now, soon, past or over; empty: it does not say"
    )
    people = models.PositiveIntegerField(default=0, db_default=0, help_text="how many it says are meant; 0: not said")
    expected = models.FloatField(default=0.0, db_default=0.0, help_text="expected harm: what triage is ordered by")
    waiting = models.BooleanField(default=False, db_default=False, help_text="no person has answered for it yet")
    masked = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="version of the rule that looked for names of those who were harmed"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["-expected", "-id"], name="signal_triage", condition=models.Q(waiting=True)),
            # What was read of a country, day by day, is counted from the index alone.
            models.Index(fields=["country", "-at", "harm", "readers", "item"], name="signal_country_read"),
            models.Index(fields=["harm", "-at"], name="signal_harm_time"),
            # Few are measured or tell of a technical cause, and those of a country are asked for with many texts.
            models.Index(fields=["country", "-at"], name="signal_measured", condition=models.Q(finding__isnull=False)),
            models.Index(fields=["country", "-at"], name="signal_technical", condition=models.Q(technical=True)),
        ]

    @property
    def measured(self) -> Moved | None:
        """What the finding says, for ``moved`` to tell; None for a text."""
        found = self.finding
        if found is None:
            return None
        names = ("stream", "subject", "country", "network", "direction", "before", "now")
        return Moved(exercise=self.exercise, **{name: getattr(found, name) for name in names})

    @property
    def shown(self) -> str:
        """Its title for whoever reads: what is measured in their language, a text's as it was written."""
        measured = self.measured
        return self.title if measured is None else moved(measured)


class Correction(models.Model):
    """A person's word against the machine's about one field of a signal; it teaches later versions."""

    signal = models.ForeignKey(Signal, on_delete=models.CASCADE, related_name="corrections")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    field = models.CharField(max_length=20)
    before = models.CharField(max_length=60, blank=True)
    after = models.CharField(max_length=60, blank=True)
    undone_at = models.DateTimeField(null=True)


class Account(models.Model):
    """What a text says happened, as the machine read it; it stands below what people said of it."""

    signal = models.OneToOneField(Signal, on_delete=models.CASCADE, related_name="account")
    version = models.PositiveSmallIntegerField(default=0, help_text="of the rule that read it; 0: it waits to be read")
    known = models.BooleanField(default=False, help_text="whether the words of violence of its language are known")
    told = models.JSONField(
        default=list, help_text="each value: field, value, confidence, spans of the text with its title"
    )
    failure = models.CharField(max_length=60, blank=True, help_text="the error of a text that could not be read")
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["version", "-id"], name="account_to_read")]


class Judgement(models.Model):
    """A person's word on one value of an account; rows stay, and the newest that was not undone holds."""

    signal = models.ForeignKey(Signal, on_delete=models.CASCADE, related_name="judgements")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    field = models.CharField(max_length=12)
    slot = models.CharField(max_length=60, blank=True, help_text="which of several values; empty where there is one")
    before = models.CharField(max_length=60, blank=True, help_text="the machine's value; empty: it said nothing")
    after = models.CharField(max_length=60, blank=True, help_text="the same: it is right; empty: the text does not say")
    start = models.PositiveIntegerField(null=True, help_text="where the text says so")
    end = models.PositiveIntegerField(null=True)
    version = models.PositiveSmallIntegerField(help_text="of the rule that was judged")
    undone_at = models.DateTimeField(null=True)

    @property
    def confirms(self) -> bool:
        """Whether it says that the machine's value is right."""
        return self.before == self.after


class HarmModel(models.Model):
    """A version of what was learned from corrections about kinds of harm; rows stay, and one of them stands or none."""

    class Standing(models.TextChoices):
        """What became of a version."""

        STANDS = "stands", _("in force")
        REPLACED = "replaced", _("replaced by a later one")
        REFUSED = "refused", _("not better than what stood")
        BACK = "back", _("taken back")

    version = models.PositiveIntegerField(unique=True)
    standing = models.CharField(max_length=8, choices=Standing.choices, db_index=True)
    made_at = models.DateTimeField()
    examples = models.PositiveIntegerField(help_text="texts that it learned from")
    sittings = models.PositiveIntegerField(help_text="one account's hours that these come from")
    upto = models.BigIntegerField(help_text="the newest correction that it learned from")
    against = models.PositiveIntegerField(default=0, help_text="the version that stood then; 0: the word lists alone")
    score = models.FloatField(help_text="macro F1, cross-validated over sittings")
    score_against = models.FloatField(help_text="the same of what stood, on the same examples")
    weights = models.BinaryField(help_text="the words with their weights, and the jurors; compressed")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")


class Change(models.Model):
    """The log of signals that came, changed or went, in order: search caches and situations follow it by id."""

    signal = models.BigIntegerField()
    new = models.BooleanField(default=False)
