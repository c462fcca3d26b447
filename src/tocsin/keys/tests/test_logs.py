"""Every line of a safe's log is signed in its place by who wrote it, and a log that was cut is missed."""

import json
from collections.abc import Callable
from uuid import UUID

import pytest

from tocsin.keys import logs, safes, sealing
from tocsin.keys.models import Epoch, LogLine
from tocsin.keys.safes import OpenSafe
from tocsin.keys.tampering import TamperError
from tocsin.keys.tests.conftest import Open
from tocsin.keys.tests.test_forgers import Mallory
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def safe(opened: Open, know: Callable[..., None], alice: Person, bob: Person) -> UUID:
    """Alice's, in which Bob is; its log has three lines, two of which Bob has seen."""
    know(alice, bob)
    made = safes.found(opened(alice), "case", ["account"], "owner").id
    safes.changing(opened(alice), made, lambda one: one.let_in(bob.pk, ["account"]))
    for person in (alice, bob, alice):
        OpenSafe(opened(person), made).log("opened")
    return made


def _epoch(safe: UUID) -> Epoch:
    return Epoch.objects.get(safe=safe, compartment="log")


def _append(safe: UUID, plain: bytes) -> None:
    """As who owns the database can: the log's key is public, and so is the way in which it is chained."""
    last, epoch = LogLine.objects.filter(safe=safe).order_by("-number")[0], _epoch(safe)
    number, before, blob = last.number + 1, bytes(last.digest), sealing.seal_to(bytes(epoch.public), plain)
    digest = logs._log_digest(safe, number, 1, blob, before)
    LogLine.objects.create(safe_id=safe, number=number, epoch=1, blob=blob, previous=before, digest=digest)


def test_a_log_of_which_the_end_was_cut_is_missed_by_who_saw_it(
    safe: UUID, opened: Open, alice: Person, bob: Person
) -> None:
    LogLine.objects.filter(safe=safe, number=3).delete()
    with pytest.raises(TamperError, match="log 3"):
        OpenSafe(opened(alice), safe)
    OpenSafe(opened(bob), safe)
    LogLine.objects.filter(safe=safe, number=2).delete()
    with pytest.raises(TamperError, match="log 2"):
        OpenSafe(opened(bob), safe)


def test_another_line_in_the_place_of_the_last_is_missed_too(safe: UUID, opened: Open, alice: Person) -> None:
    LogLine.objects.filter(safe=safe, number=3).delete()
    _append(safe, b"{}")
    with pytest.raises(TamperError, match="log 3"):
        OpenSafe(opened(alice), safe)


@pytest.mark.parametrize("plain", [b"", b"[]", b"{}", b'{"by": 1, "code": "opened"}', b'{"by": "x"}'])
def test_a_line_that_nobody_signed_is_refused(safe: UUID, opened: Open, alice: Person, plain: bytes) -> None:
    _append(safe, plain)
    with pytest.raises(TamperError, match="log 4"):
        OpenSafe(opened(alice), safe).read_log()


def test_a_line_by_keys_that_the_server_made_in_a_members_name_is_refused(
    safe: UUID, opened: Open, alice: Person, bob: Person
) -> None:
    mallory = Mallory(bob.pk, 2)
    mallory.enter_directory()
    epoch = _epoch(safe)
    logs.add_to_log(mallory, safe, 1, bytes(epoch.public), {"code": "opened"})  # type: ignore[arg-type]
    with pytest.raises(TamperError, match="log 4"):
        OpenSafe(opened(alice), safe).read_log()


def test_a_true_line_in_another_place_is_refused(safe: UUID, opened: Open, alice: Person, bob: Person) -> None:
    epoch = _epoch(safe)
    one = OpenSafe(opened(alice), safe)
    true = LogLine.objects.get(safe=safe, number=2)
    _append(safe, sealing.open_box(one._keys["log", 1], bytes(true.blob)))
    assert bytes(epoch.public)
    with pytest.raises(TamperError, match="log 4"):
        OpenSafe(opened(alice), safe).read_log()


def test_who_wrote_a_line_stands_in_it_by_their_own_signature_and_nowhere_in_clear(
    safe: UUID, opened: Open, alice: Person, bob: Person
) -> None:
    lines = OpenSafe(opened(alice), safe).read_log()
    assert [line["by"] for line in lines] == [alice.pk, bob.pk, alice.pk]
    assert all("signature" not in line for line in lines)
    # Nobody writes in another's name, not even a member.
    OpenSafe(opened(bob), safe).log("opened", by=alice.pk)
    assert OpenSafe(opened(alice), safe).read_log()[-1]["by"] == bob.pk
    assert b"signature" not in json.dumps(list(LogLine.objects.values()), default=str).encode()
