"""What comes out of the jail, and the limits inside it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

_MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may cost.

    ``memory`` is how many bytes the parser may take on top of what it had loaded before it saw the document. ``wall``
    and ``cpu`` are seconds a document, ``start`` the seconds to load the parser. ``output`` bounds the answer in bytes
    as JSON, ``payload`` the document. ``files`` is how many files may be open. ``restarts`` is how often a batch
    goes on in a new process after a document stopped the last one.
    """

    memory: int = 256 * _MB
    cpu: int = 10
    wall: float = 15.0
    start: float = 30.0
    output: int = 8 * _MB
    payload: int = 64 * _MB
    files: int = 32
    restarts: int = 3


DEFAULTS = Limits()


class Code(StrEnum):
    """Why there is no answer; stored and counted, so the values never change."""

    TIMEOUT = "timeout"
    MEMORY = "memory"
    CRASH = "crash"
    TOO_LARGE = "too-large"
    REFUSED = "refused"
    UNREADABLE = "unreadable"
    NOT_TRIED = "not-tried"
    START = "start"


MESSAGES = {
    Code.TIMEOUT: "Reading this document took too long, so it was stopped. Look at the original.",
    Code.MEMORY: "Reading this document takes too much memory, so it was stopped. Look at the original.",
    Code.CRASH: "This document made its reader crash; nothing else was harmed. Look at the original with care.",
    Code.TOO_LARGE: "This document, or what was read from it, is too large. Split it, or raise the limit.",
    Code.REFUSED: "This document made its reader try something that is not allowed. Treat it as hostile.",
    Code.UNREADABLE: "This document can't be read: it is damaged, or not what it claims to be. Ask for it again.",
    Code.NOT_TRIED: "Documents before this one stopped their reader too often. It is tried again later.",
    Code.START: "The reader of this kind of document did not start. Run the check command to see why.",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a document gave nothing.

    ``message`` is one plain line, safe to show. ``where`` is for logs: the kind of the error and its line in our code,
    without any text of the document.
    """

    code: Code
    message: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What the parser returned (plain JSON data), or why it returned nothing.

    Text in ``data`` is valid Unicode without NUL, so that every database takes it; beyond that it is foreign: check it.
    """

    data: Any = None
    failure: Failure | None = None

    @property
    def ok(self) -> bool:
        """Whether the parser came to its end; its data may still be empty."""
        return self.failure is None


class UnreadableError(Exception):
    """Raised by a parser to refuse a document with a line of its own.

    The line is shown to people, so it holds no text of the document and says what to do next.
    """

    shown_by_jail = True


def failed(code: Code, message: str = "", where: str = "") -> Result:
    """A result that says why there is none; ``message`` replaces the usual line of the code."""
    return Result(failure=Failure(code, message or MESSAGES[code], where))
