"""A stamp is of one hash, by a service that we trust, which learns nothing else."""

import hashlib
import http.server
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tocsin.cases.evidence import stamps
from tocsin.cases.evidence.stamps import Service, StampError

HASH = hashlib.sha256(b"what happened").hexdigest()
_CONFIGURATION = """
[tsa]
default_tsa = one
[one]
dir = .
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
certs = tsa.pem
ess_cert_id_alg = sha256
"""


class Authority:
    """A time-stamping service on loopback, made of openssl; it keeps what it was asked."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.asked, self.answer = folder, list[bytes](), b""
        self._keys()
        outer = self

        class Answers(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                question = self.rfile.read(int(self.headers["content-length"]))
                outer.asked.append(question)
                body = outer.answer or outer.reply(question)
                self.send_response(200)
                self.send_header("content-type", "application/timestamp-reply")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_words: object) -> None:
                """Say nothing."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        place = f"127.0.0.1:{self.server.server_port}"
        self.service = Service(f"http://{place}/stamp", folder / "root.pem", frozenset({place}))

    def _keys(self) -> None:
        (self.folder / "tsa.cnf").write_text(_CONFIGURATION)
        (self.folder / "serial").write_text("01")
        (self.folder / "use").write_text("extendedKeyUsage=critical,timeStamping\n")
        new = ["req", "-newkey", "rsa:2048", "-nodes"]
        self._openssl(*new, "-x509", "-keyout", "root.key", "-out", "root.pem", "-subj", "/CN=Root", "-days", "3")
        self._openssl(*new, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Stamps")
        signed = ["-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-days", "2", "-extfile", "use"]
        self._openssl("x509", "-req", "-in", "tsa.csr", "-out", "tsa.pem", *signed)

    def reply(self, question: bytes) -> bytes:
        (self.folder / "q").write_bytes(question)
        self._openssl("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "q", "-out", "a")
        return (self.folder / "a").read_bytes()

    def _openssl(self, *words: str) -> None:
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    made = Authority(tmp_path_factory.mktemp("authority"))
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def authority(shared: Authority) -> Authority:
    shared.asked.clear()
    shared.answer = b""
    return shared


def test_a_stamp_says_when_and_by_whom_and_holds(authority: Authority) -> None:
    stamp = stamps.ask(authority.service, HASH)
    assert stamp.moment.tzinfo is not None
    assert stamp.service == "127.0.0.1"
    assert stamps.holds(authority.service, stamp, HASH)


def test_others_can_check_it_against_the_file_itself(authority: Authority, tmp_path: Path) -> None:
    stamp = stamps.ask(authority.service, HASH)
    (tmp_path / "file").write_bytes(b"what happened")
    (tmp_path / "answer").write_bytes(bytes.fromhex(stamp.answer))
    words = ["ts", "-verify", "-data", "file", "-in", "answer", "-CAfile", str(authority.folder / "root.pem")]
    done = subprocess.run(["openssl", *words], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Verification: OK" in done.stdout


def test_the_service_learns_the_hash_and_nothing_else(authority: Authority) -> None:
    stamps.ask(authority.service, HASH)
    (question,) = authority.asked
    assert bytes.fromhex(HASH) in question
    # Version, algorithm, hash, nonce and one flag: nothing else has room in so few bytes.
    assert len(question) <= 70


def test_a_stamp_is_of_one_hash_one_moment_and_one_service(authority: Authority, tmp_path: Path) -> None:
    stamp = stamps.ask(authority.service, HASH)
    other = hashlib.sha256(b"something else").hexdigest()
    assert not stamps.holds(authority.service, stamp, other)
    assert not stamps.holds(authority.service, replace(stamp, at="2020-01-01T00:00:00+00:00"), HASH)
    assert not stamps.holds(authority.service, replace(stamp, answer=stamp.answer[:-8] + "00000000"), HASH)
    (tmp_path / "stranger").mkdir()
    stranger = Authority(tmp_path / "stranger")
    stranger.server.shutdown()
    stranger.server.server_close()
    assert not stamps.holds(stranger.service, stamp, HASH)


@pytest.mark.parametrize("answer", [b"no", b"0" * 200, b"\x30\x03\x02\x01\x02"])
def test_an_answer_that_is_none_is_refused(authority: Authority, answer: bytes) -> None:
    authority.answer = answer
    with pytest.raises(StampError) as refused:
        stamps.ask(authority.service, HASH)
    assert refused.value.words


def test_an_old_answer_to_another_question_is_refused(authority: Authority) -> None:
    stamps.ask(authority.service, HASH)
    authority.answer = authority.reply(authority.asked[0])
    with pytest.raises(StampError):
        stamps.ask(authority.service, HASH)


def test_a_service_that_is_gone_or_whose_certificates_are_missing_gives_none(authority: Authority) -> None:
    for broken in (
        replace(authority.service, url="http://127.0.0.1:1/"),
        replace(authority.service, inside=frozenset()),
        replace(authority.service, roots=Path("/nowhere.pem")),
    ):
        with pytest.raises(StampError):
            stamps.ask(broken, HASH)
