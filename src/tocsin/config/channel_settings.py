"""What the settings of channels must be, and how channels get them. What is safe is judged by ``safeguards``."""

import hmac
import re
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from typing import Any

from tocsin.alerts.channels import addresses
from tocsin.alerts.channels.addresses import AddressError
from tocsin.alerts.channels.base import Settings
from tocsin.lib.http import HttpError
from tocsin.lib.http import urls as http_urls

SECRETS = ("smtp_password", "sms_token", "ntfy_token", "watch_url_1", "watch_url_2")
_OTHERS = ("smtp_user", "smtp_port", "webhook")
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}|[0-9A-Fa-f:]{2,39}")
_HOST_AND_PORT = re.compile(r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:]{2,39}\]):[0-9]{1,5}")
_ACCOUNT = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SENDER = re.compile(r"MG[0-9a-fA-F]{32}|[A-Za-z0-9 ]{3,11}|[0-9]{3,8}")
_SCHEMES = re.compile(r"[a-z0-9]{1,20}(?: *, *[a-z0-9]{1,20})*")
_LONGEST_NAME = 30


def settings_of(configuration: object, secret: Callable[[str], str], public_url: str, key: str) -> Settings:
    """What channels read, taken from the configuration and the secrets' files.

    The key that signs webhooks is derived from the secret key; each receiver's own is derived from it in turn.
    """
    secrets = {name: secret(name) for name in SECRETS}
    secrets["webhook_key"] = hmac.new(key.encode(), b"tocsin.webhook", sha256).hexdigest() if key else ""
    values = {name: getattr(configuration, name) for name in (*CHECKS, *_OTHERS)}
    return Settings(values, secrets, public_url, str(values["pager_name"]))


def faults(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each setting that can't be right, with what it must be. What is empty is not set up, and right."""
    for name, (check, must) in CHECKS.items():
        if values[name] and not check(str(values[name])):
            yield name, must
    if not values["pager_name"]:
        yield "pager_name", CHECKS["pager_name"][1]


def _reads(read: Callable[[str], object]) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        try:
            read(text)
        except (AddressError, HttpError):
            return False
        return True

    return check


_is_phone, _is_mail, _is_url = _reads(addresses.phone), _reads(addresses.mail), _reads(http_urls.read)


def _is_listening(text: str) -> bool:
    return bool(_HOST_AND_PORT.fullmatch(text)) and 0 < int(text.rpartition(":")[2]) < 65_536


def _is_list_of_hosts(text: str) -> bool:
    return all(_is_listening(one.strip()) for one in text.split(","))


def _is_signal(text: str) -> bool:
    return bool(re.fullmatch(r"unix:/[^\x00-\x1f]{1,100}", text)) or _is_url(text)


_AN_URL = "an address such as https://provider.example"
_A_NUMBER = "a phone number with its country, such as +41446681800"
_A_MAIL = "a mail address such as pager@example.org"
CHECKS: dict[str, tuple[Callable[[str], bool], str]] = {
    "pager_name": (
        lambda text: text.isprintable() and text == text.strip() and len(text) <= _LONGEST_NAME,
        f"one line of at most {_LONGEST_NAME} letters",
    ),
    "smtp_host": (lambda text: bool(_HOST.fullmatch(text)), "the name of a server, such as mail.example.org"),
    "smtp_security": (lambda text: text in {"starttls", "tls", "none"}, "starttls, tls or none"),
    "mail_from": (_is_mail, _A_MAIL),
    "mail_reply": (_is_mail, _A_MAIL),
    "mail_in": (_is_listening, "an address and a port, such as 127.0.0.1:8525"),
    "sms_url": (_is_url, _AN_URL),
    "sms_account": (lambda text: bool(_ACCOUNT.fullmatch(text)), "the id of the account, letters and digits"),
    "sms_from": (
        lambda text: _is_phone(text) or bool(_SENDER.fullmatch(text)),
        f"{_A_NUMBER}, or what your provider sends from",
    ),
    "voice_from": (_is_phone, _A_NUMBER),
    "signal_url": (_is_signal, "http://127.0.0.1:8080 or unix:/run/signal/api.sock, wherever signal-cli answers"),
    "signal_number": (_is_phone, _A_NUMBER),
    "emergency_signal": (_is_phone, _A_NUMBER),
    "ntfy_url": (_is_url, _AN_URL),
    "apprise_schemes": (lambda text: bool(_SCHEMES.fullmatch(text)), "names such as mmost, zulip"),
    "inside_hosts": (_is_list_of_hosts, "names with ports, such as chat.internal:443, separated by commas"),
    "pulse_channel": (lambda text: text in {"mail", "ntfy"}, "mail or ntfy"),
}
