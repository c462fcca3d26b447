"""Stories of issues during which a process may die: released, corrected, and sent to a mail server on this machine."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.db import connection

from tocsin.alerts.channels.base import Settings
from tocsin.alerts.channels.tests.servers import HOST, closed_port
from tocsin.audit.models import Entry
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.reports import arranging, drafting, releasing, sending
from tocsin.reports.gathering.period import Period
from tocsin.reports.laying import digest_of, document_of
from tocsin.reports.models import Delivery, Draft, Form, Issue
from tocsin.reports.refusals import RefusedError
from tocsin.situations.models import Situation

_DAY = timedelta(days=1)
# What the mail server saw; it outlives the processes that die.
_BOX = Path(tempfile.mkdtemp(prefix="issue-")) / "box"


def begin_release() -> None:
    """A draft with two readers."""
    at = datetime.now(UTC)
    alice, bob = (
        Person.objects.create(email=f"{name}@example.org", name=name, roles=int(Role.LEAD)) for name in ("alice", "bob")
    )
    Situation.objects.create(
        public_id="blocked", title="Wikis blocked", country="BR", harm="site-ban", first_at=at - _DAY, last_at=at,
        changed_at=at, signals=1, independent=1, probability=0.7, rank=1, tlp="clear",
    )  # fmt: skip
    report = arranging.arrange(alice, arranging.Wanted("For all", "executive", "hand", "once"))
    for name in ("ann", "ben"):
        sending.add(alice, report, name, f"{name}@example.org", "mail")
    arranging.draft_now(bob, report, Period(at - 7 * _DAY, at))


def release() -> None:
    """Release what is open, as whoever pressed would press again."""
    alice = Person.objects.get(email="alice@example.org")
    for row in Draft.objects.filter(state=Draft.State.OPEN).select_related("report", "gathered", "corrects"):
        # Whoever hung meanwhile is told that somebody else released it.
        with suppress(RefusedError):
            releasing.release(alice, row, digest_of(document_of(row)), without_pdf=True)


def released() -> Any:
    """Issues, their files, who gets them, and what the record says."""
    return (
        sorted(Issue.objects.values_list("number", "digest", "withdraws")),
        sorted(Form.objects.values_list("issue__number", "form")),
        sorted(Delivery.objects.values_list("issue__number", "name", "state")),
        sorted(Draft.objects.values_list("state", flat=True)),
        Entry.objects.filter(verb__in=["report.release", "report.send"]).count(),
    )


def begin_correction() -> None:
    """An issue that left, and the notice that withdraws it."""
    begin_release()
    release()
    drafting.make_correction(Issue.objects.get(), "It was wrong.", Person.objects.get(name="bob"), withdraw=True)


def begin_send() -> None:
    """An issue whose mails wait."""
    begin_release()
    release()
    _BOX.write_text("")


class _Server:
    """Writes down each mail that it takes, and says which it was given though it was known to be sent."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        name = str(message_from_bytes(envelope.content)["Message-ID"]).strip("<>").split(".")[0]
        with _BOX.open("a") as box:
            box.write(f"{name}\n")
        return "250 2.0.0 Taken"


@contextmanager
def _server() -> Iterator[None]:
    controller = Controller(_Server(), hostname=HOST, port=closed_port(), server_hostname="mail.example")
    controller.start()
    values: dict[str, str | int | bool] = {"smtp_host": HOST, "smtp_port": controller.port, "smtp_security": "none"}
    settings.PAGING = Settings(
        {**values, "mail_from": "reports@tocsin.example"}, {}, "https://tocsin.example", "Tocsin"
    )
    try:
        yield
    finally:
        controller.stop()


def send() -> None:
    """Send what waits; nothing that is known to be sent is handed over once more."""
    known = set(Delivery.objects.filter(state=Delivery.State.SENT).values_list("public_id", flat=True))
    before = _taken()
    with _server():
        while sending.step(1):
            pass
    again = known & set(_taken()[len(before) :])
    connection.close()
    assert not again, "a mail that was known to be sent was sent again"


def _taken() -> list[str]:
    return _BOX.read_text().split()


def sent() -> Any:
    """Each mail is known to be sent, and the server has it."""
    rows = Delivery.objects.order_by("name")
    return [(one.name, one.state, one.why, one.public_id in _taken()) for one in rows]
