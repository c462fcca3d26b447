"""A line of the ledger of missed events outlives nothing that says for whom it is."""

from django.db import migrations, models
from django.db.models.deletion import PROTECT


class Migration(migrations.Migration):
    dependencies = [
        ("responses", "0006_weight_of_clocks"),
        ("situations", "0007_likeliest_of_a_cell"),
    ]

    operations = [
        migrations.AlterField(
            model_name="missed",
            name="plan",
            field=models.ForeignKey(null=True, on_delete=PROTECT, related_name="+", to="responses.plan"),
        ),
        migrations.AlterField(
            model_name="missed",
            name="situation",
            field=models.ForeignKey(null=True, on_delete=PROTECT, related_name="+", to="situations.situation"),
        ),
    ]
