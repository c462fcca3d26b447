import html
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as used
from django.test import Client
from django.utils import timezone, translation
from pytest_django.fixtures import Settings

from tocsin.analysis.detectors.base import Verdict
from tocsin.analysis.detectors.rivals import blocking_rivals
from tocsin.analysis.series import Direction, Evidence
from tocsin.config import pseudo
from tocsin.console import phrases
from tocsin.lib.tlp import likelihood
from tocsin.people.models import Person
from tocsin.signals import work as reading
from tocsin.signals.models import Finding, Signal
from tocsin.situations import work as situations
from tocsin.situations.models import Situation
from tocsin.streams.models import Item, Source

_PLACES = re.compile(r"\{\w+\}")
_TAGS = re.compile(r"<(script|style|svg|code|kbd)\b.*?</\1>|<[^>]+>", re.DOTALL)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The language's folder, made once: every word of the house is read for it."""
    folder = tmp_path_factory.mktemp("pseudo")
    pseudo.build(used.PACKAGE, folder)
    return folder


@pytest.fixture
def test_language(settings: Settings, built: Path) -> None:
    settings.LOCALE_PATHS = [built]


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
def test_home_and_a_situation_show_no_english_word_of_the_taxonomy_or_of_a_rule(
    browse: Callable[[Person], Client], alice: Person
) -> None:
    found = _measured_and_told()
    alice.language = "ar-xb"
    alice.save()
    for address in ("/", f"/situations/{found.public_id}/", f"/situations/{found.public_id}/assess"):
        page = browse(alice).get(address).content.decode()
        shown = [html.unescape(text).strip() for text in _TAGS.sub("\n", page).split("\n")]
        plain = [text for text in shown if pseudo.MARK not in text]
        sentences = (".+".join(map(re.escape, _PLACES.split(word))) for word in phrases.words())
        spoken = [re.compile(rf"\b{sentence}(?!\w)") for sentence in sentences]
        assert [text for text in plain if any(word.search(text) for word in spoken)] == []
        how = likelihood(found.probability)
        for word in (how,) if address.endswith("assess") else ("Site ban", how):
            assert any(pseudo.accented(word) in text for text in shown)


def _measured_and_told() -> Situation:
    """A ban that one paper writes of and one detector found, with rivals and reasons, as the rooms make it."""
    now = timezone.now()
    source = Source.objects.create(name="Daily", kind="feeds", url="https://daily.example/", reliability="B",
        expected_every=timedelta(hours=1), next_fetch_at=now)  # fmt: skip
    Item.objects.create(source=source, key="1", digest="1", title="Turkey blocks Wikipedia", published_at=now,
        text="The regulator blocked Wikipedia in Turkey; the site is unreachable.", fetched_at=now,
        expires_at=now + timedelta(days=9))  # fmt: skip
    _work()
    verdict = Verdict(now, None, Direction.RISE, 0.9, 0.01, 0.95, Evidence.SCORED, 5, "")
    finding = Finding.objects.create(rule="blocking/1", stream="blocking", kind="ooni.web", country="TR",
        subject="en.wikipedia.org", opened_at=now, seen_at=now, direction="rise", score=0.9, before=0.01, now=0.95,
        points=5, evidence="scored",
        rivals=[[one.key, one.speaks_for, one.speaks_against] for one in blocking_rivals(verdict, known=20)],
    )  # fmt: skip
    Signal.objects.create(finding=finding, at=now, title="%", country="TR", harm="site-ban", rule="blocking/1")
    _work()
    return Situation.objects.get()


def _work() -> None:
    situations.forget()
    while any([reading.read_items(), situations.step()]):
        pass


@pytest.mark.django_db
@pytest.mark.usefixtures("test_language")
@pytest.mark.parametrize("address", ["/", "/no/such/page"])
def test_a_page_runs_from_right_to_left_with_every_word_translated(address: str) -> None:
    page = Client().get(address, follow=True, headers={"Accept-Language": "ar-xb"}).content.decode()
    assert 'dir="rtl"' in page
    shown = [text.strip() for text in _TAGS.sub("\n", page).split("\n")]
    plain = [text for text in shown if re.search(r"[A-Za-z]{3}", text) and pseudo.MARK not in text]
    assert [text for text in plain if text != "Tocsin"] == []
