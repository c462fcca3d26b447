"""The keyholder as a process of its own: killed, locked, without its database, it opens nothing."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tocsin.keys import vaults
from tocsin.keys.holder.client import NoKeyholderError
from tocsin.keys.holder.holding import ClosedError
from tocsin.keys.vaults import OpenVault
from tocsin.people.models import Person

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

RUN = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "tocsin.config.test_settings"
import django
django.setup()
from django.conf import settings
from django.db import connections
settings.DATABASES["default"]["NAME"] = connections.settings["default"]["NAME"] = sys.argv[1]
from pathlib import Path
from tocsin.keys.holder import memory
from tocsin.keys.holder.holding import Holder
from tocsin.keys.holder.server import Server
from tocsin.keys.holder.watching import Watch
from tocsin.keys.sealing import Cost
memory.guard()
with Watch() as watch:
    Server(Path(sys.argv[2]), Holder(Cost(1, 8192)), watch).serve()
"""


def _until(true: Callable[[], object]) -> None:
    while not true():
        time.sleep(0.02)


@contextmanager
def _process(path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTEST_XDIST_WORKER"}
    name = str(connection.settings_dict["NAME"])
    process = subprocess.Popen([sys.executable, "-c", RUN, name, str(path)], env=environment)
    try:
        _until(lambda: path.exists() or process.poll() is not None)
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def socket(settings: Any, tmp_path: Path) -> Path:
    settings.KEYHOLDER = tmp_path / "run" / "k.sock"
    return tmp_path / "run" / "k.sock"


def test_a_lock_closes_every_vault_and_ends_the_keyholder(socket: Path, alice: Person) -> None:
    with _process(socket) as process:
        _, cookie = vaults.make(alice.pk)
        assert OpenVault(alice.pk, cookie).sign(b"mine")
        vaults.lock_everything(alice.pk)
        _until(lambda: process.poll() is not None)
        with pytest.raises((ClosedError, NoKeyholderError)):
            OpenVault(alice.pk, cookie).sign(b"mine")
    with _process(socket), pytest.raises(ClosedError):
        OpenVault(alice.pk, cookie).sign(b"mine")


def test_one_that_is_killed_took_everything_with_it(socket: Path, alice: Person) -> None:
    with _process(socket) as process:
        words, cookie = vaults.make(alice.pk)
        process.send_signal(signal.SIGKILL)
        process.wait()
        with pytest.raises(NoKeyholderError):
            OpenVault(alice.pk, cookie).sign(b"mine")
    socket.unlink()
    with _process(socket):
        with pytest.raises(ClosedError):
            OpenVault(alice.pk, cookie).sign(b"mine")
        assert OpenVault(alice.pk, vaults.unlock(alice.pk, words)).sign(b"mine")


GUARDED = """
import ctypes, resource
from tocsin.keys.holder import memory
resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
memory.guard()
print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""


def test_its_memory_goes_into_no_core_file() -> None:
    said = subprocess.run([sys.executable, "-c", GUARDED], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "(0, 0) 0"
