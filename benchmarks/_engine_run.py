"""The measured part of ``bench engine``, in a process of its own so that its memory is its own."""

import json
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from tocsin.analysis.detectors import REGISTRY
from tocsin.analysis.engine import By, Embedded, Engine, Spark, points
from tocsin.analysis.series import Cell, Point

DAY = timedelta(days=1)
PAGE = 1_048_576


def engine_of(name: str, master: str) -> Engine:
    """The engine under test."""
    return Spark(master) if name == "spark" else Embedded()


def reduced(files: list[Path], engine: Engine) -> Iterator[tuple[Cell, list[Point]]]:
    """What production reduces: pooled cells, then a cell for each network."""
    yield from points(files, step=DAY, by=By.BOTH, engine=engine)


def judged(work: list[tuple[Cell, list[Point]]]) -> tuple[int, list[tuple[Cell, Any]]]:
    """Findings of some cells, and the state that each detector would keep."""
    findings, states = 0, []
    for cell, series in work:
        for factory in REGISTRY[cell.stream]:
            detector = factory(cell)
            findings += sum(detector.update(point) is not None for point in series)
            states.append((cell, detector.state()))
    return findings, states


def batches(series: Iterator[tuple[Cell, list[Point]]], most: int = 20_000) -> Iterator[list[tuple[Cell, list[Point]]]]:
    """Cells in batches of about ``most`` points, so that memory stays bounded."""
    batch, held = [], 0
    for one in series:
        batch.append(one)
        held += len(one[1])
        if held >= most:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def tomorrow(states: list[tuple[Cell, Any]], day: list[tuple[Cell, list[Point]]]) -> float:
    """Seconds to take one more day into detectors that are restored from what they kept."""
    fresh = dict(day)
    begun = time.perf_counter()
    for cell, state in states:
        for factory in REGISTRY[cell.stream]:
            detector = factory(cell)
            detector.restore(json.loads(state))
            for point in fresh.get(cell, ()):
                detector.update(point)
            json.dumps(detector.state())
    return time.perf_counter() - begun


def main(argv: list[str]) -> None:
    """``FOLDER ENGINE MASTER WORKERS``: print one JSON object."""
    folder, name, master, workers = Path(argv[0]), argv[1], argv[2], int(argv[3])
    files, last = sorted(folder.glob("past-*.parquet")), [folder / "last.parquet"]
    with closing(engine_of(name, master)) as engine:
        begun = time.perf_counter()
        kept: list[tuple[Cell, str]] = []
        found = seen = cells = 0
        reducing = 0.0
        with ProcessPoolExecutor(workers) as pool:
            waiting = []
            series = batches(reduced(files, engine))
            while True:
                at = time.perf_counter()
                batch = next(series, None)
                reducing += time.perf_counter() - at
                if batch is None:
                    break
                cells += len(batch)
                seen += sum(len(one) for _, one in batch)
                waiting.append(pool.submit(judged, batch))
                # No more waits than both processes can chew: what is reduced and not yet judged is held in memory.
                while len(waiting) > 2 * workers:
                    findings, states = waiting.pop(0).result()
                    found += findings
                    kept += [(cell, json.dumps(state)) for cell, state in states]
            for each in waiting:
                findings, states = each.result()
                found += findings
                kept += [(cell, json.dumps(state)) for cell, state in states]
        whole = time.perf_counter() - begun
        begun = time.perf_counter()
        day = list(reduced(last, engine))
        step = time.perf_counter() - begun + tomorrow(kept, day)
        peak = memory(name)
    print(
        json.dumps(
            {
                "seconds": whole,
                "reducing": reducing,
                "one_day": step,
                "cells": cells,
                "points": seen,
                "findings": found,
                "megabytes": peak,
            }
        )
    )


def memory(engine: str) -> float:
    """Peak megabytes of this process, the workers that it had, and Spark's Java where there is one."""
    import resource

    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return own + child + (java() if engine == "spark" else 0.0)


def java() -> float:
    """Peak megabytes of the Java process that this one began."""
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
        except OSError:
            continue
        if text.get("Name") == "java" and text.get("PPid", "").strip() == str(os.getpid()):
            return int(text["VmHWM"].split()[0]) / 1024
    return 0.0


if __name__ == "__main__":
    main(sys.argv[1:])
