"""What can be done on the wikis, by whom at any hour, and whom it may hurt."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache, lru_cache
from importlib import resources
from typing import Final

from tocsin.responses.playbook_models import PlaybookText
from tocsin.responses.playbooks.faults import ReadingError
from tocsin.responses.playbooks.shapes import Protection
from tocsin.responses.playbooks.table_reading import read_table

TABLE: Final = "protections"
_LATEST: Final = 5


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


def words() -> Iterator[str]:
    """Every text of the table that came with Tocsin, in English, for translators."""
    for one in shipped().values():
        yield from (one.title, one.does, one.who, one.reach, one.log, one.undoing)
        yield from (one.accused, one.informants, one.bystanders)
