"""The fragment of a page: every sentence leads to its sources, and none of them leads out of the console."""

import re
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree, html

from tocsin.reports.document import Figure, Heading, Paragraph, Sentence
from tocsin.reports.facts import Source
from tocsin.reports.forms import Form, render
from tocsin.reports.forms.ready import inside
from tocsin.reports.forms.tests import samples


def fragment(**more: object) -> Any:
    return html.fragment_fromstring(render(samples.document(**more), Form.HTML).decode())  # type: ignore[arg-type]


def text(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def test_each_sentence_leads_to_a_note_that_is_there_and_each_note_to_the_page_of_its_source() -> None:
    page = fragment()
    links = page.xpath("//sup[@class='report-cites']//a/@href")
    assert links
    for link in links:
        assert page.xpath(f"//li[@id='{link[1:]}']")
    notes = page.xpath("//section[@class='report-sources']//a/@href")
    assert "/situations/k3v9ab/" in notes
    assert all(one.startswith("/") for one in notes)


def test_a_source_without_a_page_here_is_told_and_not_linked() -> None:
    notes = fragment().xpath("//section[@class='report-sources']//li")
    outside = next(one for one in notes if "by Bob" in text(one))
    assert "Arrest in Ostrell" in text(outside)
    assert outside.xpath(".//a") == []


@pytest.mark.parametrize(
    "address",
    [
        "https://a.example/",
        "//a.example/",
        "/\\a.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        "/a b",
        "/\n/a.example",
        '/"onclick=',
        "",
        "situations/x/",
    ],
)
def test_no_address_but_a_path_of_this_console_becomes_a_link(address: str) -> None:
    assert not inside(address)


def test_facts_that_rest_on_the_same_share_a_number() -> None:
    facts = samples.facts()
    facts["again"] = replace(facts["block"], key="again", says="Blocked, again.")
    said = (Sentence("One.", ("block",)), Sentence("Two.", ("again",)), Sentence("Three.", ("held",)))
    page = fragment(facts=facts, blocks=(Paragraph(said),))
    assert page.xpath("//sup[@class='report-cites']//a/text()") == ["1", "1", "2"]


def test_whatever_people_write_is_text() -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    facts = samples.facts()
    facts["block"] = replace(facts["block"], sources=(Source("item", evil, evil, '/x/"><b>', samples.START),))
    chart = replace(samples.chart(title=evil), title=evil, description=evil)
    blocks = (Heading(evil), Paragraph((Sentence(evil, ("block",), evil),)), Figure(chart, ("block",)))
    page = fragment(title=evil, issue=evil, corrects=evil, facts=facts, blocks=blocks)
    assert page.xpath("//script | //img | //b | //*[@onerror] | //*[@style]") == []
    assert text(page).count("<script>alert(1)</script>") >= 6


def test_headings_begin_under_that_of_the_page() -> None:
    page = fragment()
    assert page.xpath("//h1") == []
    assert [one.tag for one in page.xpath("//h2 | //h3 | //h4")] == ["h2", "h3", "h3", "h4", "h3", "h3"]


def test_two_fragments_on_one_page_share_no_id() -> None:
    one, other = fragment(), fragment(audience="operational")
    assert not set(one.xpath("//@id")) & set(other.xpath("//@id"))
    assert len(one.xpath("//@id")) == len(set(one.xpath("//@id")))


def test_tables_and_pictures_have_names_heads_and_numbers_behind_them() -> None:
    page = fragment()
    for table in page.xpath("//table"):
        assert table.xpath("./thead/tr/th[@scope='col']")
        assert all(row.xpath("./th[@scope='row']") for row in table.xpath("./tbody/tr"))
    pictures = page.xpath("//figure")
    assert len(pictures) == 2
    for picture in pictures:
        names = picture.xpath(".//svg/@aria-labelledby")[0].split()
        assert all(picture.xpath(f".//*[@id='{name}']") for name in names)
        assert picture.xpath(".//details//table")


def test_not_measured_not_usable_and_zero_are_three_things() -> None:
    said = text(fragment().xpath("//figure")[0])
    assert "Not measured: 6 of 92 intervals. Measured, not usable: 2." in said
    assert "measured, not usable: too few probes" in said
    assert "17 Aug 20260" in said.replace(" ", " ")


def test_a_country_of_which_nothing_is_known_is_hatched() -> None:
    drawn = etree.tostring(fragment().xpath("//svg[@class='map']")[0], encoding="unicode")
    assert drawn.count('class="c-hatched"') > 150
    assert len(re.findall(r'class="c-4"', drawn)) == 1


def test_tlp_and_exercise_stand_at_its_head_and_its_foot() -> None:
    page = fragment(exercise=True, privileged=True)
    for part in (page.xpath("./header")[0], page.xpath("./footer")[0]):
        assert "EXERCISE: nothing here is real" in text(part)
        assert "Privileged and confidential" in text(part)
        assert "TLP:AMBER+STRICT" in text(part)


def test_a_correction_says_what_it_replaces() -> None:
    assert "Corrects and replaces issue 2026-2" in text(fragment(corrects="2026-2"))


def test_it_says_its_language_and_its_direction() -> None:
    page = fragment(language="fa")
    assert (page.get("lang"), page.get("dir")) == ("fa", "rtl")
