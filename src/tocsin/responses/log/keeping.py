"""What a plan's log is to whoever writes it, wherever it is kept."""

from collections.abc import Callable, Sequence
from typing import Protocol

from tocsin.responses.log.acts import Act
from tocsin.responses.log.content import Difference
from tocsin.responses.log.folding import Plan


class ChangedError(Exception):
    """Somebody wrote meanwhile; nothing is stored. ``plan`` is as they left it, ``differences`` say what changed."""

    def __init__(self, plan: Plan, differences: Sequence[Difference] = ()) -> None:
        super().__init__(plan.id)
        self.plan, self.differences = plan, differences


Change = Callable[[Plan], Sequence[Act]]


class Book(Protocol):
    """One plan's log, as somebody obtained it."""

    @property
    def sealed(self) -> bool:
        """Whether it lies in a safe."""

    @property
    def id(self) -> str:
        """The plan's public id; of a sealed one its safe's."""

    def read(self) -> Plan:
        """The plan as it stands."""

    def change(self, by: int, change: Change) -> Plan:
        """Add to the log what ``change`` answers, seeing the plan as it stands at that moment; all of it or nothing."""
