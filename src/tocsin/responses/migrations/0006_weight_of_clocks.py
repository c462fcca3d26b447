"""A clock that calls for a yes knows what decides who may give it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("responses", "0005_rows_covered_whole")]

    operations = [
        migrations.AddField(
            model_name="clock",
            name="weight",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="what decides who may answer, never below severity"
            ),
        ),
    ]
