"""Standing reports, what was gathered for them, their drafts with every change, issues that left, and who got them."""

from django.conf import settings
from django.db import models
from django.db.models import Q, Value
from django.utils.translation import gettext_lazy as _

_PERSON = settings.AUTH_USER_MODEL


class Cadence(models.TextChoices):
    """How often a report is due."""

    DAILY = "daily", _("every day")
    WEEKLY = "weekly", _("every week")
    MONTHLY = "monthly", _("every month")
    QUARTERLY = "quarterly", _("every quarter")
    EVENT = "event", _("after an event")
    BY_HAND = "hand", _("when somebody asks for it")


class ReportSet(models.Model):
    """Reports for several audiences about the same, due together: each member is a report, its due time stands here."""

    public_id = models.CharField(max_length=12, unique=True)
    once = models.CharField(max_length=32, unique=True, help_text="of the form: a second tap makes no second one")
    title = models.CharField(max_length=120)
    cadence = models.CharField(max_length=10, choices=Cadence.choices)
    language = models.CharField(max_length=16, default="en")
    time_zone = models.CharField(max_length=64, default="UTC")
    hour = models.PositiveSmallIntegerField(default=6)
    situation = models.CharField(max_length=12, blank=True)
    exercise = models.BooleanField(default=False)
    made_by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()
    covered_until = models.DateTimeField(help_text="up to where rounds reach")
    due_at = models.DateTimeField(null=True, db_index=True)
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.title


class Report(models.Model):
    """A series of issues for one audience: about what, how often, in which language."""

    public_id = models.CharField(max_length=12, unique=True)
    once = models.CharField(max_length=32, unique=True, help_text="of the form: a second tap makes no second one")
    title = models.CharField(max_length=120)
    audience = models.CharField(max_length=20)
    cadence = models.CharField(max_length=10, choices=Cadence.choices)
    language = models.CharField(max_length=16, default="en")
    time_zone = models.CharField(max_length=64, default="UTC")
    hour = models.PositiveSmallIntegerField(default=6, help_text="of the day on which a period ends, in that zone")
    places = models.JSONField(default=list)
    harms = models.JSONField(default=list)
    situation = models.CharField(max_length=12, blank=True, help_text="public id: the report is about it alone")
    readers = models.PositiveIntegerField(default=0)
    exercise = models.BooleanField(default=False)
    languages = models.JSONField(
        default=list, db_default=[], help_text="other than its own: each issue is to be had in these too"
    )
    together = models.ForeignKey(
        ReportSet, null=True, on_delete=models.PROTECT, related_name="members", help_text="drafted when that set is"
    )
    made_by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()
    covered_until = models.DateTimeField(help_text="up to where drafts reach")
    due_at = models.DateTimeField(null=True, db_index=True, help_text="empty: when somebody asks, or after the event")
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.title


class Gathered(models.Model):
    """The facts of a period as they stood when they were gathered. Drafts for several audiences share one."""

    public_id = models.CharField(max_length=12, unique=True)
    since = models.DateTimeField()
    until = models.DateTimeField()
    at = models.DateTimeField()
    scope = models.CharField(max_length=64, help_text="hash of whose eyes, where, what, which language")
    language = models.CharField(max_length=16)
    readers = models.PositiveIntegerField(default=0)
    exercise = models.BooleanField(default=False)
    facts = models.JSONField(default=list)
    failed = models.JSONField(default=list, help_text="rooms that could not be asked")

    class Meta:
        indexes = [models.Index(fields=["scope", "-at"], name="gathered_scope")]


