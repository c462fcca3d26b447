"""What people bring: several documents at once, and lists of feeds."""

from collections.abc import Callable

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.streams import documents, imports
from tocsin.streams.models import Import, Item, Source

Browse = Callable[[Person], Client]


def test_an_empty_file_among_several_is_named_and_the_others_are_taken(browse: Browse, bob: Person) -> None:
    files = [SimpleUploadedFile("good.txt", b"The ministry prepares a ban."), SimpleUploadedFile("empty.txt", b"")]
    page = browse(bob).post("/sources/documents/upload/", {"documents": files, "tlp": "clear"}).content.decode()
    assert "1 document was read and kept." in page
    assert "empty.txt was refused: The file is empty." in page
    assert Item.objects.get().facts["file"] == "good.txt"


def test_a_wrong_country_is_said_once_and_at_its_field(browse: Browse, bob: Person) -> None:
    files = [SimpleUploadedFile(name, b"The ministry prepares a ban.") for name in ("a.txt", "b.txt")]
    form = {"documents": files, "tlp": "clear", "country": "zz"}
    page = browse(bob).post("/sources/documents/upload/", form).content.decode()
    assert page.count("No country has the code") == 1
    assert "a.txt" not in page
    assert Item.objects.count() == 0


def test_without_any_file_the_form_asks_for_one(browse: Browse, bob: Person) -> None:
    page = browse(bob).post("/sources/documents/upload/", {"tlp": "clear"}).content.decode()
    assert "This field is required." in page


def test_a_document_shows_the_name_of_its_file(browse: Browse, bob: Person) -> None:
    brought = documents.Brought("risk report (final).txt", b"The ministry prepares a ban.", readers=int(Role.ANALYST))
    item = documents.upload(bob, brought)
    for page in (f"/sources/items/{item.pk}/", "/sources/documents/"):
        assert "risk report (final).txt" in browse(bob).get(page).content.decode()


def test_only_the_lead_lets_the_feeds_of_a_list_reach_one_server_inside(
    browse: Browse, alice: Person, bob: Person
) -> None:
    body = b"""<opml version="2.0"><body><outline text="In" xmlUrl="http://feeds.internal:8080/a"/>
        <outline text="Other" xmlUrl="http://other.internal:8080/b"/></body></opml>"""
    form = {"expected_every": "86400", "reliability": "C", "tlp": "clear", "allow_private": "feeds.internal:8080"}
    refused = browse(bob).post("/sources/import/", {**form, "file": SimpleUploadedFile("l.opml", body)})
    assert "Ask the lead" in refused.content.decode()
    assert Import.objects.count() == 0
    client = browse(alice)
    page = client.post("/sources/import/", {**form, "file": SimpleUploadedFile("l.opml", body)}, follow=True)
    assert "Feeds of this list at feeds.internal:8080" in page.content.decode()
    client.post(f"/sources/import/{Import.objects.get().pk}/take")
    allowed = dict(Source.objects.values_list("name", "allow_private"))
    assert allowed == {"In": "feeds.internal:8080", "Other": ""}


def test_a_list_of_somebody_who_is_lead_no_more_reaches_nothing_inside(browse: Browse, alice: Person) -> None:
    body = b'<opml version="2.0"><body><outline text="In" xmlUrl="http://feeds.internal:8080/a"/></body></opml>'
    row = imports.propose(alice, body, imports.Common(allow_private="feeds.internal:8080"))
    alice.roles = int(Role.ANALYST)
    alice.save()
    assert imports.take(alice, row) == 0
    assert Source.objects.count() == 0
