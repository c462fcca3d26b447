"""The words come first, looking is an act with a reason, and what leaves does nothing in a browser."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.http import HttpResponseBase
from django.urls import reverse
from PIL import Image

from tocsin.alerts import clock
from tocsin.cases import actions as casework
from tocsin.cases.entries import entries
from tocsin.cases.evidence import actions, tickets
from tocsin.cases.evidence.access import access_evidence, piece
from tocsin.cases.evidence.actions import Draft
from tocsin.cases.evidence.items import Act, Evidence, Harm
from tocsin.cases.evidence.tests import making
from tocsin.cases.evidence.tests.conftest import Visitor
from tocsin.cases.evidence.tests.test_stamps import Authority
from tocsin.cases.kinds.consent import Consent
from tocsin.cases.refusals import RefusedError
from tocsin.keys import files, safes
from tocsin.keys.models import Hold
from tocsin.keys.sealing import SealError
from tocsin.keys.tests.conftest import Open
from tocsin.oncall.models import Load
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db(transaction=True)
Enter = Callable[[Person], Visitor]
Keep = Callable[..., UUID]
WHY = "To see whether the uniforms are those of March."


@pytest.fixture
def keep(opened: Open, alice: Person, case: UUID, vault: Path) -> Keep:
    """Keep a file in Alice's case."""

    def kept(body: bytes = b"", harm: Harm = Harm.UNKNOWN, name: str = "IMG_1.jpg") -> UUID:
        arrived = files.Incoming(vault)
        arrived.write(body or making.photo())
        arrived.finish()
        draft = Draft("A man is led away.", "Her sister, by Signal", date(2026, 1, 2), harm=harm)
        return actions.take(opened(alice), case, draft, arrived, name)

    return kept


def _page(visitor: Visitor, name: str, *parts: object) -> str:
    answer = visitor.client.get(reverse(f"cases:evidence:{name}", args=parts))
    assert answer.status_code == 200
    return answer.content.decode()


def _now(opened: Open, person: Person, case: UUID, row: UUID) -> Evidence:
    return piece(access_evidence(opened(person), case), row).piece


def _look(visitor: Visitor, case: UUID, row: UUID, **words: str) -> HttpResponseBase:
    return visitor.client.post(reverse("cases:evidence:look", args=[case, row]), {"why": WHY, **words})


def test_the_words_come_first_and_no_picture_by_itself(enter: Enter, alice: Person, case: UUID, keep: Keep) -> None:
    row = keep()
    for page in (_page(enter(alice), "index", case), _page(enter(alice), "item", case, row)):
        assert "A man is led away." in page
        assert "picture/" not in page
    page = _page(enter(alice), "item", case, row)
    assert "-6.20833, 35.75000" in page
    assert page.index("A man is led away.") < page.index("Not to look protects")
    for ticket in ("", "abc", "abc:def:ghi"):
        path = reverse("cases:evidence:picture", args=[case, row])
        assert enter(alice).client.get(path, {"seen": ticket}).status_code == 404


