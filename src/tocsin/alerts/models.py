"""Alerts, how they climb until somebody answers, and every attempt to reach a person.

An alert climbs by its ``Escalation``. Each rung tells people by a ``Notice`` each; a notice goes out as ``Page``s, one
for each of the person's addresses in turn; each call to a provider is an ``Attempt``, written before it is made.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tocsin.oncall.models import Rota

_PERSON = settings.AUTH_USER_MODEL


class Lane(models.TextChoices):
    """How an alert may reach people."""

    LIFE = "life", _("life and liberty")  # never bundled, budgeted, silenced or put off
    WAKE = "wake", _("at any hour")
    QUIET = "quiet", _("by day")  # in the waking hours of whoever is on duty, by channels that wake nobody


class Severity(models.IntegerChoices):
    """CAP 1.2's four, in order."""

    MINOR = 1, _("minor")
    MODERATE = 2, _("moderate")
    SEVERE = 3, _("severe")
    EXTREME = 4, _("extreme")


class Policy(models.Model):
    """Whom an alert reaches, rung by rung, and again from the first until somebody answers."""

    public_id = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=80)
    is_default = models.BooleanField(default=False)
    wider_after = models.PositiveSmallIntegerField(default=2, help_text="rounds after which the wider circle is called")
    remind_minutes = models.PositiveSmallIntegerField(
        default=240, help_text="minutes after which an answered alert without an outcome comes back"
    )
    drill_weekday = models.PositiveSmallIntegerField(null=True, help_text="day of the weekly drill, 0 is Monday")
    drill_hour = models.PositiveSmallIntegerField(default=10)
    time_zone = models.CharField(max_length=64, default="UTC")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="one_default_policy")
        ]

    def __str__(self) -> str:
        return self.name


class Rung(models.Model):
    """One step of a policy: its targets are told together, then it waits."""

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="rungs")
    position = models.PositiveSmallIntegerField(help_text="0 is first")
    wait_minutes = models.PositiveSmallIntegerField(default=5)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["policy", "position"], name="one_rung_per_position")]


class Target(models.Model):
    """Who is told on a rung; without a rung, one of the policy's wider circle."""

    class Kind(models.TextChoices):
        """How the people are found."""

        ON_DUTY = "duty", _("whoever is on duty")
        NEXT = "next", _("whoever is on duty next")
        PERSON = "person", _("a person")
        ROLE = "role", _("everyone with a role")

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="targets")
    rung = models.ForeignKey(Rung, null=True, on_delete=models.CASCADE, related_name="targets")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    rota = models.ForeignKey(Rota, null=True, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(_PERSON, null=True, on_delete=models.CASCADE, related_name="+")
    role = models.PositiveIntegerField(default=0)


class Rule(models.Model):
    """What may raise alerts by itself, and how often it was right. People's own alerts have none.

    A rule that was wrong too often, or that used up its budget, still has its alerts accepted; they take the quiet
    lane until a person lets it wake again.
    """

    key = models.CharField(max_length=80, unique=True, help_text="rule id, such as situation.severe or webhook:abc")
    name = models.CharField(max_length=120)
    budget_per_week = models.PositiveSmallIntegerField(default=7)
    may_wake = models.BooleanField(default=True)
    stopped_at = models.DateTimeField(null=True, help_text="since when it may not wake; a person lets it again")
    trusted_since = models.DateTimeField(null=True, help_text="outcomes before this moment no longer count against it")


class Integration(models.Model):
    """A door for alerts of another system. The bearer is kept as a hash; the signing key is derived, never stored."""

    class Shape(models.TextChoices):
        """Whose way of writing alerts it speaks."""

        ALERTMANAGER = "alertmanager", "Alertmanager"
        PAGERDUTY = "pagerduty", "PagerDuty Events v2"
        GRAFANA = "grafana", "Grafana"
        CAP = "cap", "CAP 1.2"

    public_id = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=80)
    shape = models.CharField(max_length=12, choices=Shape.choices)
    token_hash = models.CharField(max_length=64, unique=True)
    signed = models.BooleanField(default=False, help_text="only requests with a valid signature are accepted")
    generation = models.PositiveSmallIntegerField(default=1, help_text="one higher makes a new signing key")
    policy = models.ForeignKey(Policy, null=True, on_delete=models.SET_NULL, related_name="+")
    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="+")
    lane = models.CharField(max_length=5, choices=Lane.choices, default=Lane.WAKE)
    wakes_from = models.PositiveSmallIntegerField(
        choices=Severity.choices, default=Severity.MINOR, db_default=1, help_text="below it an alert waits for the day"
    )
    quota_per_hour = models.PositiveIntegerField(default=120)
    made_by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    refused = models.PositiveIntegerField(default=0)
    refused_why = models.CharField(max_length=200, blank=True)
    revoked_at = models.DateTimeField(null=True)


