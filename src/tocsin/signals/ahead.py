"""Reads texts in a second process while the first one stores and groups those before: a worker then uses two cores.

The reader is handed texts and gives answers through its own two pipes; it knows no row, file or setting. It ends when
the pipe to it does, however its worker ended. Nothing rests on it: a worker whose reader dies reads by itself.
"""

import os
import pickle
import select
import signal
import struct
import subprocess
import sys
from collections.abc import Sequence
from time import monotonic
from typing import Any, BinaryIO

from tocsin.analysis.text import learning
from tocsin.analysis.text.learning import Model
from tocsin.signals.telling import Answer, Asked, answer

PATIENCE = 120.0  # seconds without a word from the reader, after which the worker reads by itself
_PAUSE = 60.0  # seconds until another one is started
_LENGTH = struct.Struct("!Q")


class ReaderGoneError(Exception):
    """The reader died, hangs or can't be started; what it was asked must be read here."""


class Reader:
    """A process that answers one question at a time; started when it is first asked."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._model: int | None = None  # the version that it was sent
        self._rests_until = 0.0

    @property
    def pid(self) -> int | None:
        """The number of its process, None while there is none."""
        return self._process.pid if self._process is not None else None

    def ask(self, asked: Sequence[Asked], model: Model | None) -> None:
        """Hand texts over; ``answers`` gives what it says of them.

        Raises:
            ReaderGoneError: when it takes none.
        """
        process = self._started()
        version = model.version if model is not None else None
        fresh = model.to_bytes() if model is not None and version != self._model else None
        try:
            _send(_pipe(process.stdin), (version, fresh, list(asked)))
        except OSError as error:
            raise self._gone() from error
        if fresh is not None:
            self._model = version

    def answers(self) -> list[Answer]:
        """What it says of the texts that it was asked last, in their order; waits for it.

        Raises:
            ReaderGoneError: when nothing comes.
        """
        if self._process is None:
            raise ReaderGoneError
        pipe = _pipe(self._process.stdout)
        if not select.select([pipe], [], [], PATIENCE)[0]:
            raise self._gone()
        try:
            found: list[Answer] = _receive(pipe)
        except Exception as error:
            # It died in the middle of an answer, or runs other code than this: an upgrade is under way.
            raise self._gone() from error
        return found

    def close(self) -> None:
        """End it."""
        process, self._process, self._model = self._process, None, None
        if process is not None:
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
            process.kill()
            process.wait()

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._process is None:
            if monotonic() < self._rests_until:
                raise ReaderGoneError
            # Two processes that each want all cores for one small product only wait for each other.
            environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
            words = [sys.executable, "-m", "tocsin.signals.ahead"]
            try:
                self._process = subprocess.Popen(
                    words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, bufsize=0
                )
            except OSError as error:
                raise self._gone() from error
        return self._process

    def _gone(self) -> ReaderGoneError:
        self.close()
        self._rests_until = monotonic() + _PAUSE
        return ReaderGoneError()


def main() -> None:
    """Answer what comes in until the pipe ends."""
    # Whoever stops the worker stops the pipe as well; the answer under way is then nobody's.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    questions, replies = os.fdopen(0, "rb", buffering=0), os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # nothing that a library prints may stand among the answers
    model: Model | None = None
    while True:
        try:
            version, fresh, asked = _receive(questions)
        except EOFError:
            return
        if fresh is not None:
            model = learning.from_bytes(fresh)
        said = [answer(one, model if version is not None else None) for one in asked]
        try:
            _send(replies, said)
        except OSError:
            return


def _send(pipe: BinaryIO, said: Any) -> None:
    body = pickle.dumps(said, pickle.HIGHEST_PROTOCOL)
    rest = memoryview(_LENGTH.pack(len(body)) + body)
    while rest:
        rest = rest[pipe.write(rest) :]


def _receive(pipe: BinaryIO) -> Any:
    (length,) = _LENGTH.unpack(_exactly(pipe, _LENGTH.size))
    # Only the two ends of a private pipe speak here, both of one program.
    return pickle.loads(_exactly(pipe, length))  # noqa: S301


def _exactly(pipe: BinaryIO, length: int) -> bytes:
    got = bytearray()
    while len(got) < length:
        some = pipe.read(min(length - len(got), 1 << 20))
        if not some:
            raise EOFError
        got += some
    return bytes(got)


def _pipe(end: Any) -> BinaryIO:
    if end is None:
        raise EOFError
    pipe: BinaryIO = end
    return pipe


if __name__ == "__main__":
    main()
