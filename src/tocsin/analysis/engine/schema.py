"""The columns of the lake: the one definition that writers and readers of observations share."""

from typing import Final, NamedTuple

from tocsin.analysis.series import Evidence, Stream


class Row(NamedTuple):
    """One observation as the lake keeps it.

    ``stream`` and ``evidence`` hold the values of ``Stream`` and ``Evidence``. ``country`` is ISO 3166-1 alpha-2 or
    empty, ``network`` an autonomous system such as ``AS13335`` or empty for all of them. ``epoch`` is the start of
    the interval in seconds since 1970 UTC, ``step`` its length in seconds, ``fetched`` the second of the fetch.
    Blocking has ``n`` trials with ``k`` anomalous; every other stream has ``value``. ``source`` is the id of the
    source, ``detail`` a JSON text (the reason, where evidence was discarded).

    A named tuple and not a dataclass: rows cross to the engine and back by the hundred thousand.
    """

    stream: str
    kind: str
    country: str
    subject: str
    network: str
    epoch: int
    step: int
    n: float | None
    k: float | None
    value: float | None
    evidence: str
    source: int
    fetched: int
    detail: str


COLUMNS: Final[dict[str, str]] = {
    "stream": "VARCHAR",
    "kind": "VARCHAR",
    "country": "VARCHAR",
    "subject": "VARCHAR",
    "network": "VARCHAR",
    "epoch": "BIGINT",
    "step": "INTEGER",
    "n": "DOUBLE",
    "k": "DOUBLE",
    "value": "DOUBLE",
    "evidence": "VARCHAR",
    "source": "INTEGER",
    "fetched": "BIGINT",
    "detail": "VARCHAR",
}
"""Name and Parquet type of each column, in their order in the file."""

KEY: Final[tuple[str, ...]] = ("kind", "country", "subject", "network", "epoch", "source")
"""The natural key: two rows that agree here are two fetches of the same observation, and the later one holds."""

NUMBERS: Final[tuple[str, ...]] = ("n", "k", "value")
_STREAMS: Final = frozenset(Stream)
_EVIDENCE: Final = frozenset(Evidence)


def natural_key(row: Row) -> tuple[str, str, str, str, int, int]:
    """The values of ``KEY`` in one row."""
    return (row.kind, row.country, row.subject, row.network, row.epoch, row.source)


def check(row: Row) -> Row:
    """Return the row if the lake may keep it; sources ask this before they store a row, so that no bad one lands.

    Raises:
        ValueError: for an unknown stream or evidence, a missing text, a step below one second, numbers that no point
            could carry, or numbers beside evidence that is not ``scored``.
    """
    if row.stream not in _STREAMS:
        raise ValueError(f"unknown stream {row.stream!r}")
    if row.evidence not in _EVIDENCE:
        raise ValueError(f"unknown evidence {row.evidence!r}")
    if any(getattr(row, name) is None for name, kind in COLUMNS.items() if kind != "DOUBLE"):
        raise ValueError("an observation leaves only its numbers empty")
    if row.step < 1:
        raise ValueError("an observation lasts at least a second")
    if row.evidence == Evidence.SCORED:
        _check_numbers(row)
    elif not (row.n is None and row.k is None and row.value is None):
        raise ValueError("an observation that was not scored carries no number")
    return row


def _check_numbers(row: Row) -> None:
    numbers = [number for number in (row.n, row.k, row.value) if number is not None]
    if not all(abs(number) < float("inf") for number in numbers):
        raise ValueError("an observation's numbers must be finite")
    if row.stream == Stream.BLOCKING:
        if row.n is None or row.k is None or row.value is not None:
            raise ValueError("an observation of blocking needs n and k, and has no value")
        if not 0 <= row.k <= row.n:
            raise ValueError("k must lie between 0 and n")
    elif row.value is None or row.n is not None or row.k is not None:
        raise ValueError(f"an observation of {row.stream} needs a value, and has no n or k")
