"""What we need to know, where we look, what came, and where nobody looks."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tocsin.lib.tlp import RELIABILITY, Tlp


class Health(models.TextChoices):
    """What the last fetches say of a source; each state is told apart from the others."""

    NEW = "new", _("not fetched yet")
    FRESH = "fresh", _("delivers")
    UNCHANGED = "unchanged", _("answers, nothing new")
    EMPTY = "empty", _("answers, valid but empty")
    SLOW = "slow", _("answers too slowly")
    BROKEN = "broken", _("answers with an error")
    SILENT = "silent", _("silent for longer than expected")
    PAUSED = "paused", _("paused by a person")


class Source(models.Model):
    """Where items and observations come from. ``kind`` names a folder under ``streams/sources``."""

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=40)
    url = models.CharField(max_length=1000, blank=True)
    options = models.JSONField(default=dict, blank=True)
    variant = models.CharField(max_length=64, blank=True, help_text="tells sources of one address apart")
    countries = models.JSONField(default=list, blank=True)
    languages = models.JSONField(default=list, blank=True)
    reliability = models.CharField(max_length=1, choices=RELIABILITY.items(), default="F")
    tlp = models.CharField(max_length=12, choices=[(one.value, one.value) for one in Tlp], default=Tlp.CLEAR)
    readers = models.PositiveIntegerField(default=0, help_text="Roles as bits; 0: everybody who may read.")
    expected_every = models.DurationField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    allow_private = models.CharField(max_length=200, blank=True, help_text="host:port that may be a private address")
    exercise = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    imported = models.ForeignKey("Import", null=True, on_delete=models.SET_NULL, related_name="sources")
    removed_at = models.DateTimeField(null=True, help_text="hidden since; deleted once its items have expired")

    # What collectors keep between fetches.
    paused = models.BooleanField(default=False)
    next_fetch_at = models.DateTimeField(db_index=True)
    claimed_until = models.DateTimeField(null=True)
    memory = models.JSONField(default=dict, blank=True)
    failures = models.PositiveIntegerField(default=0)
    health = models.CharField(max_length=12, choices=Health.choices, default=Health.NEW)
    message = models.CharField(max_length=300, blank=True)
    last_fetch_at = models.DateTimeField(null=True)
    last_answer_at = models.DateTimeField(null=True)
    last_news_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "url", "variant"], name="one_source_per_address")]

    def __str__(self) -> str:
        return self.name


class Import(models.Model):
    """A list of feeds that a person looked through, took in, or took back: what was in it and what was refused."""

    class State(models.TextChoices):
        """How far it came."""

        PROPOSED = "proposed", _("looked through, nothing added yet")
        DONE = "done", _("taken in")
        UNDONE = "undone", _("taken back")

    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    title = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    common = models.JSONField(default=dict, blank=True, help_text="what every source of it is given")
    feeds = models.JSONField(default=list, blank=True, help_text="name, address and group of each feed to add")
    refused = models.JSONField(default=list, blank=True, help_text="line, name, address and reason of each other one")
    note = models.CharField(max_length=300, blank=True)


class Fetch(models.Model):
    """One try to fetch a source, with what came of it in one plain line."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="fetches")
    at = models.DateTimeField(db_index=True)
    seconds = models.FloatField()
    outcome = models.CharField(max_length=20)
    status = models.PositiveIntegerField(null=True)
    bytes = models.PositiveBigIntegerField(default=0)
    items = models.PositiveIntegerField(default=0)
    observations = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    message = models.CharField(max_length=300, blank=True)


