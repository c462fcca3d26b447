"""Who is let through to a page, how it is shown to them, and the page of the record."""

import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client

from tocsin.audit import work
from tocsin.audit.actions import record
from tocsin.people import actions
from tocsin.people.models import Person
from tocsin.people.roles import Role

pytestmark = pytest.mark.django_db
Browse = Callable[[Person], Client]


@pytest.fixture
def auditor(db: None) -> Person:
    """Somebody who reads the record and nothing else."""
    person = Person(email="olu@example.org", name="Olu", roles=int(Role.AUDITOR))
    person.set_password("correct horse battery staple")
    person.save()
    return person


class TestGate:
    """A stranger is sent to sign in, a member without the right is refused."""

    def test_a_stranger_is_sent_to_sign_in_and_back(self) -> None:
        assert Client().get("/people/?a=b")["Location"] == "/account/login/?next=%2Fpeople%2F%3Fa%3Db"

    def test_a_form_of_a_stranger_is_not_sent_back_to(self) -> None:
        assert Client().post("/people/invite/")["Location"] == "/account/login/"

    def test_a_part_of_a_page_gets_401_so_that_the_page_around_it_stays(self) -> None:
        assert Client().get("/people/", HTTP_HX_REQUEST="true").status_code == 401

    def test_a_member_without_the_right_is_told_so(self, bob: Person, browse: Browse) -> None:
        answer = browse(bob).get("/people/")
        assert answer.status_code == 403
        assert "You can’t open this" in answer.content.decode()


class TestPreferences:
    """Name, zone, language and colours."""

    def test_times_are_shown_in_the_persons_zone(self, alice: Person, browse: Browse) -> None:
        actions.save_preferences(alice, actions.Preferences("Alice", "Africa/Lagos"))
        assert "WAT" in browse(alice).get(f"/people/{alice.pk}/").content.decode()
        actions.save_preferences(alice, actions.Preferences("Alice", "No/Such"))
        assert "UTC" in browse(alice).get(f"/people/{alice.pk}/").content.decode()

    def test_language_and_colours_are_the_persons(self, alice: Person, browse: Browse) -> None:
        client = browse(alice)
        language = settings.LANGUAGES[-1][0]
        client.post("/settings/", {"name": "Alice A.", "time_zone": "", "language": language, "theme": "dark"})
        page = client.get("/settings/").content.decode()
        assert 'data-theme="dark"' in page
        assert f'lang="{language}"' in page
        assert "Alice A." in page

    @pytest.mark.parametrize("wrong", [{"time_zone": "Mars/Base"}, {"language": "xx"}, {"theme": "red"}, {"name": ""}])
    def test_what_does_not_exist_is_refused(self, alice: Person, browse: Browse, wrong: dict[str, str]) -> None:
        answer = browse(alice).post("/settings/", {"name": "Alice", **wrong})
        assert answer.status_code == 200


class TestRecord:
    """The page of who did what."""

    def test_only_an_auditor_reads_it(self, alice: Person, bob: Person, auditor: Person, browse: Browse) -> None:
        assert browse(alice).get("/audit/").status_code == 403
        assert browse(bob).get("/audit/").status_code == 403
        assert browse(auditor).get("/audit/").status_code == 200

    def test_it_names_people_and_shows_ids_and_facts(self, alice: Person, auditor: Person, browse: Browse) -> None:
        actions.change_roles(alice, auditor, Role.AUDITOR | Role.ANALYST)
        page = browse(auditor).get("/audit/").content.decode()
        assert "Alice" in page
        assert "Olu" in page
        assert "after=66" in page
        assert "alice@example.org" not in page

    def test_it_filters_by_who_what_target_and_day(self, alice: Person, auditor: Person, browse: Browse) -> None:
        with transaction.atomic():
            record(alice.pk, "thing.done", "thing:7")
            record(None, "other.done", "thing:8")
        client = browse(auditor)

        def shows(**query: str | int) -> tuple[bool, bool]:
            page = client.get("/audit/", query).content.decode()
            return "thing:7" in page, "thing:8" in page

        assert shows() == (True, True)
        assert shows(who=alice.pk) == (True, False)
        assert shows(who=0) == (False, True)
        assert shows(verb="other.") == (False, True)
        assert shows(target="thing:7")[1] is False
        assert shows(target="thing") == (True, True)
        assert shows(since="2000-01-01", until="2001-01-01") == (False, False)
        assert shows(who="nobody", before="x") == (True, True)
        assert shows(before="9" * 40) == (True, True)

    def test_it_goes_on_to_older_ones(self, auditor: Person, browse: Browse) -> None:
        with transaction.atomic():
            for number in range(60):
                record(None, "thing.done", f"thing:{number}")
        client = browse(auditor)
        page = client.get("/audit/?verb=thing.").content.decode()
        assert ">thing:59<" in page
        assert ">thing:9<" not in page
        older = re.search(r'href="\?([^"]+before=\d+)"', page)
        assert older
        page = client.get("/audit/?" + older.group(1).replace("&amp;", "&")).content.decode()
        assert ">thing:9<" in page
        assert ">thing:59<" not in page

    def test_it_says_how_the_chain_is(self, auditor: Person, browse: Browse) -> None:
        with transaction.atomic():
            record(None, "thing.done", "thing:1")
        client = browse(auditor)
        assert "1 waits" in client.get("/audit/").content.decode()
        work.step()
        page = client.get("/audit/").content.decode()
        assert "1 entries are sealed" in page
        assert "No outside witness" in page
