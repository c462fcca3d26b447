"""The pack for a drill at a table."""

from collections.abc import Callable
from datetime import UTC, datetime

import pypdfium2 as pdfium
from django.test import Client

from tocsin.people.models import Person
from tocsin.reports import forms, tabletop
from tocsin.reports.document import sentences, unsourced
from tocsin.reports.forms import Form
from tocsin.responses.drills import scenarios

Browse = Callable[[Person], Client]
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_every_scenario_makes_a_pack_in_which_each_sentence_says_that_it_is_a_drill() -> None:
    for one in scenarios().values():
        pack = tabletop.pack(one, NOW)
        assert unsourced(pack) == []
        assert pack.exercise
        said = {sentence.text for sentence in sentences(pack)}
        assert said >= {inject.text for inject in one.injects} | {inject.expects for inject in one.injects}


def test_what_a_good_team_does_stands_on_a_page_of_its_own_turn_by_turn() -> None:
    for one in scenarios().values():
        file = pdfium.PdfDocument(forms.render(tabletop.pack(one, NOW), Form.PDF))
        pages = [" ".join(page.get_textpage().get_text_bounded().split()) for page in file]
        first = next(number for number, page in enumerate(pages) if "what a good team does" in page)
        assert "what a good team does" in pages[first][:160]
        assert not any(inject.expects in page for page in pages[:first] for inject in one.injects)
        assert all("EXERCISE" in page for page in pages)
        assert pages[first].count("Turn ") == len(one.injects)


def test_it_is_a_file_for_who_runs_drills(browse: Browse, bob: Person, vera: Person) -> None:
    address = "/reports/table-top/block-before-election.pdf"
    answer = browse(bob).get(address)
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF")
    assert browse(vera).get(address).status_code == 403
    assert browse(bob).get("/reports/table-top/nothing.pdf").status_code == 404
