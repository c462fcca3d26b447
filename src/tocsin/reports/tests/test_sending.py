"""Who receives an issue, how, and what becomes of it: the mail server is down, the key is bad, the link is over."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.test import Client
from django.utils import timezone

from tocsin.alerts.channels.base import Outcome, Settings
from tocsin.alerts.channels.tests.servers import HOST, closed_port
from tocsin.mailbox.mail import openpgp
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.reports import arranging, drafting, editing, mailing, releasing, sending, work
from tocsin.reports.gathering.period import Period
from tocsin.reports.laying import digest_of, document_of
from tocsin.reports.models import Delivery, Draft, Issue, Report
from tocsin.reports.refusals import RefusedError
from tocsin.reports.secrets import token_of
from tocsin.situations.models import Assessment, Situation

pytestmark = pytest.mark.django_db
Browse = Callable[[Person], Client]
Release = Callable[..., Issue]


class Box:
    """What a real mail server took; with ``says`` it takes nothing."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.says = ""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.says:
            return self.says
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        return "250 2.0.0 Taken"


@contextmanager
def mail_server(settings: Any, box: Box) -> Iterator[None]:
    controller = Controller(box, hostname=HOST, port=closed_port(), server_hostname="mail.example")
    controller.start()
    point_at(settings, controller.port)
    try:
        yield
    finally:
        controller.stop()


def point_at(settings: Any, port: int) -> None:
    values: dict[str, str | int | bool] = {"smtp_host": HOST, "smtp_port": port, "smtp_security": "none"}
    values["mail_from"] = "reports@tocsin.example"
    settings.PUBLIC_URL = "https://tocsin.example"
    settings.PAGING = Settings(values, {}, "https://tocsin.example", "Tocsin")


@pytest.fixture
def release(
    situation: Callable[..., Situation],
    assess: Callable[..., Assessment],
    arrange: Callable[..., Report],
    week: Period,
    bob: Person,
    vera: Person,
) -> Release:
    """Releases an issue to these recipients: name to more."""

    def make(tlp: str = "amber", audience: str = "vice-president", **recipients: dict[str, Any]) -> Issue:
        assess(situation("Wikis blocked in the capital", tlp=tlp), 0.7)
        report = arrange(audience)
        for name, more in recipients.items():
            sending.add(vera, report, name, f"{name}@example.org", **{"way": "mail", **more})
        draft = arranging.draft_now(bob, report, week)
        return releasing.release(vera, draft, digest_of(document_of(draft)))

    return make


def overdue() -> None:
    Delivery.objects.update(due_at=timezone.now() - timedelta(hours=1))


def test_in_clear_goes_only_what_the_wider_community_may_read(release: Release, settings: Any) -> None:
    box = Box()
    release("clear", "public", ann={})
    with mail_server(settings, box):
        work.step()
    (letter,) = box.letters
    assert "Site ban in" in letter.get_content()
    assert Delivery.objects.get().as_what == "whole"


def test_what_is_above_goes_as_a_link_that_tells_nothing(release: Release, settings: Any) -> None:
    box = Box()
    release("amber", ann={})
    with mail_server(settings, box):
        work.step()
    delivery = Delivery.objects.get()
    (letter,) = box.letters
    whole = letter.as_string()
    assert f"https://tocsin.example/r/{token_of(delivery.public_id)}" in letter.get_content()
    assert "Wikis" not in whole
    assert "vice-president" not in whole
    assert str(token_of(delivery.public_id)) not in str(Delivery.objects.values().get()), "a hash alone is kept"


