"""A source is fetched over a real socket, read in the jail and stored once."""

import zlib
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from tocsin.lib.http import Client, Politeness
from tocsin.people.models import Person
from tocsin.streams import actions, collecting, turns, work
from tocsin.streams.drafts import RefusedError, SourceDraft
from tocsin.streams.forms import SourceForm
from tocsin.streams.models import BlindSpot, Fetch, Health, Item, Source
from tocsin.streams.sources import kind
from tocsin.streams.tests.conftest import AddSource
from tocsin.streams.tests.feed_texts import ONE, TWO, rss
from tocsin.streams.tests.server import Page, Site, site

Again = Callable[[Source], Source]


def test_an_entry_becomes_an_item_with_its_words_its_time_and_its_original(served: Site, add_source: AddSource) -> None:
    source = add_source(served.put("/feed", rss(ONE, when=datetime(2026, 1, 2, 3, 4, tzinfo=UTC))))
    assert work.step() is True
    item = Item.objects.get()
    assert (item.title, item.text, item.language) == (ONE[1], "The regulator ordered a block.", "en")
    assert item.url == ONE[0]
    assert item.published_at == datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    assert b"<guid>" in zlib.decompress(item.original)
    source.refresh_from_db()
    assert source.health == Health.FRESH
    assert source.claimed_until is None
    assert source.next_fetch_at > timezone.now()


def test_fetching_twice_stores_nothing_twice(served: Site, add_source: AddSource, due_again: Again) -> None:
    source = add_source(served.put("/feed", rss(ONE, TWO)))
    work.step()
    due_again(source)
    work.step()
    served.put("/feed", rss(TWO, ONE))  # other bytes, the same entries
    due_again(source)
    work.step()
    assert Item.objects.count() == 2
    assert list(Fetch.objects.order_by("pk").values_list("outcome", "items")) == [
        ("fresh", 2),
        ("unchanged", 0),
        ("unchanged", 0),
    ]


def test_a_changed_text_is_a_new_version_beside_the_old(served: Site, add_source: AddSource, due_again: Again) -> None:
    source = add_source(served.put("/feed", rss(ONE)))
    work.step()
    served.put("/feed", rss((ONE[0], ONE[1], "Corrected.")))
    due_again(source)
    work.step()
    assert sorted(Item.objects.values_list("text", flat=True)) == ["Corrected.", "The regulator ordered a block."]
    assert Item.objects.values("key").distinct().count() == 1


def test_the_second_request_is_conditional(served: Site, add_source: AddSource, due_again: Again) -> None:
    source = add_source(served.put("/feed", rss(ONE), ETag='"one"'))
    work.step()
    due_again(source)
    work.step()
    assert served.asked[1][1]["if-none-match"] == '"one"'
    assert Fetch.objects.latest("pk").status == 304
    source.refresh_from_db()
    assert source.health == Health.UNCHANGED


def test_valid_but_empty_is_told_apart_from_broken(served: Site, add_source: AddSource, due_again: Again) -> None:
    source = add_source(served.put("/feed", rss()))
    work.step()
    source.refresh_from_db()
    assert source.health == Health.EMPTY
    served.put("/feed", b"")
    due_again(source)
    work.step()
    source.refresh_from_db()
    assert source.health == Health.BROKEN
    assert "empty" in source.message


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<!doctype html><html><body>Sign in</body></html>", "web page, not a feed"),
        (b"\x89PNG\r\n\x1a\n" + bytes(400), "not a feed"),
        (b'{"version": "https://jsonfeed.org/version/1.1"}', "no list of items"),
        (b"{" * 2_000, "JSON"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>", "entities"),
    ],
)
def test_what_is_no_feed_gives_one_clear_line(served: Site, add_source: AddSource, body: bytes, words: str) -> None:
    source = add_source(served.put("/feed", body))
    work.step()
    source.refresh_from_db()
    assert source.health == Health.BROKEN
    assert words in source.message
    assert Item.objects.count() == 0


def test_entities_of_a_feeds_own_are_never_expanded(served: Site, add_source: AddSource) -> None:
    declared = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    attack = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a0 "boom">{declared}]>'.encode()
    attack += rss(("https://news.example/1", "Title", "Text")).split(b"?>", 1)[1].replace(b"Title", b"&a11;")
    source = add_source(served.put("/feed", attack))
    work.step()
    source.refresh_from_db()
    assert "entities of its own" in source.message
    assert "boom" not in Item.objects.get().title