class Delivery(models.Model):
    """A body that came through an integration, as a hash: what comes again is known, and does nothing anew."""

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["integration", "digest"], name="one_delivery_per_body")]


class Alert(models.Model):
    """Something that a person must look at now: a reference and a severity, never content.

    ``named`` alerts are known to their ``Knower`` rows alone; others to whoever may answer alerts and is among
    ``readers`` (0: all of them).
    """

    class State(models.TextChoices):
        """Where it stands."""

        OPEN = "open", _("nobody has answered")
        ANSWERED = "answered", _("somebody has it")
        SNOOZED = "snoozed", _("put off")
        RESOLVED = "resolved", _("resolved")

    class Outcome(models.TextChoices):
        """What it turned out to be."""

        TRUE = "true", _("it was right")
        FALSE = "false", _("false alarm")
        DUPLICATE = "duplicate", _("known already")
        DRILL = "drill", _("drill")

    public_id = models.CharField(max_length=12, unique=True)
    kind = models.CharField(max_length=24, help_text="what it refers to: situation, source, person, webhook, pager …")
    reference = models.CharField(max_length=120, blank=True, help_text="kind:id in the console; never words of a case")
    lane = models.CharField(max_length=5, choices=Lane.choices)
    severity = models.PositiveSmallIntegerField(choices=Severity.choices)
    language = models.CharField(max_length=16, blank=True)
    urgency = models.CharField(max_length=12, blank=True, help_text="CAP: immediate, expected, future, past")
    dedupe = models.CharField(max_length=160, help_text="while one with this key is unresolved, no second one is made")
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="+")
    rule = models.ForeignKey(Rule, null=True, on_delete=models.PROTECT, related_name="+")
    integration = models.ForeignKey(Integration, null=True, on_delete=models.SET_NULL, related_name="+")
    raised_by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    withheld = models.CharField(max_length=12, blank=True, help_text="why its rule may not wake: precision or budget")
    named = models.BooleanField(default=False)
    inside = models.JSONField(
        null=True, help_text="ids of the only people whom it may reach; null: whomever its policy names"
    )
    readers = models.PositiveIntegerField(default=0)
    exercise = models.BooleanField(default=False)
    drill = models.BooleanField(default=False)
    occurred_at = models.DateTimeField()
    accepted_at = models.DateTimeField(db_index=True)
    seen_count = models.PositiveIntegerField(default=1, help_text="how often it was reported")
    seen_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    answered_by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    answered_at = models.DateTimeField(null=True)
    first_answered_at = models.DateTimeField(null=True)
    unconfirmed_until = models.DateTimeField(null=True, help_text="an answer without sign-in lapses then")
    snoozed_until = models.DateTimeField(null=True)
    snooze_reason = models.CharField(max_length=120, blank=True)
    remote_resolved_at = models.DateTimeField(null=True, help_text="the other system says it is over; silences nobody")
    outcome = models.CharField(max_length=9, choices=Outcome.choices, blank=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["state", "-severity", "-id"], name="alert_list"),
            models.Index(fields=["rule", "accepted_at"], name="alert_rule"),
            models.Index(fields=["dedupe"], name="alert_dedupe"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["dedupe"], condition=~Q(state="resolved"), name="one_open_alert_per_key")
        ]


