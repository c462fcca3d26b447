"""Names of people who were harmed stand on no page, in no answer, mail or log; one press shows them, on record."""

import json
import logging
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from tests.stories.canaries import Canaries, Place, leaks, letters, lines, walk
from tocsin.alerts import actions as alerting
from tocsin.alerts.models import Lane, Severity
from tocsin.audit.models import Entry
from tocsin.console import work as searching
from tocsin.console.index import Index, NodeLock
from tocsin.people.actions import issue_token
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.signals import accounts
from tocsin.signals import work as reading
from tocsin.signals.models import Signal
from tocsin.situations import work as grouping
from tocsin.situations.models import Situation
from tocsin.situations.tests.arriving import NOW, arrive, run
from tocsin.streams.models import Item, Source

pytestmark = [pytest.mark.django_db]

Makes = Callable[..., Source]
STARTS = (
    "/", "/situations/", "/triage/", "/look/", "/alerts/", "/search/?words=editor", "/search/?words=prison",
    "/sources/", "/sources/documents/", "/signals/learned/",
)  # fmt: skip
# Where no text of a source is shown; other tests walk there.
ELSEWHERE = (
    "/account/", "/settings/", "/people/", "/duty/", "/keys/", "/cases/", "/desk/", "/letters/", "/alliances/",
    "/rollcalls/", "/plans/", "/reports/", "/audit/", "/api/",
)  # fmt: skip


@pytest.fixture
def source(db: None) -> Makes:
    def make(name: str, **more: object) -> Source:
        fields = {"kind": "feeds", "url": f"https://{name}.example/", "reliability": "B", **more}
        return Source.objects.create(name=name, expected_every=timedelta(hours=1), next_fetch_at=NOW, **fields)

    return make


@pytest.fixture
def search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache of this test's own."""
    index, lock = Index(tmp_path), NodeLock(tmp_path)
    monkeypatch.setattr(searching, "search_index", lambda: index)
    monkeypatch.setattr(searching, "_lock", lambda: lock)
    monkeypatch.setattr("tocsin.console.search.search_index", searching.search_index)


def _texts(planted: Canaries) -> list[tuple[str, str, str]]:
    """Made-up people, each named in title, text, by surname, in the genitive, with invisible letters, in an address."""
    found = []
    for where, work in (("first", "Wikipedia editor"), ("second", "journalist")):
        given, family = planted.plant(where).split()
        title = f"Turkey: {work} {given} {family} arrested over an article"
        text = (
            f"Police in Ankara arrested {given} {family}, 31, a {work}, on Monday. {family}'s lawyer said that "
            f"{family[:3]}\u200b{family[3:]} was beaten in prison. Judge Nora Quill refused bail. “{given} is no "
            f"criminal,” the lawyer said. {family.upper()} has been held since."
        )
        found.append((title, text, f"https://daily.example/{given.lower()}-{family.lower()}-arrested"))
    return found


def _places(client: Client, token: str, records: list[logging.LogRecord]) -> Iterator[Place]:
    yield from walk(client, STARTS, ELSEWHERE).items()
    paths = ["signals", "items", "situations", "signals?words=arrested"]
    paths += [f"signals/{pk}{part}" for pk in Signal.objects.values_list("pk", flat=True) for part in ("", "/account")]
    paths += [f"items/{pk}" for pk in Item.objects.values_list("pk", flat=True)]
    paths += [f"situations/{name}" for name in Situation.objects.values_list("public_id", flat=True)]
    for path in paths:
        answer = Client().get(f"/api/{path}", HTTP_AUTHORIZATION=f"Bearer {token}")
        assert answer.status_code == 200, path
        yield f"/api/{path}", answer.content
    for row in Signal.objects.all():
        yield "row of a signal", f"{row.title} {row.summary} {row.url} {row.why}".encode()
    for one in Situation.objects.all():
        yield "row of a situation", f"{one.title} {one.reasons}".encode()
    yield from letters()
    yield from lines(records)