def test_a_malformed_feed_is_read_as_far_as_it_goes(served: Site, add_source: AddSource) -> None:
    whole = rss(ONE, TWO)
    source = add_source(served.put("/feed", whole[: whole.index(b"</channel>")]))
    work.step()
    assert Item.objects.count() == 2
    source.refresh_from_db()
    assert source.health == Health.FRESH
    assert "not well-formed" in source.message


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
@pytest.mark.parametrize("label", ["application/xml; charset=utf-8", "application/xml"])
def test_a_text_in_another_encoding_than_its_label_is_read(
    served: Site, add_source: AddSource, label: str, encoding: str
) -> None:
    words = "Редактор задержан"
    body = rss(("https://news.example/1", words, "")).decode().encode(encoding)
    add_source(served.put("/feed", body, label))
    work.step()
    assert Item.objects.get().title == words


@pytest.mark.parametrize("years", [-10, 10])
def test_a_clock_ten_years_off_is_not_believed(served: Site, add_source: AddSource, years: int) -> None:
    source = add_source(served.put("/feed", rss(ONE, when=datetime.now(UTC) + timedelta(days=365 * years))))
    work.step()
    source.refresh_from_db()
    assert "can't be believed: 1" in source.message
    item = Item.objects.get()
    assert item.published_at is None
    assert item.time_doubt
    assert abs(item.fetched_at - timezone.now()) < timedelta(minutes=5)


def test_signs_that_a_database_refuses_are_left_out(served: Site, add_source: AddSource) -> None:
    body = b'{"items": [{"id": "a\\u0000b", "title": "A\\u0000B \\ud800 C", "content_text": "\\u0000"}]}'
    add_source(served.put("/feed", body, "application/feed+json"))
    work.step()
    assert Item.objects.get().title == "AB C"


def test_failures_wait_longer_and_keep_what_was_stored(served: Site, add_source: AddSource, due_again: Again) -> None:
    source = add_source(served.put("/feed", rss(ONE)))
    work.step()
    served.pages["/feed"] = Page(b"", status=503, headers={"Retry-After": "7200"})
    due_again(source)
    work.step()
    source.refresh_from_db()
    assert source.health == Health.BROKEN
    assert source.failures == 1
    assert "503" in source.message
    assert source.next_fetch_at > timezone.now() + timedelta(seconds=7000)
    assert Item.objects.count() == 1


def test_a_loopback_address_is_refused_unless_the_source_allows_it(served: Site, add_source: AddSource) -> None:
    source = add_source(served.put("/feed", rss(ONE)), allow_private="")
    work.step()
    source.refresh_from_db()
    assert Fetch.objects.get().outcome == "refused-address"
    assert served.asked == []


def test_a_paused_source_is_left_alone(served: Site, add_source: AddSource) -> None:
    add_source(served.put("/feed", rss(ONE)), paused=True)
    assert work.step() is False


def test_a_claim_keeps_others_away_until_it_lapses(served: Site, add_source: AddSource) -> None:
    source = add_source(served.put("/feed", rss(ONE)))
    assert [one.pk for one in work.claim_due(5)] == [source.pk]
    assert work.claim_due(5) == []
    Source.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert [one.pk for one in work.claim_due(5)] == [source.pk]


def test_a_late_collector_does_not_overwrite_what_another_stored(served: Site, add_source: AddSource) -> None:
    add_source(served.put("/feed", rss(ONE)))
    (late,) = work.claim_due(1)
    Source.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    work.step()
    assert work.collect(late) is None
    assert Item.objects.count() == 1
    assert Fetch.objects.count() == 1


