"""The frame and the parts that every page is made of."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django import forms
from django.contrib.messages.constants import ERROR
from django.contrib.messages.storage.base import Message
from django.contrib.staticfiles import finders
from django.core.paginator import Paginator
from django.template import Context, Template
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory
from django.utils import translation

from tocsin.console.templatetags import look
from tocsin.lib.tlp import CREDIBILITY, RELIABILITY
from tocsin.signals.drawing import words

NOW = datetime(2026, 3, 4, 3, 12, tzinfo=UTC)
HERE = Path(__file__).resolve().parent.parent
ROOMS = [
    {"title": f"Room {number}", "url": f"/{number}/", "current": "page" if number == 1 else ""} for number in range(7)
]


@pytest.fixture
def not_built(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A checkout whose assets were never built."""
    monkeypatch.setattr(finders, "find", lambda _name: None)
    look._built.cache_clear()
    yield
    look._built.cache_clear()


def page(**context: object) -> str:
    return render_to_string("page.html", {"now": NOW, "navigation": ROOMS, **context})


def part(name: str, **context: object) -> str:
    return render_to_string(f"parts/{name}.html", {"now": NOW, **context})


def test_the_exercise_banner_stands_on_every_page_of_an_exercise() -> None:
    for name in ("page.html", "focus.html", "404.html"):
        assert "Nothing on this page is real" in render_to_string(name, {"exercise": True})
        assert "Nothing on this page is real" not in render_to_string(name, {"exercise": False})


def test_the_current_room_is_marked() -> None:
    assert '<a href="/1/" aria-current="page">' in page()
    assert '<a href="/2/" aria-current="page">' not in page()


def test_rooms_beyond_the_fourth_are_one_tap_away_on_a_phone() -> None:
    # Seven rooms stand in the row of a wide window, so that it needs no second place for them.
    more = page().split('<details class="nav-more nav-short">')[1].split("</details>")[0]
    assert "/3/" not in more
    assert "/4/" in more
    assert "/6/" in more


def test_direction_language_and_theme_are_the_pages() -> None:
    assert '<html lang="ar" dir="rtl" data-theme="dark">' in page(language="ar", text_direction="rtl", theme="dark")


def test_a_stopped_pager_is_the_one_loud_thing() -> None:
    assert 'class="pager-stopped" role="alert"' in page(pager="Pager stopped", pager_stopped=True)
    assert "pager-stopped" not in page(pager="Pager works")


def test_the_freshness_line_gives_the_time_without_scripts() -> None:
    assert '<time datetime="2026-03-04T03:12:00Z" data-relative>4 Mar 2026, 03:12 UTC</time>' in page()


@pytest.mark.parametrize("code", [400, 403, 404, 500, 503])
def test_error_pages_need_no_context_and_say_what_next(code: int) -> None:
    words = get_template(f"{code}.html").render({})
    assert "<h1>" in words
    assert 'href="/"' in words


def test_no_page_or_part_carries_inline_style_script_or_foreign_host() -> None:
    for file in (HERE / "templates").rglob("*.html"):
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"\sstyle=|<style|\son\w+=|javascript:|https?://", text), file.name
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), file.name


def test_sheets_use_logical_directions_and_no_foreign_or_inline_address() -> None:
    physical = r"(?<![\w-])(?:margin|padding|border|inset)-(?:left|right)\b|(?:text-align|float): (?:left|right)"
    for sheet in (HERE / "static" / "console").glob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert not re.search(physical, text), sheet.name
        assert not re.search(r"url\(\"?(?:https?:|data:|//)", text), sheet.name


@pytest.mark.usefixtures("not_built")
def test_the_plain_sheet_stands_in_where_codex_was_not_built() -> None:
    words = page()
    assert "console/fallback.css" in words
    assert "tocsin/codex" not in words
    assert "<use" not in words


def test_the_plain_sheet_sets_every_token_that_our_sheets_use() -> None:
    folder = HERE / "static" / "console"
    plain = (folder / "fallback.css").read_text(encoding="utf-8")
    ours = "".join((folder / name).read_text(encoding="utf-8") for name in ("tocsin.css", "parts.css"))
    set_here = set(re.findall(r"(--[\w-]+):", plain + ours))
    assert set(re.findall(r"var\((--[\w-]+)", plain + ours)) <= set_here


def test_a_moment_is_relative_first_and_exact_beside_it() -> None:
    words = part("when", time=NOW - timedelta(minutes=2), zone="Africa/Lagos")
    assert "2 minutes ago" in words
    assert "4 Mar 2026, 03:10 UTC" in words
    assert "04:10 WAT" in words
    assert 'tabindex="0"' in words


def test_a_quiet_moment_is_no_stop_of_the_tab_key() -> None:
    assert "tabindex" not in part("when", time=NOW, quiet=True)


def test_no_moment_reads_never() -> None:
    assert "never" in part("when", time=None)


def test_an_unknown_zone_gives_utc() -> None:
    assert look.exactly(NOW, "Nowhere/At_All").endswith("03:12 UTC")


