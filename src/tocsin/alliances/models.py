"""Allies, how each was vetted, how to reach them, and slices that one of them may open.

What a referral was about, whom it concerned and how it went is no business of this room: that is sealed in the case.
"""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tocsin.lib.tlp import Tlp

_PERSON = settings.AUTH_USER_MODEL


class Contact(models.Model):
    """One ally: a person or an organisation that may be asked to help somebody."""

    class State(models.TextChoices):
        """Where they stand. Only who is vetted, and verified lately, is turned to without a reason."""

        PROPOSED = "proposed", _("proposed, not vetted yet")
        VETTED = "vetted", _("vetted")
        SUSPENDED = "suspended", _("suspended")
        LET_GO = "let_go", _("let go")

    public_id = models.CharField(max_length=12, unique=True)
    once = models.CharField(max_length=32, unique=True, help_text="of the form: a second tap makes no second one")
    name = models.CharField(max_length=120)
    organisation = models.CharField(max_length=120, blank=True)
    kinds = models.JSONField(default=list)
    helps = models.JSONField(default=list)
    help_words = models.TextField(blank=True)
    countries = models.JSONField(default=list)
    regions = models.JSONField(default=list, help_text="codes of UN M49; 001 is the world")
    languages = models.JSONField(default=list)
    within_hours = models.PositiveSmallIntegerField(null=True, help_text="how fast they answer; empty: not known")
    by_night = models.BooleanField(default=False)
    tlp = models.CharField(max_length=12, choices=[(one.value, one.value) for one in Tlp], default=Tlp.CLEAR.value)
    fees = models.CharField(max_length=8, blank=True)
    fee_words = models.CharField(max_length=200, blank=True)
    conflict_countries = models.JSONField(default=list)
    conflict_organisations = models.JSONField(default=list)
    conflict_words = models.TextField(blank=True)
    protected = models.BooleanField(default=False, help_text="exposure would endanger them")
    owner = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=9, choices=State.choices, default=State.PROPOSED, db_index=True)
    reason = models.CharField(max_length=300, blank=True, help_text="why they are suspended or were let go")
    state_at = models.DateTimeField()
    verified_at = models.DateTimeField(null=True, help_text="of the newest verification that held")
    next_due = models.DateField(null=True, db_index=True, help_text="when they must be verified again")
    altered_at = models.DateTimeField(null=True, help_text="who they are or how they are reached was changed since")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")

    def stale(self, on: date) -> bool:
        """Whether what was verified no longer holds on this day: it is too old, or the ally's data changed since."""
        if self.state != self.State.VETTED:
            return False
        return self.altered_at is not None or self.next_due is None or self.next_due <= on


class Reach(models.Model):
    """How an ally is reached safely. Apart from the ally, so that no list and no form loads it by accident."""

    contact = models.OneToOneField(Contact, on_delete=models.CASCADE, related_name="reach")
    ways = models.TextField(blank=True, help_text="one way a line")
    instructions = models.TextField(blank=True)


class Verification(models.Model):
    """One time that somebody made sure of an ally: what was looked at, how, and what came of it."""

    class Check(models.TextChoices):
        """What a look at one thing gave."""

        SURE = "sure", _("confirmed")
        DOUBT = "doubt", _("doubtful")
        NOT = "not", _("not looked at")

    class Outcome(models.TextChoices):
        """What it gave in all."""

        HOLDS = "holds", _("holds: may be turned to")
        FAILS = "fails", _("fails: must not be turned to")

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="verifications")
    at = models.DateTimeField()
    by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    identity = models.CharField(max_length=5, choices=Check.choices)
    reputation = models.CharField(max_length=5, choices=Check.choices)
    references = models.CharField(max_length=5, choices=Check.choices)
    how = models.TextField()
    outcome = models.CharField(max_length=5, choices=Outcome.choices)
    next_due = models.DateField(null=True)
    undone_at = models.DateTimeField(null=True)


class Event(models.Model):
    """One line of an ally's history. A change of state remembers what was before, so that it can be undone."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="events")
    verb = models.CharField(max_length=16)
    at = models.DateTimeField()
    by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    fields = models.JSONField(default=list, help_text="names of what was changed, never what stood there")
    reason = models.CharField(max_length=300, blank=True)
    before = models.JSONField(null=True, help_text="state, reason, verified_at, next_due, altered_at")
    verification = models.OneToOneField(Verification, null=True, on_delete=models.CASCADE, related_name="+")
    undone_at = models.DateTimeField(null=True)


class Again(models.Model):
    """An ally whom somebody must verify again; stands on the list until it is done."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="agains")
    opened_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, help_text="when the owner and whoever leads were told last")
    told_times = models.PositiveSmallIntegerField(default=0)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contact"], condition=Q(closed_at=None), name="one_open_again_per_ally")
        ]


class Slice(models.Model):
    """Something sealed that one ally may open by link and code until it ends. What it is about stands inside.

    The row tells that this ally was given something on a day, and nothing else.
    """

    public_id = models.CharField(max_length=20, unique=True)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="slices")
    token_hash = models.CharField(max_length=64, unique=True)
    salt = models.BinaryField(max_length=16)
    blob = models.BinaryField(help_text="empty once it ended")
    tlp = models.CharField(max_length=12)
    made_on = models.DateField()
    expires_at = models.DateTimeField(db_index=True)
    recalled_at = models.DateTimeField(null=True)
    tries_left = models.PositiveSmallIntegerField(default=3)
    opened_on = models.DateField(null=True, help_text="the last day; the moments go to the case, sealed")


class Reply(models.Model):
    """What came back about a slice, sealed to the case: an opening, or an answer. The case pulls and erases it."""

    public_id = models.CharField(max_length=20, unique=True)
    slice = models.ForeignKey(Slice, on_delete=models.CASCADE, related_name="replies")
    once = models.CharField(max_length=64, null=True, unique=True, help_text="of the form: sent twice it counts once")
    sealed = models.BinaryField()
    on = models.DateField()
