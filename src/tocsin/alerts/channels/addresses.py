"""Addresses in their one form: phone numbers, mail addresses, topics and addresses of pages, read strictly."""

from __future__ import annotations

import re
import unicodedata
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from tocsin.lib.http import HttpError
from tocsin.lib.http import urls as http_urls

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LONGEST_MAIL = 254
SHORTEST_TOPIC = 12
_PHONE = re.compile(r"\+[1-9][0-9]{7,14}")
_BETWEEN_DIGITS = frozenset(" -./()\u00a0\u2009\u2010\u2011\u202f")
_DIRECTIONS = dict.fromkeys(map(ord, "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,64}")


class AddressError(ValueError):
    """An address that can't be used; ``message`` is for the person who typed it and does not repeat it."""

    def __init__(self, message: StrOrPromise) -> None:
        super().__init__(message)
        self.message = message


def phone(value: str) -> str:
    """A phone number as ``+`` and 8 to 15 digits (ITU-T E.164), whatever script its digits are written in.

    Raises:
        AddressError: unless it says its country and is nothing but a number.
    """
    digits = []
    for sign in value.strip().translate(_DIRECTIONS):
        decimal = unicodedata.decimal(sign, None)
        if decimal is not None:
            digits.append(str(decimal))
        elif sign in "+＋" and not digits:
            digits.append("+")
        elif sign not in _BETWEEN_DIGITS:
            raise _bad_phone()
    text = "".join(digits)
    if text.startswith("00"):  # how most countries dial abroad
        text = f"+{text[2:]}"
    if "(0)" in value or not _PHONE.fullmatch(text):
        raise _bad_phone()
    return text


def _bad_phone() -> AddressError:
    return AddressError(_("Write the number with its country, such as +41 44 668 18 00, and without a (0)."))


def mail(value: str) -> str:
    """A mail address, its domain in lower case and as punycode.

    Raises:
        AddressError: for anything else, quoted and non-ASCII names before the @ included.
    """
    local, at, domain = value.strip().rpartition("@")
    if not at or not _LOCAL_PART.fullmatch(local) or len(local) > 64:
        raise _bad_mail()
    try:
        plain = domain.encode("idna").decode("ascii").lower()
    except (UnicodeError, ValueError):
        raise _bad_mail() from None
    labels = plain.split(".")
    if len(labels) < 2 or not all(_LABEL.fullmatch(one) for one in labels) or labels[-1].isdigit():
        raise _bad_mail()
    if len(local) + 1 + len(plain) > LONGEST_MAIL:
        raise _bad_mail()
    return f"{local}@{plain}"


def _bad_mail() -> AddressError:
    return AddressError(_("Write a mail address such as name@example.org."))


def topic(value: str) -> str:
    """The name of an ntfy topic. Whoever knows it reads along, so a short one is refused.

    Raises:
        AddressError: unless it is 12 to 64 letters, digits, ``-`` and ``_``, not all the same.
    """
    text = value.strip()
    if not _TOPIC.fullmatch(text):
        raise AddressError(_("A topic has letters from a to z, digits, - and _, at most 64; no address before it."))
    if len(text) < SHORTEST_TOPIC or len(set(text)) < 5:
        raise AddressError(_("Whoever guesses the topic reads along. Choose 12 or more random letters and digits."))
    return text


def page_address(value: str) -> http_urls.Address:
    """An address that begins with https:// or http://, checked.

    Raises:
        AddressError: for one that the HTTP client would refuse.
    """
    try:
        return http_urls.read(value.strip())
    except HttpError:
        raise AddressError(_("Write an address that begins with https:// and names its server.")) from None


def is_loopback(host: str) -> bool:
    """Whether a host as it is written can only be this machine: ``localhost`` or a loopback address."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def safe_to_call(value: str) -> bool:
    """Whether an operator's base address is https, or http to this machine itself."""
    try:
        address = http_urls.read(value)
    except HttpError:
        return False
    parts = urlsplit(value)
    return not parts.query and not parts.fragment and (address.scheme == "https" or is_loopback(address.host))
