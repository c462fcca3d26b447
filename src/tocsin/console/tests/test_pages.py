"""Home, the country page and search, as the cast sees them."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from tocsin.console import work as searching
from tocsin.console.index import Index, NodeLock
from tocsin.lib.territories import INVENTED, TERRITORIES
from tocsin.people.models import Person
from tocsin.signals import work as reading
from tocsin.signals.models import CellState, Signal
from tocsin.situations import work as grouping
from tocsin.situations.models import Situation
from tocsin.streams.models import Health, Item, Source

Browse = Callable[[Person], Client]


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index, lock = Index(tmp_path), NodeLock(tmp_path)
    monkeypatch.setattr(searching, "search_index", lambda: index)
    monkeypatch.setattr(searching, "_lock", lambda: lock)
    monkeypatch.setattr("tocsin.console.search.search_index", searching.search_index)


def arrive(title: str, text: str, readers: int = 0, name: str = "Daily", countries: tuple[str, ...] = ()) -> Item:
    now = timezone.now()
    source, _ = Source.objects.get_or_create(
        name=name,
        defaults={
            "kind": "feeds",
            "url": f"https://{name}.example/",
            "reliability": "B",
            "expected_every": timedelta(hours=1),
            "next_fetch_at": now,
            "readers": readers,
            "countries": list(countries),
        },
    )
    item = Item.objects.create(
        source=source, key=title, digest="d", title=title, text=text, published_at=now, fetched_at=now,
        expires_at=now + timedelta(days=9), readers=readers,
    )  # fmt: skip
    for _ in range(9):
        if not any([reading.read_items(), grouping.step(), searching.step()]):
            break
    return item


def arrest(readers: int = 0, name: str = "Daily") -> Item:
    return arrive("Wikipedia editor arrested in Turkey", "Police in Ankara arrested a volunteer editor.", readers, name)


@pytest.mark.django_db
def test_a_stranger_is_sent_to_sign_in(client: Client) -> None:
    for address in ("/", "/situations/", "/look/", "/search/"):
        assert client.get(address).status_code == 302


@pytest.mark.django_db
def test_somebody_without_a_role_learns_nothing(browse: Browse, charlie: Person) -> None:
    arrest()
    page = browse(charlie).get("/")
    assert b"no role yet" in page.content
    assert b"arrested" not in page.content
    for address in ("/situations/", "/look/?country=TR", "/search/?words=arrested"):
        assert browse(charlie).get(address).status_code == 403


@pytest.mark.django_db
def test_home_says_what_changed_and_marks_the_map(browse: Browse, alice: Person) -> None:
    arrest()
    page = browse(alice).get("/").content.decode()
    assert "Wikipedia editor arrested in Turkey" in page
    assert "/look/?country=TR" in page
    assert page.count("arrested in Turkey") >= 2


@pytest.mark.django_db
def test_what_was_seen_is_not_told_again(browse: Browse, alice: Person) -> None:
    arrest()
    client = browse(alice)
    assert "I have seen these" in client.get("/").content.decode()
    client.post("/looked")
    assert "Nothing moved" in client.get("/").content.decode()


@pytest.mark.django_db
def test_an_unchanged_page_is_answered_with_304(browse: Browse, alice: Person) -> None:
    arrest()
    client = browse(alice)
    client.get("/")  # brings the cookie that every later page's forms belong to
    first = client.get("/situations/")
    assert first["ETag"]
    assert client.get("/situations/", headers={"if-none-match": first["ETag"]}).status_code == 304
    arrive("Floods in Peru injure a Wikimedia photographer", "A photographer was beaten by police near Cusco in Peru.")
    assert client.get("/situations/", headers={"if-none-match": first["ETag"]}).status_code == 200


@pytest.mark.django_db
def test_a_page_kept_from_an_earlier_sign_in_is_not_used_again(browse: Browse, alice: Person) -> None:
    arrest()
    client = browse(alice)
    client.get("/")
    kept = client.get("/")["ETag"]
    client.cookies["csrf"] = "a" * 32
    assert client.get("/", headers={"if-none-match": kept}).status_code == 200
    del client.cookies["csrf"]
    assert client.get("/", headers={"if-none-match": kept}).status_code == 200


@pytest.mark.django_db
def test_an_excerpt_ends_with_whole_words_and_does_not_repeat_the_title(browse: Browse, alice: Person) -> None:
    words = "The court in Ankara has considered the arrest. " * 9
    arrive("Wikipedia editor faces arrest", words)
    page = browse(alice).get("/search/?words=arrest").content.decode()
    excerpt = page.split('class="row-excerpt"')[1].split("</p>")[0].split(">", 1)[1]
    text = excerpt.replace("<mark>", "").replace("</mark>", "")
    assert text.startswith("The court in Ankara has considered the arrest.")
    assert text.endswith(" …")
    assert set(text.removesuffix(" …").split()) <= set(words.split())


@pytest.mark.django_db
def test_what_came_after_the_page_was_made_stays_unseen(browse: Browse, alice: Person) -> None:
    arrest()
    client = browse(alice)
    shown = client.get("/").content.decode()
    until = shown.split('name="until" value="')[1].split('"')[0]
    arrive("Floods in Peru injure a Wikimedia photographer", "A photographer was beaten by police near Cusco in Peru.")
    for word in (until, "not a time", "2999-01-01T00:00:00"):
        page = client.post("/looked", {"until": word}, follow=True).content.decode()
        if word == until:
            assert "Floods in Peru" in page.split('id="part-changed"')[1].split("</section>")[0]
    assert "Nothing moved" in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("维基百科编辑在北京被捕", "被捕"),
        ("اعتقال محرر في ويكيبيديا في القاهرة", "ويكيبيديا"),
        ("บรรณาธิการวิกิพีเดียถูกจับกุม", "ถูกจับกุม"),
        ("Wikipedia editor arrested", "EDITOR wikipedia"),
    ],
)
def test_words_of_every_script_are_found(browse: Browse, alice: Person, title: str, words: str) -> None:
    arrive(title, title)
    page = browse(alice).get("/search/", {"words": words}).content.decode()
    assert "<mark>" in page
    assert title in page
    assert "Nothing found" in browse(alice).get("/search/", {"words": "zebra"}).content.decode()


@pytest.mark.django_db
def test_search_never_shows_what_is_for_others_or_gone(browse: Browse, alice: Person, vera: Person) -> None:
    item = arrest(readers=1, name="Internal")
    assert "editor arrested" in browse(alice).get("/search/", {"words": "arrested"}).content.decode()
    assert "editor arrested" not in browse(vera).get("/search/", {"words": "arrested"}).content.decode()
    item.delete()
    assert "editor arrested" not in browse(alice).get("/search/", {"words": "arrested"}).content.decode()


@pytest.mark.django_db
def test_a_damaged_search_cache_is_made_again(browse: Browse, alice: Person) -> None:
    arrest()
    searching.search_index().remove()
    while searching.step():
        pass
    assert "<mark>" in browse(alice).get("/search/", {"words": "arrested"}).content.decode()


@pytest.mark.django_db
def test_a_country_that_nobody_measures_never_reads_as_calm(browse: Browse, alice: Person) -> None:
    page = browse(alice).get("/look/", {"country": "TR"}).content.decode()
    assert "That does not mean that nothing is wrong" in page
    assert "we do not see well here" in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "/look/?country=ZZ", "/situations/nosuch/", "/signals/999999999999/", "/situations/x/undo/1",
    ],
)  # fmt: skip
def test_what_does_not_exist_is_not_found(browse: Browse, alice: Person, address: str) -> None:
    assert browse(alice).get(address).status_code in (404, 405)


@pytest.mark.django_db
def test_odd_questions_are_answered_calmly(browse: Browse, alice: Person) -> None:
    client = browse(alice)
    for query in ("words=%00", "words=" + "a" * 3000, "since=yesterday", "country=%F0%9F%98%80", "page=-1", "page=x"):
        for address in ("/search/", "/situations/", "/look/"):
            assert client.get(f"{address}?{query}").status_code in (200, 404)


@pytest.mark.django_db
def test_the_situation_page_shows_sources_reasons_and_undo(browse: Browse, alice: Person, vera: Person) -> None:
    arrest()
    arrest(name="Mirror")
    situation = Situation.objects.get()
    page = browse(alice).get(f"/situations/{situation.public_id}/").content.decode()
    for words in ("independent", "copy, not counted", "credence/3", "Nothing was measured here", ">Undo<"):
        assert words in page
    assert ">Undo<" not in browse(vera).get(f"/situations/{situation.public_id}/").content.decode()
    assert browse(vera).post(f"/situations/{situation.public_id}/close").status_code == 403


@pytest.mark.django_db
def test_an_analyst_assesses_corrects_and_undoes_from_the_pages(browse: Browse, bob: Person) -> None:
    arrest()
    situation, client = Situation.objects.get(), browse(bob)
    address = f"/situations/{situation.public_id}/"
    day = (timezone.localdate() + timedelta(days=7)).isoformat()
    given = {"probability": 80, "impact": 4, "confidence": "low", "reasons": "Her lawyer says so.", "rivals": "None."}
    assert client.post(address + "assess", {**given, "review_on": "1999-01-01"}).status_code == 422
    assert client.post(address + "assess", {**given, "review_on": day}).status_code == 302
    assert "Her lawyer says so." in client.get(address).content.decode()
    signal = Signal.objects.get()
    client.post(f"/signals/{signal.pk}/correct", {"country": "AZ"})
    assert Signal.objects.get().country == "AZ"
    correction = signal.corrections.get()
    client.post(f"/signals/{signal.pk}/undo/{correction.pk}")
    assert Signal.objects.get().country == "TR"


@pytest.mark.parametrize(("zone", "later"), [("UTC", 0), ("America/Lima", 0), ("Asia/Kathmandu", 1)])
@pytest.mark.django_db
def test_a_text_counts_for_the_day_that_it_is_where_the_reader_is(
    browse: Browse, alice: Person, zone: str, later: int
) -> None:
    Person.objects.filter(pk=alice.pk).update(time_zone=zone)
    arrest()
    at = (timezone.now() - timedelta(days=3)).replace(hour=18, minute=20)  # 00:05 in Kathmandu
    Signal.objects.update(at=at)
    page = browse(alice).get("/look/?country=TR").content.decode()
    day, other = (date_format(at + timedelta(days=days), "j M Y") for days in (later, 1 - later))
    assert f"<title>{day}: 1</title>" in page
    assert f"<title>{other}: 1</title>" not in page


@pytest.mark.django_db
@pytest.mark.parametrize("marks", ['""', "“”", "«»", "「」"])
def test_words_in_quotation_marks_must_stand_together(marks: str, browse: Browse, alice: Person) -> None:
    arrive("Mobile data cut in Turkey", "The regulator cut mobile data in Ankara.")
    arrive("A mobile clinic lost its data in Turkey", "A clinic in Ankara.", name="Herald")
    client = browse(alice)
    assert "2 texts found" in client.get("/search/", {"words": "mobile data"}).content.decode()
    page = client.get("/search/", {"words": f"{marks[0]}mobile  Data{marks[1]} Turkey"}).content.decode()
    assert "1 text found" in page
    assert "<mark>mobile data</mark>" in page
    assert "Nothing found" in client.get("/search/", {"words": f"{marks[0]}data mobile{marks[1]}"}).content.decode()
    assert client.get("/search/", {"words": f"{marks[0]}mobile"}).content.decode().count("row-title") == 2


@pytest.mark.django_db
def test_a_first_look_is_called_one(browse: Browse, alice: Person) -> None:
    arrest()
    client = browse(alice)
    page = client.get("/").content.decode()
    assert "your first look" in page
    assert "Since you last looked" not in page
    client.post("/looked")
    page = client.get("/").content.decode()
    assert "your first look" not in page
    assert "Since you last looked" in page


@pytest.mark.django_db
def test_where_nothing_is_measured_home_does_not_say_what_the_map_shows(browse: Browse, alice: Person) -> None:
    arrest()
    page = browse(alice).get("/").content.decode()
    assert "Our sites are measured nowhere yet" in page
    assert "every country is hatched" not in page


@pytest.mark.django_db
def test_home_says_how_many_countries_the_map_does_not_know(browse: Browse, alice: Person) -> None:
    arrest()
    Source.objects.update(health=Health.FRESH, countries=["TR"])
    CellState.objects.create(
        rule="blocking/1", stream="blocking", kind="ooni.web", country="PK", network="", subject="en.wikipedia.org",
        recent=[], last_point_at=timezone.now(),
    )  # fmt: skip
    real = len(TERRITORIES - set(INVENTED))
    page = browse(alice).get("/").content.decode()
    assert f"{real - 2} countries are watched by no source" in page
    assert "In 1 country our sites are not measured: what is known there comes from texts." in page
    # A source without countries of its own is one of the whole world.
    Source.objects.update(countries=[])
    page = browse(alice).get("/").content.decode()
    assert "watched by no source" not in page
    assert f"In {real - 1} countries our sites are not measured" in page
    assert "Every source answers." in page
    Source.objects.update(health=Health.BROKEN)
    page = browse(alice).get("/").content.decode()
    assert "is broken or silent" in page
    assert "Every source answers" not in page
