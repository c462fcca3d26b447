"""Pages of long lists by key: the next page starts after the last id, so that nothing is skipped as rows come."""

from typing import Annotated, Generic, TypeVar

from django.db.models import Model, QuerySet
from ninja import Schema
from pydantic import Field

from tocsin.lib.inputs import BIGGEST_ID, Id

Row = TypeVar("Row", bound=Model)
Out = TypeVar("Out")

MOST = 200
Limit = Annotated[int, Field(ge=1, le=MOST)]
"""How many rows one part of a list may have."""


class Part(Schema):
    """Which part of a list is wanted; rooms add their filters."""

    cursor: Id | None = Field(None, description="`next` of the part before; nothing for the first part.")
    limit: Limit = Field(50, description="How many rows at most.")


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
