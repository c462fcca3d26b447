"""The table of the cache that counts codes and requests for every process."""

from django.core.management import call_command
from django.db import migrations


def make(apps, schema_editor):
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("people", "0002_joining_and_sessions")]

    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
