"""Guides: from a person's words to a page that anybody may read, and what may never stand there."""

import contextlib
import os
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.test import Client

from tocsin.alerts import clock
from tocsin.alliances.refusals import RefusedError
from tocsin.people.models import Person
from tocsin.resilience.practice_models import GuideAdoption, GuideText
from tocsin.resilience.practices import actions, library, rendering, site
from tocsin.resilience.practices.actions import GuideDraft
from tocsin.resilience.tests.conftest import Makes, community, rosa

__all__ = ["community", "rosa"]
pytestmark = pytest.mark.django_db

Browse = Callable[[Person], Client]
AT = "/resilience/practices/"


def today() -> date:
    return clock.now().date()


def draft(text: str = "Go **slowly**.", title: str = "On a march", base: int = 0) -> GuideDraft:
    return GuideDraft(title, text, today() + timedelta(days=90), base)


def published(by: Person, other: Person, key: str, language: str = "en", **more: str) -> GuideText:
    row = actions.write(by, key, language, draft(base=library.newest(key, language), **more))
    actions.review(other, key, language, row.digest, name="N.", role="people who march", on=today(), community=None)
    return actions.publish(other, key, language, row.version)


def test_a_guide_is_written_agreed_with_published_adopted_and_retired(
    browse: Browse, alice: Person, bob: Person, vera: Person, community: Makes, tmp_path: Path
) -> None:
    form = {"title": "On a march", "key": "on-a-march", "text": "## First\n\nGo **slowly**.", "base": 0,
            "review_by": (today() + timedelta(days=90)).isoformat()}  # fmt: skip
    assert browse(vera).get(AT).status_code == 403
    assert browse(bob).post(f"{AT}new/", form).status_code == 302
    row, at = GuideText.objects.get(), f"{AT}on-a-march/en/"
    assert "<h2>First</h2>" in browse(bob).get(at).content.decode()
    site.build(tmp_path, today())
    assert not (tmp_path / "en/on-a-march.html").exists()
    agreed = {"name": "Nadia of the march", "role": "people who march", "on": today().isoformat()}
    assert browse(bob).post(f"{at}review/{row.digest}/", agreed).status_code == 422
    assert "Nobody of the people affected" in browse(alice).post(f"{at}publish/1", follow=True).content.decode()
    assert "Go <strong>slowly</strong>." in browse(alice).get(f"{at}review/{row.digest}/").content.decode()
    assert browse(alice).get(f"{at}review/{'0' * 64}/").status_code == 404
    assert browse(alice).post(f"{at}review/{row.digest}/", agreed).status_code == 302
    with pytest.raises(RefusedError, match="still the English words"):
        actions.write(bob, "on-a-march", "pt", draft("## First\n\nGo **slowly**.", "Numa marcha"))
    browse(bob).post(f"{at}publish/1")
    assert library.standing("on-a-march").published is False  # type: ignore[union-attr]
    browse(alice).post(f"{at}publish/1")
    site.build(tmp_path, today())
    page = (tmp_path / "en/on-a-march.html").read_text()
    assert "people who march" in page
    assert "Nadia" not in page
    assert "not reviewed" not in page
    them = community()
    took = {"community": them.public_id, "on": today().isoformat(), "changed": "They march in pairs."}
    assert browse(alice).post(f"{at}adopt/", took).status_code == 302
    assert "They march in pairs." in browse(bob).get(at).content.decode()
    browse(bob).post(f"{AT}on-a-march/adoptions/{GuideAdoption.objects.get().pk}/remove")
    assert "They march in pairs." not in browse(bob).get(at).content.decode()
    assert browse(bob).post(f"{AT}on-a-march/retire/", {"reason": "Pairs are arrested first."}).status_code == 302
    site.build(tmp_path, today())
    page = (tmp_path / "en/on-a-march.html").read_text()
    assert "Pairs are arrested first." in page
    assert "slowly" not in page
    browse(bob).post(f"{AT}on-a-march/take-back")
    site.build(tmp_path, today())
    assert "slowly" in (tmp_path / "en/on-a-march.html").read_text()


def test_a_yes_holds_for_exactly_the_words_that_were_read(bob: Person, alice: Person) -> None:
    published(bob, alice, "on-a-march")
    row = actions.write(bob, "on-a-march", "en", draft("Run.", base=1))
    with pytest.raises(RefusedError, match="Nobody of the people affected"):
        actions.publish(alice, "on-a-march", "en", row.version)
    found = library.standing("on-a-march")
    assert found is not None
    assert (found.text, found.reviewed) == ("Go **slowly**.", True)


def test_of_two_who_write_at_once_the_later_is_told_and_loses_nothing(
    browse: Browse, bob: Person, rosa: Person
) -> None:
    row = actions.write(bob, "on-a-march", "en", draft())
    actions.write(rosa, "on-a-march", "en", draft("Run.", base=row.version))
    form = {"title": "On a march", "text": "Mine.", "base": 1, "review_by": (today() + timedelta(days=9)).isoformat()}
    answer = browse(bob).post(f"{AT}on-a-march/en/edit/", form)
    assert answer.status_code == 422
    assert "Mine." in answer.content.decode()
    assert GuideText.objects.count() == 2


def test_a_translation_of_older_words_says_so(bob: Person, alice: Person, tmp_path: Path) -> None:
    published(bob, alice, "on-a-march")
    published(bob, alice, "on-a-march", "ar", text="ببطء.", title="في مسيرة")
    site.build(tmp_path, today())
    page = (tmp_path / "ar/on-a-march.html").read_text()
    assert 'lang="ar" dir="rtl"' in page
    assert "تغيّر النص" not in page
    published(bob, alice, "on-a-march", text="Run.")
    site.build(tmp_path, today())
    assert "تغيّر النص" in (tmp_path / "ar/on-a-march.html").read_text()


