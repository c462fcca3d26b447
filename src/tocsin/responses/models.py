"""Plans and their logs. The log is what counts; the other rows follow from it, so that lists are quick.

A sealed plan has no row here: it lies in a safe of its own.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _

from tocsin.responses.playbook_models import Authority, Disclosure, PartReview, PlaybookText
from tocsin.situations.models import Situation

__all__ = ["Authority", "Disclosure", "PartReview", "PlaybookText"]

_PERSON = settings.AUTH_USER_MODEL


class Plan(models.Model):
    """One open plan, as its log tells it.

    ``mark`` is keyed over everything else in the row, and the log's last digest; ``follows`` is the hash of what the
    rows of its tasks, parts and lessons say. So a forged row is seen, whichever column was forged.
    """

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
    follows = models.CharField(max_length=64, blank=True)
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

    @property
    def called(self) -> str:
        """Its title for wherever no mark stands beside it: of a drill it says that it is one."""
        return called(self.title, drill=self.drill)


def called(title: str, *, drill: bool) -> str:
    """A plan's title, which says of a drill that it is one."""
    return _("Drill: %(title)s") % {"title": title} if drill else title


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


class Clock(models.Model):
    """A moment at which a plan calls somebody, whatever process died since; of a sealed plan it tells no more.

    ``key`` names what it is about, so that the same clock is never wound twice; one that rang stays until the plan no
    longer needs it.
    """

    class What(models.TextChoices):
        """What the clock is for."""

        ASK = "ask"  # an approver is asked
        DEPUTY = "deputy"  # the approver did not answer in time
        RATIFY = "ratify"  # what was done first is to be ratified
        LATE = "late"  # it was not ratified in time
        UPDATE = "update"  # a situation update is due
        SILENT = "silent"  # the update did not come
        TASK = "task"  # a task is due
        OVERDUE = "overdue"  # a task is overdue for a day
        LESSON = "lesson"  # an action of a debrief is due
        FORGOTTEN = "forgot"  # an action of a debrief is overdue for a week
        INJECT = "inject"  # a drill goes on

    key = models.CharField(max_length=120, unique=True)
    plan = models.CharField(max_length=36, db_index=True, help_text="public id, or the id of a sealed plan's safe")
    sealed = models.BooleanField(default=False)
    what = models.CharField(max_length=8, choices=What.choices)
    due_at = models.DateTimeField()
    person = models.BigIntegerField(default=0, help_text="whom it calls first, 0 for nobody in particular")
    severity = models.PositiveSmallIntegerField()
    weight = models.PositiveSmallIntegerField(default=0, help_text="what decides who may answer, never below severity")
    readers = models.PositiveIntegerField(default=0)
    drill = models.BooleanField(default=False)
    exercise = models.BooleanField(default=False)
    rang_at = models.DateTimeField(null=True)
    alert = models.CharField(max_length=12, blank=True, help_text="public id of the alert that it raised")

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="clock_due", condition=models.Q(rang_at__isnull=True))]


class Lesson(models.Model):
    """What is to change because of a debrief, for lists across plans: a dated action, chased until it is done."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="lessons")
    key = models.CharField(max_length=12)
    text = models.CharField(max_length=300)
    changes = models.CharField(max_length=12, help_text="what it changes: rule, playbook, rota, source …")
    owner = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    due_at = models.DateTimeField()
    state = models.CharField(max_length=8)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "key"], name="one_lesson_per_key")]
        indexes = [models.Index(fields=["state", "due_at"], name="lesson_state_due")]


class Missed(models.Model):
    """An event that we learnt of elsewhere first, and what should have seen it. Nothing about a person stands here."""

    public_id = models.CharField(max_length=12, unique=True)
    what = models.CharField(max_length=300)
    country = models.CharField(max_length=2, blank=True)
    harm = models.CharField(max_length=30, blank=True)
    happened_at = models.DateTimeField()
    learnt_at = models.DateTimeField()
    learnt_from = models.CharField(max_length=200)
    seen_at = models.DateTimeField(null=True, help_text="when our own signals showed it, if they ever did")
    should_have = models.CharField(max_length=80, help_text="rule or detector id, source, or what there is not yet")
    why_not = models.TextField()
    # Without what it is about nobody would know for whom it is: a line for some would be one for all.
    situation = models.ForeignKey(Situation, null=True, on_delete=models.PROTECT, related_name="+")
    plan = models.ForeignKey(Plan, null=True, on_delete=models.PROTECT, related_name="+")
    by = models.BigIntegerField()
    at = models.DateTimeField()
    exercise = models.BooleanField(default=False)
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["-happened_at"], name="missed_when")]