class Item(models.Model):
    """What a source delivered, kept as it came until it expires.

    ``key`` names it within its source; a changed text under the same key is a new row, so that versions stay.
    ``original`` is the zlib-compressed form as it came.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="items")
    key = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    url = models.CharField(max_length=2000, blank=True)
    title = models.TextField(blank=True)
    text = models.TextField(blank=True)
    language = models.CharField(max_length=16, blank=True)
    origin = models.CharField(max_length=200, blank=True, help_text="masthead, when the source carries several")
    published_at = models.DateTimeField(null=True)
    time_doubt = models.CharField(max_length=120, blank=True, help_text="why the stated time was not believed")
    fetched_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    tlp = models.CharField(max_length=12, default=Tlp.CLEAR)
    readers = models.PositiveIntegerField(default=0)
    media_type = models.CharField(max_length=100, blank=True)
    facts = models.JSONField(default=dict, blank=True, help_text="what the source itself says: country, codes, tone")
    original = models.BinaryField(default=b"")
    named = models.JSONField(
        null=True, help_text="where title, line break and text may name who was harmed; empty: nobody looked yet"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "key", "digest"], name="one_item_per_version")]


class Observation(models.Model):
    """One measured row on its way to the lake; its natural key makes a second fetch change nothing."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="+")
    stream = models.CharField(max_length=16)
    kind = models.CharField(max_length=40)
    country = models.CharField(max_length=2, blank=True)
    subject = models.CharField(max_length=200)
    network = models.CharField(max_length=20, blank=True)
    epoch = models.BigIntegerField()
    step = models.PositiveIntegerField()
    n = models.FloatField(null=True)
    k = models.FloatField(null=True)
    value = models.FloatField(null=True)
    evidence = models.CharField(max_length=10)
    fetched = models.BigIntegerField()
    detail = models.JSONField(default=dict, blank=True)
    day = models.DateField(db_index=True)
    landing = models.BigIntegerField(default=0, help_text="a random mark of the write, so that a newer one is noticed")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "country", "subject", "network", "epoch", "source"], name="one_row_per_natural_key"
            )
        ]


class LakeFile(models.Model):
    """The manifest of the lake: readers open only the files that stand here."""

    kind = models.CharField(max_length=40)
    day = models.DateField()
    path = models.CharField(max_length=300)
    rows = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    written_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "day"], name="one_file_per_kind_and_day")]


class LakeChange(models.Model):
    """Each commit to the manifest, so that detectors can pull the days that changed."""

    kind = models.CharField(max_length=40)
    day = models.DateField()
    at = models.DateTimeField()


class Requirement(models.Model):
    """A priority intelligence requirement: what the team needs to know, and for whom."""

    question = models.CharField(max_length=300)
    why = models.TextField(blank=True)
    asked_by = models.CharField(max_length=120)
    countries = models.JSONField(default=list, blank=True)
    languages = models.JSONField(default=list, blank=True)
    harms = models.JSONField(default=list, blank=True)
    streams = models.JSONField(default=list, blank=True, help_text="kinds of source that would answer it")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    review_on = models.DateField(null=True)
    closed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.question


class Occasion(models.Model):
    """Some days in the calendar of a country, the last one included; entered by hand or taken from a calendar."""

    class Sort(models.TextChoices):
        """What it is; the values are those of ``analysis.fusion.facts.Sort``."""

        HOLIDAY = "holiday", _("holiday")
        ELECTION = "election", _("election")
        EXAM = "exam", _("exam")
        PROTEST = "protest", _("protest")
        ANNIVERSARY = "anniversary", _("anniversary")

    country = models.CharField(max_length=2)
    sort = models.CharField(max_length=12, choices=Sort.choices)
    name = models.CharField(max_length=120)
    first = models.DateField()
    last = models.DateField()
    key = models.CharField(max_length=200, blank=True, help_text="its name within the calendar that it came from")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    source = models.ForeignKey(
        Source, null=True, on_delete=models.SET_NULL, related_name="+", help_text="the calendar that keeps it"
    )
    added_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["country", "first"], name="occasion_country_first")]
        constraints = [
            models.UniqueConstraint(
                fields=["country", "key"], condition=~models.Q(key=""), name="one_occasion_per_calendar_key"
            )
        ]

    def __str__(self) -> str:
        return self.name


class BlindSpot(models.Model):
    """A time during which a source did not look where it should have."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="blind_spots")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    countries = models.JSONField(default=list, blank=True)
    languages = models.JSONField(default=list, blank=True)
    reason = models.CharField(max_length=300)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source"], condition=models.Q(until=None), name="one_open_blind_spot_per_source"
            )
        ]


class Collector(models.Model):
    """One collecting process: when it was last seen, and why it rests if it does."""

    name = models.CharField(max_length=64, unique=True)
    seen_at = models.DateTimeField()
    stopped = models.BooleanField(default=False)
    message = models.CharField(max_length=300, blank=True)


class ReadersChange(models.Model):
    """The log of sources whose readers or TLP changed, in order: whoever made something of their items follows it."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="+")
