"""Starts and serves the public door: its folder and tables made, then uvicorn without a log of who came."""

import asyncio
import contextlib
import gc
import logging
import re
import resource
import socket
from typing import Any

import uvicorn

from tocsin.config import home
from tocsin.config.configuration import home_folder, load
from tocsin.config.connections import WAITING_AT_MOST, impatient
from tocsin.config.refusal import RefusalError
from tocsin.intake import configured

_log = logging.getLogger(__name__)
# An upload that is under way when the end comes is broken off; its sender sees that, and nothing of it stays.
_GRACE = 2
_KEPT_OPEN = 5
_SWEEP_EVERY = 60.0


def start() -> Any:
    """Make what the door needs, and load Django; gives its settings.

    Raises:
        RefusalError: when the home isn't there, or its database can't be made ready.
    """
    folder = home_folder()
    home.required(folder)
    if not re.fullmatch(r"(?:[0-9a-fA-F]{64})?", load(folder).intake_signer.strip()):
        raise RefusalError("intake_signer is no public key: 64 hexadecimal digits. “tocsin check” says which.")
    # What is in memory here is in clear for a moment.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        configured.prepare(folder / "intake")
    except OSError as error:
        raise RefusalError(
            f"The folder intake in {folder} can't be made. Make it yours, with room on the disk."
        ) from error
    import django
    from django.conf import settings
    from django.core.management import call_command
    from django.db import DatabaseError

    django.setup()
    try:
        call_command("migrate", verbosity=0, interactive=False)
    except DatabaseError as error:
        raise RefusalError(
            "The public door's database can't be made ready. Is there room, does PostgreSQL answer, "
            "and is its password in intake/database_password?"
        ) from error
    return settings


def serve(listening: socket.socket) -> None:
    """Serve on this socket until SIGTERM or SIGINT."""
    configuration = uvicorn.Config(
        "tocsin.intake.asgi:application",
        log_config=None,
        access_log=False,
        server_header=False,
        # Whoever stands before the door may say who comes. It doesn't want to know.
        proxy_headers=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=_GRACE,
        timeout_keep_alive=_KEPT_OPEN,
        limit_concurrency=2 * WAITING_AT_MOST,
        http=impatient(),
    )
    configuration.load()
    gc.collect()
    gc.freeze()
    asyncio.run(_serve(uvicorn.Server(configuration), listening))


async def _serve(server: uvicorn.Server, listening: socket.socket) -> None:
    sweeping = asyncio.create_task(_sweep_again_and_again())
    try:
        await server.serve(sockets=[listening])
    finally:
        sweeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await sweeping


async def _sweep_again_and_again() -> None:
    from asgiref.sync import sync_to_async

    from tocsin.intake import actions
    from tocsin.intake.views import telling

    while True:
        try:
            await sync_to_async(actions.sweep)()
        except Exception:  # noqa: BLE001  # what fails now is done in a minute
            _log.exception("sweeping failed")
        telling.forget_shown()
        await asyncio.sleep(_SWEEP_EVERY)
