"""The provider on loopback as a process of its own, and what it wrote down."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.rules.house import ROOT


@dataclass(frozen=True)
class Provider:
    """A running one: its ports and its log."""

    http: int
    mail: int
    log: Path

    @property
    def url(self) -> str:
        """Its base address for every channel but mail."""
        return f"http://127.0.0.1:{self.http}"

    def settings(self) -> dict[str, str | int]:
        """The settings of a house that sends everything here, as they stand in ``tocsin.toml``."""
        return {
            "smtp_host": "127.0.0.1",
            "smtp_port": self.mail,
            "smtp_security": "none",
            "mail_from": "pager@tocsin.example",
            "sms_url": self.url,
            "sms_account": "AC1",
            "sms_from": "+41446681800",
            "voice_from": "+41446681800",
            "signal_url": self.url,
            "signal_number": "+41446681800",
            "ntfy_url": self.url,
            "inside_hosts": f"127.0.0.1:{self.http}",
        }

    def calls(self) -> list[dict[str, Any]]:
        """Every call so far, in the order in which they came."""
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]


@contextmanager
def provider(log: Path, *options: str) -> Iterator[Provider]:
    """Run one until the block ends; ``options`` are those of its command line."""
    words: Sequence[str] = [sys.executable, str(ROOT / "benchmarks" / "_provider.py"), "--log", str(log), *options]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            ports = json.loads(process.stdout.readline())
            yield Provider(ports["http"], ports["mail"], log)
        finally:
            process.terminate()
