"""GDELT: the list, the files that it names, those that were missed, and what is kept of them."""

import hashlib
import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from tocsin.lib.territories import TERRITORIES
from tocsin.streams import work
from tocsin.streams.models import Fetch, Item, Observation, Source
from tocsin.streams.sources.gdelt.concerns import concerns, meets_people, subject_of
from tocsin.streams.sources.gdelt.places import ISO_OF_FIPS
from tocsin.streams.tests.conftest import AddSource
from tocsin.streams.tests.server import Page, Site

QUARTER = timedelta(minutes=15)
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def zipped(*lines: str, name: str = "table.csv") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, "".join(f"{line}\n" for line in lines))
    return made.getvalue()


def event(number: int, code: str, country: str, actor: str = "", url: str = "") -> str:
    columns = [""] * 61
    columns[0], columns[15], columns[16], columns[26] = str(number), actor, "REPORTER", code
    columns[52], columns[53], columns[60] = "Somewhere", country, url or f"https://news.example/{number}"
    return "\t".join(columns)


def article(url: str, title: str, themes: str, places: str, translation: str = "") -> str:
    columns = [""] * 27
    columns[1], columns[3], columns[4], columns[7], columns[9] = "20260301120000", "news.example", url, themes, places
    columns[25], columns[26] = translation, f"<PAGE_TITLE>{title}</PAGE_TITLE>"
    return "\t".join(columns)


def publish(
    served: Site, moment: datetime, events: bytes | None, graph: bytes | None = None, *, md5: str = "", url: str = ""
) -> None:
    """Put files of a quarter of an hour, and the list that names them."""
    stamp = f"{moment:%Y%m%d%H%M%S}"
    lines = []
    for what, body in (("export.CSV", events), ("gkg.csv", graph)):
        if body is None:
            continue
        address = served.put(f"/v2/{stamp}.{what}.zip", body, "application/zip")
        lines.append(f"{len(body)} {md5 or hashlib.md5(body).hexdigest()} {url or address}")
    served.put("/v2/lastupdate.txt", "\n".join(lines).encode(), "text/plain")


def all_work() -> None:
    for _ in range(40):
        if not work.step():
            return
    raise AssertionError("there is no end of work")


def test_events_are_counted_by_country_and_those_that_meet_people_become_items(
    served: Site, add_source: AddSource
) -> None:
    lines = [
        event(1, "173", "CH", "CHNMED"),  # CH is China here
        event(2, "173", "CH", "CHNBUS"),
        event(3, "141", "AS"),  # and AS Australia
        event(4, "010", "CH"),
        "too\tfew",
    ]
    publish(served, START, zipped(*lines))
    add_source(f"{served.address}/v2/lastupdate.txt", kind="gdelt")
    all_work()
    rows = Observation.objects.order_by("country").values_list("country", "subject", "value", "step")
    assert list(rows) == [("AU", "cameo.14-protest", 1.0, 900), ("CN", "cameo.173-arrest", 2.0, 900)]
    item = Item.objects.get()
    assert item.url == "https://news.example/1"
    assert item.facts["country"] == "CN"
    assert item.title.startswith("An arrest, detention or charge: Reporter")
    assert Fetch.objects.filter(refused=1).exists()


def test_an_event_is_called_by_the_headline_that_its_address_spells_out(served: Site, add_source: AddSource) -> None:
    address = "https://news.example/2026/reporter-arrested-after-film-of-protest-123.html"
    publish(served, START, zipped(event(1, "173", "CH", "CHNMED", address)))
    add_source(f"{served.address}/v2/lastupdate.txt", kind="gdelt")
    all_work()
    item = Item.objects.get()
    assert item.title == "Reporter arrested after film of protest 123"
    assert "an arrest, detention or charge" in item.text


def test_articles_are_kept_when_they_may_concern_us(served: Site, add_source: AddSource) -> None:
    lines = [
        article("https://a.example/1", "Internet cut &amp; dark", "INTERNET_BLACKOUT;X", "1#Iran#IR#IR#1#2#IR"),
        article("https://a.example/2", "Football", "SOC_SPORT", "1#Iran#IR#IR#1#2#IR"),
        article("https://a.example/3", "Titel", "ARREST;TAX_FNCACT_JOURNALIST", "", "srclc:deu;eng:GT"),
    ]
    publish(served, START, zipped(), zipped(*lines))
    add_source(f"{served.address}/v2/lastupdate.txt", kind="gdelt")
    all_work()
    found = {item.url[-1]: item for item in Item.objects.all()}
    assert sorted(found) == ["1", "3"]
    assert (found["1"].title, found["1"].facts["country"], found["1"].origin) == (
        "Internet cut & dark",
        "IR",
        "news.example",
    )
    assert found["3"].language == "de"


