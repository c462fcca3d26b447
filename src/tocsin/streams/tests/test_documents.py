"""Documents: dropped into a folder, or listed on a page; told apart by what they are, not by their names."""

import io
import os
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import docx
import pypdfium2
import pytest
from django.utils import timezone

from tocsin.lib.jail.results import UnreadableError
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.streams import access, documents, turns, work
from tocsin.streams.drafts import RefusedError
from tocsin.streams.models import Fetch, Item, Source
from tocsin.streams.sources.documents import parse
from tocsin.streams.tests.conftest import AddSource
from tocsin.streams.tests.server import Site

MB = 1024 * 1024


@pytest.fixture
def folder(settings: Any, tmp_path: Path, db: None) -> Path:
    """An empty drop folder."""
    settings.DROP_FOLDER = tmp_path / "drop"
    documents.prepare()
    return tmp_path / "drop"


def drop(folder: Path, name: str, body: bytes, age: float = 60) -> Path:
    """Put a file there, last changed so many seconds ago."""
    path = folder / name
    path.write_bytes(body)
    then = timezone.now().timestamp() - age
    os.utime(path, (then, then))
    return path


def all_work() -> None:
    while documents.step():
        pass


def docx_of(words: str) -> bytes:
    made, body = docx.Document(), io.BytesIO()
    made.add_paragraph(words)
    made.save(body)
    return body.getvalue()


def test_a_dropped_file_is_read_kept_and_moved(folder: Path, alice: Person, vera: Person) -> None:
    drop(folder, "a report.docx", docx_of("A raid is likely."))
    all_work()
    item = Item.objects.get()
    assert (item.text, item.tlp, item.readers) == ("A raid is likely.", "amber", int(Role.LEAD | Role.ANALYST))
    assert [path.name for path in (folder / "done").iterdir()] == ["a report.docx"]
    assert access.items_for(alice).count() == 1
    assert access.items_for(vera).count() == access.sources_for(vera).count() == 0


def test_what_can_not_be_read_is_moved_aside_with_the_reason(folder: Path) -> None:
    drop(folder, "scan.pdf", empty_pdf(1))
    drop(folder, "good.txt", b"Words.")
    all_work()
    assert Item.objects.count() == 1
    assert "may be a scan" in (folder / "refused" / "scan.pdf.why.txt").read_text()
    assert Fetch.objects.filter(outcome="broken").count() == 1


def test_a_half_written_file_is_waited_for(folder: Path) -> None:
    drop(folder, "slow.txt", b"Half", age=1)
    drop(folder, "browser.crdownload", b"Half")
    assert documents.step() is False
    assert documents.step(timezone.now() + timedelta(seconds=30)) is True
    assert Item.objects.get().text == "Half"
    assert (folder / "browser.crdownload").exists()