def test_it_opens_on_purpose_small_and_grey_and_is_noted_first(
    enter: Enter, opened: Open, alice: Person, bob: Person, case: UUID, keep: Keep, know: Any
) -> None:
    row, visitor = keep(harm=Harm.DISTRESSING), enter(alice)
    assert visitor.client.post(reverse("cases:evidence:look", args=[case, row]), {"why": ""}).status_code == 400
    answer = _look(visitor, case, row)
    shown = visitor.client.get(answer["Location"]).content.decode()
    (source,) = (part.split('"')[0] for part in shown.split('<img src="')[1:] if "picture/" in part.split('"')[0])
    drawn = visitor.client.get(source.replace("&amp;", "&"))
    picture = Image.open(io.BytesIO(drawn.content))
    assert (picture.mode, max(picture.size)) == ("L", 240)
    assert drawn["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert (drawn["X-Content-Type-Options"], drawn["Cache-Control"]) == ("nosniff", "no-store")
    last = _now(opened, alice, case, row).custody[-1]
    assert (last.act, last.why, last.by) == (Act.VIEWED, WHY, alice.pk)
    # The address is of no use to somebody else who is in the case.
    know(alice, bob)
    safes.changing(opened(alice), case, lambda safe: safe.let_in(bob.pk, ["evidence"]))
    assert enter(bob).client.get(source.replace("&amp;", "&")).status_code == 404


def test_large_and_in_colour_is_a_choice_and_ends(
    enter: Enter, alice: Person, case: UUID, keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, visitor = keep(making.photo((1600, 900)), Harm.DISTRESSING), enter(alice)
    seen = _look(visitor, case, row, large="on")["Location"].partition("seen=")[2].partition("#")[0]
    path = reverse("cases:evidence:picture", args=[case, row]) + "?seen=" + seen
    picture = Image.open(io.BytesIO(visitor.client.get(path).content))
    assert (picture.mode, max(picture.size)) == ("RGB", 1200)
    monkeypatch.setattr(tickets, "LOOK_WITHIN", -1)
    assert visitor.client.get(path).status_code == 404


def test_what_distresses_counts_for_the_viewers_own_rest_alone(
    enter: Enter, alice: Person, case: UUID, keep: Keep
) -> None:
    visitor = enter(alice)
    _look(visitor, case, keep(making.png(), Harm.PLAIN))
    assert not Load.objects.exists()
    _look(visitor, case, keep(making.gif(), Harm.UNKNOWN))
    _look(visitor, case, keep(making.photo(), Harm.DISTRESSING), large="on")
    loads = list(Load.objects.order_by("pk"))
    assert [(one.person_id, one.kind, one.amount, one.private) for one in loads] == [
        (alice.pk, Load.Kind.EXPOSURE, actions.GLANCE, True),
        (alice.pk, Load.Kind.EXPOSURE, actions.LOOK, True),
    ]
    assert {(one.at.hour, one.at.minute) for one in loads} == {(0, 0)}


def test_a_clean_copy_is_listed_noted_and_tells_nothing(
    enter: Enter, opened: Open, alice: Person, case: UUID, keep: Keep
) -> None:
    row, visitor = keep(), enter(alice)
    page = _page(visitor, "copy", case, row)
    assert "Canary Cameras" in page.partition("What it still tells")[0]
    assert "Canary" not in page.partition("What it still tells")[2]
    path = reverse("cases:evidence:copy", args=[case, row])
    answer = visitor.client.post(path, {"what": "clean", "why": "For the file."})
    assert b"Canary" not in answer.content
    assert Image.open(io.BytesIO(answer.content)).size == (640, 480)
    _harmless(answer, ".jpg")
    assert _now(opened, alice, case, row).custody[-1].act is Act.COPIED


def _harmless(answer: HttpResponseBase, ending: str) -> None:
    assert answer["Content-Type"] == "application/octet-stream"
    kind, _, name = answer["Content-Disposition"].partition("; filename=")
    assert (kind, name.strip('"').endswith(ending), "IMG" in name) == ("attachment", True, False)
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    "body",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"<!doctype html><script>alert(1)</script>",
        making.pdf() + making.archive(a=b"x"),
        b"GIF89a/*" + bytes(100) + b"*/=1;alert(1)",
        making.with_macros(),
        making.swollen_png(),
        making.swollen_document(),
    ],
)
def test_a_hostile_file_is_kept_as_it_came_and_does_nothing_in_a_browser(
    enter: Enter, alice: Person, case: UUID, keep: Keep, body: bytes
) -> None:
    row, visitor = keep(body, name="<script>alert(1)</script>.jpg"), enter(alice)
    page = _page(visitor, "item", case, row)
    assert "<script>alert" not in page
    path = reverse("cases:evidence:copy", args=[case, row])
    answer = visitor.client.post(path, {"what": "original", "why": "For the file."})
    assert b"".join(answer.streaming_content) == body  # type: ignore[attr-defined]
    _harmless(answer, ".bin")


