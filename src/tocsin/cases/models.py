"""All that stands in clear about cases: when a check-in is due, and how clocks were kept, by month.

Neither row names a case or whoever is at risk. A deadline says which member of staff is woken first, and not why. All
else lies sealed in a safe.
"""

from uuid import uuid4

from django.db import models


class Deadline(models.Model):
    """A moment until which somebody must be heard of. Deleted when they were; the safe knows which it is."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    due = models.DateTimeField(db_index=True)
    policy = models.CharField(
        max_length=12, blank=True, help_text="public id of whom silence calls; empty: the default"
    )
    wake = models.BigIntegerField(null=True, help_text="who is woken first; of what, it does not say")
    called = models.BooleanField(default=False, help_text="silence was handed to the pager")


class Outcome(models.Model):
    """One clock that was stopped: which, in which month, and how. Nothing leads from it to a case."""

    class Result(models.TextChoices):
        """How it was kept."""

        MET = "met"
        LATE = "late"
        MISSED = "missed"

    clock = models.CharField(max_length=20)
    month = models.CharField(max_length=7, help_text="2026-11")
    result = models.CharField(max_length=6, choices=Result.choices)
