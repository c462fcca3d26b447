"""Desks, what was sealed to them, and what must be done by when. Who wrote and what is sealed; a row tells no more.

A letter has no time of day and no word of its text. Deadlines stand apart from letters: which belongs to which is
sealed to the desk in the letter's ``tag``.
"""

from uuid import uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from tocsin.lib.names import random_name


def _public_id() -> str:
    return random_name(12)


class Desk(models.Model):
    """A group that reads letters. Its members and keys are those of its safe."""

    public_id = models.CharField(max_length=12, unique=True, default=_public_id)
    safe = models.UUIDField(unique=True)
    name = models.CharField(max_length=80, help_text="what the team calls it")
    names = models.JSONField(default=dict, help_text="what the door calls it, by language")
    languages = models.JSONField(default=list, help_text="in which it reads and answers")
    named = models.JSONField(default=list, help_text="ids of members whom a sender may name as not to see it")
    at_door = models.BooleanField(default=False)
    takes_mail = models.BooleanField(default=False)
    takes_signal = models.BooleanField(default=False)
    openpgp = models.TextField(blank=True, help_text="public key of the emergency address; its private half is sealed")
    ended_on = models.DateField(null=True)
    emptied_on = models.DateField(null=True, help_text="when nothing for it was left at the door the last time")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["takes_mail"], condition=models.Q(takes_mail=True), name="mailbox_one_desk_for_mail"
            ),
            models.UniqueConstraint(
                fields=["takes_signal"], condition=models.Q(takes_signal=True), name="mailbox_one_desk_for_signal"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Letter(models.Model):
    """Something that came in, sealed to the key that its desk had then. Its id is the natural key of its arrival."""

    class State(models.TextChoices):
        """How far it is."""

        NEW = "new", _("new")
        ACKNOWLEDGED = "acknowledged", _("acknowledged")
        ANSWERED = "answered", _("answered")
        DONE = "done", _("done")
        ASIDE = "aside", _("set aside")

    class Aside(models.TextChoices):
        """Why it was set aside."""

        SPAM = "spam", _("spam")
        DUPLICATE = "duplicate", _("we have it already")
        NOT_OURS = "not_ours", _("not for us")

    class Wish(models.TextChoices):
        """What the sender asked for since."""

        NONE = "", _("nothing")
        STOP = "stop", _("stop sharing")
        DELETE = "delete", _("stop sharing, and delete")

    id = models.UUIDField(primary_key=True, default=uuid4)
    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="letters")
    epoch = models.PositiveIntegerField()
    door = models.CharField(max_length=8)
    blob = models.BinaryField()
    tag = models.BinaryField(help_text="sealed to the desk: when exactly it came, and which deadlines are its")
    files = models.JSONField(default=list, help_text="random names in the vault, and their sizes there")
    arrived_on = models.DateField()
    language = models.CharField(max_length=16, blank=True)
    urgency = models.CharField(max_length=12, blank=True)
    lookup = models.BinaryField(default=bytes, db_index=True, help_text="of the sender's box at the door")
    box = models.BinaryField(default=bytes, help_text="the box's public key")
    follows = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=State.choices, default=State.NEW)
    aside = models.CharField(max_length=10, choices=Aside.choices, blank=True)
    wish = models.CharField(max_length=6, choices=Wish.choices, blank=True, default=Wish.NONE)
    wished_on = models.DateField(null=True)
    frozen = models.BooleanField(default=False, help_text="the sender's box shows nothing")

    class Meta:
        indexes = [models.Index(fields=["desk", "state"], name="mailbox_letter_open")]


class Due(models.Model):
    """A deadline: a random id, when, and of which clock and desk. It goes when it was kept."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    due_at = models.DateTimeField(db_index=True)
    policy = models.CharField(max_length=32)
    called = models.BooleanField(default=False, help_text="that it passed was said")


class Measured(models.Model):
    """How one clock ended. It belongs to nothing, so that reports need no key and tell no letter."""

    class How(models.TextChoices):
        """How it ended."""

        MET = "met", _("in time")
        LATE = "late", _("late")
        MISSED = "missed", _("never")

    clock = models.CharField(max_length=12)
    month = models.DateField(help_text="its first day")
    how = models.CharField(max_length=6, choices=How.choices)


class Outgoing(models.Model):
    """What the worker carries to the door: an answer sealed to a sender, or that a box be frozen."""

    class Act(models.TextChoices):
        """What to do there."""

        ANSWER = "answer", _("lay in an answer")
        FREEZE = "freeze", _("freeze")
        THAW = "thaw", _("show again")
        REMOVE = "remove", _("remove the box")

    answer = models.UUIDField(unique=True, default=uuid4)
    act = models.CharField(max_length=6, choices=Act.choices)
    lookup = models.BinaryField()
    sealed = models.BinaryField(default=bytes)
    day = models.DateField()

    class Meta:
        ordering = ("pk",)


class Withdrawal(models.Model):
    """What the holder of a receipt asked for. It outlives the letter, because a case may have what it said."""

    lookup = models.BinaryField(unique=True)
    erase = models.BooleanField(default=False, help_text="not only stop sharing")
    asked_on = models.DateField()
    called_back = models.BooleanField(default=False, help_text="somebody asked the person by the way that they named")


class Canary(models.Model):
    """The mail that somebody outside sends every hour, known by a hash of its word."""

    desk = models.OneToOneField(Desk, on_delete=models.CASCADE, related_name="canary")
    hashed = models.BinaryField(max_length=32)
    seen_at = models.DateTimeField(null=True)
    since = models.DateTimeField(help_text="when it was set up")


class Fetch(models.Model):
    """That something is being fetched from where it is gone once it was given out. It goes when that is stored."""

    door = models.CharField(max_length=8, unique=True)
    holder = models.CharField(max_length=64)
    since = models.DateTimeField()
