"""Tells systemd how a process is, by the datagram that sd_notify(3) describes; elsewhere it does nothing."""

import logging
import os
import socket

logger = logging.getLogger("tocsin.servicemanager")


def say(*lines: str) -> None:
    """Say lines such as ``READY=1``, ``WATCHDOG=1`` or ``STATUS=waits`` to whoever started this process."""
    where = os.environ.get("NOTIFY_SOCKET", "")
    if not where.startswith(("/", "@")):
        return
    # A leading @ stands for the NUL of an address that is no file.
    address = "\0" + where[1:] if where.startswith("@") else where
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
            out.connect(address)
            out.send("\n".join(lines).encode())
    except OSError:
        logger.warning("the service manager could not be told")