def test_what_goes_outside_rests_on_a_consent_or_a_reason_in_full_words(
    enter: Enter, opened: Open, alice: Person, case: UUID, keep: Keep
) -> None:
    row, today = keep(), clock.now().date()
    consent = Consent(
        giver="person",
        free="free",
        purpose="evidence",
        recipient="Counsel",
        what="The photo",
        how="By voice",
        given_on=today - timedelta(days=1),
        lapses_on=today + timedelta(days=30),
    )
    given = casework.write(opened(alice), case, consent, "account")
    pressed = replace(consent, free="custody")
    bad = casework.write(opened(alice), case, pressed, "account")
    vault = opened(alice)
    for why, chosen in (("Court.", ""), ("To the court, as she asked us to.", str(bad))):
        with pytest.raises(RefusedError):
            actions.hand_out(vault, case, row, why, "Counsel", chosen)
    assert _now(opened, alice, case, row).custody[-1].act is Act.RECEIVED
    actions.hand_out(vault, case, row, "Court.", "Counsel", str(given))
    actions.hand_out(vault, case, row, "Her life is in danger, and nobody reaches her.", "Counsel")
    assert [(line.act, line.to) for line in _now(opened, alice, case, row).custody[1:]] == [(Act.SENT, "Counsel")] * 2
    page = _page(enter(alice), "copy", case, row)
    assert str(given) in page
    assert str(bad) not in page


def test_a_line_of_custody_that_is_changed_or_taken_away_shows(
    opened: Open, alice: Person, case: UUID, keep: Keep
) -> None:
    row = keep()
    for why in ("one more look", "another look"):
        actions.look(opened(alice), case, row, why, large=False)
    one = _now(opened, alice, case, row)
    assert one.unbroken
    lines = one.custody
    assert not replace(one, custody=(lines[0], lines[2])).unbroken
    assert not replace(one, custody=(lines[0], replace(lines[1], why="x"), lines[2])).unbroken
    assert not replace(one, custody=()).unbroken


def test_a_file_that_was_changed_on_the_disk_is_found_and_not_handed_out(
    enter: Enter, opened: Open, alice: Person, case: UUID, keep: Keep, vault: Path
) -> None:
    row, visitor = keep(), enter(alice)
    check = reverse("cases:evidence:check", args=[case, row])
    assert "Every byte is as it was" in visitor.client.post(check, follow=True).content.decode()
    one = _now(opened, alice, case, row)
    path = vault / one.file.id[:2] / one.file.id
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    assert "not as it was received" in visitor.client.post(check, follow=True).content.decode()
    assert visitor.client.get(reverse("cases:evidence:copy", args=[case, row])).status_code == 409
    with pytest.raises(SealError):
        list(actions.original(one))


def test_a_file_that_is_taken_out_leaves_its_story_and_no_key(
    enter: Enter, opened: Open, alice: Person, bob: Person, case: UUID, keep: Keep, vault: Path, know: Any
) -> None:
    row, visitor = keep(), enter(alice)
    know(alice, bob)
    safes.changing(opened(alice), case, lambda safe: safe.let_in(bob.pk, ["evidence"], "legal"))
    remove = reverse("cases:evidence:remove", args=[case, row])
    reason = {"why": "She asked us to keep no picture of her."}
    assert enter(bob).client.post(remove, reason).status_code == 409
    assert visitor.client.post(remove, {"why": "no"}).status_code == 400
    hold = Hold.objects.create(
        scope=Hold.Scope.ALL, until=clock.now().date() + timedelta(days=9), set_by=bob.pk, set_on=clock.now().date()
    )
    assert visitor.client.post(remove, reason).status_code == 409
    assert actions.untouched(_now(opened, alice, case, row))
    hold.delete()
    assert visitor.client.post(remove, reason).status_code == 302
    one = _now(opened, alice, case, row)
    assert (one.file.key, one.custody[-1].act, one.unbroken) == (bytes(32), Act.REMOVED, True)
    assert [path for path in vault.rglob("*") if path.is_file()] == []
    assert "A man is led away." in _page(visitor, "item", case, row)
    assert _look(visitor, case, row).status_code == 409


