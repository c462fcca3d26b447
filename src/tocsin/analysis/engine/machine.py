"""What a dataframe engine is to the code that reduces the lake: files in, rows out."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import narwhals as nw


class Engine(Protocol):
    """Where a reduction runs. The same dataframe code runs on each: scan, filter, group and join, nothing else."""

    @property
    def portion(self) -> int | None:
        """Rows that it groups at once, so that its memory stays bounded; None: it bounds itself."""
        ...

    def scan(self, files: Sequence[Path]) -> nw.LazyFrame[Any]:
        """The rows of files of the lake as one lazy table; no file at all gives an empty one.

        Raises:
            OSError: if a file is missing.
            ValueError: if one is not a file of the lake.
        """
        ...

    def rows(self, frame: nw.LazyFrame[Any]) -> Iterator[tuple[Any, ...]]:
        """Run what the frame says, and give its rows a batch at a time."""
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...
