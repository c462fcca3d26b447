"""The pages of allies: who may open them, what they show, and what they never do."""

from collections.abc import Callable

import pytest
from django.test import Client

from tocsin.alliances import actions
from tocsin.alliances.models import Contact, Verification
from tocsin.alliances.tests.conftest import WAY, Makes
from tocsin.audit.models import Entry
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db

Browse = Callable[[Person], Client]
NEW = {
    "name": "Kalina Fund", "kinds": ["fund"], "helps": ["money", "relocation"], "countries": "Kenya, TZ",
    "regions": ["014"], "languages": "Swahili, en", "within_hours": "48", "tlp": "amber", "ways": "desk@kalina.example",
    "conflict_countries": "Uganda", "conflict_organisations": "Acme Ltd, Other", "once": "k3v9x2mw7q",
}  # fmt: skip


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_leads_and_responders_read_and_nobody_else(
    vetted: Makes, browse: Browse, alice: Person, rosa: Person, bob: Person, sam: Person, vera: Person, charlie: Person
) -> None:
    row = vetted()
    for path in ("/alliances/", "/alliances/find/", "/alliances/due/", f"/alliances/{row.public_id}/"):
        for person, status in ((alice, 200), (rosa, 200), (bob, 403), (sam, 403), (vera, 403), (charlie, 403)):
            assert browse(person).get(path).status_code == status, (path, person)
        assert Client().get(path).status_code == 302


def test_only_who_vets_changes(vetted: Makes, browse: Browse, rosa: Person) -> None:
    row, client = vetted(), browse(rosa)
    for tail in ("edit/", "reach/", "verify/", "step/suspend/", "erase/", "undo"):
        assert client.post(f"/alliances/{row.public_id}/{tail}", {"reason": "Because I say so."}).status_code == 403
    assert client.post("/alliances/import/").status_code == 403
    page = text(client, f"/alliances/{row.public_id}/")
    assert "/verify/" not in page
    assert "Suspend" not in page


def test_a_responder_proposes_and_a_lead_vets(browse: Browse, alice: Person, rosa: Person) -> None:
    answer = browse(rosa).post("/alliances/new/", NEW | {"owner": rosa.pk}, follow=True)
    row = Contact.objects.get()
    assert answer.redirect_chain[-1][0] == f"/alliances/{row.public_id}/"
    assert (row.countries, row.languages, row.conflict_countries) == (["KE", "TZ"], ["en", "sw"], ["UG"])
    assert row.conflict_organisations == ["Acme Ltd", "Other"]
    given = {"identity": "sure", "reputation": "sure", "references": "not", "outcome": "holds",
             "how": "Met them at a conference in May."}  # fmt: skip
    client = browse(alice)
    wrong = client.post(f"/alliances/{row.public_id}/verify/", given | {"next_due": ""})
    assert wrong.status_code == 422
    assert "within two years" in wrong.content.decode()
    due = text(client, f"/alliances/{row.public_id}/verify/").split('name="next_due" value="')[1][:10]
    assert client.post(f"/alliances/{row.public_id}/verify/", given | {"next_due": due}).status_code == 302
    assert Verification.objects.get().by == alice
    page = text(client, f"/alliances/{row.public_id}/")
    assert "Alice verified them" in page
    assert "Met them at a conference" in page
    assert "Undo: Alice verified them" in page
    client.post(f"/alliances/{row.public_id}/undo")
    row.refresh_from_db()
    assert row.state == "proposed"


def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(browse: Browse, rosa: Person) -> None:
    wrong = NEW | {"owner": rosa.pk, "countries": "Kenya, Narnia"}
    page = browse(rosa).post("/alliances/new/", wrong)
    assert page.status_code == 422
    assert "No country is called “Narnia”" in page.content.decode()
    assert 'value="Kalina Fund"' in page.content.decode()
    assert not Contact.objects.exists()


def test_a_way_to_reach_an_ally_stands_on_their_page_alone(vetted: Makes, browse: Browse, rosa: Person) -> None:
    row, client = vetted(), browse(rosa)
    assert WAY in text(client, f"/alliances/{row.public_id}/")
    for path in ("/alliances/", "/alliances/find/?help=legal&country=KE", "/alliances/due/"):
        assert WAY not in text(client, path)


