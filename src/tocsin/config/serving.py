"""Serves the console with uvicorn."""

import gc
import socket

import uvicorn
from django.urls import get_resolver

from tocsin.config.connections import WAITING_AT_MOST, impatient

# An answer that is being written when the end comes may take this long; open pages poll, none is held open.
GRACE = 2
# A connection that asks for nothing more is closed after this; each counts towards the limit on all of them.
KEPT_OPEN = 5


def serve(listening: socket.socket) -> None:
    """Serve on this socket until SIGTERM or SIGINT."""
    configuration = uvicorn.Config(
        "tocsin.config.asgi:application",
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=GRACE,
        timeout_keep_alive=KEPT_OPEN,
        limit_concurrency=2 * WAITING_AT_MOST,
        http=impatient(),
    )
    configuration.load()
    settle()
    uvicorn.Server(configuration).run(sockets=[listening])


def settle() -> None:
    """Load every page's code, then keep all that is loaded out of the garbage collector's rounds.

    It never becomes garbage, and each full round over it would hold up every answer for a tenth of a second.
    """
    get_resolver().check()
    gc.collect()
    gc.freeze()