def test_a_full_disk_stops_collectors_and_says_so(
    served: Site, add_source: AddSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_source(served.put("/feed", rss(ONE)))
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Disk", (), {"free": 0}))
    assert "Make room" in work.disk_short()
    assert work.step() is False
    assert Item.objects.count() == 0


def test_a_silent_source_is_a_blind_spot_until_it_speaks(served: Site, add_source: AddSource, due_again: Again) -> None:
    source = add_source(served.put("/feed", rss(ONE)), countries=["XS"], languages=["en"])
    work.step()
    assert work.watch_silence() == 0
    later = timezone.now() + timedelta(hours=4)
    assert work.watch_silence(later) == 1
    assert work.watch_silence(later) == 0
    spot = BlindSpot.objects.get()
    assert (spot.countries, spot.languages, spot.until) == (["XS"], ["en"], None)
    due_again(source)
    work.step()  # it answers, but nothing is new
    source.refresh_from_db()
    assert source.health == Health.SILENT
    served.put("/feed", rss(ONE, TWO))
    due_again(source)
    work.step()
    spot.refresh_from_db()
    source.refresh_from_db()
    assert spot.until is not None
    assert source.health == Health.FRESH


def test_items_and_old_fetches_go_when_their_time_is_over(
    served: Site, add_source: AddSource, monkeypatch: pytest.MonkeyPatch, due_again: Again
) -> None:
    source = add_source(served.put("/feed", rss(ONE, TWO)))
    work.step()
    assert work.expire() is False
    assert work.expire(timezone.now() + timedelta(days=401)) is True
    assert Item.objects.count() == 0
    monkeypatch.setattr(work, "FETCHES_KEPT", 2)
    for _ in range(3):
        due_again(source)
        work.step()
    work.tidy()
    assert Fetch.objects.count() == 2


def test_a_busy_host_is_no_fault_of_the_source(
    served: Site, add_source: AddSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    politeness = Politeness(timedelta(0))
    resting = Client("Tocsin test", politeness=politeness)
    monkeypatch.setattr(collecting, "client", lambda: resting)
    politeness.rest("127.0.0.1", timedelta(hours=1))
    source = add_source(served.put("/feed", rss(ONE)), health=Health.FRESH)
    work.step()
    source.refresh_from_db()
    assert (source.health, source.failures, source.claimed_until) == (Health.FRESH, 0, None)
    assert source.next_fetch_at > timezone.now() + timedelta(minutes=50)
    assert Fetch.objects.count() == 0


def test_an_address_that_moved_for_good_is_said(served: Site, add_source: AddSource) -> None:
    new = served.put("/new", rss(ONE))
    served.pages["/old"] = Page(b"", status=301, headers={"Location": new})
    source = add_source(served.address + "/old")
    work.step()
    source.refresh_from_db()
    assert "moved for good" in source.message
    assert Item.objects.count() == 1


def test_a_text_that_is_not_what_it_says_it_is_may_be_garbled_and_that_is_said(
    served: Site, add_source: AddSource
) -> None:
    body = rss(("https://news.example/1", "Редактор", "")).decode().encode("cp1251")
    source = add_source(served.put("/feed", body, "application/xml; charset=utf-8"))
    work.step()
    source.refresh_from_db()
    assert "not in the encoding that it states" in source.message
    assert Item.objects.get().url == "https://news.example/1"


def test_a_refused_address_inside_says_what_to_write_into_which_field(served: Site, add_source: AddSource) -> None:
    source = add_source(served.put("/feed", rss(ONE)), allow_private="")
    work.step()
    source.refresh_from_db()
    assert f"writes {served.name} into “Allowed although it is inside”" in source.message
    assert str(SourceForm(kind("feeds")).fields["allow_private"].label) == "Allowed although it is inside"


def test_a_way_inside_that_others_lead_to_is_not_offered_to_be_allowed(served: Site, add_source: AddSource) -> None:
    with site() as other:
        served.pages["/feed"] = Page(status=302, headers={"Location": other.put("/feed", rss(ONE))})
        source = add_source(served.address + "/feed")
        work.step()
    source.refresh_from_db()
    assert Fetch.objects.get().outcome == "refused-address"
    assert "Allowed although" not in source.message
    assert other.asked == []


def test_a_host_that_asks_for_rest_shows_why_its_other_sources_wait(
    served: Site, add_source: AddSource, due_again: Again
) -> None:
    served.pages["/busy"] = Page(status=429, headers={"Retry-After": "3600"})
    add_source(served.address + "/busy")
    work.step()
    neighbour = add_source(served.put("/feed", rss(ONE)), health=Health.FRESH)
    work.step()
    neighbour.refresh_from_db()
    assert (neighbour.health, Fetch.objects.filter(source=neighbour).count()) == (Health.FRESH, 0)
    assert "asked to be left alone" in neighbour.message
    assert neighbour.next_fetch_at > timezone.now() + timedelta(minutes=50)


def test_trying_a_source_takes_no_turn_at_reading_while_it_fetches(
    served: Site, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0.0)
    draft = SourceDraft("Try", "feeds", served.address + "/missing", allow_private=served.name)
    with turns.turn(), turns.turn():
        assert actions.try_source(alice, draft).status == 404
        served.put("/feed", rss(ONE))
        with pytest.raises(RefusedError, match="reading documents just now"):
            actions.try_source(alice, replace(draft, url=served.address + "/feed"))
    assert actions.try_source(alice, replace(draft, url=served.address + "/feed")).batch.entries == 1


def test_only_a_few_sources_are_tried_at_once(served: Site, alice: Person) -> None:
    draft = SourceDraft("Try", "feeds", served.put("/feed", rss(ONE)), allow_private=served.name)
    with ExitStack() as others:
        for _number in range(turns.TRIED_AT_ONCE):
            others.enter_context(turns.trial())
        with pytest.raises(RefusedError, match="trying sources just now"):
            actions.try_source(alice, draft)
    assert actions.try_source(alice, draft).batch.entries == 1
