"""What a kind of source is: it says what to fetch next, and reads what came. No Django, no network, no clock."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Literal

from tocsin.analysis.series import Evidence, Stream
from tocsin.lib import http, jail

Shape = Literal["text", "list", "choice", "number", "yes-no"]


def _(text: str) -> str:
    """Marks a text for translation; it is translated where it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that a person may set for a source of this kind; it becomes one field of the form.

    ``choices`` (value, words) belong to the shape ``choice``; ``least`` and ``most`` to ``number``; a ``list`` is
    typed with one entry a line. ``required``: an empty value is refused.
    """

    name: str
    label: str
    shape: Shape = "text"
    help: str = ""
    default: Any = ""
    choices: tuple[tuple[str, str], ...] = ()
    required: bool = False
    least: int = 0
    most: int = 1_000


# Of any kind that offers it: a source that seldom has news, whose news is wanted soon.
LOOK = Option(
    "look_minutes",
    _("Look at least every so many minutes"),
    "number",
    _("0: about half as often as something new is expected."),
    default=0,
    least=0,
    most=1_440,
)


@dataclass(frozen=True, slots=True)
class Target:
    """A source as its kind sees it. ``memory`` is what the kind left there the last time."""

    url: str
    options: Mapping[str, Any] = field(default_factory=dict)
    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    memory: Mapping[str, Any] = field(default_factory=dict)

    def option(self, option: Option) -> Any:
        """The value of one option, or its default."""
        value = self.options.get(option.name)
        return option.default if value is None or value == "" else value


@dataclass(frozen=True, slots=True)
class Request:
    """One address to fetch and who reads the answer.

    ``parser`` is a function as ``package.module:function``; it runs in the jail on the body, with ``argument``, and
    returns plain data. ``name`` says what is asked (a window of days, say): an answer equal to the last one under
    the same name is not stored again. ``may_be_missing``: a 404 is an answer too (see ``Kind.absent``).
    ``labelled``: the parser also wants the answer's ``content_type``.
    """

    url: str
    parser: str
    argument: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    may_be_missing: bool = False
    labelled: bool = False
    accept: str = "*/*"
    fetch_limits: http.Limits = field(default_factory=http.Limits)
    parse_limits: jail.Limits = field(default_factory=jail.Limits)


@dataclass(frozen=True, slots=True)
class NewItem:
    """A text as it came. ``stated`` is the time that the source gives, aware and not yet believed.

    ``key`` names it within its source (any text); ``original`` is zlib-compressed.
    """

    key: str
    url: str = ""
    title: str = ""
    text: str = ""
    language: str = ""
    origin: str = ""
    stated: datetime | None = None
    time_doubt: str = ""
    media_type: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    original: bytes = b""


@dataclass(frozen=True, slots=True)
class NewObservation:
    """A measured row; see ``tocsin.analysis.engine.Row`` for the meaning of each field. ``epoch`` is in seconds UTC."""

    stream: Stream
    kind: str
    subject: str
    epoch: int
    step: int
    country: str = ""
    network: str = ""
    n: float | None = None
    k: float | None = None
    value: float | None = None
    evidence: Evidence = Evidence.SCORED
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewOccasion:
    """Some days in the calendar of a country, the last one included; ``sort`` as in ``fusion.facts.Sort``. ``key``
    names it within its calendar."""

    country: str
    sort: str
    name: str
    first: date
    last: date
    key: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What one answer held.

    ``entries`` counts what was in it, old or new; 0 means valid but empty. ``refused`` holds a plain line for each
    part that could not be read. ``memory`` replaces the kind's own. ``more``: there is something to fetch at once.
    """

    items: Sequence[NewItem] = ()
    observations: Sequence[NewObservation] = ()
    occasions: Sequence[NewOccasion] = ()
    entries: int = 0
    refused: Sequence[str] = ()
    memory: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    more: bool = False


class Kind(ABC):
    """A kind of source. Its folder's docstring and docs/streams.md say how to use it."""

    name: ClassVar[str]
    title: ClassVar[str]
    about: ClassVar[str]
    address_help: ClassVar[str] = _("Where it is fetched from.")
    default_url: ClassVar[str] = ""
    default_every: ClassVar[timedelta] = timedelta(days=1)
    options: ClassVar[tuple[Option, ...]] = ()
    measures: ClassVar[tuple[str, ...]] = ()  # kinds of observation, as they stand in the lake
    texts: ClassVar[bool] = False  # whether it delivers items
    worldwide: ClassVar[bool] = False  # a source of this kind that names no country looks at all of them

    @property
    def looks(self) -> bool:
        """Whether it says what happens, so that a country or a need is watched by it, and its silence is blindness."""
        return self.texts or bool(self.measures)

    def variant(self, options: Mapping[str, Any]) -> str:
        """A text that tells apart two sources with one address; the same text twice is the same source."""
        return ""

    @abstractmethod
    def plan(self, target: Target, now: datetime) -> Request | None:
        """What to fetch next; None when there is nothing yet. Pure: the same target and time give the same request."""

    @abstractmethod
    def take(self, target: Target, request: Request, data: Any, now: datetime) -> Batch:
        """Turn what the parser returned (plain data, not to be trusted) into a batch.

        Raises:
            TypeError, ValueError, KeyError: when the data has another shape than its parser gives.
        """

    def skipped(self, target: Target, request: Request, now: datetime) -> Mapping[str, Any]:
        """The memory that leaves aside what this request asked for, after it failed again and again."""
        return target.memory

    def absent(self, target: Target, request: Request, now: datetime) -> Batch:
        """What a 404 means, for a request that ``may_be_missing``."""
        return Batch(memory=target.memory)
