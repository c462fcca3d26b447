"""Makes a database that holds nothing yet straight from the tables that the code describes.

To go every step that older homes went would take half a minute: each draws all tables anew, as they were at that step.
"""

from django.apps import apps
from django.core.management import call_command
from django.db import connection, router
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from tocsin.audit import protection


def make() -> None:
    """Make every table, in one transaction: a process that dies in it leaves the database as empty as it was.

    Of several that start at once the first makes them, and the others find them made.

    Raises:
        DatabaseError: when the database refuses.
    """
    with connection.schema_editor() as editor:
        # On SQLite the transaction itself has the only turn.
        if connection.vendor == "postgresql":
            editor.execute("SELECT pg_advisory_xact_lock(hashtext('tocsin.config.making'))")
        if MigrationRecorder(connection).applied_migrations():
            return
        for model in apps.get_models():
            if router.allow_migrate_model(connection.alias, model) and model._meta.can_migrate(connection):
                editor.create_model(model)
        complete(editor)


def complete(editor: BaseDatabaseSchemaEditor) -> None:
    """Add what no model describes: the shared counts, the audit's protection, and which steps are not needed."""
    call_command("createcachetable", database=connection.alias, verbosity=0)
    protection.protect(editor.execute, connection.vendor)
    steps = MigrationRecorder.Migration
    if not MigrationRecorder(connection).has_table():
        editor.create_model(steps)
    # No connection: what counts is which steps there are, not which were gone.
    known = MigrationLoader(None).graph.nodes
    steps.objects.using(connection.alias).bulk_create(steps(app=app, name=name) for app, name in known)
