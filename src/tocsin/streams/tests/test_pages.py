"""The pages: who sees what, and what can be done there."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import docx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tocsin.audit.models import Entry
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.streams import access, actions, documents, imports, work
from tocsin.streams.coverage import coverage
from tocsin.streams.drafts import RefusedError, RequirementDraft, SourceDraft
from tocsin.streams.models import BlindSpot, Health, Import, Item, Requirement, Source
from tocsin.streams.tests.conftest import AddSource
from tocsin.streams.tests.feed_texts import ONE, TWO, rss
from tocsin.streams.tests.server import Site

Browse = Callable[[Person], Client]

PAGES = [
    "/sources/",
    "/sources/?health=ill&kind=feeds&country=XS&q=x",
    "/sources/coverage/",
    "/sources/requirements/",
    "/sources/blind-spots/",
    "/sources/documents/",
    "/sources/export.opml",
]
FORMS = [
    "/sources/new/",
    "/sources/new/feeds/",
    "/sources/new/ooni/",
    "/sources/new/pageviews/",
    "/sources/new/gdelt/",
    "/sources/new/documents/",
    "/sources/import/",
    "/sources/documents/upload/",
]


def filled(url: str, **more: str) -> dict[str, str]:
    """The form of a feed."""
    return {
        "name": "Daily",
        "url": url,
        "countries": "XS",
        "languages": "en",
        "expected_every": "3600",
        "reliability": "B",
        "tlp": "clear",
        **more,
    }


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_with_nothing_stored(browse: Browse, bob: Person, page: str) -> None:
    assert browse(bob).get(page).status_code == 200


@pytest.mark.parametrize("page", FORMS)
def test_forms_open_for_those_who_may_change_sources(browse: Browse, bob: Person, vera: Person, page: str) -> None:
    assert browse(bob).get(page).status_code == 200
    assert browse(vera).get(page).status_code == 403


@pytest.mark.parametrize("page", PAGES)
def test_somebody_without_a_role_opens_nothing(browse: Browse, charlie: Person, page: str) -> None:
    assert browse(charlie).get(page).status_code == 403


def test_a_source_is_tried_added_and_fetched(browse: Browse, alice: Person, served: Site) -> None:
    url = served.put("/feed", rss(ONE, TWO))
    client = browse(alice)
    form = filled(url, allow_private=served.name)
    tried = client.post("/sources/new/feeds/", {**form, "try": "1"})
    assert "with 2 entries" in tried.content.decode()
    assert Source.objects.count() == Item.objects.count() == 0
    answer = client.post("/sources/new/feeds/", form, follow=True)
    assert "Daily" in answer.content.decode()
    work.step()
    source = Source.objects.get()
    page = client.get(f"/sources/{source.pk}/").content.decode()
    assert ONE[1] in page
    assert "2 kept" in page
    item = Item.objects.first()
    assert item is not None
    assert client.get(f"/sources/items/{item.pk}/").status_code == 200
    entry = Entry.objects.get(verb="source.add")
    assert (entry.actor, entry.target) == (alice.pk, f"source:{source.pk}")
    assert (entry.facts["host"], entry.facts["private"]) == (served.name, True)
    assert Entry.objects.get(verb="source.try").facts == {"host": served.name, "private": True}


@pytest.mark.parametrize("verb", [{}, {"try": "1"}])
def test_only_the_lead_lets_a_source_reach_a_server_inside(
    browse: Browse, alice: Person, bob: Person, served: Site, verb: dict[str, str]
) -> None:
    form = {**filled(served.put("/feed", rss(ONE)), allow_private=served.name), **verb}
    assert "Ask the lead" in browse(bob).post("/sources/new/feeds/", form).content.decode()
    assert served.asked == []
    assert Source.objects.count() == Entry.objects.filter(verb__startswith="source.").count() == 0
    assert "Ask the lead" not in browse(alice).post("/sources/new/feeds/", form, follow=True).content.decode()


def test_only_who_may_allow_it_may_keep_it_allowed(browse: Browse, bob: Person, add_source: AddSource) -> None:
    source = add_source("http://127.0.0.1:9/feed", allow_private="127.0.0.1:9")
    form = filled(source.url, allow_private=source.allow_private)
    assert "Ask the lead" in browse(bob).post(f"/sources/{source.pk}/edit/", form).content.decode()
    browse(bob).post(f"/sources/{source.pk}/edit/", {**form, "allow_private": ""})
    source.refresh_from_db()
    assert source.allow_private == ""
    assert Entry.objects.get(verb="source.edit").facts["private"] is False


@pytest.mark.parametrize("allowed", ["127.0.0.1:9", "x.example:80", "other.example:443"])
def test_only_the_own_host_of_a_source_can_be_allowed(alice: Person, allowed: str) -> None:
    draft = SourceDraft(name="A", kind="feeds", url="https://x.example/feed", allow_private=allowed)
    with pytest.raises(RefusedError) as refused:
        actions.add_source(alice, draft)
    assert refused.value.field == "allow_private"
    assert actions.add_source(alice, replace(draft, allow_private="X.example:443")).allow_private == "x.example:443"


def test_nobody_restricts_a_source_to_others_only(
    browse: Browse, alice: Person, bob: Person, add_source: AddSource
) -> None:
    draft = SourceDraft(name="H", kind="feeds", url="https://x.example/feed", readers=int(Role.LEAD))
    actions.add_source(alice, draft)
    own = add_source("https://y.example/feed")
    brought = documents.Brought("a.txt", b"Words.", readers=int(Role.LEAD))
    attempts: list[Callable[[], object]] = [
        lambda: actions.add_source(bob, draft),
        lambda: actions.edit_source(bob, own, draft),
        lambda: actions.try_source(bob, draft),
        lambda: imports.propose(bob, OPML, imports.Common(readers=int(Role.LEAD))),
        lambda: documents.upload(bob, brought),
    ]
    for attempt in attempts:
        with pytest.raises(RefusedError) as refused:
            attempt()
        assert refused.value.field == "readers"
    actions.add_source(bob, replace(draft, readers=int(Role.LEAD | Role.ANALYST)))


def test_taking_a_list_back_leaves_what_was_kept_from_the_person_meanwhile(alice: Person, bob: Person) -> None:
    row = imports.propose(bob, OPML, imports.Common())
    assert imports.take(bob, row) == 3
    hidden = Source.objects.get(name="Second")
    draft = SourceDraft(name="Second", kind="feeds", url=hidden.url, readers=int(Role.LEAD))
    actions.edit_source(alice, hidden, draft)
    row.refresh_from_db()
    assert imports.undo(bob, row) == (2, 0)
    assert list(Source.objects.all()) == [hidden]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"url": "ftp://x.example/"}, "http:// or https://"),
        ({"url": "http://user:pass@x.example/"}, "user name or password"),
        ({"countries": "ZQ"}, "No country has the code"),
        ({"languages": "english"}, "is not a language code"),
        ({"tlp": "red"}, "say which roles"),
        ({"allow_private": "nonsense"}, "host and port"),
        ({"name": "\x00"}, "Null characters"),
    ],
)
def test_a_wrong_field_says_what_to_mend(browse: Browse, bob: Person, wrong: dict[str, str], words: str) -> None:
    answer = browse(bob).post("/sources/new/feeds/", {**filled("https://x.example/feed"), **wrong})
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert Source.objects.count() == 0


def test_a_source_of_measurements_can_not_be_restricted(bob: Person) -> None:
    draft = SourceDraft(name="O", kind="ooni", url="https://o.example/", readers=int(Role.LEAD))
    with pytest.raises(RefusedError) as refused:
        actions.add_source(bob, draft)
    assert refused.value.field == "readers"


def test_pause_resume_and_fetch_now_are_one_click_each(browse: Browse, bob: Person, add_source: AddSource) -> None:
    source = add_source("https://x.example/feed", countries=["XS"])
    client = browse(bob)
    client.post(f"/sources/{source.pk}/pause")
    source.refresh_from_db()
    assert source.paused
    assert BlindSpot.objects.get().countries == ["XS"]
    assert b"Paused by a person" in client.get("/sources/blind-spots/").content
    client.post(f"/sources/{source.pk}/resume")
    client.post(f"/sources/{source.pk}/fetch")
    source.refresh_from_db()
    assert not source.paused
    assert source.next_fetch_at < timezone.now()
    assert [one.verb for one in Entry.objects.order_by("pk")] == ["source.pause", "source.resume", "source.fetch"]


def test_an_edit_of_the_address_forgets_what_was_remembered(browse: Browse, bob: Person, add_source: AddSource) -> None:
    source = add_source("https://x.example/feed", memory={"transport": {"etag": "a"}}, health=Health.BROKEN)
    browse(bob).post(f"/sources/{source.pk}/edit/", filled("https://x.example/other"))
    source.refresh_from_db()
    assert (source.url, source.memory, source.health) == ("https://x.example/other", {}, Health.NEW)


def test_a_removed_source_leaves_the_lists_and_comes_back_when_added(
    browse: Browse, bob: Person, add_source: AddSource
) -> None:
    source = add_source("https://x.example/feed", name="Leaves")
    client = browse(bob)
    assert b"Leaves" in client.get(f"/sources/{source.pk}/remove/").content
    client.post(f"/sources/{source.pk}/remove/")
    assert b"Leaves" not in client.get("/sources/").content
    assert client.get(f"/sources/{source.pk}/").status_code == 404
    client.post("/sources/new/feeds/", filled("https://x.example/feed"))
    source.refresh_from_db()
    assert (source.removed_at, source.paused, source.name) == (None, False, "Daily")


def test_a_restricted_source_looks_missing_to_others_everywhere(
    browse: Browse, alice: Person, bob: Person, vera: Person, served: Site, add_source: AddSource
) -> None:
    source = add_source(served.put("/feed", rss(ONE)), name="Hidden", readers=int(Role.LEAD), countries=["XS"])
    work.step()
    work.watch_silence(timezone.now() + timedelta(days=2))
    item = Item.objects.get()
    actions.add_requirement(alice, RequirementDraft("What happens in Sarvania?", "the board", countries=("XS",)))
    paths = [f"/sources/{source.pk}/", f"/sources/items/{item.pk}/", f"/sources/items/{item.pk}/original"]
    for person, status in ((alice, 200), (bob, 404), (vera, 404)):
        assert [browse(person).get(path).status_code for path in paths] == [status] * 3
        seen = status == 200
        for page in ("/sources/", "/sources/coverage/", "/sources/blind-spots/", "/sources/export.opml"):
            assert (b"Hidden" in browse(person).get(page).content) is seen, page
        assert access.items_for(person).count() == access.sources_for(person).count() == int(seen)
    assert b"0 sources" in browse(bob).get("/sources/").content


def test_adding_the_address_of_a_restricted_source_does_not_tell_that_it_exists(alice: Person, bob: Person) -> None:
    hidden = SourceDraft(name="H", kind="feeds", url="https://x.example/feed", readers=int(Role.LEAD))
    actions.add_source(alice, hidden)
    actions.add_source(bob, SourceDraft(name="Open", kind="feeds", url="https://x.example/feed"))
    assert Source.objects.count() == 2


def test_coverage_says_who_looks_where_and_where_nobody_does(
    browse: Browse, alice: Person, add_source: AddSource
) -> None:
    add_source("https://a.example/", name="Lives", countries=["XS"], languages=["en"], health=Health.FRESH)
    add_source("https://b.example/", name="Broken one", countries=["XO"], health=Health.BROKEN)
    add_source("https://c.example/", name="Whole world", kind="gdelt", health=Health.FRESH)
    question = RequirementDraft(
        "Who is arrested?", "the board", countries=("XS", "XO", "KE"), languages=("en", "am"), streams=("feeds", "ooni")
    )
    actions.add_requirement(alice, question)
    (row,) = coverage(alice)
    assert {part.code: part.cover.value for part in row.countries} == {"KE": "nobody", "XO": "stale", "XS": "live"}
    assert {part.code: part.cover.value for part in row.languages} == {"am": "nobody", "en": "live"}
    assert {part.code: part.cover.value for part in row.kinds} == {"feeds": "live", "ooni": "nobody"}
    page = browse(alice).get("/sources/coverage/").content.decode()
    assert "nobody looks" in page
    assert "Broken one" in page
    assert "Whole world" not in page


def test_requirements_are_added_changed_closed_and_reopened(browse: Browse, bob: Person) -> None:
    client = browse(bob)
    form = {"question": "Who is arrested?", "asked_by": "the board", "countries": "ke", "harms": ["site-ban"]}
    client.post("/sources/requirements/new/", form)
    row = Requirement.objects.get()
    assert (row.countries, row.harms, row.owner) == (["KE"], ["site-ban"], bob)
    client.post(f"/sources/requirements/{row.pk}/", {**form, "question": "Who was arrested?"})
    client.post(f"/sources/requirements/{row.pk}/close")
    row.refresh_from_db()
    assert row.question == "Who was arrested?"
    assert row.closed_at is not None
    client.post(f"/sources/requirements/{row.pk}/reopen")
    row.refresh_from_db()
    assert row.closed_at is None
    assert Entry.objects.count() == 4


OPML = b"""<?xml version="1.0"?><opml version="2.0"><head><title>My list</title></head><body>
<outline text="Group"><outline text="A & B" xmlUrl="https://a.example/feed?x=1&y=2" language="am"/>
<outline text="Twice" xmlUrl="https://a.example/feed?x=1&y=2"/>
<outline text="File" xmlUrl="file:///etc/passwd"/><outline text="Known" xmlUrl="https://known.example/feed"/>
<outline title="Second" xmlurl="https://b.example/feed"/></outline></body></opml>"""


def test_a_list_is_looked_through_taken_in_and_taken_back(
    browse: Browse, bob: Person, vera: Person, alice: Person, add_source: AddSource
) -> None:
    known = add_source("https://known.example/feed")
    client = browse(bob)
    form = {"file": SimpleUploadedFile("l.opml", OPML), "expected_every": "86400", "reliability": "C", "tlp": "clear"}
    page = client.post("/sources/import/", form, follow=True).content.decode()
    row = Import.objects.get()
    assert Source.objects.count() == 1
    assert [feed["url"] for feed in row.feeds] == ["https://a.example/feed?x=1&y=2", "https://b.example/feed"]
    assert [one["name"] for one in row.refused] == ["Twice", "File", "Known"]
    assert "twice" in page
    assert "that was mended" in page
    assert browse(alice).get(f"/sources/import/{row.pk}/").status_code == 404
    client.post(f"/sources/import/{row.pk}/take")
    added = Source.objects.get(name="A & B")
    assert (added.languages, added.reliability, added.imported) == (["am"], "C", row)
    assert b"A &amp; B" in client.get("/sources/export.opml").content
    client.post(f"/sources/import/{row.pk}/undo")
    assert list(Source.objects.all()) == [known]


def test_what_is_no_list_is_refused_in_words(browse: Browse, bob: Person) -> None:
    for body in (b"<html><body>hi</body></html>", b"\x00\x01", b"<!DOCTYPE a [<!ENTITY b 'c'>"):
        form = {
            "file": SimpleUploadedFile("l.opml", body),
            "expected_every": "86400",
            "reliability": "C",
            "tlp": "clear",
        }
        answer = browse(bob).post("/sources/import/", form)
        assert answer.status_code == 200
        assert b"list" in answer.content
    assert Import.objects.count() == 0


def _docx(words: str) -> bytes:
    made, body = docx.Document(), io.BytesIO()
    made.add_paragraph(words)
    made.save(body)
    return body.getvalue()


def test_documents_are_kept_for_those_named_and_come_back_as_a_file(
    browse: Browse, alice: Person, bob: Person, vera: Person
) -> None:
    body = _docx("The ministry prepares a ban.")
    files = [SimpleUploadedFile("risk <b>.docx", body), SimpleUploadedFile("broken.docx", b"PK\x03\x04 no")]
    form = {
        "documents": files,
        "tlp": "red",
        "readers": [int(Role.LEAD), int(Role.ANALYST)],
        "country": "xs",
        "language": "en",
    }
    answer = browse(bob).post("/sources/documents/upload/", form)
    assert "broken.docx was refused: This DOCX is damaged" in answer.content.decode()
    item = Item.objects.get()
    assert (item.text, item.tlp, item.readers) == ("The ministry prepares a ban.", "red", int(Role.LEAD | Role.ANALYST))
    assert item.facts["country"] == "XS"
    assert browse(vera).get(f"/sources/items/{item.pk}/").status_code == 404
    for page in ("/sources/documents/", "/sources/", f"/sources/{item.source_id}/"):
        assert b"risk" not in browse(vera).get(page).content
    assert b"0 kept" in browse(vera).get(f"/sources/{item.source_id}/").content
    original = browse(alice).get(f"/sources/items/{item.pk}/original")
    assert original.content == body
    assert original["Content-Disposition"].startswith("attachment")
    assert "<" not in original["Content-Disposition"]
    assert (original["Content-Type"], original["X-Content-Type-Options"]) == ("application/octet-stream", "nosniff")
    assert "sandbox" in original["Content-Security-Policy"]


def test_the_same_document_brought_by_another_is_not_told_to_be_there(
    browse: Browse, alice: Person, bob: Person
) -> None:
    form = {"tlp": "amber", "readers": [int(Role.LEAD), int(Role.ANALYST)]}
    for person in (alice, alice, bob):
        file = SimpleUploadedFile("a.txt", b"The ministry prepares a ban.")
        answer = browse(person).post("/sources/documents/upload/", {**form, "documents": [file]}, follow=True)
        assert b"1 document was read and kept" in answer.content
    assert Item.objects.count() == 2


def test_counts_for_operators_name_nobody(add_source: AddSource) -> None:
    add_source("https://x.example/feed", health=Health.BROKEN, next_fetch_at=timezone.now() - timedelta(minutes=5))
    found = access.counts()
    assert found.sources["broken"] == 1
    assert found.lag_seconds > 250
    assert (found.landed, found.blind_spots, found.collectors) == (0, 0, 0)


def test_a_list_of_suggested_sources_is_subscribed_to_once(db: None) -> None:
    good = {"name": "F", "kind": "feed", "url": "http://127.0.0.1:9/f", "interval_seconds": 900, "tlp": "CLEAR"}
    given: list[Any] = [good, {"kind": "none", "url": "http://127.0.0.1:9/"}, {"name": "no kind"}, "nonsense", good]
    done = actions.subscribe(given, allow_private="127.0.0.1:9", exercise=True)
    assert (len(done.added), done.known, len(done.refused)) == (1, 1, 3)
    source = Source.objects.get()
    assert (source.kind, source.allow_private, source.exercise) == ("feeds", "127.0.0.1:9", True)