class Round(models.Model):
    """One drafting of a set: every draft of it rests on what was gathered for it, once."""

    public_id = models.CharField(max_length=12, unique=True)
    together = models.ForeignKey(ReportSet, on_delete=models.PROTECT, related_name="rounds")
    once = models.CharField(max_length=64, unique=True, help_text="of the press or the tick: a second makes no second")
    gathered = models.ForeignKey(Gathered, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()
    missed = models.PositiveSmallIntegerField(default=0)
    made_by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()


class Draft(models.Model):
    """An issue in the making. ``version`` rises with every change; each one is an ``Edit``."""

    class State(models.TextChoices):
        """Where it stands."""

        OPEN = "open", _("being edited")
        RELEASED = "released", _("released")
        DROPPED = "dropped", _("put away")

    public_id = models.CharField(max_length=12, unique=True)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="drafts")
    gathered = models.ForeignKey(Gathered, on_delete=models.PROTECT, related_name="drafts")
    round = models.ForeignKey(Round, null=True, on_delete=models.PROTECT, related_name="drafts")
    translates = models.ForeignKey(
        "Issue", null=True, on_delete=models.PROTECT, related_name="version_drafts",
        help_text="of a language version: the issue that its original became",
    )  # fmt: skip
    original = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="version_drafts",
        help_text="of a language version: the draft that it follows, released or not",
    )  # fmt: skip
    audience = models.CharField(max_length=20)
    language = models.CharField(max_length=16)
    since = models.DateTimeField()
    until = models.DateTimeField()
    missed = models.PositiveSmallIntegerField(default=0, help_text="periods that passed while nothing ran")
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    version = models.PositiveIntegerField(default=1)
    title = models.CharField(max_length=160)
    title_by = models.CharField(
        max_length=120, blank=True, default="", db_default="", help_text="who worded it; empty: it was generated"
    )
    template = models.CharField(max_length=40, help_text="which text it was laid out by, with its version")
    blocks = models.JSONField(default=list)
    own_facts = models.JSONField(default=list, help_text="facts of this draft alone: changes since the last issue")
    dropped = models.JSONField(default=list, help_text="keys of facts that an editor left out")
    cleared = models.JSONField(default=list, help_text="words that look like a name, and that an editor says are none")
    corrects = models.ForeignKey("Issue", null=True, on_delete=models.PROTECT, related_name="corrected_by_drafts")
    wrong = models.TextField(blank=True, help_text="a correction names what was wrong")
    withdraws = models.BooleanField(
        default=False, db_default=False, help_text="the correction leaves nothing of the issue but its notice"
    )
    why_put_away = models.CharField(max_length=200, blank=True)
    made_by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["report", "until"],
                condition=Q(corrects=None, original=None) & ~Q(state="dropped"),
                name="one_draft_per_report_and_period",
            )
        ]


class Edit(models.Model):
    """One change of a draft: what, by whom, and how it stood before. Nothing here is changed or deleted."""

    ORDER = "order"  # the part of a change of the whole

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="edits")
    version = models.PositiveIntegerField(help_text="the version that it made")
    verb = models.CharField(max_length=12)
    part = models.CharField(max_length=120, blank=True, help_text="id of a sentence, or key of a fact")
    by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draft", "version"], name="one_edit_per_version")]


class Agreement(models.Model):
    """The affected community agreed with one exact version: who, when, how. Another version needs another."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="agreements")
    digest = models.CharField(max_length=64)
    with_whom = models.CharField(max_length=200)
    how = models.CharField(max_length=300)
    agreed_on = models.DateField()
    by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True)


class Issue(models.Model):
    """A document that left, frozen. ``digest`` is the hash of the very version that a person released."""

    public_id = models.CharField(max_length=12, unique=True)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="issues")
    draft = models.OneToOneField(Draft, on_delete=models.PROTECT, related_name="issue")
    number = models.PositiveIntegerField()
    language = models.CharField(
        max_length=16, blank=True, default="", db_default="", help_text="of a language version; else empty"
    )
    edition = models.PositiveSmallIntegerField(
        default=1, db_default=1, help_text="of a language version: 2 is its first correction that mends it alone"
    )
    translates = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="versions", help_text="a language version of this one"
    )
    audience = models.CharField(max_length=20)
    title = models.CharField(max_length=160)
    tlp = models.CharField(max_length=12)
    readers = models.PositiveIntegerField(default=0)
    exercise = models.BooleanField(default=False)
    since = models.DateTimeField()
    until = models.DateTimeField()
    document = models.JSONField()
    digest = models.CharField(max_length=64)
    released_by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    released_at = models.DateTimeField()
    corrects = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="corrected_by")
    wrong = models.TextField(blank=True)
    withdraws = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "number", "language", "edition"], name="one_issue_per_number")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def name(self) -> str:
        """What it is called: its report's id and its number; of a language version also its language and edition."""
        return named(self.report.public_id, self.number, self.language, self.edition)