def test_times_speak_the_readers_language() -> None:
    with translation.override("fr"):
        assert look.ago(NOW - timedelta(hours=3), NOW) == "il y a 3 heures"


def test_a_level_is_a_word_and_a_shape() -> None:
    words = part("level", level=4, trend="rising")
    assert "Severe" in words
    assert "▲" in words
    assert "rising" in words


def test_nothing_measured_never_reads_as_none_seen() -> None:
    assert "Not measured" in part("level", level=None)
    assert "None seen" in part("level", level=0)


def test_scales_say_what_was_published() -> None:
    assert {grade: look.reliability_word(grade) for grade in RELIABILITY} == RELIABILITY
    assert {grade: look.credibility_word(grade) for grade in CREDIBILITY} == CREDIBILITY


def test_an_unknown_tlp_is_read_as_red() -> None:
    assert look.tlp_word("puce") == look.tlp_word("red")


def test_a_probability_shows_number_word_and_range() -> None:
    words = part("likelihood", probability=0.93, low=0.8, high=0.97, before=0.2)
    assert "0.93" in words
    assert "very likely" in words
    assert "likelihood-range" in words
    assert "was 0.20" in words


def test_the_machine_names_its_rule_and_version() -> None:
    assert "shift/2" in part("machine", rule="shift", version="2")
    assert '<a class="machine" href="/rules/">' in part("machine", rule="shift", url="/rules/")


def test_an_empty_list_names_the_next_step() -> None:
    words = part("empty", title="No sources yet", url="/sources/new/", action="Add one")
    assert 'href="/sources/new/"' in words
    assert "Add one" in words


def test_pages_of_a_list_keep_the_rest_of_the_address() -> None:
    request = RequestFactory().get("/search/?q=ban&page=2")
    words = Template('{% include "parts/pager.html" %}').render(
        Context({"page": Paginator(range(30), 10).page(2), "request": request})
    )
    assert 'href="?q=ban&amp;page=3"' in words
    assert "Page 2 of 3" in words


def test_a_single_page_needs_no_pager() -> None:
    assert "<nav" not in part("pager", page=Paginator(range(3), 10).page(1))


def test_what_the_server_says_is_read_out_and_escaped() -> None:
    words = page(messages=[Message(ERROR, "That file is not a DOCX.")])
    assert 'role="alert"' in words
    assert "not a DOCX" in words
    assert "&lt;b&gt;" in part("message", kind="notice", text="<b>")


class Form(forms.Form):
    """One field of each kind that the parts draw in their own way."""

    address = forms.EmailField(label="Address", help_text="The one you were invited at.")
    level = forms.ChoiceField(label="Level", choices=[("l", "low"), ("h", "high")], widget=forms.RadioSelect)
    stay = forms.BooleanField(label="Stay signed in", required=False)
    note = forms.CharField(label="Note", widget=forms.Textarea, required=False)


def test_a_field_is_tied_to_its_label_help_and_error() -> None:
    words = part("form", form=Form({"address": "x"}))
    assert '<label class="cdx-label" for="id_address">' in words
    assert 'aria-describedby="id_address_helptext id_address_error"' in words
    assert 'aria-invalid="true"' in words
    assert 'id="id_address_error"' in words


def test_choices_stand_under_one_legend() -> None:
    words = part("form", form=Form())
    assert "<fieldset" in words
    assert "Level</legend>" in words


def test_a_tick_has_its_label_behind_it_and_optional_is_said() -> None:
    words = part("form", form=Form())
    assert words.index('name="stay"') < words.index("Stay signed in")
    assert "(optional)" in words.split('for="id_note"')[1]


def test_a_day_and_a_moment_are_written_one_way() -> None:
    assert look.day(date(2026, 11, 22)) == "22 Nov 2026"
    assert look.day(None) == ""
    assert look.exactly(datetime(2026, 11, 22, 13, 38, tzinfo=UTC), "UTC") == "22 Nov 2026, 13:38 UTC"
    assert words("").moment(datetime(2026, 11, 22, 13, 38, tzinfo=UTC)) == "22 Nov 2026, 13:38 UTC"
    assert words("").moment(datetime(2026, 11, 22, tzinfo=UTC)) == "22 Nov 2026"


@pytest.mark.parametrize(
    ("theme", "media"),
    [("", ["screen and (prefers-color-scheme: dark)"]), ("dark", ["screen"]), ("light", [])],
)
def test_the_dark_is_linked_for_whom_it_is_meant(theme: str, media: list[str]) -> None:
    links = Template('{% load look %}{% sheets "parts" %}').render(Context({"theme": theme}))
    found = re.findall(r'href="[^"]*/([\w-]*dark)\.css" media="([^"]+)"', links)
    assert sorted({words for _name, words in found}) == media
    assert ("dark" in dict(found)) is bool(media)


def test_no_sheet_says_the_same_block_twice() -> None:
    for path in (Path(look.__file__).parents[1] / "static" / "console").glob("*.css"):
        blocks = re.findall(r"{([^{}]+)}", path.read_text(encoding="utf-8"))
        long = [" ".join(block.split()) for block in blocks if block.count(";") > 5]
        assert len(long) == len(set(long)), path.name