@pytest.mark.parametrize("key", ["../x", "a/b", "new", "A", "x" * 41, "con", ""])
def test_a_name_that_could_lead_elsewhere_is_refused(bob: Person, key: str) -> None:
    with pytest.raises(RefusedError):
        actions.write(bob, key, "en", draft())


@pytest.mark.parametrize(
    "text",
    ["<script>x()</script>", "a <b onclick=x()>b</b>", "![p](https://x.example/p.png)", "Ask ana@example.org",
     "See User:Ana", "a" * 20_001, "so\u00adft", ""],
)  # fmt: skip
def test_what_may_not_be_published_is_refused(bob: Person, text: str) -> None:
    with pytest.raises(RefusedError):
        actions.write(bob, "on-a-march", "en", draft(text))


def test_five_megabytes_are_refused(browse: Browse, bob: Person) -> None:
    form = {"title": "T", "key": "on-a-march", "text": "a" * 5_000_000, "base": 0, "review_by": today().isoformat()}
    assert browse(bob).post(f"{AT}new/", form).status_code in {400, 413, 422}
    assert not GuideText.objects.exists()


@pytest.mark.parametrize(
    "link", ["javascript:x()", "data:text/html,x", "http://x.example", "//x.example", "JaVaScRiPt:x()"]
)
def test_a_link_that_is_no_https_stays_words(link: str) -> None:
    assert "<a" not in rendering.html_of(f"[a]({link}) [b][1] <{link}>\n\n[1]: {link}")
    assert "<a" in rendering.html_of("[a](https://example.org)")


def test_the_site_asks_for_nothing_and_marks_what_nobody_reviewed(tmp_path: Path) -> None:
    built = site.build(tmp_path, today())
    pages = [one for one in tmp_path.rglob("*") if one.suffix == ".html"]
    assert built.files == len(pages) + 1
    for file in pages:
        page = file.read_text()
        assert "<script" not in page
        assert not re.search(r'(src=|@import|url\(|href="(?!\.\./|[a-z-]+/|[a-z-]+\.html|style))', page)
        for link in re.findall(r'href="([^"]+)"', page):
            assert (file.parent / link).resolve().is_file(), (file, link)
    page = (tmp_path / "ar/at-a-border.html").read_text()
    assert "لم يراجع هذا النص" in page
    assert 'hreflang="es"' in page


def test_every_translation_that_came_says_the_english_text_as_it_is() -> None:
    assert [(one.key, one.language) for one in library.standings() if one.stale] == []
    for (key, language), text in library.shipped().items():
        assert actions.KEY.fullmatch(key)
        assert actions.LANGUAGE.fullmatch(language)
        assert not rendering.foreign_parts(text.text)


def test_only_what_the_builder_wrote_is_removed(tmp_path: Path) -> None:
    site.keep(tmp_path, {"style.css": b"a", "en/old.html": b"b", "en/changed.html": b"c"})
    (tmp_path / "en/mine.html").write_text("mine")
    (tmp_path / "en/changed.html").write_text("somebody's")
    assert site.keep(tmp_path, {"style.css": b"a2"}).removed == 1
    found = {one.relative_to(tmp_path).as_posix() for one in tmp_path.rglob("*") if one.is_file()}
    assert found == {site.LIST, "style.css", "en/mine.html", "en/changed.html"}


@pytest.mark.parametrize("path", ["style.css", "en/index.html"])
def test_a_file_of_somebody_else_is_never_written_over(tmp_path: Path, path: str) -> None:
    (tmp_path / path).parent.mkdir(exist_ok=True)
    (tmp_path / path).write_text("theirs")
    with pytest.raises(site.StrangerError):
        site.build(tmp_path, today())
    assert [one.name for one in tmp_path.rglob("*") if one.is_file()] == [Path(path).name]


def test_a_link_to_elsewhere_and_a_forged_list_lead_nowhere(tmp_path: Path) -> None:
    out, other = tmp_path / "out", tmp_path / "other"
    out.mkdir()
    other.mkdir()
    (other / "x.html").write_text("theirs")
    (out / "en").symlink_to(other)
    with pytest.raises(site.StrangerError):
        site.build(out, today())
    (out / "en").unlink()
    (out / site.LIST).write_text('{"files": {"../other/x.html": []}}')
    with pytest.raises(site.StrangerError):
        site.build(out, today())
    assert (other / "x.html").read_text() == "theirs"


def test_a_build_that_was_killed_at_any_file_is_finished_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {"style.css": b"a", "en/old.html": b"b", "en/index.html": b"c"}
    after = {"style.css": b"a2", "en/index.html": b"c2", "ar/index.html": b"d"}
    sync = os.fsync
    for last in range(7):
        out = tmp_path / str(last)
        site.keep(out, before)
        left = iter(range(last))

        def dies(number: int, left: "object" = left) -> None:
            if next(left, None) is None:  # type: ignore[call-overload]
                raise KeyboardInterrupt
            sync(number)

        monkeypatch.setattr(os, "fsync", dies)
        with contextlib.suppress(KeyboardInterrupt):
            site.keep(out, after)
        monkeypatch.setattr(os, "fsync", sync)
        site.keep(out, after)
        found = {one.relative_to(out).as_posix(): one.read_bytes() for one in out.rglob("*") if one.is_file()}
        found.pop(site.LIST)
        assert found == after
