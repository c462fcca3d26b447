"""The page of blind spots says what was never heard, not only what fell silent."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta

import docx
import pytest
from django.test import Client
from django.utils import timezone

from tocsin.people.models import Person
from tocsin.streams.models import Health, Source
from tocsin.streams.sources.documents.parse import document


@pytest.mark.django_db
def test_a_source_that_never_answered_is_not_called_speaking(browse: Callable[[Person], Client], alice: Person) -> None:
    assert b"Coverage says what no source covers" in browse(alice).get("/sources/blind-spots/").content
    Source.objects.create(
        name="Silent Herald", kind="feeds", url="https://herald.example/", expected_every=timedelta(hours=1),
        next_fetch_at=timezone.now(), health=Health.NEW,
    )  # fmt: skip
    page = browse(alice).get("/sources/blind-spots/").content.decode()
    assert "Silent Herald" in page
    assert "Every source" not in page


def test_a_docx_that_says_nothing_of_itself_gets_no_made_up_title_or_date() -> None:
    made = docx.Document()
    made.add_paragraph("Two lawyers were refused entry.")
    whole, bare = io.BytesIO(), io.BytesIO()
    made.save(whole)
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(bare, "w") as target:
        for name in source.namelist():
            body = source.read(name)
            if name == "_rels/.rels":
                body = re.sub(rb"<Relationship [^>]*docProps[^>]*/>", b"", body)
            if not name.startswith("docProps/"):
                target.writestr(name, body)
    (item,) = document(bare.getvalue(), name="visit.docx")["items"]
    assert item["title"] == "Two lawyers were refused entry."
    assert item["stated"] is None