def test_a_link_is_never_followed(folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("Secret")
    (folder / "innocent.txt").symlink_to(secret)
    documents.step(timezone.now() + timedelta(minutes=1))
    assert Item.objects.count() == 0
    assert secret.read_text() == "Secret"


def test_killed_between_storing_and_moving_the_file_is_stored_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(folder, "a.txt", b"Words.")
    with monkeypatch.context() as patched:
        patched.setattr(documents, "_move", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            documents.step()
    all_work()
    assert Item.objects.count() == 1
    assert (folder / "done" / "a.txt").exists()


def test_two_files_of_one_name_are_both_kept(folder: Path) -> None:
    for body in (b"One.", b"Two."):
        drop(folder, "a.txt", body)
        all_work()
    assert Item.objects.count() == 2
    assert sorted(path.name for path in (folder / "done").iterdir()) == ["a-2.txt", "a.txt"]


@pytest.mark.parametrize("name", ["a" * 250 + ".txt", "ü" * 125 + ".txt", "a." + "b" * 252])
def test_the_longest_names_hold_nothing_up(folder: Path, name: str) -> None:
    for body in (b"One.", b"Two.", b"%PDF-1.7\nbroken", b"%PDF-1.7\nbroken too"):
        drop(folder, name, body)
        all_work()
    assert Item.objects.count() == 2
    assert len(list((folder / "done").iterdir())) == 2
    assert len(list((folder / "refused").glob("*.why.txt"))) == 2


def test_a_file_that_can_not_be_moved_holds_up_no_other(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(folder, "a.txt", b"One.")
    drop(folder, "b.txt", b"Two.")
    move = Path.rename

    def only_b(path: Path, goal: Path) -> Path:
        if path.name == "a.txt":
            raise PermissionError
        return move(path, goal)

    monkeypatch.setattr(Path, "rename", only_b)
    all_work()
    assert sorted(item.text for item in Item.objects.all()) == ["One.", "Two."]
    assert [path.name for path in (folder / "done").iterdir()] == ["b.txt"]


def test_who_finds_no_turn_is_asked_to_come_again(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0.0)
    with turns.turn(), turns.turn(), pytest.raises(RefusedError, match="Try again"):
        documents.upload(alice, documents.Brought("a.txt", b"Words."))
    assert documents.upload(alice, documents.Brought("a.txt", b"Words.")).text == "Words."


def test_one_document_is_taken_at_a_time(folder: Path) -> None:
    drop(folder, "a.txt", b"One.")
    drop(folder, "b.txt", b"Two.")
    assert documents.step() is True
    assert Item.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [
        b"<html>" + b"<br>" * 100_001 + b"x",
        b"<html>" + b"<div>" * 3_001 + b"x",
        b"<html><p " + b" ".join(b"a%d" % n for n in range(2_001)) + b">x",
        b"<html>" + b"<p a b c d e f>x" * 9_000,
    ],
    ids=["tags", "depth", "attributes of one", "attributes"],
)
def test_a_page_made_to_hold_up_its_reader_is_refused_unread(body: bytes) -> None:
    with pytest.raises(UnreadableError, match="far more"):
        parse.document(body)


def test_a_page_with_many_paragraphs_that_nobody_closed_is_read() -> None:
    read = parse.document(b"<html>" + b"<p class=x>Words. <br>" * 10_000)
    assert read["items"][0]["text"].startswith("Words.")


def empty_pdf(pages: int) -> bytes:
    pdf, body = pypdfium2.PdfDocument.new(), io.BytesIO()
    for _ in range(pages):
        pdf.new_page(100, 100)
    pdf.save(body)
    return body.getvalue()


def bomb(claimed: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<a/>")
        archive.writestr("word/document.xml", b"<a/>")
        archive.writestr("word/media.xml", bytes(200 * MB))
    body = made.getvalue()
    if claimed == "small":
        # The size stated in both headers is a lie.
        body = body.replace((200 * MB).to_bytes(4, "little"), (2_000).to_bytes(4, "little"))
    return body


def with_entities() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("[Content_Types].xml", "<a/>")
        archive.writestr("word/document.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    return made.getvalue()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"),
        (b"  \n ", "empty"),
        (b"PK\x03\x04 not a zip", "damaged"),
        (bomb("honest"), "unpacks to far more"),
        (bomb("small"), "damaged"),
        (with_entities(), "entities of its own"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "old Office file"),
        (b"{\\rtf1 hello}", "rich text"),
        (b"%PDF-1.7\nbroken", "damaged"),
        (b"\x89PNG\r\n" + bytes(400), "neither PDF"),
        (bytes(range(1, 32)) * 20, "neither PDF"),
    ],
)
def test_what_is_none_of_the_four_kinds_is_refused_in_words(alice: Person, body: bytes, words: str) -> None:
    with pytest.raises(RefusedError) as refused:
        documents.upload(alice, documents.Brought("report.docx", body))
    assert words in refused.value.message
    assert Item.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "body", "media_type", "text"),
    [
        ("a.pdf", docx_of("Really a DOCX."), "wordprocessingml", "Really a DOCX."),
        ("a.docx", b"<!doctype html><html lang='fa'><title>T</title><nav>Menu</nav><p>Web</p></html>", "html", "Web"),
        ("a.html", "Zürich".encode("utf-16"), "text/plain", "Zürich"),
        ("a", "Zürich".encode("cp1252"), "text/plain", "Zürich"),
    ],
)
def test_the_content_decides_what_it_is(alice: Person, name: str, body: bytes, media_type: str, text: str) -> None:
    item = documents.upload(alice, documents.Brought(name, body))
    assert media_type in item.media_type
    assert item.text == text
    assert documents.original(item) == body


@pytest.mark.parametrize(
    ("name", "stated", "said", "title"),
    [
        ("risk-report.docx", "Risk report on Sarvania", "Summary", "Risk report on Sarvania"),
        ("risk-report.docx", "", "Risk report on Sarvania\nSummary", "Risk report on Sarvania"),
        ("risk-report.docx", "Microsoft Word - risk_report_v2.docx", "All is well. " * 40, "Risk report v2"),
        ("https://x.example/d/risk%20report-2026.docx?a=1", "", "All is well. " * 40, "Risk report 2026"),
        ("0c5a9be1d3f84e07aa10.docx", "", "All is well. " * 40, ("All is well. " * 40)[:120]),
        ("塔恩谷.docx", "", "危险报告：萨瓦尼亚", "危险报告：萨瓦尼亚"),
    ],
)
def test_a_document_is_called_by_words_and_not_by_its_file(name: str, stated: str, said: str, title: str) -> None:
    made, body = docx.Document(), io.BytesIO()
    made.core_properties.title, made.core_properties.last_modified_by = stated, "somebody"
    for row in said.split("\n"):
        made.add_paragraph(row)
    made.save(body)
    assert parse.document(body.getvalue(), name=name)["items"][0]["title"].rstrip("… ") == title.strip()


def test_a_pdf_with_very_many_pages_is_read_within_limits(alice: Person) -> None:
    with pytest.raises(RefusedError) as refused:
        documents.upload(alice, documents.Brought("a.pdf", empty_pdf(3_000)))
    assert "no words" in refused.value.message


def test_documents_that_a_page_lists_are_fetched_once(
    served: Site, add_source: AddSource, due_again: Callable[[Source], Source]
) -> None:
    served.put("/d/one.txt", b"First words.", "text/plain")
    served.put("/d/two.html", b"<html><title>Two</title><p>Second words.</p></html>", "text/html; charset=utf-8")
    links = '<a href="one.txt">1</a> <a href="two.html#part">2</a> <a href="gone.pdf">3</a>'
    links += '<a href="https://elsewhere.example/a.pdf">4</a> <a href="picture.png">5</a>'
    url = served.put("/d/", f"<html><body>{links}</body></html>".encode(), "text/html")
    source = add_source(url, kind="documents")
    for _ in range(2):
        while work.step():
            pass
        due_again(source)
    assert sorted(Item.objects.values_list("title", "text")) == [
        ("First words.", "First words."),
        ("Two", "Second words."),
    ]
    assert [path for path, _ in served.asked].count("/d/one.txt") == 1
    assert Fetch.objects.filter(message__contains="other servers").exists()
