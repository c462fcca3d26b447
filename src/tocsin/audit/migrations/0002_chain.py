"""Links know the digest before them; the database refuses to change or delete what was recorded."""

from django.db import migrations, models

TABLES = ("audit_entry", "audit_seal", "audit_checkpoint")
ACTS = (("UPDATE", "unchanged"), ("DELETE", "kept"))
WORDS = "the audit record is only added to"


def refuse(apps, schema_editor):
    run = schema_editor.execute
    if schema_editor.connection.vendor == "postgresql":
        run(
            "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{WORDS}'; END $$"
        )
    for table in TABLES:
        for act, name in ACTS:
            if schema_editor.connection.vendor == "postgresql":
                body = "FOR EACH ROW EXECUTE FUNCTION audit_refuse()"
            else:
                body = f"BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
            run(f"CREATE TRIGGER {table}_{name} BEFORE {act} ON {table} {body}")


def allow(apps, schema_editor):
    for table in TABLES:
        for _act, name in ACTS:
            on = f" ON {table}" if schema_editor.connection.vendor == "postgresql" else ""
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_{name}{on}")


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.AddField("seal", "previous", models.CharField(max_length=64, default=""), preserve_default=False),
        migrations.AlterField("checkpoint", "witness", models.CharField(blank=True, max_length=200)),
        migrations.AddIndex("entry", models.Index(fields=["actor", "id"], name="audit_entry_actor")),
        migrations.AddIndex("entry", models.Index(fields=["target", "id"], name="audit_entry_target")),
        migrations.RunPython(refuse, allow),
    ]
