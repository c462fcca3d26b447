"""A row's mark covers all of it. Rows whose mark was right get the new one; the others stay as nobody believes them."""

import json
from datetime import UTC, datetime
from hashlib import sha256

from django.db import migrations, models

from tocsin.responses.log import marks

PLAN = (
    "id", "public_id", "title", "situation_id", "readers", "owner_id", "severity", "standing", "version", "open_tasks",
    "privileged", "drill", "exercise", "playbook", "opened_at", "changed_at", "closed_at", "update_due_at",
    "answer_due_at", "lines", "follows",
)  # fmt: skip
TASK = ("key", "position", "title", "function", "owner_id", "due_at", "state")
PART = ("person_id", "function")
LESSON = ("key", "text", "changes", "owner_id", "due_at", "state", "ended_at")


def _canonical(packed):
    return json.dumps(packed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _says(row, names):
    values = [getattr(row, name) for name in names]
    return [one.astimezone(UTC).isoformat() if isinstance(one, datetime) else one for one in values]


def _follows(*kinds):
    told = [sorted(_canonical(_says(row, names)) for row in rows) for rows, names in kinds]
    return sha256(_canonical(told).encode()).hexdigest()


def renew(apps, _editor):
    plans, lines, tasks, parts, lessons = (
        apps.get_model("responses", name) for name in ("Plan", "Line", "PlanTask", "Part", "Lesson")
    )
    for row in plans.objects.order_by("pk").iterator():
        newest = lines.objects.filter(plan=row.pk).order_by("-number").values_list("digest", flat=True).first() or ""
        before = [row.public_id, row.title, row.standing, row.version, row.severity, row.lines, newest]
        if not marks.right(row.mark, _canonical(before)):
            continue
        beside = ((tasks, TASK), (parts, PART), (lessons, LESSON))
        row.follows = _follows(*((kind.objects.filter(plan=row.pk), names) for kind, names in beside))
        row.mark = marks.mark_of(_canonical([*_says(row, PLAN), newest]))
        row.save(update_fields=["follows", "mark"])


class Migration(migrations.Migration):
    dependencies = [
        ("responses", "0004_parts_reviewed"),
    ]

    operations = [
        migrations.AddField(
            model_name="plan",
            name="follows",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.RunPython(renew, migrations.RunPython.noop),
    ]