def test_with_a_key_the_whole_goes_sealed_and_never_in_clear(release: Release, settings: Any, vera: Person) -> None:
    box, pair = Box(), openpgp.make("ann@example.org")
    issue = release("amber", ann={"key": pair.public})
    bad = issue.deliveries.get()
    with mail_server(settings, box):
        work.step()
        (letter,) = box.letters
        assert "Wikis" not in letter.as_string()
        sealed = list(letter.iter_parts())[1].get_payload(decode=True)
        opened = openpgp.decrypt(pair.private, sealed)  # type: ignore[arg-type]
        assert opened is not None
        text = message_from_bytes(opened, policy=policy.default)
        assert "Wikis blocked in the capital" in text.get_content()
        Delivery.objects.filter(pk=bad.pk).update(key="no key at all", state="waiting")
        overdue()
        work.step()
    assert len(box.letters) == 1
    bad.refresh_from_db()
    assert "nothing goes out in clear" in sending.why(bad)
    with pytest.raises(RefusedError, match="no OpenPGP key"):
        sending.add(vera, issue.report, "Ben", "ben@example.org", "mail", "nonsense")


def test_a_mail_server_that_is_down_for_a_day_loses_nothing_and_it_is_said(
    release: Release, settings: Any, browse: Browse, vera: Person
) -> None:
    issue = release("amber", ann={}, ben={})
    point_at(settings, closed_port())
    for _hour in range(24):
        overdue()
        work.step()
    assert {one.state for one in issue.deliveries.all()} == {"waiting"}
    page = browse(vera).get(f"/reports/issues/{issue.public_id}/").content.decode()
    assert "waits for the mail server since" in page
    assert "tried 24 times" in page
    assert "2 mails wait here and go out by themselves" in browse(vera).get("/reports/").content.decode()
    box = Box()
    with mail_server(settings, box):
        overdue()
        work.step()
    assert sorted(one["To"] for one in box.letters) == ["ann@example.org", "ben@example.org"]
    assert {one.state for one in issue.deliveries.all()} == {"sent"}
    overdue()
    assert not sending.step(), "nothing goes out twice"


def test_a_repeat_carries_the_same_id_and_the_same_link(release: Release, settings: Any) -> None:
    box = Box()
    release("amber", ann={})
    with mail_server(settings, box):
        work.step()
        Delivery.objects.update(state="waiting", due_at=timezone.now() - timedelta(hours=1))
        work.step()
    first, second = box.letters
    assert first["Message-ID"] == second["Message-ID"]
    assert first.get_content() == second.get_content()


def test_an_address_that_is_none_is_refused_for_good(release: Release, settings: Any) -> None:
    box = Box()
    box.says = "550 5.1.1 No such user"
    issue = release("amber", ann={})
    with mail_server(settings, box):
        work.step()
    row = issue.deliveries.get()
    assert row.state == "refused"
    assert "does not exist" in sending.why(row)


def test_a_link_ends_by_itself_and_when_it_is_taken_back(
    release: Release, client: Client, vera: Person, browse: Browse
) -> None:
    issue = release("amber", ann={"way": "link"})
    row = issue.deliveries.get()
    address = f"/r/{token_of(row.public_id)}"
    assert client.post(address).status_code == 200
    assert client.post(address, {"form": "csv"}).headers["Content-Type"].startswith("text/csv")
    row.refresh_from_db()
    assert row.opened == 2
    browse(vera).post(f"/reports/issues/{issue.public_id}/revoke", {"delivery": row.public_id})
    for answer in (client.get(address), client.post(address), client.get("/r/never-was")):
        assert answer.status_code == 404
        assert "This link is over, was taken back, or never was." in answer.content.decode()
    Delivery.objects.update(revoked_at=None, expires_at=timezone.now() - timedelta(seconds=1))
    assert client.post(address).status_code == 404


def test_to_open_a_link_shows_nothing_before_a_person_presses(release: Release, client: Client) -> None:
    row = release("amber", ann={"way": "link"}).deliveries.get()
    answer = client.get(f"/r/{token_of(row.public_id)}")
    assert "Wikis" not in answer.content.decode()
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer.headers["Cache-Control"]
    row.refresh_from_db()
    assert row.opened == 0


def test_to_take_only_a_file_from_a_link_is_noted_as_well(release: Release, client: Client) -> None:
    row = release("amber", ann={"way": "link"}).deliveries.get()
    assert client.post(f"/r/{token_of(row.public_id)}", {"form": "text"}).status_code == 200
    row.refresh_from_db()
    assert row.opened == 1


