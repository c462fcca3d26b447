"""Who chose to be asked, what they were asked and said, where they travel, and what silence became of.

Everything here is about persons. A row is known to whom it names, to nobody else, and is erased soon after it is over,
or as soon as the person withdraws.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tocsin.alerts.models import Address, Alert, Notice, Policy

_PERSON = settings.AUTH_USER_MODEL


class Question(models.TextChoices):
    """What may be asked; ``alerts.wording`` has the words that leave."""

    SAFE = "safe", _("Are you safe?")
    HELP = "help", _("Can you help now?")


class Fallback(models.TextChoices):
    """What the person wants done first when they are silent. What belongs to it is known to the contact alone."""

    CONTACT = "contact", _("ask the contact, who knows what to do")
    CALL = "call", _("call, by the number that the contact has")
    WRITE = "write", _("write, by the way that the contact knows")
    WAIT = "wait", _("wait first, and only then ask the contact")


class Participant(models.Model):
    """Somebody who chose to be asked. The row is the consent: withdrawing deletes it, and every answer with it."""

    class Manner(models.TextChoices):
        """How messages to them look."""

        AGREED = "agreed", _("in words that I chose, without any name or link")
        OPEN = "open", _("openly, with a link")

    person = models.OneToOneField(_PERSON, on_delete=models.CASCADE, related_name="+")
    opted_in_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    safe_check = models.BooleanField(default=False)
    can_help = models.BooleanField(default=False)
    languages = models.JSONField(default=list)
    skills = models.JSONField(default=list)
    country = models.CharField(max_length=2, blank=True)
    manner = models.CharField(max_length=6, choices=Manner.choices)
    own_words = models.CharField(max_length=80, blank=True, help_text="asks whether they are safe")
    help_words = models.CharField(max_length=80, blank=True, help_text="asks whether they can help: the digits differ")
    address = models.ForeignKey(Address, null=True, on_delete=models.SET_NULL, related_name="+")
    second_address = models.ForeignKey(Address, null=True, on_delete=models.SET_NULL, related_name="+")
    quiet_digit = models.PositiveSmallIntegerField(null=True, help_text="looks like an answer, and means help; no page")
    fallback = models.CharField(max_length=8, choices=Fallback.choices, default=Fallback.CONTACT)
    fallback_hours = models.PositiveSmallIntegerField(default=0)
    contact = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")


class RollCall(models.Model):
    """One question to a chosen group, asked by one person."""

    public_id = models.CharField(max_length=12, unique=True)
    once = models.CharField(max_length=32, unique=True, help_text="of the form: a second tap makes no second one")
    question = models.CharField(max_length=4, choices=Question.choices)
    asked_by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    languages = models.JSONField(default=list)
    skills = models.JSONField(default=list)
    zones = models.JSONField(default=list)
    countries = models.JSONField(default=list)
    situation = models.CharField(max_length=12, blank=True, help_text="its public id")
    policy = models.ForeignKey(Policy, null=True, on_delete=models.SET_NULL, related_name="+")
    again_minutes = models.PositiveSmallIntegerField(default=10)
    silence_minutes = models.PositiveSmallIntegerField(default=30)
    asked_at = models.DateTimeField()
    until = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    changes = models.PositiveIntegerField(default=0, help_text="one higher with whatever its page shows")


class Reader(models.Model):
    """Somebody whom the asker let in."""

    rollcall = models.ForeignKey(RollCall, on_delete=models.CASCADE, related_name="readers")
    person = models.ForeignKey(_PERSON, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rollcall", "person"], name="one_rollcall_reader_each")]


# The rows of which ``Said.is_silent`` is true.
SILENT = Q(silent_at__isnull=False, confirmed_at=None) & (
    Q(answer="") | Q(by_sender=True, answered_at__gte=F("silent_at"))
)


class Said(models.Model):
    """What somebody answered, as a member of a roll-call and at a check-in alike.

    Help that was asked for stays until a person says that it was looked after: a later "safe" may have been forced.
    """

    due_at = models.DateTimeField(help_text="when they are, or were, to be asked")
    asked_at = models.DateTimeField(null=True, help_text="when they were first asked")
    asks = models.PositiveSmallIntegerField(default=0)
    again_at = models.DateTimeField(null=True, help_text="when they are asked again; empty: not by itself")
    silent_after = models.DateTimeField(null=True)
    answer = models.CharField(max_length=12, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_via = models.CharField(max_length=12, blank=True)
    by_sender = models.BooleanField(
        default=False, db_default=False, help_text="nothing but the phone number says that the answer is theirs"
    )
    confirmed_at = models.DateTimeField(null=True, help_text="a person says that they heard from them")
    help_at = models.DateTimeField(null=True)
    quiet = models.BooleanField(default=False, help_text="help was asked for so that nobody beside them sees it")
    helped_at = models.DateTimeField(null=True, help_text="a person says that it was looked after")
    silent_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    @property
    def needs_help(self) -> bool:
        """Whether they asked for help that nobody has looked after."""
        return self.help_at is not None and (self.helped_at is None or self.helped_at < self.help_at)

    @property
    def is_proved(self) -> bool:
        """Whether more than a sender, which can be forged, stands for the answer."""
        return bool(self.answer) and (not self.by_sender or self.confirmed_at is not None)

    @property
    def is_silent(self) -> bool:
        """Whether they said nothing in the time that they had. What the phone number alone said later, whatever it
        was, ends no silence.
        """
        if self.silent_at is None or self.confirmed_at is not None:
            return False
        late = self.by_sender and self.answered_at is not None and self.answered_at >= self.silent_at
        return not self.answer or late


class Member(Said):
    """One of those who are asked by a roll-call."""

    rollcall = models.ForeignKey(RollCall, on_delete=models.CASCADE, related_name="members")
    person = models.ForeignKey(_PERSON, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rollcall", "person"], name="one_member_each")]
        indexes = [
            models.Index(fields=["again_at"], name="member_again", condition=Q(again_at__isnull=False)),
            models.Index(fields=["silent_after"], name="member_silent", condition=Q(silent_at=None, answer="")),
        ]


class Journey(models.Model):
    """A time in which somebody is asked at set moments whether they are well."""

    public_id = models.CharField(max_length=12, unique=True)
    person = models.ForeignKey(_PERSON, on_delete=models.CASCADE, related_name="+")
    made_by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    agreed_at = models.DateTimeField(null=True, help_text="when the person said yes; before, nothing is asked")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    time_zone = models.CharField(max_length=64)
    every_hours = models.PositiveSmallIntegerField(default=0, help_text="0: at the times of the day below")
    times = models.JSONField(default=list, help_text="as HH:MM on the clock of the zone")
    grace_minutes = models.PositiveSmallIntegerField(default=30)
    country = models.CharField(max_length=2, blank=True)
    fallback = models.CharField(max_length=8, choices=Fallback.choices, default=Fallback.CONTACT)
    fallback_hours = models.PositiveSmallIntegerField(default=0)
    contact = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    next_at = models.DateTimeField(null=True, db_index=True, help_text="the next check-in; empty: none follows")
    ended_at = models.DateTimeField(null=True)
    ended_how = models.CharField(max_length=8, blank=True, help_text="arrived, called off, or over")
    changes = models.PositiveIntegerField(default=0)


class Watcher(models.Model):
    """Somebody whom the traveller chose: called when a check-in is missed."""

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="watchers")
    person = models.ForeignKey(_PERSON, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["journey", "person"], name="one_watcher_each")]


class CheckIn(Said):
    """One moment of a journey at which the traveller is asked."""

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="checkins")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["journey", "due_at"], name="one_checkin_per_moment")]
        indexes = [
            models.Index(fields=["again_at"], name="checkin_again", condition=Q(again_at__isnull=False)),
            models.Index(fields=["silent_after"], name="checkin_silent", condition=Q(silent_at=None, answer="")),
        ]


class Ask(models.Model):
    """One time that a member or traveller was asked; its answer is pulled from the notice, whenever it comes."""

    member = models.ForeignKey(Member, null=True, on_delete=models.CASCADE, related_name="times")
    checkin = models.ForeignKey(CheckIn, null=True, on_delete=models.CASCADE, related_name="times")
    number = models.PositiveSmallIntegerField()
    notice = models.OneToOneField(Notice, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    heard_at = models.DateTimeField(null=True, help_text="the answer of this moment was taken")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "number"], name="one_ask_per_member_and_number"),
            models.UniqueConstraint(fields=["checkin", "number"], name="one_ask_per_checkin_and_number"),
        ]


class Silence(models.Model):
    """One event: the silences of people in a country whose network is measured to be cut."""

    public_id = models.CharField(max_length=12, unique=True)
    country = models.CharField(max_length=2)
    situation = models.CharField(max_length=12, help_text="its public id, as it was when the event began")
    since = models.DateTimeField(help_text="when the measurements say that it began")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, help_text="nothing is measured any more; later silences stand alone")
    changes = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["country"], condition=Q(ended_at=None), name="one_open_silence_per_country")
        ]


class Silent(models.Model):
    """Somebody's silence, as part of an event until a person takes it out."""

    silence = models.ForeignKey(Silence, on_delete=models.CASCADE, related_name="silent")
    member = models.OneToOneField(Member, null=True, on_delete=models.CASCADE, related_name="part")
    checkin = models.OneToOneField(CheckIn, null=True, on_delete=models.CASCADE, related_name="part")
    joined_at = models.DateTimeField()
    apart_at = models.DateTimeField(null=True, help_text="a person says that it has another cause")
    apart_by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")


class Raised(models.Model):
    """An alert that this room raised: whoever it called may see what it is about."""

    alert = models.OneToOneField(Alert, on_delete=models.CASCADE, related_name="+")
    rollcall = models.ForeignKey(RollCall, null=True, on_delete=models.CASCADE, related_name="raised")
    journey = models.ForeignKey(Journey, null=True, on_delete=models.CASCADE, related_name="raised")
    silence = models.ForeignKey(Silence, null=True, on_delete=models.CASCADE, related_name="raised")
