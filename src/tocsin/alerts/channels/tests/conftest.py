"""A message, a certificate, and settings with every channel at one address."""

import ipaddress
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tocsin.alerts.channels.base import Message, Settings

Setting = Callable[..., Settings]


@pytest.fixture
def message() -> Message:
    """A page as the pager words it."""
    link = "https://tocsin.example/a/s3cr3t-t0ken"
    return Message(
        page="k7m2pq9xw4htz3ab",
        attempt=1,
        code="7F3K",
        subject="Tocsin · 7F3K",
        text=f"Tocsin 7F3K: Please look. {link} Number: 4711",
        link=link,
        number="4711",
        reply_token="s3cr3t-t0ken",
    )


@pytest.fixture
def setting() -> Setting:
    """Settings with every channel, all at one base address."""

    def make(
        url: str = "http://127.0.0.1:9", port: int = 25, secrets: dict[str, str] | None = None, **more: object
    ) -> Settings:
        values = {
            "pager_name": "Tocsin",
            "smtp_host": "127.0.0.1",
            "smtp_port": port,
            "smtp_security": "none",
            "mail_from": "pager@tocsin.example",
            "mail_reply": "answer@tocsin.example",
            "sms_url": url,
            "sms_account": "AC123",
            "sms_from": "+41 44 668 18 00",
            "voice_from": "+41446681800",
            "signal_url": url,
            "signal_number": "+41446681800",
            "ntfy_url": url,
            "webhook": True,
            "inside_hosts": url.partition("://")[2],
            "apprise_schemes": "mmost",
            **more,
        }
        kept = {"sms_token": "sms-s3cret", "ntfy_token": "ntfy-s3cret", "webhook_key": "webhook-s3cret"} | (
            secrets or {}
        )
        return Settings(
            {name: value for name, value in values.items() if isinstance(value, (str, int))},
            kept,
            "https://tocsin.example",
        )

    return make


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a key and a certificate for mail.example and 127.0.0.1, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example")])
    names = [x509.DNSName("mail.example"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def context(certificate: Path) -> ssl.SSLContext:
    """The server's side of TLS."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate)
    return made


@pytest.fixture
def trust(certificate: Path) -> ssl.SSLContext:
    """The side of a client that trusts this server."""
    return ssl.create_default_context(cafile=str(certificate))
