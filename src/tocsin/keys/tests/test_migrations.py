"""What was sealed before a change of the tables is there after it, byte for byte."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def first() -> Any:
    """The tables of the first version; those of now again at the end."""
    executor = MigrationExecutor(connection)
    newest = executor.loader.graph.leaf_nodes()
    executor.migrate([("keys", "0001_initial")])
    yield executor.loader.project_state([("keys", "0001_initial")]).apps
    executor = MigrationExecutor(connection)
    executor.migrate(newest)


def test_vaults_wraps_and_rows_of_the_first_version_are_kept(first: Any) -> None:
    today, ident, row = timezone.now().date(), uuid4(), uuid4()

    def model(name: str) -> Any:
        return first.get_model("keys", name)

    model("Vault").objects.create(
        person=3,
        generation=2,
        salt=b"s" * 16,
        passes=3,
        memory_bytes=8192,
        key=b"k",
        seeds=b"e",
        memory=b"m",
        made_on=today,
    )
    model("DirectoryEntry").objects.create(
        number=1, person=3, generation=2, box=b"b", sign=b"s", previous=b"p", digest=b"d", signature=b"g"
    )
    safe = model("Safe").objects.create(id=ident, kind="case", version=4, head=b"\x00head", made_on=today)
    model("Link").objects.create(
        safe=safe, version=4, content=b"c", previous=b"p", members=[3], person=3, generation=2, signature=b"g"
    )
    epoch = model("Epoch").objects.create(safe=safe, compartment="account", number=2, began_on=today)
    model("Wrap").objects.create(
        epoch=epoch, person=3, generation=2, sealed=b"\xffwrap", granter=3, granter_generation=2, signature=b"g"
    )
    model("Row").objects.create(id=row, safe=safe, compartment="account", epoch=2, version=1, blob=b"\x00\xffblob")
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    from tocsin.keys.models import DirectoryEntry, Link, Row, Safe, Vault, Wrap

    assert bytes(Row.objects.get(pk=row).blob) == b"\x00\xffblob"
    assert bytes(Safe.objects.get(pk=ident).head) == b"\x00head"
    assert bytes(Wrap.objects.get(epoch__safe=ident).sealed) == b"\xffwrap"
    assert (Vault.objects.get().memory_bytes, DirectoryEntry.objects.get().person) == (8192, 3)
    link = Link.objects.get()
    assert (link.members, link.quorum, link.custodians, bytes(link.recovered)) == ([3], 0, {}, b"")
