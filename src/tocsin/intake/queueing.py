"""Two lines before the work that costs much, Argon2: one for those who send, one for those who try words.

A flood of tries never stands before somebody who sends. In the line of tries a place must be kept by looking again
every few seconds: whoever only fires off tries loses them all, and whoever waits patiently is served in turn. A try
that is waiting lives in memory only, and so does what came of it, until it is looked at once.

In both, whoever brings a proof of work (``proofs``) takes three turns of four as long as somebody else waits, and has
places of their own. So a flood without proofs stands before nobody whose browser made one, a flood with proofs pays for
each try, and whoever has no scripts is served all the same.
"""

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

Answer = TypeVar("Answer")

LOOK_AGAIN: Final = 5
# A place is lost when nobody has looked for so many seconds; the first look may come from a slow line.
PATIENCE: Final = 30.0
_PLACES: Final = 20_000


# Of so many turns one is kept for those without a proof.
_ONE_OF: Final = 4


class Turns(Generic[Answer]):
    """Two lines that are served in turn, each first come, first served."""

    def __init__(self) -> None:
        self._proven: deque[Answer] = deque()
        self._plain: deque[Answer] = deque()
        self._given = 0

    def __len__(self) -> int:
        return len(self._proven) + len(self._plain)

    def add(self, one: Answer, proven: bool) -> None:
        """Somebody comes to stand behind all others of their line."""
        (self._proven if proven else self._plain).append(one)

    def next(self) -> Answer:
        """Whose turn it is.

        Raises:
            IndexError: when nobody waits.
        """
        self._given += 1
        plain_first = self._given % _ONE_OF == 0
        first, second = (self._plain, self._proven) if plain_first else (self._proven, self._plain)
        return first.popleft() if first else second.popleft()


@dataclass(slots=True)
class _Place(Generic[Answer]):
    work: Callable[[], Answer] | None
    seen: float
    proven: bool
    answer: Answer | None = None
    done: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Not yet. ``ticket`` keeps the place."""

    ticket: str


class Lost(Exception):  # noqa: N818  # an outcome, not an error
    """There is no such place any more."""


class Line(Generic[Answer]):
    """The line of tries: at most ``width`` are worked on at once, patient ones first come, first served."""

    def __init__(self, width: int, places: int = _PLACES, now: Callable[[], float] = time.monotonic) -> None:
        self._width, self._most, self._now = width, places, now
        self._threads = ThreadPoolExecutor(width, "tries")
        self._fresh: dict[str, _Place[Answer]] = {}  # who has not looked again yet, in the order of coming
        self._patient: dict[str, _Place[Answer]] = {}
        self._turns = Turns[str]()  # of the patient, in the order of their first look
        self._busy, self._swept = 0, now()

    def waiting(self) -> int:
        """How many have a place."""
        return len(self._fresh) + len(self._patient)

    async def enter(self, work: Callable[[], Answer], proven: bool = False) -> Answer | Waiting:
        """The answer at once if nobody waits, else a place in the line.

        Raises:
            Lost: when patient people have taken every place; those with a proof have as many again.
        """
        self._forget_impatient()
        if self._busy < self._width and not self._turns:
            self._busy += 1
            return await self._run(work)
        most = 2 * self._most if proven else self._most
        if len(self._patient) >= most:
            raise Lost
        if len(self._patient) + len(self._fresh) >= most and self._fresh:
            del self._fresh[next(iter(self._fresh))]
        ticket = secrets.token_urlsafe(16)
        self._fresh[ticket] = _Place(work, self._now(), proven)
        return Waiting(ticket)

    async def look(self, ticket: str) -> Answer | Waiting:
        """The answer, once; or the same place still.

        Raises:
            Lost: when the place is gone.
        """
        self._forget_impatient()
        if ticket in self._fresh:
            self._patient[ticket] = self._fresh.pop(ticket)
            self._turns.add(ticket, self._patient[ticket].proven)
        place = self._patient.get(ticket)
        if place is None:
            raise Lost
        place.seen = self._now()
        self._work_on()
        if place.work is not None:
            return Waiting(ticket)
        # It is being worked on at this moment, which takes less than another page.
        await place.done.wait()
        if self._patient.pop(ticket, None) is None or place.answer is None:
            raise Lost
        return place.answer

    def _work_on(self) -> None:
        while self._busy < self._width and self._turns:
            place = self._patient.get(self._turns.next())
            if place is not None and place.work is not None:
                work, place.work = place.work, None
                self._busy += 1
                asyncio.ensure_future(self._serve(place, work))  # noqa: RUF006  # the place waits for it

    async def _serve(self, place: _Place[Answer], work: Callable[[], Answer]) -> None:
        try:
            place.answer = await self._run(work)
        finally:
            place.done.set()

    async def _run(self, work: Callable[[], Answer]) -> Answer:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._busy -= 1
            self._work_on()

    def _forget_impatient(self) -> None:
        late = self._now() - PATIENCE
        while self._fresh and self._fresh[first := next(iter(self._fresh))].seen < late:
            del self._fresh[first]
        # Those who looked are in no order of time: a look through all of them, now and then.
        if self._now() - self._swept > 1:
            self._swept = self._now()
            for ticket in [one for one, place in self._patient.items() if place.seen < late]:
                del self._patient[ticket]


class Makers:
    """The line of those who send, with a thread of its own."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(1, "receipts")
        self._turns = Turns[tuple[Callable[[], object], asyncio.Future[object]]]()
        self._busy = False

    def waiting(self) -> int:
        """How many wait."""
        return len(self._turns)

    async def run(self, work: Callable[[], Answer], proven: bool = False) -> Answer:
        """Do it in turn."""
        done: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self._turns.add((work, done), proven)
        self._work_on()
        return await done  # type: ignore[return-value]  # it is what this work gives

    def _work_on(self) -> None:
        if not self._busy and self._turns:
            self._busy = True
            asyncio.ensure_future(self._serve())  # noqa: RUF006  # those who wait hold it

    async def _serve(self) -> None:
        while self._turns:
            work, done = self._turns.next()
            # Whoever went away in the meantime is passed over.
            if done.cancelled():
                continue
            try:
                made = await asyncio.get_running_loop().run_in_executor(self._threads, work)
            except Exception as error:  # noqa: BLE001  # whoever waits for it is told
                if not done.cancelled():
                    done.set_exception(error)
            else:
                if not done.cancelled():
                    done.set_result(made)
        self._busy = False
