"""What can be done on the wikis, by whom at any hour, and whom it may hurt; and the record that this was weighed."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache, lru_cache
from importlib import resources
from typing import Final

from tocsin.responses.playbook_models import PlaybookText
from tocsin.responses.playbooks.faults import ReadingError
from tocsin.responses.playbooks.shapes import Protection
from tocsin.responses.playbooks.table_reading import read_table

TABLE: Final = "protections"
_LATEST: Final = 5
LEAST_WORDS: Final = 20
MOST_WORDS: Final = 2_000


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


@cache
def shipped() -> Mapping[str, Protection]:
    """Every protection of the table that came with Tocsin, by key, in its order."""
    return read_table(shipped_text())


@cache
def shipped_text() -> str:
    """The table that came with Tocsin, to the letter."""
    return resources.files("tocsin.responses.playbooks").joinpath("protections.toml").read_text(encoding="utf-8")


def protections() -> Mapping[str, Protection]:
    """Every protection by key, in the order of the table in force: the team's newest that was reviewed, or ours."""
    rows = PlaybookText.objects.filter(key=TABLE, reviewed_at__isnull=False).order_by("-version")
    for text in rows.values_list("text", flat=True)[:_LATEST]:
        with suppress(ReadingError):
            return _read(text)
    return shipped()


def guarded() -> frozenset[str]:
    """Keys of what no team may ever do without weighing the risk to others: those of the table that came."""
    return frozenset(key for key, one in shipped().items() if one.risk_check)


@lru_cache(maxsize=16)
def _read(text: str) -> Mapping[str, Protection]:
    return read_table(text, guarded=guarded())


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
    """Every text of the table that came with Tocsin, in English, for translators."""
    for one in shipped().values():
        yield from (one.title, one.does, one.who, one.reach, one.log, one.undoing)
        yield from (one.accused, one.informants, one.bystanders)
