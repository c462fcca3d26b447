"""Evidence in a real browser: words first, a picture on purpose, a clean copy; on a laptop and on a phone."""

import base64
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as house
from django.urls import reverse

from tests.stories.conftest import Open
from tocsin.cases import actions as casework
from tocsin.cases.evidence import actions
from tocsin.cases.evidence.items import Harm
from tocsin.cases.evidence.tests import making
from tocsin.cases.kinds.course import About
from tocsin.cases.kinds.happened import Happened
from tocsin.keys import files
from tocsin.keys.tests.conftest import Open as OpenVaultOf
from tocsin.keys.tests.conftest import holder, opened
from tocsin.people.models import Person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["holder", "opened"]
PHONE = {"width": 320, "height": 640}
SAID = "A man is led away by two others; his face shows."


def test_it_is_read_then_opened_then_copied_without_scripts(
    open_as: Open, opened: OpenVaultOf, alice: Person, settings: Any, tmp_path: Path
) -> None:
    settings.SEALED_FILES = tmp_path / "vault"
    happened = Happened(what="Two men asked at her door.", source="person", certain="likely")
    about = About(line="Somebody was taken", urgent="days", retention="usual")
    case = casework.found(alice, opened(alice), about, happened)
    arrived = files.Incoming(tmp_path / "vault")
    arrived.write(making.photo())
    arrived.finish()
    draft = actions.Draft(SAID, "Her sister, by Signal", harm=Harm.DISTRESSING)
    row = actions.take(opened(alice), case, draft, arrived, "IMG_1.jpg")
    cookie = (house.VAULT_COOKIE, base64.urlsafe_b64encode(opened(alice)._cookie).decode())
    pages = [reverse(f"cases:evidence:{name}", args=[case]) for name in ("index", "new")]
    pages += [reverse(f"cases:evidence:{name}", args=[case, row]) for name in ("item", "copy", "describe", "remove")]

    plain = open_as(alice, cookies=(cookie,), java_script_enabled=False)
    page = plain.page
    plain.go(pages[0])
    page.get_by_role("link", name=SAID).click()
    assert page.locator("main img").count() == 0
    page.get_by_label("What do you look for?").fill("The uniforms")
    page.get_by_role("button", name="Open it").click()
    shown = page.locator("main img")
    shown.wait_for()
    assert shown.evaluate("one => one.complete && Math.max(one.naturalWidth, one.naturalHeight)") == 240
    page.get_by_role("link", name="Make a copy").click()
    page.get_by_label("without what it tells").check()
    page.get_by_label("What is it for?").fill("For the file")
    with page.expect_download() as got:
        page.get_by_role("button", name="Note it and give me the copy").click()
    content = Path(got.value.path()).read_bytes()
    assert (content[:3], b"Canary" in content) == (b"\xff\xd8\xff", False)

    for look in ({}, {"viewport": PHONE, "color_scheme": "dark"}):
        window = open_as(alice, cookies=(cookie,), **look)
        wrong = {}
        for address in pages:
            window.go(address)
            if found := window.barriers() + (["too wide"] if window.too_wide() else []):
                wrong[address.rpartition("evidence/")[2]] = found
        assert wrong == {}
