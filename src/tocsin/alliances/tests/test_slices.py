"""A slice opens by link and code together, until it expires or is recalled; what is kept meanwhile opens nothing."""

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client

from tocsin.alerts import clock
from tocsin.alerts.tests.conftest import Time
from tocsin.alliances import actions, slices, work
from tocsin.alliances.models import Contact, Reply, Slice
from tocsin.alliances.refusals import RefusedError
from tocsin.alliances.secrets import Link
from tocsin.alliances.tests.conftest import Makes
from tocsin.audit.models import Entry
from tocsin.keys.sealing import box_keys, new_key, open_box
from tocsin.lib.tests.disk import database_files
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db

Browse = Callable[[Person], Client]
CANARY = "Dana waits at the blue door; zq7-canary-19."
SEED = new_key()
PUBLIC, _PRIVATE = box_keys(SEED)


@pytest.fixture
def ally(vetted: Makes) -> Contact:
    return vetted()


@pytest.fixture
def link(ally: Contact, alice: Person) -> Link:
    return actions.make_slice(
        ally, CANARY.encode(), clock.now() + timedelta(days=2), alice, tlp="amber", reply_to=PUBLIC
    )


def path(link: Link) -> str:
    return f"/s/{link.token}"


def _fixed(page: str) -> str:
    """A page without what differs each time."""
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page)
    return re.sub(r'<time [^>]*>[^<]*</time>|<span class="when-exact">.*?</span>', "", page)


def said(link: Link) -> list[dict[str, str]]:
    return [json.loads(open_box(SEED, one.sealed)) for one in actions.replies([link.slice])]


def test_link_and_code_show_it_and_the_case_hears_when(link: Link, client: Client) -> None:
    page = client.get(path(link))
    assert page.status_code == 200
    assert CANARY not in page.content.decode()
    page = client.post(path(link), {"code": link.code.upper().replace("-", " ")})
    assert CANARY in page.content.decode()
    assert [one["kind"] for one in said(link)] == ["opened"]
    assert "no-store" in page["Cache-Control"]
    assert "noindex" in page["X-Robots-Tag"]
    assert page["Referrer-Policy"] == "no-referrer"
    assert not page.cookies
    assert b"<script" not in page.content


@pytest.mark.parametrize("act", ["accept", "cannot", "question"])
def test_an_answer_is_sealed_to_the_case_and_counts_once(link: Link, client: Client, act: str) -> None:
    form = {"code": link.code, "act": act, "words": "I can be there at nine. zq7-canary-20", "once": "abc"}
    for _ in range(2):
        assert client.post(path(link), form).status_code == 200
    (answer,) = said(link)
    assert (answer["kind"], answer["words"]) == (act, "I can be there at nine. zq7-canary-20")
    assert b"canary" not in bytes(Reply.objects.get().sealed)
    actions.forget_replies([one.id for one in actions.replies([link.slice])])
    assert actions.replies([link.slice]) == []


def test_a_question_needs_words_and_another_answer_needs_none(link: Link, client: Client) -> None:
    page = client.post(path(link), {"code": link.code, "act": "question", "words": " "})
    assert page.status_code == 422
    assert "Write your question" in page.content.decode()
    assert client.post(path(link), {"code": link.code, "act": "accept"}).status_code == 200


def test_the_third_wrong_code_destroys_it(link: Link, client: Client) -> None:
    statuses = [client.post(path(link), {"code": code}).status_code for code in ("", "22222-22222", "33333-33333")]
    assert statuses == [422, 422, 404]
    assert bytes(Slice.objects.get().blob) == b""
    assert client.post(path(link), {"code": link.code}).status_code == 404


def test_a_right_code_gives_the_tries_back(link: Link, client: Client) -> None:
    for _ in range(3):
        client.post(path(link), {"code": "22222-22222"})
        client.post(path(link), {"code": "33333-33333"})
        assert client.post(path(link), {"code": link.code}).status_code == 200


def test_recalled_expired_and_never_made_look_the_same(link: Link, ally: Contact, alice: Person, time: Time) -> None:
    client = Client()
    never = client.get("/s/never-made")
    actions.recall(link.slice, alice)
    recalled = client.get(path(link))
    other = actions.make_slice(ally, b"Other.", clock.now() + timedelta(hours=1), alice)
    time.passes(hours=2)
    expired = client.post(path(other), {"code": other.code})
    assert {one.status_code for one in (never, recalled, expired)} == {404}
    assert never.content == recalled.content == expired.content


def test_a_recall_destroys_the_content_at_once(link: Link, alice: Person) -> None:
    actions.recall(link.slice, alice)
    row = Slice.objects.get()
    assert (bytes(row.blob), row.recalled_at is not None) == (b"", True)


def test_who_lengthens_a_row_gains_nothing(link: Link, client: Client, time: Time) -> None:
    Slice.objects.update(expires_at=clock.now() + timedelta(days=80))
    time.passes(days=3)
    assert CANARY not in client.post(path(link), {"code": link.code}).content.decode()


