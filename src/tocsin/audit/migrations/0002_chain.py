"""Links know the digest before them; the database refuses to change or delete what was recorded."""

from django.db import migrations, models

from tocsin.audit import protection


def protect(apps, schema_editor):
    protection.protect(schema_editor.execute, schema_editor.connection.vendor)


def lift(apps, schema_editor):
    protection.lift(schema_editor.execute, schema_editor.connection.vendor)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.AddField("seal", "previous", models.CharField(max_length=64, default=""), preserve_default=False),
        migrations.AlterField("checkpoint", "witness", models.CharField(blank=True, max_length=200)),
        migrations.AddIndex("entry", models.Index(fields=["actor", "id"], name="audit_entry_actor")),
        migrations.AddIndex("entry", models.Index(fields=["target", "id"], name="audit_entry_target")),
        migrations.RunPython(protect, lift),
    ]
