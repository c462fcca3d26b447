"""Faults on a seeded schedule: the same seed, path and count of requests give the same fault."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tocsin.replay.world import Answer


@dataclass(frozen=True, slots=True)
class Damage:
    """What goes wrong with one answer: a wait, a change, a cut after this share of the body.

    ``replaces``: the change is made before conditional answers and compression, not after.
    """

    name: str
    wait_seconds: float = 0.0
    change: Callable[[Answer], Answer] = lambda answer: answer
    cut: float = 1.0
    replaces: bool = False


def _error(status: int, retry_after: int | None) -> Callable[[Answer], Answer]:
    headers = (("Retry-After", str(retry_after)),) if retry_after is not None else ()
    return lambda _: Answer(b"A fault, made on purpose.\n", status=status, headers=headers)


def _other_encoding(answer: Answer) -> Answer:
    """The text in UTF-16 under the unchanged label, as a server does after a careless update."""
    try:
        body = answer.body.decode("utf-8").encode("utf-16")
    except UnicodeDecodeError:
        return answer
    return Answer(body, answer.content_type, answer.status, answer.headers, answer.modified)


def damages(slow_seconds: float) -> tuple[Damage, ...]:
    """Every kind of fault."""
    return (
        Damage("error-500", change=_error(500, None), replaces=True),
        Damage("busy-503", change=_error(503, 2), replaces=True),
        Damage("busy-429", change=_error(429, 3), replaces=True),
        Damage("slow", wait_seconds=slow_seconds),
        Damage("truncated", cut=0.6),
        Damage("encoding", change=_other_encoding, replaces=True),
    )


class Faults:
    """Draws a fault, or none, for each request.

    ``rate``: share of requests that go wrong, 0 to 1. ``only`` names the kinds wanted, empty for all.
    """

    def __init__(
        self, *, rate: float = 0.2, seed: int = 1, slow_seconds: float = 2.0, only: frozenset[str] = frozenset()
    ) -> None:
        known = damages(slow_seconds)
        unknown = only - {damage.name for damage in known}
        if unknown:
            raise ValueError(f"Unknown faults: {', '.join(sorted(unknown))}.")
        self.rate, self.seed = rate, seed
        self._kinds = [damage for damage in known if not only or damage.name in only]
        self._asked: Counter[str] = Counter()
        self._lock = threading.Lock()

    def draw(self, path: str) -> Damage | None:
        """The fault for the next request of this path."""
        with self._lock:
            self._asked[path] += 1
            count = self._asked[path]
        chance = Random(f"{self.seed}:{path}:{count}")  # noqa: S311 - a schedule, not a secret
        return chance.choice(self._kinds) if chance.random() < self.rate else None
