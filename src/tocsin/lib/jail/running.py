"""Starts the jailed process, feeds it, and watches the clock."""

import contextlib
import json
import os
import re
import selectors
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, NamedTuple

from tocsin.lib.jail import syscalls
from tocsin.lib.jail.results import DEFAULTS, Code, Limits, Result, failed

_CHILD = Path(__file__).with_name("child.py")
_NOTHING: Mapping[str, Any] = MappingProxyType({})
_PIECE = 64 * 1024
_UNSTORABLE = re.compile(rb"\\u(d[89a-f]|0000)", re.IGNORECASE)


def run(
    parser: str,
    payload: bytes,
    *,
    limits: Limits = DEFAULTS,
    argument: Mapping[str, Any] = _NOTHING,
    folders: Sequence[str] = (),
    threads: str = "",
) -> Result:
    """Parse one document in a fresh process.

    ``parser`` names a function as ``package.module:function``; it is called as ``function(payload, **argument)`` and
    returns plain JSON data. ``folders`` may be read besides the program. ``threads`` names a function that starts the
    threads which the parser needs: later none can be started, and earlier ones could read any file. Never raises for
    anything that the document does.
    """
    return run_many(parser, [payload], limits=limits, argument=argument, folders=folders, threads=threads)[0]


def run_many(
    parser: str,
    payloads: Sequence[bytes],
    *,
    limits: Limits = DEFAULTS,
    argument: Mapping[str, Any] = _NOTHING,
    each: Sequence[Mapping[str, Any]] = (),
    preload: Sequence[str] = (),
    folders: Sequence[str] = (),
    threads: str = "",
) -> list[Result]:
    """Parse several documents of one source, in one process as long as none of them stops it.

    Documents of different sources don't belong in one batch: a hostile one could forge the answers of those after it.
    ``each`` adds arguments for each document. ``preload`` names modules to load before the door is locked,
    ``folders`` what may be read besides the program, ``threads`` a function that starts threads once files are locked.
    The results come in the order of the documents.
    """
    arguments = [{**argument, **extra} for extra in each] if each else [dict(argument)] * len(payloads)
    documents = [_Document(*pair) for pair in zip(payloads, arguments, strict=True)]
    results = [failed(Code.TOO_LARGE) if len(d.payload) > limits.payload else None for d in documents]
    for _ in range(limits.restarts + 1):
        left = [place for place, result in enumerate(results) if result is None]
        if not left:
            break
        came = _Run(parser, [documents[place] for place in left], limits, preload, folders, threads).results()
        for place, result in zip(left, came, strict=False):
            results[place] = result
    return [result or failed(Code.NOT_TRIED) for result in results]


def guards_in_force(limits: Limits = DEFAULTS, parser: str = "builtins:len") -> dict[str, bool]:
    """Start a process that reads nothing, and return what it says of its guards; empty if it did not start.

    With a ``parser`` it says what holds once that is loaded: threads of its libraries would not be bound to it.
    """
    trial = _Run(parser, [_Document(b"", {})], limits, (), (), "")
    trial.results()
    return trial.guards or {}


class _Document(NamedTuple):
    payload: bytes
    argument: dict[str, Any]


class _StoppedError(Exception):
    def __init__(self, code: Code) -> None:
        self.code = code


