"""Keeps this process's memory out of core files, out of reach of other processes, and off the disk where it can."""

import ctypes
import resource
from typing import Final

_SET_DUMPABLE: Final = 4
_LOCK_NOW_AND_LATER: Final = 1 | 2


def guard() -> bool:
    """Guard this process; True when its memory can't be swapped out either.

    Raises:
        OSError: when the system refuses to keep its memory out of core files.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "this process can't be kept out of core files")
    limit, _ = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    # A small limit would make the half gigabyte of one unlocking fail later; better not to begin.
    return limit == resource.RLIM_INFINITY and libc.mlockall(_LOCK_NOW_AND_LATER) == 0
