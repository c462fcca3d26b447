"""The pack for a drill at a table."""

from collections.abc import Callable
from datetime import UTC, datetime

from django.test import Client

from tocsin.people.models import Person
from tocsin.reports import tabletop
from tocsin.reports.document import sentences, unsourced
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


def test_it_is_a_file_for_who_runs_drills(browse: Browse, bob: Person, vera: Person) -> None:
    address = "/reports/table-top/block-before-election.pdf"
    answer = browse(bob).get(address)
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF")
    assert browse(vera).get(address).status_code == 403
    assert browse(bob).get("/reports/table-top/nothing.pdf").status_code == 404