# A library that starts threads while it is loaded would have some that the lock of files does not bind.
_ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class _Run:
    """One process and the batch that it reads; ``guards`` is what it said to have in force."""

    def __init__(
        self,
        parser: str,
        batch: Sequence[_Document],
        limits: Limits,
        preload: Sequence[str],
        folders: Sequence[str],
        threads: str,
    ) -> None:
        self._parser = parser
        self._batch = batch
        self._limits = limits
        self._preload = preload
        self._folders = folders
        self._threads = threads
        self._results: list[Result] = []
        self.guards: dict[str, bool] | None = None

    def results(self) -> list[Result]:
        """Results in order; fewer than the batch if a document stopped the process (its own failure is the last)."""
        # Environment, files and signals of this process end here.
        process = subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", str(_CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_ONE_THREAD,
            cwd="/",
            start_new_session=True,
            bufsize=0,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        with process.stdin, process.stdout:
            code: Code | None = None
            try:
                self._converse(process.stdin, process.stdout)
            except _StoppedError as stopped:
                code = stopped.code
            finally:
                _end(process)
        if code is not None:
            self._fail(code, process.returncode)
        return self._results

    def _fail(self, code: Code, returncode: int) -> None:
        if code is Code.CRASH:
            code = _reason(returncode)
        if self.guards is None:
            self._results = [failed(Code.START)] * len(self._batch)
        else:
            self._results.append(failed(code))

    def _converse(self, stdin: IO[bytes], stdout: IO[bytes]) -> None:
        outgoing = self._outgoing()
        pending = memoryview(next(outgoing))
        incoming = bytearray()
        deadline = time.monotonic() + self._limits.start
        os.set_blocking(stdin.fileno(), False)
        os.set_blocking(stdout.fileno(), False)
        with selectors.DefaultSelector() as selector:
            selector.register(stdin, selectors.EVENT_WRITE)
            selector.register(stdout, selectors.EVENT_READ)
            while len(self._results) < len(self._batch):
                left = deadline - time.monotonic()
                if left <= 0:
                    raise _StoppedError(Code.TIMEOUT)
                for key, _ in selector.select(left):
                    if key.fileobj is stdin:
                        pending = self._write(stdin, pending, outgoing, selector)
                    elif self._read(stdout, incoming):
                        deadline = time.monotonic() + self._limits.wall

    def _outgoing(self) -> Iterator[bytes]:
        limits, program = self._limits, syscalls.compiled()
        header = {
            "parser": self._parser,
            "preload": list(self._preload),
            "folders": list(self._folders),
            "threads": self._threads,
            "documents": len(self._batch),
            "cpu": limits.cpu * len(self._batch),
            "memory": limits.memory,
            "files": limits.files,
            "output": limits.output,
            "call": program.install_call,
        }
        yield _frame(json.dumps(header).encode()) + _frame(program.program)
        for document in self._batch:
            yield _frame(json.dumps(document.argument).encode())
            yield struct.pack(">I", len(document.payload))
            yield document.payload

    def _write(
        self, stdin: IO[bytes], pending: memoryview, outgoing: Iterator[bytes], selector: selectors.BaseSelector
    ) -> memoryview:
        try:
            while not pending:
                pending = memoryview(next(outgoing))
            return pending[os.write(stdin.fileno(), pending) :]
        except BlockingIOError:
            return pending
        except (StopIteration, BrokenPipeError):
            selector.unregister(stdin)
            return pending

    def _read(self, stdout: IO[bytes], incoming: bytearray) -> bool:
        """Take in what there is; true if at least one whole frame came."""
        piece = os.read(stdout.fileno(), _PIECE)
        if not piece:
            raise _StoppedError(Code.CRASH)
        incoming += piece
        came = False
        while len(incoming) >= 4:
            (size,) = struct.unpack(">I", incoming[:4])
            if size > self._limits.output:
                raise _StoppedError(Code.TOO_LARGE)
            if len(incoming) < 4 + size:
                break
            self._take(bytes(incoming[4 : 4 + size]))
            del incoming[: 4 + size]
            came = True
        return came

    def _take(self, frame: bytes) -> None:
        try:
            answer = json.loads(frame)
            if _UNSTORABLE.search(frame):
                answer = _storable(answer)
            if self.guards is None and "guards" in answer:
                self.guards = {str(name): state is True for name, state in answer["guards"].items()}
            elif self.guards is None:
                self._results = [failed(Code.START, where=str(answer.get("where", "")))] * len(self._batch)
            elif "failure" in answer:
                message, where = str(answer.get("message", "")), str(answer.get("where", ""))
                self._results.append(failed(Code(answer["failure"]), message[:500], where[:200]))
            else:
                self._results.append(Result(data=answer["data"]))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise _StoppedError(Code.REFUSED) from None


def _frame(content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + content


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {_storable(name): _storable(item) for name, item in value.items()}
    return value


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Kill the process and whatever it started. One that is dying already keeps its own cause of death."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _reason(returncode: int) -> Code:
    if returncode == -signal.SIGSYS:
        return Code.REFUSED
    if returncode == -signal.SIGXCPU:
        return Code.TIMEOUT
    if returncode == -signal.SIGKILL:  # not ours: the system ran out of memory, or the processor time did
        return Code.MEMORY
    return Code.CRASH
