"""Addresses are taken in one form or refused with words."""

import pytest

from tocsin.alerts.channels import addresses
from tocsin.alerts.channels.addresses import AddressError


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("+41446681800", "+41446681800"),
        (" +41 44 668 18 00 ", "+41446681800"),
        ("+1 (202) 555-0143", "+12025550143"),
        ("0041 44 668 18 00", "+41446681800"),
        ("+٩٧١ ٥٠ ١٢٣ ٤٥٦٧", "+971501234567"),
        ("\u202a+41\u00a044\u00a0668\u201118\u201100\u202c", "+41446681800"),
    ],
)
def test_a_phone_number_is_taken_as_people_write_it(typed: str, kept: str) -> None:
    assert addresses.phone(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "+",
        "044 668 18 00",
        "+41 (0)44 668 18 00",
        "+0446681800",
        "+4144668",
        "+4144668180012345",
        "+41446681800;x",
        "+41446681800\r\nTo: +4144",
        "+41446681800 ext. 5",
        "1-800-FLOWERS",
        "+41+446681800",
        "+²²²²²²²²",
    ],
)
def test_what_is_no_whole_phone_number_is_refused(typed: str) -> None:
    with pytest.raises(AddressError) as refused:
        addresses.phone(typed)
    assert "+41 44 668 18 00" in str(refused.value.message)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Alice@Example.ORG", "Alice@example.org"),
        ("alice+page@mail.example.org", "alice+page@mail.example.org"),
        ("alice@bücher.example", "alice@xn--bcher-kva.example"),
    ],
)
def test_a_mail_address_is_taken(typed: str, kept: str) -> None:
    assert addresses.mail(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "@",
        "alice",
        "alice@",
        "@example.org",
        "a b@example.org",
        "alice@example",
        "alice@127.0.0.1",
        "a..b@example.org",
        '"a b"@example.org',
        "a@example.org,b@example.org",
        "a@example.org\r\nBcc: b@example.org",
        "a@-x.org",
        "álice@example.org",
        f"{'a' * 65}@example.org",
        f"a@{'b' * 64}.org",
        "<a@example.org>",
        "a@ex\u2028ample.org",
    ],
)
def test_what_is_no_mail_address_is_refused(typed: str) -> None:
    with pytest.raises(AddressError):
        addresses.mail(typed)


def test_a_topic_must_be_hard_to_guess() -> None:
    assert addresses.topic(" kX7-mQ2_pZ9w ") == "kX7-mQ2_pZ9w"
    for bad in (
        "alerts",
        "aaaaaaaaaaaaaaaa",
        "https://ntfy.sh/kX7mQ2pZ9w",
        "a topic of mine",
        "тема-тема-тема",
        "x" * 65,
    ):
        with pytest.raises(AddressError):
            addresses.topic(bad)


def test_an_error_does_not_repeat_what_was_typed() -> None:
    with pytest.raises(AddressError) as refused:
        addresses.phone("my secret")
    assert "my secret" not in str(refused.value.message)


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://api.twilio.com", True),
        ("https://ntfy.example/base", True),
        ("http://127.0.0.1:8080", True),
        ("http://[::1]:8080", True),
        ("http://localhost", True),
        ("http://ntfy.example", False),
        ("http://10.0.0.5", False),
        ("http://localhost.evil.example", False),
        ("https://user:pass@ntfy.example", False),
        ("https://ntfy.example?token=x", False),
        ("ftp://ntfy.example", False),
    ],
)
def test_a_base_address_is_encrypted_or_on_this_machine(address: str, safe: bool) -> None:
    assert addresses.safe_to_call(address) is safe