def _in_view(name: str, raw: bytes) -> Place:
    """Without the file as it came, which stays to be taken on purpose and is on record itself."""
    return name, b"" if re.fullmatch(r"/sources/items/\d+/original", name) else raw


def test_no_name_of_somebody_harmed_is_in_view_until_it_is_asked_for(
    source: Makes, browse: Callable[[Person], Client], alice: Person, search: None, caplog: pytest.LogCaptureFixture
) -> None:
    planted, daily, client = Canaries(), source("Daily"), browse(alice)
    token = str(issue_token(alice, "a program", [Right.READ], 30))
    with caplog.at_level(logging.DEBUG, logger="tocsin"):
        for hours, (title, text, url) in enumerate(_texts(planted)):
            arrive(daily, title, text, hours, url=url, facts={"file": f"{url.rsplit('/', 1)[1]}.pdf"})
        unread = [_in_view(*one) for one in walk(client, ("/sources/",)).items()]
        run()
        assert accounts.step()
        for row in Situation.objects.all():
            key = f"situation:{row.public_id}"
            alerting.accept(alerting.New("situation", Severity.SEVERE, Lane.LIFE, key, key))
        while searching.step():
            pass
        seen = [_in_view(*one) for one in _places(client, token, caplog.records)]
    assert Situation.objects.exists()
    assert leaks(planted, unread) == []
    assert leaks(planted, seen) == []
    # Everything else of the texts is there, and whom it names in public.
    assert any(b"arrested over an article" in raw for _name, raw in seen)
    assert any(b"Nora Quill" in raw for _name, raw in seen)
    assert any(b"What the text says happened" in raw and b"<mark>beaten</mark>" in raw for _name, raw in seen)

    for name in planted.planted.values():
        for word in name.split():
            found = client.get(f"/search/?words={word}").content.decode()
            assert not [pk for pk in Signal.objects.values_list("pk", flat=True) if f"/signals/{pk}/" in found]


def test_one_press_shows_the_names_to_who_may_read_the_text_and_is_on_record(
    source: Makes, browse: Callable[[Person], Client], alice: Person
) -> None:
    planted = Canaries()
    title, text, url = _texts(planted)[0]
    item = arrive(source("Daily"), title, text, url=url)
    run()
    shown = browse(alice).post(f"/sources/items/{item.pk}/names")
    assert planted.planted["first"] in shown.content.decode()
    assert shown["Cache-Control"] == "no-store"
    token = f"Bearer {issue_token(alice, 'a program', [Right.READ], 30)}"
    answer = Client().post(f"/api/items/{item.pk}/names", content_type="application/json", HTTP_AUTHORIZATION=token)
    assert planted.planted["first"] in json.loads(answer.content)["title"]
    assert Entry.objects.filter(verb="item.names").count() == 2


def test_who_may_not_read_a_text_uncovers_nothing(
    source: Makes, browse: Callable[[Person], Client], charlie: Person
) -> None:
    title, text, url = _texts(Canaries())[0]
    item = arrive(source("Closed", readers=1), title, text, url=url, readers=1)
    assert browse(charlie).post(f"/sources/items/{item.pk}/names").status_code in (403, 404)
    assert not Entry.objects.filter(verb="item.names").exists()


def test_texts_of_before_are_masked_with_their_situations(source: Makes) -> None:
    planted = Canaries()
    title, text, url = _texts(planted)[0]
    item = arrive(source("Daily"), title, text, url=url)
    run()
    # As they stood before names were masked.
    Item.objects.update(named=None)
    Signal.objects.filter(item=item).update(title=title, url=url, summary=text[:90], masked=0)
    Situation.objects.update(title=title)
    while reading.mask_names():
        pass
    while grouping.step():
        pass
    signal, situation = Signal.objects.get(item=item), Situation.objects.get()
    shown = f"{signal.title} {signal.summary} {signal.url} {situation.title}".encode()
    assert leaks(planted, [("rows", shown)]) == []
    assert "arrested" in situation.title
