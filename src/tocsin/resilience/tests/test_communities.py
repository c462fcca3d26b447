"""Communities: who may read of them, what may not stand there, and promises that show when they are late."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from tocsin.alerts import clock
from tocsin.alerts.models import Notice
from tocsin.alerts.wording import TOLD
from tocsin.alliances.models import Contact, Reach
from tocsin.audit.models import Entry
from tocsin.people.models import Person
from tocsin.resilience import actions, work
from tocsin.resilience.drafts import ConsentDraft, DealingDraft, StatementDraft
from tocsin.resilience.models import Community, Dealing, Statement, Tie
from tocsin.resilience.tests.conftest import Makes, draft

pytestmark = pytest.mark.django_db

Browse = Callable[[Person], Client]


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def today() -> str:
    return clock.now().date().isoformat()


def test_the_team_reads_and_nobody_else(
    community: Makes, browse: Browse, alice: Person, bob: Person, rosa: Person, vera: Person, charlie: Person
) -> None:
    at = f"/resilience/communities/{community().public_id}/"
    paths = ("/resilience/communities/", "/resilience/promises/", "/resilience/context/", at, f"{at}dealings/new/")
    for path in paths:
        for person, status in ((alice, 200), (bob, 200), (rosa, 200), (vera, 403), (charlie, 403)):
            assert browse(person).get(path).status_code == status, (path, person)
        assert Client().get(path).status_code == 302
    assert browse(bob).post(f"{at}put-away/", {"reason": "Because I say so."}).status_code == 403
    assert browse(alice).get("/resilience/communities/nothere/").status_code == 404


def test_a_community_is_added_filtered_changed_put_away_taken_back_and_erased(
    browse: Browse, alice: Person, bob: Person
) -> None:
    client = browse(bob)
    assert "Begin with those whom you spoke with last" in text(client, "/resilience/communities/")
    form = {"name": "Editors in Swahili", "kind": "language", "about": "Three hundred people.",
            "countries": "Kenya, TZ", "languages": "Swahili", "owner": bob.pk, "once": "k3v9x2mw7q"}  # fmt: skip
    for _again in range(2):
        assert client.post("/resilience/communities/new/", form).status_code == 302
    row = Community.objects.get()
    at = f"/resilience/communities/{row.public_id}/"
    assert (row.countries, row.languages) == (["KE", "TZ"], ["sw"])
    for query, found in (("country=KE", True), ("country=FR", False), ("language=sw", True), ("language=fr", False),
                         ("kind=affiliate", False), ("q=swahili", True), ("state=put_away", False),
                         ("state=promised", False), ("country=%00&page=x", True)):  # fmt: skip
        assert (row.name in text(client, f"/resilience/communities/?{query}")) is found, query
    assert client.post(f"{at}edit/", form | {"name": "Wikimedians in Swahili"}).status_code == 302
    lead = browse(alice)
    assert lead.post(f"{at}erase/").status_code == 422
    assert lead.post(f"{at}put-away/", {"reason": "no"}).status_code == 422
    assert lead.post(f"{at}put-away/", {"reason": "They dissolved themselves."}).status_code == 302
    assert "They dissolved themselves." in text(client, at)
    refused = client.post(
        f"{at}statements/new/", {"part": "law", "words": "A law.", "on": today(), "source": "Gazette"}
    )
    assert refused.status_code == 422
    lead.post(f"{at}take-back")
    lead.post(f"{at}put-away/", {"reason": "They dissolved themselves."})
    assert lead.post(f"{at}erase/").status_code == 302
    assert not Community.objects.exists()
    verbs = list(
        Entry.objects.filter(target=f"community:{row.public_id}").order_by("pk").values_list("verb", flat=True)
    )
    assert [one.split(".")[1] for one in verbs] == ["add", "change", "put_away", "take_back", "put_away", "forget"]


@pytest.mark.parametrize(
    "words", ["Ask User:Amina first.", "Write to amina@example.org.", "See https://x.example/wiki/User_talk:Amina."]
)
def test_nobody_is_listed(words: str, bob: Person, community: Makes) -> None:
    row, day = community(), clock.now().date()
    with pytest.raises(actions.RefusedError, match="Name nobody here"):
        actions.change(bob, row, draft(bob, about=words))
    with pytest.raises(actions.RefusedError, match="Name nobody here"):
        actions.hear(bob, row, DealingDraft("told", words, day))
    with pytest.raises(actions.RefusedError, match="Name nobody here"):
        actions.say(bob, row, StatementDraft("law", words, day, "Gazette"))
    assert not Dealing.objects.exists()


def test_a_late_promise_stands_on_home_and_its_keeper_is_told_once_without_a_name(
    community: Makes, browse: Browse, alice: Person, bob: Person, rosa: Person
) -> None:
    row, day = community(), clock.now().date()
    asked = actions.hear(rosa, row, DealingDraft("asked", "A guide in Swahili.", day - timedelta(days=9)))
    begun, due = day - timedelta(days=8), day - timedelta(days=1)
    for wrong in (DealingDraft("promised", "The guide.", begun), DealingDraft("promised", "The guide.", begun, due),
                  DealingDraft("promised", "The guide.", begun, begun - timedelta(days=1), rosa.pk),
                  DealingDraft("promised", "The guide.", day + timedelta(days=1), None, rosa.pk)):  # fmt: skip
        with pytest.raises(actions.RefusedError):
            actions.hear(rosa, row, wrong)
    made = actions.hear(rosa, row, DealingDraft("promised", "The guide.", begun, due, rosa.pk, asked.pk))
    assert "1 late" in text(browse(bob), "/resilience/communities/")
    assert "late: due" in text(browse(rosa), "/resilience/promises/?of=me")
    for person, there in ((alice, True), (rosa, True), (bob, False)):
        assert ("1 promise to a community is late" in text(browse(person), "/")) is there
    assert work.tell(clock.now())
    assert not work.tell(clock.now())
    notice = Notice.objects.get()
    assert (notice.person, notice.words) == (rosa, "promise")
    assert "Swahili" not in str(TOLD["promise"])
    at = f"/resilience/communities/{row.public_id}/dealings/{made.pk}/"
    client = browse(rosa)
    assert client.post(f"{at}end/", {"kept": "no", "on": day.isoformat(), "reason": ""}).status_code == 422
    assert client.post(f"{at}end/", {"kept": "yes", "on": day.isoformat()}).status_code == 302
    assert "1 promise to a community is late" not in text(browse(rosa), "/")
    client.post(f"{at}reopen")
    made.refresh_from_db()
    assert made.late(day)


def test_a_statement_has_a_day_and_a_source_and_is_taken_back_without_being_lost(
    community: Makes, browse: Browse, bob: Person
) -> None:
    row, client = community(), browse(bob)
    at = f"/resilience/communities/{row.public_id}/"
    good = {"part": "law", "words": "A bill on online harm is read.", "on": today(), "source": "Gazette 7",
            "url": "https://gazette.example/7"}  # fmt: skip
    for wrong in ({"source": ""}, {"on": "2999-01-01"}, {"url": "javascript:alert(1)"}, {"part": "gossip"}):
        assert client.post(f"{at}statements/new/", good | wrong).status_code == 422
    assert client.post(f"{at}statements/new/", good).status_code == 302
    made = Statement.objects.get()
    client.post(f"{at}statements/{made.pk}/withdraw/", {"reason": "It was another bill."})
    page = text(client, at)
    assert "A bill on online harm is read." in page
    assert "It was another bill." in page


def test_consent_needs_its_day_and_who_spoke_for_them(community: Makes, bob: Person) -> None:
    row, day = community(), clock.now().date()
    for wrong in (ConsentDraft("given", None, "Asked at their meeting."), ConsentDraft("given", day, "yes"),
                  ConsentDraft("given", day + timedelta(days=1), "Asked at their meeting.")):  # fmt: skip
        with pytest.raises(actions.RefusedError):
            actions.set_consent(bob, row, wrong)
    actions.set_consent(bob, row, ConsentDraft("given", day, "Asked at their meeting, by their board."))
    actions.set_consent(bob, row, ConsentDraft("refused", day, "Taken back by their board."))
    row.refresh_from_db()
    assert (row.consent, row.consent_words) == ("refused", "Taken back by their board.")


def test_trusted_contacts_are_allies_and_an_ally_tells_nothing_of_it(
    community: Makes, browse: Browse, bob: Person, rosa: Person
) -> None:
    at_once = clock.now()
    ally = Contact.objects.create(
        public_id="ally1", once="ally1", name="Amina Odera", state_at=at_once, made_at=at_once
    )
    Reach.objects.create(contact=ally)
    row = community()
    at = f"/resilience/communities/{row.public_id}/"
    assert browse(bob).post(f"{at}contacts/new/", {"contact": ally.pk}).status_code == 403
    assert browse(rosa).post(f"{at}contacts/new/", {"contact": ally.pk, "words": "Trains them."}).status_code == 302
    assert "Amina Odera" in text(browse(rosa), at)
    assert "Amina Odera" not in text(browse(bob), at)
    assert row.name not in text(browse(rosa), "/alliances/ally1/")
    browse(rosa).post(f"{at}contacts/ally1/remove")
    assert not Tie.objects.exists()
    Contact.objects.update(state=Contact.State.SUSPENDED)
    ally.refresh_from_db()
    with pytest.raises(actions.RefusedError, match="suspended"):
        actions.tie(rosa, row, ally, "")


def test_the_list_takes_as_many_queries_for_fifty_as_for_one(
    community: Makes, browse: Browse, bob: Person, django_assert_max_num_queries: Callable[..., object]
) -> None:
    day = clock.now().date()
    for number in range(50):
        row = community(name=f"Community {number}")
        actions.hear(bob, row, DealingDraft("promised", "A guide.", day, day, bob.pk))
    client = browse(bob)
    client.get("/resilience/communities/")
    with django_assert_max_num_queries(24):  # type: ignore[attr-defined]
        assert "Community 49" in text(client, "/resilience/communities/")
