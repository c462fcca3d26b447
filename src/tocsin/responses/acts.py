"""What may happen to a plan: each kind of act is one frozen dataclass, and the plan's log is a list of them.

A room of a plan that has acts of its own (mobilising, recovery, debriefs) lists them in ``registry.py``.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from tocsin.responses.content import Content, State, Task, pack, unpack

A = TypeVar("A", bound="Act")


@dataclass(frozen=True, slots=True)
class Act:
    """Something that somebody did. ``verb`` is its name in the log and in the audit."""

    verb: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class Begun(Act):
    """The plan was begun. ``about`` is the public id of a situation, or (sealed) the id of a case; empty for none.

    ``playbook`` is the key of the playbook that it was made from, ``playbook_digest`` the hash of its text then.
    """

    verb: ClassVar[str] = "begun"
    severity: int
    about: str = ""
    playbook: str = ""
    playbook_digest: str = ""
    drill: bool = False
    exercise: bool = False


@dataclass(frozen=True, slots=True)
class Wrote(Act):
    """A new version of what it says."""

    verb: ClassVar[str] = "wrote"
    content: Content
    note: str = ""


@dataclass(frozen=True, slots=True)
class Graded(Act):
    """It became more or less severe, or privileged."""

    verb: ClassVar[str] = "graded"
    severity: int
    privileged: bool = False


@dataclass(frozen=True, slots=True)
class PutTask(Act):
    """A task was added, or stands differently now."""

    verb: ClassVar[str] = "task"
    task: Task


@dataclass(frozen=True, slots=True)
class Moved(Act):
    """A task was begun, done, dropped or opened again; ``words`` are the evidence of completion, or the reason."""

    verb: ClassVar[str] = "moved"
    task: str
    state: State
    words: str = ""
    late: bool = False


@dataclass(frozen=True, slots=True)
class Checked(Act):
    """The risk of a task to others was weighed in writing before it."""

    verb: ClassVar[str] = "checked"
    task: str
    accused: str
    informants: str
    bystanders: str
    go: bool


@dataclass(frozen=True, slots=True)
class Asked(Act):
    """Somebody is to approve the version with this hash by a moment; after it the deputy is asked."""

    verb: ClassVar[str] = "asked"
    version: int
    digest: str
    material: str
    approver: int
    deputy: int
    until: datetime
    words: str = ""


@dataclass(frozen=True, slots=True)
class Approved(Act):
    """A named person's yes to one exact version.

    ``own`` says that who approved had written it, by a right of its own. ``ratifies``: it was acted on before.
    """

    verb: ClassVar[str] = "approved"
    version: int
    digest: str
    material: str
    words: str = ""
    own: bool = False
    ratifies: bool = False


@dataclass(frozen=True, slots=True)
class Declined(Act):
    """A named person's no to one exact version, with the reason."""

    verb: ClassVar[str] = "declined"
    version: int
    digest: str
    reason: str


@dataclass(frozen=True, slots=True)
class Withdrew(Act):
    """Whoever asked for approval asks no more, or who approved takes it back, with the reason."""

    verb: ClassVar[str] = "withdrew"
    version: int
    reason: str


@dataclass(frozen=True, slots=True)
class ActedFirst(Act):
    """Somebody acts before anybody approved, since waiting would harm; it is to be ratified by a moment."""

    verb: ClassVar[str] = "acted"
    version: int
    digest: str
    material: str
    reason: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Decided(Act):
    """A line of the decision log: what was decided on the way, and why."""

    verb: ClassVar[str] = "decided"
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Updated(Act):
    """A situation update: how it stands, for everybody with a part in it."""

    verb: ClassVar[str] = "updated"
    text: str


@dataclass(frozen=True, slots=True)
class Closed(Act):
    """It is over: whether the exit condition was met, and what was reached."""

    verb: ClassVar[str] = "closed"
    met: bool
    reached: str


@dataclass(frozen=True, slots=True)
class Reopened(Act):
    """It goes on after all."""

    verb: ClassVar[str] = "reopened"
    reason: str


CORE: tuple[type[Act], ...] = (
    Begun,
    Wrote,
    Graded,
    PutTask,
    Moved,
    Checked,
    Asked,
    Approved,
    Declined,
    Withdrew,
    ActedFirst,
    Decided,
    Updated,
    Closed,
    Reopened,
)


def packed(act: Act) -> dict[str, Any]:
    """An act as plain JSON."""
    return pack(act)


def read(kinds: dict[str, type[Act]], verb: str, body: Any) -> Act:
    """An act as it was written.

    Raises:
        ValueError: for one that nobody could have written.
    """
    kind = kinds.get(verb)
    if kind is None:
        raise ValueError("no such act")
    return unpack(kind, body)
