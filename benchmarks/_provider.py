"""A provider on loopback for every channel: it answers well or badly as planned, and writes down every call it gets.

Its log is the judge of what was lost and what was doubled, so a line is on the disk before the answer leaves. It needs
the standard library alone, runs as a process of its own, and goes on with the same log when it is started again:

    python benchmarks/_provider.py --port 8600 --mail-port 8601 --log calls.jsonl --faults slow=0.2,die=0.05 --seed 7

The first line on its standard output is a JSON object with its ``http`` and ``mail`` ports. One line of the log is one
call: ``at`` (seconds since 1970), ``channel``, ``to``, ``page`` (the public id, empty where the message has none),
``link`` (the token of the link in the text), ``number``, ``taken`` (whether it would reach the person), ``fault``,
``text``. ``POST /-/faults`` with ``{"plan": "hang=1"}`` changes the plan, ``GET /-/count`` says how many calls came.
"""

import argparse
import json
import os
import queue
import random
import re
import socket
import socketserver
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

HOST = "127.0.0.1"
# What each fault does, and whether the message is taken all the same.
FAULTS = {
    "slow": True,  # answers well after 0.2 to 2 seconds
    "fail": False,  # 500
    "busy": False,  # 429 with Retry-After: 1
    "down": False,  # 503
    "refuse": False,  # this address does not exist
    "html": False,  # 200 and a page
    "redirect": False,  # 302
    "die": True,  # takes it, then the connection breaks
    "half": True,  # takes it, begins its answer, and the connection breaks
    "hang": True,  # takes it, and never answers
    "drip": True,  # takes it, and answers a byte a second
    "flood": False,  # answers without end
}
_LINK = re.compile(r"/a/([A-Za-z0-9_-]+)")
_NUMBER = re.compile(r"(?<![A-Za-z0-9_-])([0-9]{4})(?![A-Za-z0-9_-])")
_CALLBACK_PAGE = re.compile(r"/([^/]+)\Z")


@dataclass(frozen=True)
class Call:
    """One call as it goes into the log."""

    at: float
    channel: str
    to: str
    page: str
    link: str
    number: str
    taken: bool
    fault: str
    text: str