class Knower(models.Model):
    """Somebody who may know of a named alert."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="knowers")
    person = models.ForeignKey(_PERSON, on_delete=models.CASCADE, related_name="+")
    why = models.CharField(max_length=12, help_text="named, told, or let in by another")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["alert", "person"], name="one_knower_each")]


class Subject(models.Model):
    """Somebody whom an alert is about: never called by it, never told of it, and unable to answer it.

    Whoever took that person's phone would otherwise learn of the alert, and could end it.
    """

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="subjects")
    person = models.ForeignKey(_PERSON, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["alert", "person"], name="one_subject_each")]


class Reached(models.IntegerChoices):
    """Whom an alert's calls could reach, the better the higher. In the lane by day, any way to somebody is enough."""

    NOBODY = 0, _("nobody could be reached")
    LEADS_UNWOKEN = 1, _("nobody of its steps could be reached, and whoever leads by what wakes nobody")
    UNWOKEN = 2, _("reached by what wakes nobody")
    LEADS = 3, _("nobody of its steps could be reached, but whoever leads")
    STEPS = 4, _("somebody of its steps could be woken")


class Escalation(models.Model):
    """Where an alert stands on its policy, and when it climbs on; a missed moment is caught up, never skipped."""

    alert = models.OneToOneField(Alert, on_delete=models.CASCADE, related_name="escalation")
    again = models.PositiveSmallIntegerField(default=0, help_text="one higher each time that the alert starts anew")
    round = models.PositiveIntegerField(default=0)
    rung = models.PositiveSmallIntegerField(default=0, help_text="the rung that is called at due_at")
    due_at = models.DateTimeField(null=True, db_index=True, help_text="empty: nothing more to do")
    reached = models.PositiveSmallIntegerField(
        null=True,
        choices=Reached.choices,
        help_text="the best since it last called from its first rung; empty: not yet",
    )


class Event(models.Model):
    """One line of an alert's timeline."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    verb = models.CharField(max_length=24)
    person = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    via = models.CharField(max_length=12, blank=True, help_text="console, link, sms, signal, voice, mail, api or rule")
    facts = models.JSONField(default=dict)


class Address(models.Model):
    """Where a person can be reached. Used once the person has proved that it is theirs."""

    person = models.ForeignKey(_PERSON, on_delete=models.CASCADE, related_name="+")
    channel = models.CharField(max_length=12)
    value = models.CharField(max_length=300)
    label = models.CharField(max_length=60, blank=True)
    says_severity = models.BooleanField(default=False, help_text="else a message carries no more than code and link")
    made_at = models.DateTimeField()
    verified_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True, help_text="the provider refuses this very address")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "channel", "value"], condition=Q(ended_at=None), name="one_address_each"
            )
        ]


class Preference(models.Model):
    """One place in a person's own order: in this lane, at these hours, this address after so many seconds."""

    class Hours(models.TextChoices):
        """When it holds, in the person's own zone."""

        DAY = "day", _("08:00 to 22:00")
        NIGHT = "night", _("22:00 to 08:00")

    person = models.ForeignKey(_PERSON, on_delete=models.CASCADE, related_name="+")
    lane = models.CharField(max_length=5, choices=Lane.choices)
    hours = models.CharField(max_length=5, choices=Hours.choices)
    position = models.PositiveSmallIntegerField()
    address = models.ForeignKey(Address, on_delete=models.CASCADE, related_name="+")
    after_seconds = models.PositiveSmallIntegerField(default=60, help_text="counted from the one before")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "lane", "hours", "position"], name="one_preference_per_place")
        ]


class Notice(models.Model):
    """What one person is told at one moment, by however many channels it takes."""

    class Purpose(models.TextChoices):
        """Why the person hears of it."""

        ALERT = "alert", _("an alert to answer")
        TOLD = "told", _("what happened to an alert")
        ASK = "ask", _("a question")
        VERIFY = "verify", _("proof of an address")
        PULSE = "pulse", _("the pager's own heartbeat")

    person = models.ForeignKey(_PERSON, null=True, on_delete=models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=6, choices=Purpose.choices)
    lane = models.CharField(max_length=5, choices=Lane.choices)
    severity = models.PositiveSmallIntegerField(choices=Severity.choices, default=Severity.MINOR)
    words = models.CharField(max_length=40, blank=True, help_text="key of the wording; alerts.wording knows it")
    own_words = models.CharField(
        max_length=200, blank=True, help_text="agreed with this person: sent alone, without a name and without a link"
    )
    reference = models.CharField(max_length=120, blank=True, help_text="whose question it is, for who pulls answers")
    options = models.JSONField(default=list, help_text="the answers that a question allows, as their keys")
    made_at = models.DateTimeField(db_index=True)
    leaves_at = models.DateTimeField(help_text="when its first page goes out; until then it gathers")
    until = models.DateTimeField(null=True, help_text="not sent after this")
    answer = models.CharField(max_length=12, blank=True)
    answered_at = models.DateTimeField(null=True, db_index=True)
    answered_via = models.CharField(max_length=12, blank=True)
    by_sender = models.BooleanField(
        default=False, db_default=False, help_text="nothing but its sender, which can be forged, stands for the answer"
    )
    ended_at = models.DateTimeField(null=True, help_text="no further page goes out")

    class Meta:
        indexes = [models.Index(fields=["person", "-leaves_at"], name="notice_person")]