def test_a_cell_that_had_events_is_zero_in_a_file_without_any(
    served: Site, add_source: AddSource, due_again: Callable[[Source], Source]
) -> None:
    publish(served, START, zipped(event(1, "173", "CH")))
    source = add_source(f"{served.address}/v2/lastupdate.txt", kind="gdelt", options={"texts": "none"})
    all_work()
    publish(served, START + QUARTER, zipped(event(2, "14", "FR")))
    due_again(source)
    all_work()
    rows = Observation.objects.filter(country="CN").order_by("epoch").values_list("value", flat=True)
    assert list(rows) == [1.0, 0.0]
    assert Observation.objects.filter(country="FR").count() == 1


def test_files_that_were_missed_are_fetched_and_a_hole_stays_a_hole(
    served: Site, add_source: AddSource, due_again: Callable[[Source], Source]
) -> None:
    options = {"texts": "none", "translated": False}
    publish(served, START, zipped(event(1, "173", "CH")))
    source = add_source(f"{served.address}/v2/lastupdate.txt", kind="gdelt", options=options)
    all_work()
    publish(served, START + 2 * QUARTER, zipped(event(2, "173", "CH")))
    publish(served, START + 3 * QUARTER, zipped(event(3, "173", "CH")))
    due_again(source)
    all_work()
    epochs = Observation.objects.order_by("epoch").values_list("epoch", flat=True)
    start = int(START.timestamp())
    assert [(epoch - start) // 900 for epoch in epochs] == [0, 2, 3]
    source.refresh_from_db()
    assert source.failures == 0


def test_fetching_twice_stores_nothing_twice(
    served: Site, add_source: AddSource, due_again: Callable[[Source], Source]
) -> None:
    publish(served, START, zipped(event(1, "173", "CH", "CHNMED")))
    source = add_source(f"{served.address}/v2/lastupdate.txt", kind="gdelt")
    all_work()
    due_again(source)
    all_work()
    assert (Item.objects.count(), Observation.objects.count()) == (1, 1)


def test_bombs_broken_zips_and_wrong_sums_give_a_line(
    served: Site, add_source: AddSource, due_again: Callable[[Source], Source]
) -> None:
    source = add_source(f"{served.address}/v2/lastupdate.txt", kind="gdelt", options={"translated": False})
    bomb = zipped("0" * 60_000_000)
    cases = [
        (bomb, "", "unpacks to far more"),
        (b"PK not a zip", "", "not a zip"),
        (zipped(event(1, "173", "CH"))[:-30], "", "zip"),
        (zipped(event(1, "173", "CH")), "0" * 32, "differs from the sum"),
    ]
    for number, (body, md5, words) in enumerate(cases):
        Source.objects.filter(pk=source.pk).update(memory={}, failures=0)
        publish(served, START + number * QUARTER, body, md5=md5)
        for _ in range(2):
            due_again(source)
            work.step()
        source.refresh_from_db()
        assert words in source.message
    assert Item.objects.count() == Observation.objects.count() == 0


def test_a_file_that_stays_unreadable_is_left_aside(
    served: Site, add_source: AddSource, due_again: Callable[[Source], Source]
) -> None:
    source = add_source(f"{served.address}/v2/lastupdate.txt", kind="gdelt", options={"translated": False})
    publish(served, START, b"broken", zipped(article("https://a.example/1", "Wikipedia", "", "")))
    for _ in range(5):
        due_again(source)
        work.step()
    assert Item.objects.get().title == "Wikipedia"


def test_files_on_another_server_are_not_fetched(served: Site, add_source: AddSource) -> None:
    publish(served, START, zipped(), url="http://elsewhere.example/v2/20260301120000.export.CSV.zip")
    source = add_source(f"{served.address}/v2/lastupdate.txt", kind="gdelt", options={"translated": False})
    all_work()
    source.refresh_from_db()
    assert "another server" in source.message
    assert [path for path, _ in served.asked] == ["/v2/lastupdate.txt"]


def test_no_translated_list_is_no_error(served: Site, add_source: AddSource) -> None:
    publish(served, START, zipped(event(1, "173", "CH")))
    source = add_source(f"{served.address}/v2/lastupdate.txt", kind="gdelt")
    served.pages["/v2/lastupdate-translation.txt"] = Page(b"", status=404)
    all_work()
    source.refresh_from_db()
    assert source.failures == 0


def test_country_codes_lead_to_known_countries_and_not_to_their_namesakes() -> None:
    assert set(ISO_OF_FIPS.values()) <= TERRITORIES
    for fips, iso in {"CH": "CN", "SZ": "CH", "AS": "AU", "AU": "AT", "GM": "DE", "RS": "RU", "RI": "RS"}.items():
        assert ISO_OF_FIPS[fips] == iso
    for fips, iso in {"UP": "UA", "BM": "MM", "IZ": "IQ", "SP": "ES", "NI": "NG", "NG": "NE", "SU": "SD"}.items():
        assert ISO_OF_FIPS[fips] == iso


def test_what_concerns_us() -> None:
    assert subject_of("1723") == "cameo.172-restrict"
    assert subject_of("190") == "cameo.19-fight"
    assert subject_of("051") == ""
    assert meets_people("CHNMED")
    assert not meets_people("CHN", "USAGOV")
    assert concerns(set(), "https://x.example/", "Wikipedia is back")
    assert not concerns({"ARREST"}, "https://x.example/", "A robber")
