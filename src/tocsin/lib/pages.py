"""Pages of long lists by key: the next page starts after the last id, so that nothing is skipped as rows come."""

from typing import Generic, TypeVar

from django.db.models import Model, QuerySet
from ninja import Schema

Row = TypeVar("Row", bound=Model)
Out = TypeVar("Out")

MOST = 200
BIGGEST_ID = 2**63 - 1


class Listed(Schema, Generic[Out]):
    """Part of a list; ``next`` is the cursor of the following part, or null at the end."""

    items: list[Out]
    next: int | None


def after(rows: QuerySet[Row], cursor: int | None, limit: int) -> tuple[list[Row], int | None]:
    """Up to ``limit`` rows with ids below the cursor, newest first, and the cursor of the next part."""
    size = max(1, min(limit, MOST))
    if cursor is not None:
        rows = rows.filter(pk__lt=min(max(cursor, 0), BIGGEST_ID))
    found = list(rows.order_by("-pk")[: size + 1])
    return found[:size], found[size - 1].pk if len(found) > size else None