class NoticeAlert(models.Model):
    """The alerts that a notice is about: one, or several of a storm. One for each alert, person, round and rung."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="alerts")
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="notices")
    person = models.ForeignKey(_PERSON, on_delete=models.CASCADE, related_name="+")
    round = models.PositiveIntegerField()
    rung = models.PositiveSmallIntegerField()
    again = models.PositiveSmallIntegerField(default=0, help_text="one higher each time that the alert starts anew")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["alert", "person", "again", "round", "rung"], name="one_notice_per_alert_person_and_rung"
            )
        ]


class Page(models.Model):
    """One attempt to reach one person by one address. Sent again, it keeps its id, its link and its number."""

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "waiting", _("waits")
        SENDING = "sending", _("is being sent")
        SENT = "sent", _("the provider took it")
        FAILED = "failed", _("could not be sent")
        NOT_NEEDED = "unneeded", _("no longer needed")

    public_id = models.CharField(max_length=20, unique=True)
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="pages")
    address = models.ForeignKey(Address, null=True, on_delete=models.SET_NULL, related_name="+")
    channel = models.CharField(max_length=12)
    position = models.PositiveSmallIntegerField(default=0)
    code = models.CharField(max_length=6, help_text="what people call it: 7F3K")
    token_hash = models.CharField(max_length=64, unique=True)
    rank = models.PositiveIntegerField(default=0, help_text="lower goes first: each person's first page before seconds")
    due_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts_made = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True, help_text="by the database's clock; without an outcome sent again")
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True, help_text="the provider says that it reached the device")
    opened_at = models.DateTimeField(null=True)
    tries_left = models.PositiveSmallIntegerField(default=3)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "position"], name="one_page_per_place")]
        indexes = [
            models.Index(
                F("channel"), F("rank"), F("due_at"), name="page_due", condition=Q(state__in=["waiting", "sending"])
            ),
            models.Index(fields=["code"], name="page_code"),
        ]


class Attempt(models.Model):
    """One call to a provider, written before it is made. Without an outcome nobody knows whether it arrived."""

    class Outcome(models.TextChoices):
        """What is known of it."""

        UNKNOWN = "", _("unknown")
        TAKEN = "taken", _("taken by the provider")
        FAILED = "failed", _("failed, tried again")
        REFUSED = "refused", _("refused for good")

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    by = models.CharField(max_length=60, help_text="the pager that made it")
    intent_at = models.DateTimeField()
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.UNKNOWN, blank=True)
    outcome_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=60, blank=True, help_text="a key that alerts.wording puts into words")
    provider_id = models.CharField(max_length=120, blank=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["page", "number"], name="one_attempt_per_number")]


class Heard(models.Model):
    """The id of a message that came in, so that none counts twice."""

    channel = models.CharField(max_length=12)
    external_id = models.CharField(max_length=120)
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "external_id"], name="one_hearing_each")]


class Pulse(models.Model):
    """A heartbeat that left by a real channel, and when it came back."""

    page = models.OneToOneField(Page, on_delete=models.CASCADE, related_name="+")
    channel = models.CharField(max_length=12)
    sent_at = models.DateTimeField(db_index=True)
    returned_at = models.DateTimeField(null=True)


class Watcher(models.Model):
    """One of the outside addresses that hear from a pager that works, and call when they no longer do."""

    number = models.PositiveSmallIntegerField(unique=True)
    due_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=60, blank=True)


class Tide(models.Model):
    """The latest moment that the pager has seen, in its one row, so that a clock set back is noticed."""

    latest = models.DateTimeField()
