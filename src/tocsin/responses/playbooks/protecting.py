"""What can be done on the wikis, by whom at any hour, and whom it may hurt; and the record that this was weighed."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Final

from tocsin.responses.playbooks.shapes import Undone

LEAST_WORDS: Final = 20
MOST_WORDS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Protection:
    """One protection. ``minutes`` is how long it usually takes from the call; ``any_hour``: at night as well.

    ``log`` is what a captor reads in public. ``accused``, ``informants`` and ``bystanders`` say whom it may hurt.
    ``risk_check``: not without a recorded ``RiskCheck``.
    """

    key: str
    title: str
    does: str
    who: str
    reach: str
    any_hour: bool
    minutes: int
    log: str
    undo: Undone
    undoing: str
    accused: str
    informants: str
    bystanders: str
    risk_check: bool


class ProtectionsError(ValueError):
    """The table can't be used; says which entry and why."""


class RiskCheckError(ValueError):
    """A risk was not weighed; ``field`` says which part is missing, ``protection`` for what."""

    def __init__(self, protection: str, field: str) -> None:
        super().__init__(f"{protection}: {field}")
        self.protection, self.field = protection, field


class Decision(StrEnum):
    """What came of weighing."""

    GO = "go"
    GO_CHANGED = "go, changed"
    NOT = "not"


@dataclass(frozen=True, slots=True)
class RiskCheck:
    """That somebody weighed, before a protection was used, what it does to people, and what they decided.

    ``accused``, ``informants`` and ``bystanders`` are words about each, of at least 20 letters: “none” is no answer,
    why there is none is. ``considered_by`` is an account's id, ``decided_at`` aware.

    Raises:
        RiskCheckError: when a part is missing.
    """

    protection: str
    accused: str
    informants: str
    bystanders: str
    considered_by: int
    decided: Decision
    decided_at: datetime

    def __post_init__(self) -> None:
        for name in ("accused", "informants", "bystanders"):
            words = " ".join(str(getattr(self, name)).split())
            if not LEAST_WORDS <= len(words) <= MOST_WORDS:
                raise RiskCheckError(self.protection, name)
        if self.considered_by <= 0:
            raise RiskCheckError(self.protection, "considered_by")
        if self.decided_at.tzinfo is None:
            raise RiskCheckError(self.protection, "decided_at")

    @property
    def go(self) -> bool:
        """Whether it may be done."""
        return self.decided is not Decision.NOT


def read_table(text: str) -> Mapping[str, Protection]:
    """A table of protections by key, in its order.

    Raises:
        ProtectionsError: for one that can't be used.
    """
    try:
        rows = tomllib.loads(text).get("protection", [])
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ProtectionsError("the table is no TOML") from error
    found: dict[str, Protection] = {}
    for row in rows:
        one = _protection(row)
        if one.key in found:
            raise ProtectionsError(f"{one.key} stands twice")
        found[one.key] = one
    return MappingProxyType(found)


def _protection(row: Any) -> Protection:
    named = {one.name: one.type for one in fields(Protection)}
    if not isinstance(row, dict) or set(row) != set(named):
        raise ProtectionsError(f"{row.get('key', '?') if isinstance(row, dict) else '?'}: needs {', '.join(named)}")
    for name, value in row.items():
        wanted = {"any_hour": bool, "risk_check": bool, "minutes": int}.get(name, str)
        if type(value) is not wanted or value == "":
            raise ProtectionsError(f"{row['key']}: {name} can't be used")
    if row["undo"] not in list(Undone):
        raise ProtectionsError(f"{row['key']}: undo is yes, partly or no")
    return Protection(**{**row, "undo": Undone(row["undo"])})


@cache
def protections() -> Mapping[str, Protection]:
    """Every protection by key, in the order of the table."""
    text = resources.files("tocsin.responses.playbooks").joinpath("protections.toml").read_text(encoding="utf-8")
    return read_table(text)


def needs_risk_check(key: str) -> bool:
    """Whether this may be done only after the risk to others was weighed. An unknown protection needs it."""
    one = protections().get(key)
    return one is None or one.risk_check


def demand(key: str, check: RiskCheck | None) -> None:
    """Let a protection go on, if it may.

    Raises:
        RiskCheckError: without a check that is about it and says go, where one is needed.
    """
    if not needs_risk_check(key):
        return
    if check is None or check.protection != key:
        raise RiskCheckError(key, "check")
    if not check.go:
        raise RiskCheckError(key, "decided")


def words() -> Iterator[str]:
    """Every text of the table, in English, for translators."""
    for one in protections().values():
        yield from (one.title, one.does, one.who, one.reach, one.log, one.undoing)
        yield from (one.accused, one.informants, one.bystanders)
