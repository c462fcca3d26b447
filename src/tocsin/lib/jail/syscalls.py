"""The list of system calls that a jailed parser may make, compiled to a filter for the kernel."""

import errno
import importlib
import os
from dataclasses import dataclass
from functools import cache
from typing import Any

# Memory, time, and what is already open. Nothing here reaches another process, the network or a file's content on disk.
_ALLOWED = (
    "read readv pread64 write writev close close_range lseek dup "
    "fstat newfstatat stat lstat statx access faccessat faccessat2 readlink readlinkat getdents64 getcwd statfs "
    "fstatfs "
    "mmap munmap mremap mprotect madvise brk membarrier "
    "futex sched_yield set_robust_list rseq restart_syscall "
    "rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack "
    "clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time times getrusage "
    "getrandom getpid gettid getppid getuid geteuid getgid getegid uname sysinfo sched_getaffinity getcpu "
    "poll ppoll select pselect6 "
    "exit exit_group "
)

# No honest parser comes near these: the process ends at once.
_DEADLY = (
    "execve execveat fork vfork kill tkill ptrace process_vm_readv process_vm_writev "
    "bpf perf_event_open userfaultfd io_uring_setup keyctl add_key request_key "
    "mount umount2 pivot_root chroot unshare setns init_module finit_module kexec_load "
    "open_by_handle_at pidfd_send_signal pidfd_getfd rt_sigqueueinfo process_madvise "
)

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CLONE_THREAD = 0x10000
_TCGETS, _FIOCLEX = 0x5401, 0x5451
_F_GETFD, _F_SETFD, _F_GETFL = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Filter:
    """A compiled filter and the number of the system call that installs it; empty where it can't be had."""

    program: bytes = b""
    install_call: int = -1
    missing: str = ""


@cache
def compiled() -> Filter:
    """Compile the filter for this machine once. ``missing`` says in plain words why there is none."""
    try:
        seccomp = importlib.import_module("pyseccomp")
    except (ImportError, RuntimeError, OSError):
        return Filter(missing="the library libseccomp is not installed")
    try:
        return Filter(_program(seccomp), seccomp.resolve_syscall(seccomp.Arch.NATIVE, "seccomp"))
    except (OSError, AttributeError, ValueError):
        return Filter(missing="libseccomp could not build the filter for this machine")


def _program(seccomp: Any) -> bytes:
    rules = seccomp.SyscallFilter(seccomp.ERRNO(errno.EPERM))

    def add(action: int, name: str, *conditions: Any) -> None:
        number = seccomp.resolve_syscall(seccomp.Arch.NATIVE, name)
        if number >= 0:  # not every machine has every call
            rules.add_rule(action, number, *conditions)

    def argument(position: int, mask: int, value: int) -> Any:
        return seccomp.Arg(position, seccomp.MASKED_EQ, mask, value)

    for name in _ALLOWED.split():
        add(seccomp.ALLOW, name)
    for name in _DEADLY.split():
        add(seccomp.KILL_PROCESS, name)
    add(seccomp.ALLOW, "open", argument(1, _WRITES, 0))
    add(seccomp.ALLOW, "openat", argument(2, _WRITES, 0))
    # Starting a process is deadly; starting a thread only fails. clone3 hides which of the two it is, so it is said
    # not to exist and the C library turns to clone.
    add(seccomp.KILL_PROCESS, "clone", argument(0, _CLONE_THREAD, 0))
    add(seccomp.ERRNO(errno.ENOSYS), "clone3")
    for request in (_TCGETS, _FIOCLEX):
        add(seccomp.ALLOW, "ioctl", argument(1, 0xFFFFFFFF, request))
    for command in (_F_GETFD, _F_SETFD, _F_GETFL):
        add(seccomp.ALLOW, "fcntl", argument(1, 0xFFFFFFFF, command))
    # Limits may be read, not changed: the process number and the pointer to new limits are both zero.
    add(seccomp.ALLOW, "prlimit64", seccomp.Arg(0, seccomp.EQ, 0), seccomp.Arg(2, seccomp.EQ, 0))
    add(seccomp.ALLOW, "getrlimit")
    return _exported(rules)


def _exported(rules: Any) -> bytes:
    with os.fdopen(os.memfd_create("filter"), "r+b") as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()