def test_a_content_moved_to_another_row_stays_shut(link: Link, ally: Contact, alice: Person, client: Client) -> None:
    other = actions.make_slice(ally, b"Other.", clock.now() + timedelta(days=2), alice)
    mine = Slice.objects.get(public_id=link.slice)
    Slice.objects.filter(public_id=other.slice).update(blob=mine.blob, salt=mine.salt)
    assert client.post(path(other), {"code": other.code}).status_code == 422


@pytest.mark.django_db(transaction=True)
def test_a_stolen_disk_holds_neither_content_nor_token_nor_code(link: Link, client: Client) -> None:
    client.post(path(link), {"code": link.code, "act": "accept", "words": "zq7-canary-21", "once": "x"})
    rows = [str(row) for model in (Slice, Reply, Entry) for row in model._default_manager.values_list()]
    files = b"".join(database_files().values())
    for secret in ("zq7-canary", str(link.token), str(link.code), PUBLIC.hex()):
        assert not any(secret in row for row in rows)
        assert secret.encode() not in files
    assert "canary" not in repr(link)
    assert str(link.token) not in repr(link)
    assert str(link.code) not in repr(link)


def test_nothing_outside_tells_that_something_was_shared(
    vetted: Makes, alice: Person, browse: Browse, client: Client
) -> None:
    row = vetted()
    seen = browse(alice)
    paths = ["/alliances/", f"/alliances/{row.public_id}/", "/alliances/due/", "/alliances/find/?help=legal"]
    before = [_fixed(seen.get(one).content.decode()) for one in paths]
    link = actions.make_slice(row, CANARY.encode(), clock.now() + timedelta(days=2), alice, reply_to=PUBLIC)
    client.post(path(link), {"code": link.code})
    assert [_fixed(seen.get(one).content.decode()) for one in paths] == before
    shown = Entry.objects.exclude(target="private:0")
    assert {one.verb for one in shown} == {"ally.propose", "ally.verify"}


def test_the_ally_must_be_vetted_and_may_be_told_no_more_than_agreed(
    proposed: Makes, ally: Contact, alice: Person
) -> None:
    soon = clock.now() + timedelta(days=1)
    other = proposed(name="Other")
    with pytest.raises(RefusedError, match="proposed"):
        actions.make_slice(other, b"Help.", soon, alice)
    actions.make_slice(other, b"Help.", soon, alice, override="Nobody else is awake.")
    actions.suspend(alice, other, "Their phone was taken.")
    with pytest.raises(RefusedError, match="suspended"):
        actions.make_slice(other, b"Help.", soon, alice, override="Nobody else is awake.")
    with pytest.raises(RefusedError, match="TLP"):
        actions.make_slice(ally, b"Help.", soon, alice, tlp="red")


@pytest.mark.parametrize(
    ("plain", "hours"),
    [(b"", 1), (b"\xff\xfe", 1), (b"x" * 15_001, 1), (b"<" * 4_000, 1), (b"Help.", -1), (b"Help.", 2400)],
)
def test_what_can_t_be_shared_is_refused(plain: bytes, hours: int, ally: Contact, alice: Person) -> None:
    with pytest.raises(RefusedError, match=r".{15,}"):
        actions.make_slice(ally, plain, clock.now() + timedelta(hours=hours), alice)
    assert not Slice.objects.exists()


def test_the_largest_page_stays_below_thirty_kilobytes(ally: Contact, alice: Person, client: Client) -> None:
    link = actions.make_slice(ally, b"<\n" * 2_900, clock.now() + timedelta(days=1), alice, reply_to=PUBLIC)
    assert len(client.post(path(link), {"code": link.code}).content) < 30_000


def test_markup_in_a_slice_is_shown_as_it_was_written(ally: Contact, alice: Person, client: Client) -> None:
    link = actions.make_slice(ally, b"<script>alert(1)</script>", clock.now() + timedelta(days=1), alice)
    page = client.post(path(link), {"code": link.code}).content.decode()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_expired_content_is_destroyed_and_rows_go_later(link: Link, time: Time) -> None:
    time.passes(days=3)
    while work.step():
        pass
    assert bytes(Slice.objects.get().blob) == b""
    time.passes(days=91)
    while work.step():
        pass
    assert not Slice.objects.exists()


def test_without_a_key_for_answers_none_is_taken(ally: Contact, alice: Person, client: Client) -> None:
    link = actions.make_slice(ally, b"Only to read.", clock.now() + timedelta(days=1), alice)
    page = client.post(path(link), {"code": link.code})
    assert "<textarea" not in page.content.decode()
    assert client.post(path(link), {"code": link.code, "act": "accept"}).status_code == 422
    assert not Reply.objects.exists()


def test_odd_tokens_and_codes_break_nothing(link: Link, client: Client) -> None:
    for token in ("%00", "ü", "x" * 500, "..", "a b"):
        assert client.get(f"/s/{token}").status_code == 404
    assert client.post(path(link), {"code": "\x00ü𝔘" * 30}).status_code == 422
    assert slices.open_slices(str(link.token)) is not None


def test_its_address_leads_to_this_door(link: Link) -> None:
    assert link.url == f"{settings.PUBLIC_URL.rstrip('/')}/s/{link.token}"
