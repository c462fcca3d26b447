"""A language version follows a draft, which may be released already: those that stand follow the draft of their issue."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def follow(apps: Any, schema_editor: Any) -> None:
    """Each version follows the draft of the issue that it translates."""
    draft = apps.get_model("reports", "Draft")
    if schema_editor.connection.vendor == "postgresql":
        # What is checked at the end of the transaction would keep the table from being altered.
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    issue = apps.get_model("reports", "Issue").objects.filter(pk=models.OuterRef("translates"))
    draft.objects.exclude(translates=None).update(original=models.Subquery(issue.values("draft")[:1]))


class Migration(migrations.Migration):
    """Adds what a version follows."""

    dependencies = [("reports", "0007_help_by_country")]

    operations = [
        migrations.RemoveConstraint(model_name="draft", name="one_draft_per_report_and_period"),
        migrations.AddField(
            model_name="draft",
            name="original",
            field=models.ForeignKey(
                help_text="of a language version: the draft that it follows, released or not",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="version_drafts",
                to="reports.draft",
            ),
        ),
        migrations.AlterField(
            model_name="draft",
            name="translates",
            field=models.ForeignKey(
                help_text="of a language version: the issue that its original became",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="version_drafts",
                to="reports.issue",
            ),
        ),
        migrations.RunPython(follow, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.UniqueConstraint(
                condition=models.Q(("corrects", None), ("original", None), models.Q(("state", "dropped"), _negated=True)),
                fields=("report", "until"),
                name="one_draft_per_report_and_period",
            ),
        ),
    ]
