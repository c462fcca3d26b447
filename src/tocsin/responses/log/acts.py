"""What may happen to a plan: each kind of act is one frozen dataclass, and the plan's log is a list of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final

from pydantic import Field

from tocsin.responses.log.content import Content, Function, State, Task, pack, unpack


@dataclass(frozen=True, slots=True)
class Act:
    """Something that somebody did. ``verb`` is its name in the log and in the audit."""

    verb: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class Begun(Act):
    """The plan was begun. ``about`` is the public id of a situation, or (sealed) the id of a case; empty for none.

    ``least`` is how severe its playbook says such an event is: nobody who may approve only less answers for it.

    ``playbook`` is the key of the playbook that it was made from, ``playbook_digest`` the hash of its text then.
    """

    verb: ClassVar[str] = "begun"
    severity: int
    about: str = ""
    playbook: str = ""
    playbook_digest: str = ""
    drill: bool = False
    exercise: bool = False
    least: Annotated[int, Field(exclude_if=lambda value: not value)] = 0


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
    """A task was begun, done, dropped or opened again; ``words`` are the evidence of completion, or the reason.

    ``owner`` is who took a task on that was nobody's, else 0.
    """

    verb: ClassVar[str] = "moved"
    task: str
    state: State
    words: str = ""
    late: bool = False
    owner: int = 0


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
    """Whoever asked for approval asks no more, or (``approval``) who approved takes it back, with the reason."""

    verb: ClassVar[str] = "withdrew"
    version: int
    reason: str
    approval: bool = False


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


# After it


class Changes(StrEnum):
    """What a lesson changes."""

    RULE = "rule"
    THRESHOLD = "threshold"
    PLAYBOOK = "playbook"
    ROTA = "rota"
    SOURCE = "source"
    TRAINING = "training"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Debriefed(Act):
    """One version of the debrief. ``people`` is how those who did the work are, in their own words, if they want."""

    verb: ClassVar[str] = "debriefed"
    expected: str
    happened: str
    helped: str = ""
    hurt: str = ""
    luck: str = ""
    people: str = ""
    base: int = 0


@dataclass(frozen=True, slots=True)
class Learnt(Act):
    """A lesson, or its newer version: an action with an owner and a date. ``target`` names what it changes."""

    verb: ClassVar[str] = "learnt"
    key: str
    text: str
    changes: Changes
    owner: int
    due: datetime
    target: str = ""


@dataclass(frozen=True, slots=True)
class Changed(Act):
    """A lesson was done, dropped or opened again; ``words`` say what changed, with a link, or why it is dropped."""

    verb: ClassVar[str] = "changed"
    key: str
    state: State
    words: str


# Who is on it


@dataclass(frozen=True, slots=True)
class Mustered(Act):
    """People were asked whether they can help, by the roll-call with this public id, for one function."""

    verb: ClassVar[str] = "mustered"
    rollcall: str
    function: Function
    words: str = ""


@dataclass(frozen=True, slots=True)
class Arrived(Act):
    """Somebody is on it now, until about a moment."""

    verb: ClassVar[str] = "arrived"
    person: int
    function: Function
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Relieved(Act):
    """Somebody's turn is over. ``successor`` goes on, 0 for nobody; ``handover`` is what they need to know."""

    verb: ClassVar[str] = "relieved"
    person: int
    successor: int
    handover: str


# Drills


@dataclass(frozen=True, slots=True)
class Started(Act):
    """A drill begins: a scenario, run ``speed`` times as fast as life."""

    verb: ClassVar[str] = "started"
    scenario: str
    speed: int


@dataclass(frozen=True, slots=True)
class Rested(Act):
    """The drill's clock stands still from now on."""

    verb: ClassVar[str] = "rested"
    words: str = ""


@dataclass(frozen=True, slots=True)
class Resumed(Act):
    """It goes on, as fast as before."""

    verb: ClassVar[str] = "resumed"


@dataclass(frozen=True, slots=True)
class Injected(Act):
    """A turn of events came."""

    verb: ClassVar[str] = "injected"
    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Observed(Act):
    """What somebody who watches the drill saw of how a turn of events was met."""

    verb: ClassVar[str] = "observed"
    key: str
    met: bool
    words: str


ACTS: Final[Mapping[str, type[Act]]] = {
    kind.verb: kind
    for kind in (
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
        Debriefed,
        Learnt,
        Changed,
        Mustered,
        Arrived,
        Relieved,
        Started,
        Rested,
        Resumed,
        Injected,
        Observed,
    )
}
"""Every kind of act that a plan's log may hold, by its verb."""


def packed(act: Act) -> dict[str, Any]:
    """An act as plain JSON."""
    return pack(act)


def read(verb: str, body: Any) -> Act:
    """An act as it was written.

    Raises:
        ValueError: for one that nobody could have written.
    """
    kind = ACTS.get(verb)
    if kind is None:
        raise ValueError("no such act")
    return unpack(kind, body)
