"""Pages hold no script, no style and no words that can't be translated."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.rules.house import HERE, House, plant

# A name is the same in every language.
NAMES = {"Tocsin", "TLP", "JSON", "API", "OPML", "RSS", "UTC"}
SPOKEN = {"title", "alt", "placeholder", "aria-label", "label", "summary"}
# What is typed as it stands, whatever the reader's language.
AS_TYPED = {"code", "kbd", "samp"}
INLINE = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>|<style\b|\son[a-z]+\s*=|\sstyle\s*=|javascript:", re.IGNORECASE)
FOREIGN = re.compile(r"""\b(?:src|href|action)\s*=\s*["'](?:https?:)?//""", re.IGNORECASE)
LINK_TO_READ = re.compile(r"<a\s[^>]*>", re.IGNORECASE)
# Moments and days have one look, which the filters of `look` give.
DATED = re.compile(r"\|\s*(?:date|time|timesince|timeuntil|naturaltime|naturalday)\b")
RAW_MOMENT = re.compile(r"\{\{\s*[\w.]*\b\w+_(?:at|on)\s*(?:\}\}|\|\s*default)|\bwith\s[^%]*\b\w+=[\w.]+_on(?=[\s%])")
_LETTERS = re.compile(r"[^\W\d_]{2,}")


def inline(house: House) -> Iterator[str]:
    for path in house.templates():
        text = _without_tags(_without_comments(path.read_text(encoding="utf-8")))
        if INLINE.search(text) or FOREIGN.search(LINK_TO_READ.sub("", text)):
            yield house.name(path)


def dated(house: House) -> Iterator[str]:
    """Templates that write a moment or a day in a way of their own."""
    for path in house.templates():
        text = _without_comments(path.read_text(encoding="utf-8"))
        if DATED.search(text) or RAW_MOMENT.search(text):
            yield house.name(path)


def untranslated(house: House) -> Iterator[str]:
    for path in house.templates():
        text = _without_django(path.read_text(encoding="utf-8"))
        reader = _Words()
        reader.feed(text)
        for words in reader.found:
            left = [word for word in _LETTERS.findall(words) if word not in NAMES]
            if left:
                yield f"{house.name(path)}: {' '.join(words.split())[:60]}"


