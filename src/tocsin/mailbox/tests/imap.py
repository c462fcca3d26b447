"""A mail server's IMAP over TLS on loopback, with one account: as much of RFC 9051 as fetching and deleting needs."""

import datetime
import re
import socketserver
import ssl
import threading
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def certificate(folder: Path) -> Path:
    """A certificate of its own for localhost, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "localhost.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


class Inbox:
    """The account's letters by number, and their flags."""

    def __init__(self, *letters: bytes) -> None:
        self.letters = dict(enumerate(letters, start=1))
        self.flags: dict[int, set[str]] = {number: set() for number in self.letters}
        self.password = "secret"


class Server:
    """Serves an inbox from ``with`` to its end."""

    def __init__(self, inbox: Inbox, pem: Path) -> None:
        trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trust.load_cert_chain(pem)

        class Handler(socketserver.StreamRequestHandler):
            def setup(self) -> None:
                self.request = trust.wrap_socket(self.request, server_side=True)
                super().setup()

            def handle(self) -> None:
                _Session(inbox, self.rfile, self.wfile).run()

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever)
        self.port = int(self._server.server_address[1])

    def __enter__(self) -> "Server":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Session:
    def __init__(self, inbox: Inbox, lines: object, out: object) -> None:
        self._inbox, self._lines, self._out = inbox, lines, out

    def run(self) -> None:
        self._say("* OK ready")
        for raw in self._lines:  # type: ignore[attr-defined]
            tag, _space, words = raw.decode().strip().partition(" ")
            if not self._answer(tag, words):
                return

    def _answer(self, tag: str, words: str) -> bool:
        verb = words.split()[0].upper()
        if verb == "LOGIN" and self._inbox.password not in words:
            self._say(f"{tag} NO wrong")
            return True
        if verb == "UID":
            self._uid(words)
        elif verb == "CAPABILITY":
            self._say("* CAPABILITY IMAP4rev1")
        elif verb == "SELECT":
            self._say(f"* {len(self._inbox.letters)} EXISTS")
        elif verb == "EXPUNGE":
            for number in [one for one, flags in self._inbox.flags.items() if "\\Deleted" in flags]:
                del self._inbox.letters[number], self._inbox.flags[number]
        self._say(f"{tag} OK done")
        return verb != "LOGOUT"

    def _uid(self, words: str) -> None:
        _uid, what, *rest = words.split()
        if what == "SEARCH":
            found = [str(number) for number, flags in self._inbox.flags.items() if not flags]
            self._say("* SEARCH " + " ".join(found))
            return
        number = int(rest[0])
        letter = self._inbox.letters[number]
        if what == "STORE":
            self._inbox.flags[number] |= set(re.findall(r"\\\w+", words))
        elif "SIZE" in words:
            self._say(f"* {number} FETCH (UID {number} RFC822.SIZE {len(letter)})")
        else:
            bound = re.search(r"<0\.(\d+)>", words)
            part = letter[: int(bound[1])] if bound else letter
            self._say(f"* {number} FETCH (UID {number} BODY[]<0> {{{len(part)}}}", part + b")")

    def _say(self, line: str, more: bytes = b"") -> None:
        end = b"\r\n" if more else b""
        self._out.write(line.encode() + b"\r\n" + more + end)  # type: ignore[attr-defined]
        self._out.flush()  # type: ignore[attr-defined]