def test_after_somebody_left_files_are_sealed_anew(
    enter: Enter, opened: Open, alice: Person, bob: Person, case: UUID, keep: Keep, vault: Path, know: Any
) -> None:
    rows = [keep(), keep(making.png())]
    know(alice, bob)
    safes.changing(opened(alice), case, lambda safe: safe.let_in(bob.pk, ["evidence"]))
    known = [_now(opened, bob, case, row).file for row in rows]
    safes.changing(opened(alice), case, lambda safe: safe.put_out(bob.pk))
    assert "Somebody has left: 2 files" in _page(enter(alice), "index", case)
    for _ in rows:
        enter(alice).client.post(reverse("cases:evidence:reseal", args=[case]))
    assert "Somebody has left" not in _page(enter(alice), "index", case)
    for before, row in zip(known, rows, strict=True):
        after = _now(opened, alice, case, row)
        assert after.file.key != before.key
        assert (after.file.sha256, after.unbroken) == (before.sha256, True)
        assert not files.is_there(vault, before)
        assert actions.untouched(after)


def test_a_stamp_is_noted_and_holds(
    enter: Enter, opened: Open, alice: Person, case: UUID, keep: Keep, settings: Any, tmp_path: Path
) -> None:
    row, visitor = keep(), enter(alice)
    path = reverse("cases:evidence:stamp", args=[case, row])
    assert visitor.client.post(path).status_code == 409
    authority = Authority(tmp_path)
    try:
        made = authority.service
        settings.TIMESTAMPS = {"url": made.url, "roots": made.roots, "inside": made.inside}
        assert visitor.client.post(path).status_code == 302
    finally:
        authority.server.shutdown()
        authority.server.server_close()
    one = _now(opened, alice, case, row)
    assert one.stamp is not None
    assert actions.stamp_holds(one)
    assert one.custody[-1].act is Act.STAMPED


def test_a_description_is_changed_with_a_reason(
    enter: Enter, opened: Open, alice: Person, case: UUID, keep: Keep
) -> None:
    row, visitor = keep(), enter(alice)
    path = reverse("cases:evidence:describe", args=[case, row])
    words = {"description": "Two men.", "source": "x", "harm": "distressing", "version": "1"}
    assert visitor.client.post(path, words).status_code == 400
    assert visitor.client.post(path, {**words, "why": "Looked again."}).status_code == 302
    one = _now(opened, alice, case, row)
    assert (one.description, one.harm, one.custody[-1].why) == ("Two men.", Harm.DISTRESSING, "Looked again.")
    assert visitor.client.post(path, {**words, "why": "An old form."}).status_code == 409


def test_nobody_else_finds_any_of_it(
    enter: Enter, opened: Open, alice: Person, bob: Person, charlie: Person, case: UUID, keep: Keep, know: Any
) -> None:
    """A member without this compartment, a stranger, and a case that is not there: all get the same answer."""
    row = keep()
    know(alice, bob)
    safes.changing(opened(alice), case, lambda safe: safe.let_in(bob.pk, ["account"]))
    nobody = UUID(int=7)
    answers = set()
    for person in (bob, charlie):
        visitor = enter(person)
        for where in ([case], [nobody]):
            for name in ("index", "new"):
                answers.add(visitor.client.get(reverse(f"cases:evidence:{name}", args=where)).status_code)
            for name in ("item", "picture", "copy", "describe", "remove"):
                answers.add(visitor.client.get(reverse(f"cases:evidence:{name}", args=[*where, row])).status_code)
            for name in ("look", "check", "stamp"):
                answers.add(visitor.client.post(reverse(f"cases:evidence:{name}", args=[*where, row])).status_code)
    assert answers == {404}
    assert [one.what.kind for one in entries(access_evidence(opened(alice), case), "evidence")] == []
