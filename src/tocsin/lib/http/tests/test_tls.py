"""The name in the address is the name that the server must prove."""

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

from tocsin.lib.http import Client, Code, HttpError, Limits
from tocsin.lib.http.tests.servers import HOST, page, redirect, serving


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a key and a certificate for feed.example and 127.0.0.1, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "feed.example")])
    names = [x509.DNSName("feed.example"), x509.IPAddress(ipaddress.ip_address(HOST))]
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
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def context(certificate: Path) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate)
    return made


@pytest.fixture
def trust(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


def to_loopback(host: str, port: int) -> list[str]:
    return [HOST]


def test_the_address_is_dialled_and_the_name_is_proved(
    client: Callable[..., Client], context: ssl.SSLContext, trust: ssl.SSLContext
) -> None:
    greeted: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: greeted.append(name)
    with serving(lambda _: page(), context) as server:
        name = f"feed.example:{server.port}"
        made = client(resolver=to_loopback, trust=trust)
        assert made.fetch(f"https://{name}/", allow=frozenset({name})).body == b"hello"
    assert greeted == ["feed.example"]


@pytest.mark.parametrize("host", ["feed.example", "other.example"])
def test_a_server_that_can_not_prove_its_name_is_refused(
    client: Callable[..., Client], context: ssl.SSLContext, trust: ssl.SSLContext, host: str
) -> None:
    setting = {} if host == "feed.example" else {"trust": trust}
    with serving(lambda _: page(), context) as server:
        name = f"{host}:{server.port}"
        with pytest.raises(HttpError) as caught:
            client(resolver=to_loopback, **setting).fetch(f"https://{name}/", allow=frozenset({name}))
    assert caught.value.code is Code.TLS
    assert server.requests == []


def test_a_server_without_tls_is_refused(client: Callable[..., Client]) -> None:
    with serving(lambda _: page()) as server, pytest.raises(HttpError) as caught:
        client().fetch(server.url(scheme="https"), allow=frozenset({server.name}), limits=Limits(connect=0.2))
    assert caught.value.code in {Code.TLS, Code.TOO_SLOW}


def test_a_safe_page_may_not_lead_to_an_unsafe_one(
    client: Callable[..., Client], context: ssl.SSLContext, trust: ssl.SSLContext
) -> None:
    with (
        serving(lambda _: page()) as unsafe,
        serving(lambda _: redirect(unsafe.url()), context) as safe,
        pytest.raises(HttpError) as caught,
    ):
        client(trust=trust).fetch(safe.url(scheme="https"), allow=frozenset({safe.name, unsafe.name}))
    assert caught.value.code is Code.REFUSED_REDIRECT
    assert unsafe.requests == []


def test_a_broken_off_page_over_tls_is_not_taken_for_whole(
    client: Callable[..., Client], context: ssl.SSLContext, trust: ssl.SSLContext
) -> None:
    with (
        serving(lambda _: b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", context) as server,
        pytest.raises(HttpError) as caught,
    ):
        client(trust=trust).fetch(server.url(scheme="https"), allow=frozenset({server.name}))
    assert caught.value.code in {Code.CUT_SHORT, Code.BROKEN}
