"""Every room's work, in one list: what the worker does."""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from time import monotonic

from tocsin.config.loop import Step


def working() -> list[Step]:
    """What ``tocsin work`` does, in the order in which data flows."""
    rooms = ["audit", "streams", "signals", "situations", "console"]
    modules = [(room, f"tocsin.{room}.work") for room in rooms]
    return [Step(room, import_module(name).step) for room, name in modules if find_spec(name) and room != "streams"]


def every(seconds: float, do: Callable[[], object]) -> Callable[[], bool]:
    """A step that has something to do only now and then; it never asks to be called again at once."""
    due = [0.0]

    def step() -> bool:
        if monotonic() >= due[0]:
            due[0] = monotonic() + seconds
            do()
        return False

    return step