def test_what_was_taken_while_somebody_stopped_it_was_sent_and_its_correction_follows(
    release: Release, settings: Any, bob: Person, vera: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    box, issue, hand_over = Box(), release("amber", ann={}), mailing.send

    def stopped_on_its_way(row: Delivery) -> Outcome:
        outcome = hand_over(row)
        sending.revoke(vera, row)
        return outcome

    monkeypatch.setattr(mailing, "send", stopped_on_its_way)
    with mail_server(settings, box):
        work.step()
    assert len(box.letters) == 1
    row = issue.deliveries.get()
    assert (row.state, row.revoked_at is not None) == ("sent", True)
    mended = drafting.make_correction(issue, "The day was wrong.", bob)
    mended = editing.add(bob, mended, 1, 0, "It was a Tuesday.", ["report:period"], opinion=False)
    again = releasing.release(vera, mended, digest_of(document_of(mended)))
    assert [one.name for one in again.deliveries.all()] == ["ann"]


@pytest.mark.parametrize("withdraw", [True, False])
def test_what_still_waits_of_an_issue_that_was_corrected_never_leaves(
    release: Release, settings: Any, bob: Person, vera: Person, browse: Browse, withdraw: bool
) -> None:
    box, issue = Box(), release("clear", "public", ann={}, ben={})
    point_at(settings, closed_port())
    work.step()
    issue.deliveries.filter(name="ben").update(why="")  # nobody knows whether it had left
    mended = drafting.make_correction(issue, "It named a victim.", bob, withdraw=withdraw)
    if not withdraw:
        mended = editing.add(bob, mended, 1, 0, "It was a Tuesday.", ["report:period"], opinion=False)
    again = releasing.release(vera, mended, digest_of(document_of(mended)), without_pdf=True)
    with mail_server(settings, box):
        overdue()
        work.step()
    assert sorted(one["To"] for one in box.letters) == ["ann@example.org", "ben@example.org"]
    new = {f"<{one.public_id}.report@tocsin.example>" for one in again.deliveries.all()}
    assert {one["Message-ID"] for one in box.letters} == new
    assert all("It named a victim." in " ".join(one.get_content().split()) for one in box.letters)
    assert {(one.state, one.why) for one in issue.deliveries.all()} == {("stopped", "corrected"), ("stopped", "")}
    page = browse(vera).get(f"/reports/issues/{issue.public_id}/").content.decode()
    assert "It was corrected before this left." in page


class Lost(Box):
    """Takes a letter, and is gone before it says so."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        said = await super().handle_DATA(server, session, envelope)
        assert server.transport is not None
        server.transport.close()
        return said


@pytest.mark.parametrize("whose", ["the server's", "ours"])
def test_that_a_mail_may_have_left_is_not_forgotten_when_its_next_try_fails(
    release: Release, settings: Any, bob: Person, vera: Person, whose: str
) -> None:
    box, issue = Lost(), release("clear", "public", ann={})
    if whose == "ours":
        issue.deliveries.update(tries=1)  # whoever sent it died before the end
    else:
        with mail_server(settings, box):
            work.step()
        assert len(box.letters) == 1
    point_at(settings, closed_port())
    overdue()
    work.step()
    row = issue.deliveries.get()
    assert (row.state, row.tries, row.why) == ("waiting", 2, "connect")
    sending.revoke(vera, row)
    notice = drafting.make_correction(issue, "It named a victim.", bob, withdraw=True)
    made = releasing.release(vera, notice, digest_of(document_of(notice)), without_pdf=True)
    assert [one.name for one in made.deliveries.all()] == ["ann"]


def test_a_mail_that_was_queued_beside_a_correction_is_kept_back(
    release: Release, settings: Any, bob: Person, vera: Person
) -> None:
    box, issue = Box(), release("clear", "public", ann={})
    notice = drafting.make_correction(issue, "It named a victim.", bob, withdraw=True)
    releasing.release(vera, notice, digest_of(document_of(notice)), without_pdf=True)
    issue.deliveries.update(state="waiting")
    with mail_server(settings, box):
        work.step()
    assert len(box.letters) == 1
    assert "It named a victim." in " ".join(box.letters[0].get_content().split())
    assert issue.deliveries.get().state == "stopped"


def test_what_is_for_named_people_is_read_in_the_console_alone(
    release: Release, settings: Any, vera: Person, client: Client
) -> None:
    box = Box()
    issue = release("red", "operational", ann={}, ben={"way": "link"})
    with mail_server(settings, box):
        work.step()
    assert len(box.letters) == 2
    for letter in box.letters:
        assert f"https://tocsin.example/reports/issues/{issue.public_id}/" in letter.get_content()
        assert "/r/" not in letter.get_content()
    for row in issue.deliveries.all():
        assert client.post(f"/r/{token_of(row.public_id)}").status_code == 404


def test_what_is_for_some_of_the_team_is_sent_to_nobody_else(
    arrange: Callable[..., Report], alice: Person, vera: Person, bob: Person
) -> None:
    report = arrange("operational", readers=int(Role.LEAD))
    with pytest.raises(RefusedError, match="some of the team only"):
        sending.add(vera, report, "Bob", bob.email, "mail", person=bob)
    assert sending.add(vera, report, "Alice", alice.email, "mail", person=alice).person == alice


def test_who_received_what_is_stored_and_only_who_releases_sees_it(
    release: Release, browse: Browse, alice: Person, bob: Person
) -> None:
    issue = release("amber", ann={})
    assert "ann@example.org" in browse(alice).get(f"/reports/issues/{issue.public_id}/").content.decode()
    assert "ann@example.org" not in browse(bob).get(f"/reports/issues/{issue.public_id}/").content.decode()


def test_an_executive_reads_what_was_sent_to_them_and_no_other(release: Release, browse: Browse, vera: Person) -> None:
    eve = Person.objects.create(email="eve@example.org", name="Eve", roles=int(Role.STAKEHOLDER))
    issue = release("amber", eve={"person": eve})
    assert browse(eve).get(f"/reports/issues/{issue.public_id}/").status_code == 200
    Delivery.objects.all().delete()
    assert browse(eve).get(f"/reports/issues/{issue.public_id}/").status_code == 404
    assert Draft.objects.count() == 1
    assert browse(eve).get(f"/reports/drafts/{Draft.objects.get().public_id}/").status_code == 404


@pytest.mark.parametrize("since", [{"is_active": False}, {"roles": int(Role.ANALYST)}])
def test_nothing_reaches_or_opens_for_a_reader_who_left_or_may_no_longer_read_it(
    release: Release, settings: Any, alice: Person, since: dict[str, object]
) -> None:
    box = Box()
    issue = release("amber", ann={"way": "link", "person": alice})
    delivery = issue.deliveries.get()
    address = f"/r/{token_of(delivery.public_id)}"
    assert "Wikis" in Client().post(address).content.decode()
    Issue.objects.filter(pk=issue.pk).update(readers=0 if "is_active" in since else int(Role.LEAD))
    Person.objects.filter(pk=alice.pk).update(**since)
    assert Client().get(address).status_code == 404
    assert "Wikis" not in Client().post(address).content.decode()
    with mail_server(settings, box):
        work.step()
    delivery.refresh_from_db()
    assert (box.letters, delivery.state) == ([], "refused")
    assert "left the team" in sending.why(delivery)


def test_a_link_that_was_handed_over_does_not_open_what_is_for_some_of_the_team_by_now(
    release: Release, vera: Person
) -> None:
    issue = release("amber")
    made = sending.hand_over(vera, issue, "A partner")
    assert Client().post(f"/r/{token_of(made.public_id)}").status_code == 200
    Issue.objects.filter(pk=issue.pk).update(readers=int(Role.LEAD))
    assert Client().post(f"/r/{token_of(made.public_id)}").status_code == 404