def named(report: str, number: int, language: str = "", edition: int = 1) -> str:
    """What an issue is called."""
    parts = [report, str(number), *([language] if language else []), *([str(edition)] if edition > 1 else [])]
    return "-".join(parts)


class Form(models.Model):
    """An issue as a file, kept as it was drawn at its release."""

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="forms")
    form = models.CharField(max_length=8)
    digest = models.CharField(max_length=64)
    body = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issue", "form"], name="one_file_per_form")]


class Way(models.TextChoices):
    """How an issue reaches somebody."""

    MAIL = "mail", _("by mail")
    LINK = "link", _("by a link")
    HAND = "hand", _("by a link that is handed over")


class Recipient(models.Model):
    """Who gets each issue of a report. Ended, not deleted: who received what stays known."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="recipients")
    person = models.ForeignKey(_PERSON, null=True, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=120)
    address = models.CharField(max_length=254)
    way = models.CharField(max_length=4, choices=Way.choices)
    key = models.TextField(blank=True, help_text="OpenPGP, armoured")
    language = models.CharField(
        max_length=16, blank=True, default="", db_default="", help_text="in which they get it; empty: the report's own"
    )
    added_by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    added_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["report", "address"], condition=Q(ended_at=None), name="one_recipient_per_address"
            )
        ]


class Delivery(models.Model):
    """An issue on its way to one reader. A link opens with a token whose hash alone is kept."""

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "waiting", _("waits for the mail server")
        SENT = "sent", _("sent")
        REFUSED = "refused", _("refused for good")
        STOPPED = "stopped", _("stopped by a person")

    public_id = models.CharField(max_length=20, unique=True)
    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="deliveries")
    person = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(max_length=120)
    address = models.CharField(max_length=254)
    way = models.CharField(max_length=4, choices=Way.choices)
    key = models.TextField(blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    made_by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()
    due_at = models.DateTimeField(db_index=True)
    leased_until = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    first_failed_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=60, blank=True, help_text="a key that sending puts into words")
    # Of one that waits or was stopped: when it may have left, since nobody knows how an attempt ended.
    sent_at = models.DateTimeField(null=True)
    as_what = models.CharField(max_length=8, blank=True, help_text="what the mail held: whole, sealed or link")
    token_hash = models.CharField(max_length=64, null=True, unique=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    opened = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["issue", "address"], condition=~Q(address=""), name="one_delivery_per_reader"
            )
        ]
        indexes = [models.Index(fields=["state", "due_at"], name="delivery_due")]


class TemplateText(models.Model):
    """A text by which an audience's issues are laid out; the newest stands in place of the shipped one."""

    audience = models.CharField(max_length=20)
    version = models.PositiveIntegerField()
    text = models.TextField(help_text="empty: the shipped one holds again")
    note = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["audience", "version"], name="one_text_per_version")]


class CountedMonth(models.Model):
    """How the cases of a month are counted: decided once, never changed. Whole blocks with their sums, never a cell."""

    month = models.CharField(max_length=7, unique=True, help_text="2026-11")
    least = models.PositiveSmallIntegerField(help_text="the smallest number that may be shown by itself")
    blocks = models.JSONField(default=list, help_text="empty: of this month nothing is ever shown")
    supports = models.JSONField(
        default=list, db_default=Value([], models.JSONField()), help_text="the same people by what helped them"
    )
    decided_by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField()


class ProtectedList(models.Model):
    """Countries that no reader outside sees named, nor days there; the newest stands in place of the shipped list."""

    codes = models.JSONField(default=list, help_text="ISO 3166")
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
