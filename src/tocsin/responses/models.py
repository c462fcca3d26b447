"""Plans and their logs. The log is what counts; the other rows follow from it, so that lists are quick.

A sealed plan has no row here: it lies in a safe of its own.
"""

from django.conf import settings
from django.db import models

from tocsin.situations.models import Situation

_PERSON = settings.AUTH_USER_MODEL


class Plan(models.Model):
    """One open plan, as its log tells it. ``mark`` is keyed over what lists show, so that a forged row is seen."""

    public_id = models.CharField(max_length=12, unique=True)
    title = models.CharField(max_length=300)
    situation = models.ForeignKey(Situation, null=True, on_delete=models.PROTECT, related_name="+")
    readers = models.PositiveIntegerField(default=0)
    owner = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    severity = models.PositiveSmallIntegerField()
    standing = models.CharField(max_length=10)
    version = models.PositiveIntegerField(default=0)
    open_tasks = models.PositiveIntegerField(default=0)
    privileged = models.BooleanField(default=False)
    drill = models.BooleanField(default=False)
    exercise = models.BooleanField(default=False)
    playbook = models.CharField(max_length=60, blank=True)
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    update_due_at = models.DateTimeField(null=True)
    answer_due_at = models.DateTimeField(null=True, help_text="when an asked approver, or a ratification, is overdue")
    lines = models.PositiveIntegerField(default=0)
    mark = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["closed_at", "-changed_at"], name="plan_open_changed"),
            models.Index(fields=["situation"], name="plan_of_situation"),
            models.Index(
                fields=["update_due_at"], name="plan_update_due", condition=models.Q(update_due_at__isnull=False)
            ),
            models.Index(
                fields=["answer_due_at"], name="plan_answer_due", condition=models.Q(answer_due_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Line(models.Model):
    """One line of a plan's log. Nothing here is ever changed; ``digest`` covers the line and the digest before it.

    ``mark`` is keyed: who can write to the database alone can't write one.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="log")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    by = models.BigIntegerField(help_text="an account's id, kept as a plain number: a line outlives the account")
    verb = models.CharField(max_length=20)
    body = models.JSONField()
    digest = models.CharField(max_length=64)
    mark = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="one_line_per_number")]


class PlanTask(models.Model):
    """A task of an open plan, for lists across plans."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="tasks")
    key = models.CharField(max_length=12)
    position = models.PositiveIntegerField()
    title = models.CharField(max_length=300)
    function = models.CharField(max_length=16)
    owner = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    due_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=8)
    chased_at = models.DateTimeField(null=True, help_text="when its owner was last told that it is overdue")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "key"], name="one_task_per_key")]
        indexes = [
            models.Index(fields=["owner", "state", "due_at"], name="task_owner_due"),
            models.Index(fields=["state", "due_at"], name="task_state_due"),
        ]


class Part(models.Model):
    """Somebody's part in an open plan, for lists across plans: who has one may see the plan's frame."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="parts")
    person = models.ForeignKey(_PERSON, on_delete=models.CASCADE, related_name="+")
    function = models.CharField(max_length=16)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "person", "function"], name="one_part_each")]
        indexes = [models.Index(fields=["person"], name="part_of_person")]