class _Words(HTMLParser):
    """Collects what a person reads: text, and the attributes that are spoken or shown."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

        self._code = 0

    def handle_data(self, data: str) -> None:
        if not self._code:
            self.found.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag in AS_TYPED

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._code += tag in AS_TYPED
        self.found += [value or "" for name, value in attrs if name in SPOKEN]


def _without_comments(text: str) -> str:
    text = re.sub(r"{%\s*comment.*?%}.*?{%\s*endcomment\s*%}", "", text, flags=re.DOTALL)
    return re.sub(r"{#.*?#}|<!--.*?-->", "", text, flags=re.DOTALL)


def _without_django(text: str) -> str:
    text = _without_comments(text)
    text = re.sub(r"{%\s*blocktrans(?:late)?\b.*?{%\s*endblocktrans(?:late)?\s*%}", "", text, flags=re.DOTALL)
    # A block that fills in a class or an id of the page is not read by anybody.
    text = re.sub(r"{%\s*block \w*(?:class|id)\s*%}.*?{%\s*endblock", "", text, flags=re.DOTALL)
    return _without_tags(text)


def _without_tags(text: str) -> str:
    return re.sub(r"{%.*?%}|{{.*?}}", "", text, flags=re.DOTALL)


def test_no_page_has_inline_script_or_style_or_a_foreign_host() -> None:
    assert list(inline(HERE)) == []


def test_every_word_on_a_page_can_be_translated() -> None:
    assert list(untranslated(HERE)) == []


def test_inline_parts_are_found(tmp_path: Path) -> None:
    pages = {
        "script": "<script>alert(1)</script>",
        "handler": '<a onclick="go()">{% translate "Go" %}</a>',
        "style": '<p style="color:red">{{ words }}</p>',
        "foreign": '<img src="https://elsewhere.example/a.png" alt="">',
        "fine": '<script src="{% static "a.js" %}" defer></script><a href="https://elsewhere.example">{{ one }}</a>',
    }
    house = plant(tmp_path, {f"src/tocsin/console/templates/{name}.html": text for name, text in pages.items()})
    assert [Path(name).stem for name in inline(house)] == ["foreign", "handler", "script", "style"]


def test_words_that_nobody_can_translate_are_found(tmp_path: Path) -> None:
    text = """{% load i18n %}{# A comment #}{% block body_class %}home{% endblock %}
<h1>{% translate "Home" %}</h1><p>Nothing here</p>
<input placeholder="Your name" class="wide" value="{{ value }}"><p title="{% translate 'Time' %}">Tocsin 2</p>
{% blocktranslate with name=person %}Hello {{ name }}{% endblocktranslate %}"""
    house = plant(tmp_path, {"src/tocsin/console/templates/page.html": text})
    assert [line.split(": ")[1] for line in untranslated(house)] == ["Nothing here", "Your name"]


def test_every_moment_and_every_day_is_written_one_way() -> None:
    assert list(dated(HERE)) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{{ one.at|date:'Y-m-d' }}", True),
        ("{{ one.at|naturaltime }}", True),
        ("{{ one.review_on }}", True),
        ("{{ one.seen_at|default:'never' }}", True),
        ("{% blocktranslate with day=one.review_on %}on {{ day }}{% endblocktranslate %}", True),
        ("{% blocktranslate with day=one.review_on|day %}on {{ day }}{% endblocktranslate %}", False),
        ("{{ one.review_on|day }} {% include 'parts/when.html' with time=one.at %}", False),
    ],
)
def test_a_moment_in_a_way_of_its_own_is_found(text: str, found: bool, tmp_path: Path) -> None:
    house = plant(tmp_path, {"src/tocsin/room/templates/page.html": text})
    assert bool(list(dated(house))) is found


REGION = re.compile(r'<div (?=[^>]*role="region")(?=[^>]*tabindex="0")(?=[^>]*aria-label(?:ledby)?=)[^>]*><table\b')
# Rows of numbers, made from what was drawn: they scroll.
SCROLLS = {
    "src/tocsin/signals/templates/signals/table.html",
    "src/tocsin/resilience/templates/resilience/heat.html",
}


def cut_off(house: House) -> Iterator[str]:
    """Tables that a phone would cut off: they neither scroll as a region with a name, nor stand as rows of words."""
    for path in house.templates():
        text = _without_comments(path.read_text(encoding="utf-8"))
        tables = text.count("<table")
        cells = re.findall(r"<td\b[^>]*>", text)
        stacked = all("data-label=" in cell for cell in cells) and text.count("table stacks") == tables
        if tables and (len(REGION.findall(text)) != tables or not (stacked or house.name(path) in SCROLLS)):
            yield house.name(path)


def test_no_table_is_cut_off_on_a_phone() -> None:
    assert list(cut_off(HERE)) == []


def test_a_table_that_a_phone_would_cut_off_is_found(tmp_path: Path) -> None:
    region = '<div class="wide" tabindex="0" role="region" aria-label="{{ name }}">'
    pages = {
        "bare": '<table class="table stacks"><td data-label="{{ a }}">{{ b }}</td></table>',
        "silent": f'{region}<table class="table stacks"><td>{{{{ b }}}}</td></table></div>',
        "fine": f'{region}<table class="table stacks"><td data-label="{{{{ a }}}}">{{{{ b }}}}</td></table></div>',
    }
    house = plant(tmp_path, {f"src/tocsin/room/templates/{name}.html": text for name, text in pages.items()})
    assert [Path(name).stem for name in cut_off(house)] == ["bare", "silent"]