def test_a_protected_ally_is_reached_by_owner_and_leads_and_each_look_is_recorded(
    vetted: Makes, browse: Browse, alice: Person, rosa: Person
) -> None:
    row = vetted(protected=True)
    other = Person.objects.create(email="ruth@example.org", name="Ruth", roles=rosa.roles)
    path = f"/alliances/{row.public_id}/"
    for person in (alice, rosa, other):
        assert WAY not in text(browse(person), path)
        assert WAY not in browse(person).post(path + "open", {"purpose": "gossip"}).content.decode()
    assert not Entry.objects.filter(verb="ally.open").exists()
    assert WAY in browse(rosa).post(path + "open", {"purpose": "refer"}).content.decode()
    assert WAY in browse(alice).post(path + "open", {"purpose": "urgent"}).content.decode()
    refused = browse(other).post(path + "open", {"purpose": "refer"})
    assert WAY not in refused.content.decode()
    looks = Entry.objects.filter(verb="ally.open").order_by("pk")
    assert [(one.actor, one.purpose) for one in looks] == [(rosa.pk, "refer"), (alice.pk, "urgent")]
    assert WAY not in text(browse(alice), path + "reach/")
    assert "Rosa looked at how they are reached" in text(browse(alice), path)


def test_filters_find_by_place_region_language_help_kind_and_state(
    vetted: Makes, proposed: Makes, browse: Browse, rosa: Person
) -> None:
    vetted()
    vetted(name="Regional", organisation="", countries=(), regions=("014",), languages=("fr-ca",), helps=("care",))
    proposed(name="Worldly", organisation="", countries=(), regions=("001",), languages=("ar",), kinds=("fund",))
    client = browse(rosa)

    def found(query: str) -> set[str]:
        page = text(client, f"/alliances/?{query}")
        return {name for name in ("Amina Odera", "Regional", "Worldly") if name in page}

    assert found("") == {"Amina Odera", "Regional", "Worldly"}
    assert found("country=KE") == {"Amina Odera", "Regional", "Worldly"}
    assert found("country=FR") == {"Worldly"}
    assert found("language=French") == {"Regional"}
    assert found("language=sw") == {"Amina Odera"}
    assert found("help=care") == {"Regional"}
    assert found("kind=fund") == {"Worldly"}
    assert found("state=proposed") == {"Worldly"}
    assert found("state=stale") == set()
    assert found("q=odera") == {"Amina Odera"}
    assert "Nobody fits these filters" in text(client, "/alliances/?q=nothing-of-this-name")
    for odd in ("country=%00", "language=!!&page=9", "state=x", "help=%22"):
        text(client, f"/alliances/?{odd}")


def test_an_empty_room_says_how_to_begin(browse: Browse, rosa: Person) -> None:
    client = browse(rosa)
    assert "Begin with whom you would call tonight" in text(client, "/alliances/")
    assert "Nobody is due" in text(client, "/alliances/due/")
    assert "Nobody here can do this" in text(client, "/alliances/find/?help=legal")


def test_each_step_asks_for_a_reason_and_erasing_comes_last(vetted: Makes, browse: Browse, alice: Person) -> None:
    row, client = vetted(), browse(alice)
    path = f"/alliances/{row.public_id}/"
    assert "recalled at once" in text(client, path + "step/suspend/")
    assert client.post(path + "step/suspend/", {"reason": "no"}).status_code == 422
    assert client.post(path + "step/suspend/", {"reason": "Their phone was taken."}).status_code == 302
    assert "Their phone was taken." in text(client, path)
    assert client.post(path + "erase/").status_code == 422
    client.post(path + "step/let-go/", {"reason": "They stopped practising."})
    assert "Amina" not in text(client, "/alliances/")
    assert "Amina" in text(client, "/alliances/?state=let_go")
    assert client.post(path + "erase/").status_code == 302
    assert client.get(path).status_code == 404
    assert client.get("/alliances/nothere/step/dance/").status_code == 404


def test_changing_says_that_a_new_name_asks_for_a_new_verification(
    vetted: Makes, browse: Browse, alice: Person
) -> None:
    row, client = vetted(), browse(alice)
    path = f"/alliances/{row.public_id}/"
    form = NEW | {"name": "Amina Other", "kinds": ["lawyer"], "helps": ["legal"], "owner": alice.pk}
    assert client.post(path + "edit/", form).status_code == 302
    page = text(client, path)
    assert "was changed after they were verified" in page
    assert "Amina Other" in text(client, "/alliances/due/")
    client.post(path + "reach/", {"ways": "Signal +254 711 111 111"})
    assert "711 111 111" in text(client, path)
    assert actions.undoable(row) is not None
