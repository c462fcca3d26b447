"""What runs inside the jail: loads the parser, locks the door behind itself, then reads the documents.

Started as a script, so that it loads nothing of the project but the parser. It speaks frames over pipes: four bytes of
length (big-endian), then the content. In: header, filter, then per document its argument and its content. Out: a
greeting that names the guards in force, then one answer a document.
"""

import contextlib
import ctypes
import importlib
import json
import math
import os
import resource
import signal
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

_SET_PDEATHSIG, _SET_DUMPABLE, _SET_NO_NEW_PRIVS = 1, 4, 38
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
_SYSTEM_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/share/zoneinfo")

_libc = ctypes.CDLL(None, use_errno=True)


class _FilterProgram(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_char_p))


def _read(fd: int, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        piece = os.read(fd, min(size - len(parts), 1 << 20))
        if not piece:
            os._exit(0)  # whoever asked is gone
        parts += piece
    return bytes(parts)


def _read_frame(fd: int) -> bytes:
    (size,) = struct.unpack(">I", _read(fd, 4))
    return _read(fd, size)


def _write_frame(fd: int, answer: dict[str, Any], most: int) -> None:
    content = json.dumps(answer, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8", "replace")
    if len(content) > most:
        content = b'{"failure":"too-large"}'
    view = memoryview(struct.pack(">I", len(content)) + content)
    while view:
        view = view[os.write(fd, view) :]


def _limit(kind: int, value: int, hard: int | None = None) -> bool:
    try:
        most = resource.getrlimit(kind)[1]
        wanted = value if hard is None else hard
        if most != resource.RLIM_INFINITY:
            value, wanted = min(value, most), min(wanted, most)
        resource.setrlimit(kind, (value, wanted))
    except (ValueError, OSError):
        return False
    return True


def _limit_memory(extra: int) -> bool:
    try:
        with Path("/proc/self/statm").open(encoding="ascii") as file:
            taken = int(file.read().split()[0]) * resource.getpagesize()
    except (OSError, ValueError):
        return False
    return _limit(resource.RLIMIT_AS, taken + extra)


def _limit_cpu(seconds: int) -> bool:
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(used.ru_utime + used.ru_stime) + seconds
    return _limit(resource.RLIMIT_CPU, soft, soft + 1)


def _prctl(option: int, value: int) -> bool:
    return bool(_libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0) == 0)


def _readable_folders(more: list[str]) -> list[str]:
    return [path for path in (*sys.path, *_SYSTEM_LIBRARIES, *more) if path not in {"", "/"} and Path(path).exists()]


def _lock_files(more: list[str]) -> bool:
    """Leave only Python's own folders, the system's libraries and ``more`` to be read (Landlock, Linux 5.13 on)."""
    version = _libc.syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), 1)
    if version < 1:
        return False
    rights = (1 << {1: 13, 2: 14, 3: 15, 4: 15}.get(version, 16)) - 1
    fields = [rights] + ([3] if version >= 4 else []) + ([3] if version >= 6 else [])
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    rules = _libc.syscall(_LANDLOCK_CREATE, attributes, ctypes.c_size_t(len(attributes)), 0)
    if rules < 0:
        return False
    for path in _readable_folders(more):
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
        wanted = _READ_FILE | _READ_FOLDER if Path(path).is_dir() else _READ_FILE
        _libc.syscall(_LANDLOCK_ADD, rules, 1, struct.pack("=Qi", wanted, fd), 0)
        os.close(fd)
    locked = bool(_libc.syscall(_LANDLOCK_RESTRICT, rules, 0) == 0)
    os.close(rules)
    return locked


def _lock_calls(program: bytes, call: int) -> bool:
    if not program or call < 0:
        return False
    filter_ = _FilterProgram(len(program) // 8, program)
    set_mode_filter, on_all_threads = 1, 1
    return bool(_libc.syscall(call, set_mode_filter, on_all_threads, ctypes.byref(filter_)) == 0)


def _load(path: str) -> Callable[..., Any]:
    module, _, name = path.partition(":")
    found = getattr(importlib.import_module(module), name)
    if not callable(found):
        raise TypeError(path)
    return found  # type: ignore[no-any-return]


def _lock(header: dict[str, Any], program: bytes) -> dict[str, bool]:
    sys.dont_write_bytecode = True
    limits = [
        _limit(resource.RLIMIT_FSIZE, 0),
        _limit_cpu(header["cpu"]),
        _limit_memory(header["memory"]),
    ]
    privileges = _prctl(_SET_NO_NEW_PRIVS, 1)
    # Landlock binds this thread and those that it starts from now on; the filter of calls binds all.
    alone = len(os.listdir("/proc/self/task")) == 1  # noqa: PTH208  # no object of its own for each thread
    files = privileges and _lock_files(header["folders"]) and alone
    if header["threads"]:
        _load(header["threads"])()
    limits.append(_limit(resource.RLIMIT_NPROC, 0))
    return {
        "limits": all(limits),
        "privileges": privileges,
        "files": files,
        "calls": privileges and _lock_calls(program, header["call"]),
    }


def _where(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return type(error).__name__
    return f"{type(error).__name__} at {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"


def _parse(parser: Callable[..., Any], argument: dict[str, Any], payload: bytes) -> dict[str, Any]:
    try:
        return {"data": parser(payload, **argument)}
    except MemoryError:
        return {"failure": "memory"}
    except PermissionError as error:
        return {"failure": "refused", "where": _where(error)}
    except BaseException as error:  # noqa: BLE001 - whatever a parser throws ends here, a wish to exit too
        if getattr(error, "shown_by_jail", False):
            return {"failure": "unreadable", "message": str(error), "where": _where(error)}
        return {"failure": "unreadable", "where": _where(error)}


def _answer(fd: int, answer: dict[str, Any], most: int) -> None:
    try:
        _write_frame(fd, answer, most)
    except MemoryError:
        _write_frame(fd, {"failure": "memory"}, most)
    except (TypeError, ValueError, RecursionError) as error:
        _write_frame(fd, {"failure": "unreadable", "where": _where(error)}, most)


def _start(source: int, answers: int) -> tuple[dict[str, Any], Callable[..., Any]]:
    header = json.loads(_read_frame(source))
    program = _read_frame(source)
    _prctl(_SET_PDEATHSIG, signal.SIGKILL)
    _prctl(_SET_DUMPABLE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, header["files"])
    try:
        parser = _load(header["parser"])
        for module in header["preload"]:
            importlib.import_module(module)
    except Exception as error:  # noqa: BLE001 - the parent is told the place, and nothing can be done here
        missing = str(getattr(error, "name", None) or header["parser"])
        _write_frame(answers, {"failure": "start", "where": f"{missing}: {_where(error)}"}, header["output"])
        os._exit(0)
    os.environ.clear()
    _write_frame(answers, {"guards": _lock(header, program)}, header["output"])
    return header, parser


def main() -> None:
    """Serve one batch of documents, then end without cleaning up: there is nothing to clean."""
    source, answers = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nowhere, fd)
    os.close(nowhere)
    header, parser = _start(source, answers)
    for _ in range(header["documents"]):
        argument = json.loads(_read_frame(source))
        payload = _read_frame(source)
        _answer(answers, _parse(parser, argument, payload), header["output"])
    os._exit(0)


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        main()
    os._exit(1)
