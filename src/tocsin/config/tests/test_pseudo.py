import re
from pathlib import Path

import pytest
from django.conf import settings as used
from django.test import Client
from django.utils import translation
from pytest_django.fixtures import Settings

from tocsin.config import pseudo

_TAGS = re.compile(r"<(script|style|svg|code|kbd)\b.*?</\1>|<[^>]+>", re.DOTALL)


@pytest.fixture
def test_language(settings: Settings, tmp_path: Path) -> None:
    pseudo.build(used.PACKAGE, tmp_path)
    settings.LOCALE_PATHS = [tmp_path]


def test_placeholders_tags_and_entities_stay_as_they_are() -> None:
    changed = pseudo.accented('%(count)s items of <a href="/x">{name}</a> &amp; %s at 5%%')
    assert changed.startswith(pseudo.MARK)
    for kept in ("%(count)s", '<a href="/x">', "{name}", "</a>", "&amp;", "%s", "%%"):
        assert kept in changed
    assert "items" not in changed


@pytest.mark.usefixtures("test_language")
def test_words_of_code_templates_and_django_are_in_it() -> None:
    with translation.override("ar-xb"):
        assert translation.gettext("Home") == pseudo.accented("Home")
        assert translation.gettext("This field is required.") == pseudo.accented("This field is required.")
        assert translation.get_language_bidi() is True


def test_it_is_made_again_only_when_something_changed(tmp_path: Path) -> None:
    package = tmp_path / "package"
    (package / "room" / "templates").mkdir(parents=True)
    page = package / "room" / "templates" / "page.html"
    page.write_text('{% load i18n %}{% translate "Bell" %}')
    assert pseudo.build(package, tmp_path / "locale") is True
    assert pseudo.build(package, tmp_path / "locale") is False
    page.write_text(
        "{% load i18n %}{% blocktranslate count n=n %}{{ n }} bell{% plural %}{{ n }} bells{% endblocktranslate %}"
    )
    assert pseudo.build(package, tmp_path / "locale") is True
    assert [message.id for message in pseudo.extracted(package) if message.id] == [("%(n)s bell", "%(n)s bells")]


@pytest.mark.django_db
@pytest.mark.usefixtures("test_language")
@pytest.mark.parametrize("address", ["/", "/no/such/page"])
def test_a_page_runs_from_right_to_left_with_every_word_translated(address: str) -> None:
    page = Client().get(address, follow=True, headers={"Accept-Language": "ar-xb"}).content.decode()
    assert 'dir="rtl"' in page
    shown = [text.strip() for text in _TAGS.sub("\n", page).split("\n")]
    plain = [text for text in shown if re.search(r"[A-Za-z]{3}", text) and pseudo.MARK not in text]
    assert [text for text in plain if text != "Tocsin"] == []