class Log:
    """Lines on the disk: those that wait are written together, and ``keep`` returns when they are there."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._waiting: queue.SimpleQueue[tuple[bytes, threading.Event]] = queue.SimpleQueue()
        self.count = 0
        threading.Thread(target=self._write, daemon=True).start()

    def keep(self, call: Call) -> None:
        """Write one line; it is on the disk when this returns."""
        done = threading.Event()
        self._waiting.put((json.dumps(asdict(call), ensure_ascii=False).encode() + b"\n", done))
        done.wait()

    def _write(self) -> None:
        while True:
            group = [self._waiting.get()]
            while not self._waiting.empty():
                group.append(self._waiting.get())
            os.write(self._file, b"".join(line for line, _done in group))
            os.fsync(self._file)
            self.count += len(group)
            for _line, done in group:
                done.set()


class Plan:
    """Which fault a call meets: shares by name, such as ``slow=0.2,die=0.05``; what is left is answered well."""

    def __init__(self, text: str, seed: int) -> None:
        self._random = random.Random(seed)
        self._guard = threading.Lock()
        self.change(text)

    def change(self, text: str) -> None:
        """Take another plan from now on."""
        shares = {}
        for part in filter(None, text.split(",")):
            name, _, share = part.partition("=")
            if name not in FAULTS:
                raise ValueError(name)
            shares[name] = float(share or 1)
        with self._guard:
            self._shares = shares

    def next(self) -> str:
        """The fault of the next call; empty for none."""
        with self._guard:
            drawn = self._random.random()
            for name, share in self._shares.items():
                drawn -= share
                if drawn < 0:
                    return name
        return ""


@dataclass(frozen=True)
class House:
    """What the two servers share."""

    log: Log
    plan: Plan

    def keep(self, at: float, channel: str, to: str, page: str, text: str, fault: str) -> None:
        """Write one call down."""
        link, number = _LINK.search(text), _NUMBER.findall(_LINK.sub(" ", text))
        taken = FAULTS.get(fault, True)
        token = link[1] if link else ""
        self.log.keep(Call(at, channel, to, page, token, number[-1] if number else "", taken, fault, text))


@dataclass(frozen=True)
class Heard:
    """What a request asked for, and what the provider answers when all is well."""

    channel: str
    to: str
    page: str
    text: str
    status: int
    answer: dict[str, str]


def understood(path: str, headers: Any, body: bytes) -> Heard | None:
    """The request in words; None if it is none of ours."""
    own_id = f"{time.monotonic_ns():x}"
    if path.endswith(("/Messages.json", "/Calls.json")):
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        page = _CALLBACK_PAGE.search(form.get("StatusCallback", ""))
        voice = path.endswith("/Calls.json")
        text = form.get("Twiml" if voice else "Body", "")
        sid = f"{'CA' if voice else 'SM'}{own_id}"
        answer = {"sid": sid, "status": "queued"}
        return Heard("voice" if voice else "sms", form.get("To", ""), page[1] if page else "", text, 201, answer)
    try:
        fields = json.loads(body)
    except ValueError:
        return None
    if path.endswith("/v2/send"):
        return Heard(
            "signal", ",".join(fields["recipients"]), "", fields["message"], 201, {"timestamp": str(time.time_ns())}
        )
    if "webhook-id" in headers:
        return Heard("webhook", path, headers["webhook-id"], fields["text"], 200, {})
    if "topic" in fields:
        page = fields.get("sequence_id", "")
        return Heard("ntfy", fields["topic"], page, fields["message"], 200, {"id": own_id, "event": "message"})
    return None


class Http(BaseHTTPRequestHandler):
    """SMS, calls, Signal, ntfy and webhooks."""

    protocol_version = "HTTP/1.1"
    house: House

    def do_GET(self) -> None:
        """Nothing has come in by Signal; how many calls there were."""
        self._answer(200, [] if "/receive/" in self.path else {"count": self.house.log.count})

    def do_POST(self) -> None:
        """One call."""
        at = time.time()
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path == "/-/faults":
            self.house.plan.change(json.loads(body)["plan"])
            self._answer(200, {})
            return
        heard = understood(self.path, self.headers, body)
        if heard is None:
            self._answer(404, {})
            return
        fault = self.house.plan.next()
        self.house.keep(at, heard.channel, heard.to, heard.page, heard.text, fault)
        self._behave(fault, heard)

    def _behave(self, fault: str, heard: Heard) -> None:
        plain = {"fail": 500, "busy": 429, "down": 503, "redirect": 302}
        if fault in plain:
            self._answer(plain[fault], {})
        elif fault == "refuse":
            self._answer(400, {"code": 21211, "error": "Unregistered user"})
        elif fault == "html":
            self._send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<html></html>")
        elif fault == "die":
            self._break_off()
        elif fault == "half":
            self._send(b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{")
            self._break_off()
        elif fault == "hang":
            self._wait_for_the_end()
        elif fault == "drip":
            self._drip()
        elif fault == "flood":
            self._flood()
        else:
            if fault == "slow":
                time.sleep(random.uniform(0.2, 2))
            self._answer(heard.status, heard.answer)

    def _answer(self, status: int, fields: dict[str, Any] | list[Any]) -> None:
        body = json.dumps(fields).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if status == 429:
            self.send_header("Retry-After", "1")
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()
        self._send(body)

    def _send(self, data: bytes) -> None:
        with suppress(OSError):
            self.wfile.write(data)
            self.wfile.flush()

    def _break_off(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _wait_for_the_end(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            while self.connection.recv(4096):
                pass

    def _drip(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            for sign in b"HTTP/1.1 201 Created\r\nX: " + b"x" * 600:
                self.connection.sendall(bytes([sign]))
                time.sleep(1)

    def _flood(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            while True:
                self.connection.sendall(b"x" * 65536)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the library's
        """Say nothing: the log is the file."""


class Smtp(socketserver.StreamRequestHandler):
    """Mail, as far as a letter needs it."""

    house: House

    def handle(self) -> None:
        """One session."""
        with suppress(OSError):
            self._session()

    def _session(self) -> None:
        self._say("220 provider")
        to = ""
        while line := self.rfile.readline(2000):
            verb = line[:4].upper()
            if verb == b"EHLO":
                self._say("250-provider\r\n250 8BITMIME")
            elif verb == b"RCPT":
                to = line.decode("latin-1").partition("<")[2].partition(">")[0]
                self._say("250 2.1.5 Ok")
            elif verb == b"DATA":
                self._say("354 Go on")
                if not self._letter(to):
                    return
            elif verb == b"QUIT":
                self._say("221 2.0.0 Bye")
                return
            else:
                self._say("250 2.0.0 Ok")

    def _letter(self, to: str) -> bool:
        lines = []
        while (line := self.rfile.readline(2000)) and line != b".\r\n":
            lines.append(line.removeprefix(b"."))
        if not line:
            return False  # it broke off: there is no letter
        at, fault = time.time(), self.house.plan.next()
        letter = message_from_bytes(b"".join(lines), policy=policy.default)
        self.house.keep(at, "mail", to, str(letter["X-Tocsin-Page"] or ""), letter.get_content(), fault)
        if fault in {"die", "half"}:
            return False
        if fault in {"hang", "drip"}:
            while self.rfile.read(1):
                pass
            return False
        if fault == "slow":
            time.sleep(random.uniform(0.2, 2))
        refusals = {"refuse": "550 5.1.1 No such person", "html": "554 5.6.0 No", "redirect": "554 5.6.0 No"}
        taken = FAULTS.get(fault, True)
        self._say("250 2.0.0 Taken" if taken else refusals.get(fault, "451 4.3.0 Not now"))
        return True

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024


class _SmtpServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 1024


def main(arguments: list[str]) -> int:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(description="A provider on loopback that writes down every call.")
    parser.add_argument("--port", type=int, default=0, help="of HTTP; 0: a free one")
    parser.add_argument("--mail-port", type=int, default=0, help="of SMTP; 0: a free one")
    parser.add_argument("--log", type=Path, required=True, help="file that calls are added to")
    parser.add_argument("--faults", default="", help=f"shares, such as slow=0.2,die=0.05; known: {', '.join(FAULTS)}")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    house = House(Log(given.log), Plan(given.faults, given.seed))
    Http.house = Smtp.house = house
    with _HttpServer((HOST, given.port), Http) as http, _SmtpServer((HOST, given.mail_port), Smtp) as mail:
        threading.Thread(target=mail.serve_forever, daemon=True).start()
        print(json.dumps({"http": http.server_address[1], "mail": mail.server_address[1]}), flush=True)
        with suppress(KeyboardInterrupt):
            http.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
