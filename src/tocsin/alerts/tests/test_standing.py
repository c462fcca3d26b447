"""The words at the head of every page: how the pager is, and who is on duty."""

from collections.abc import Callable
from datetime import date, time, timedelta

import pytest
from django.test import Client

from tocsin.alerts import actions, clock, standing
from tocsin.alerts.actions import New, accept
from tocsin.alerts.models import Escalation, Lane, Notice, Page, Policy, Pulse, Severity
from tocsin.alerts.standing import How, pager_state
from tocsin.alerts.tests.drums import Drums
from tocsin.lib.models import Lease
from tocsin.oncall.models import Layer, LayerPerson, Rota
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db
Browse = Callable[[Person], Client]


def beat(ago: float = 5, state: str = "") -> None:
    """A pager process that said so long ago that it lives."""
    until = clock.now() + timedelta(seconds=20 - ago)
    Lease.objects.update_or_create(name=f"alive:page:host:abc:{state}", defaults={"holder": "host:abc", "until": until})
    standing.forget()


def test_without_a_channel_it_calmly_says_what_is_missing(browse: Browse, bob: Person) -> None:
    assert pager_state().how == How.UNSET
    page = browse(bob).get("/").content.decode()
    assert "Nobody can be woken yet" in page
    assert 'href="/alerts/pager/"' in page
    assert "pager-stopped" not in page


def test_a_pager_that_lives_says_so_with_its_age(drums: Drums, browse: Browse, bob: Person) -> None:
    beat(ago=12)
    state = pager_state()
    assert (state.ok, state.loud) == (True, False)
    assert state.age_seconds == pytest.approx(12, abs=2)
    assert "Pager ✓" in browse(bob).get("/").content.decode()


def test_a_stopped_pager_is_the_loudest_thing_on_every_page(drums: Drums, browse: Browse, bob: Person) -> None:
    client = browse(bob)
    for address in ("/", "/alerts/", "/situations/", "/settings/", "/alerts/page-now/"):
        page = client.get(address).content.decode()
        assert page.count("The pager has stopped: nobody is woken.") == 1, address
        assert "What to do" in page
    look = client.post("/alerts/page-now/", {"severity": "3", "lane": "wake", "do": "look"}).content.decode()
    assert "The pager has stopped: nobody is woken. Call people by phone." in look
    beat(ago=61)
    assert pager_state().how == How.STOPPED
    assert "Tell whoever runs the server" in client.get("/alerts/pager/").content.decode()


def test_one_of_two_pagers_is_enough(drums: Drums) -> None:
    beat(ago=100)
    Lease.objects.create(name="alive:page:other:def:", holder="x", until=clock.now() + timedelta(seconds=18))
    standing.forget()
    assert pager_state().ok


def test_a_pager_that_fails_or_is_late_is_not_well(policy: Policy) -> None:
    beat(state="failing climb")
    assert pager_state().how == How.FAILING
    Lease.objects.all().delete()
    beat()
    assert pager_state().ok
    accept(New(kind="x", severity=Severity.MINOR, lane=Lane.WAKE, dedupe="x"))
    Escalation.objects.update(due_at=clock.now() - timedelta(seconds=90))
    standing.forget()
    assert pager_state().how == How.LATE


def test_a_heartbeat_that_does_not_come_back_is_told(drums: Drums) -> None:
    beat()
    now = clock.now()
    for number, (channel, ago, back) in enumerate([("mail", 20, False), ("sms", 20, True), ("mail", 1, False)]):
        notice = Notice.objects.create(
            purpose=Notice.Purpose.PULSE, lane=Lane.QUIET, made_at=now, leaves_at=now, ended_at=now
        )
        page = Page.objects.create(
            public_id=f"p{number}", notice=notice, channel=channel, code="AAAA", token_hash=str(number), due_at=now
        )
        sent = now - timedelta(minutes=ago)
        Pulse.objects.create(page=page, channel=channel, sent_at=sent, returned_at=now if back else None)
    assert pager_state().ok, "one channel that works is enough"
    Pulse.objects.filter(channel="sms").update(returned_at=None)
    standing.forget()
    assert pager_state().how == How.UNHEARD


def test_every_page_says_who_is_on_duty(drums: Drums, browse: Browse, bob: Person, vera: Person) -> None:
    rota = Rota.objects.create(public_id="rota1", name="Nights")
    layer = Layer.objects.create(rota=rota, position=0, starts_on=date(2026, 1, 5), handover_at=time(8))
    LayerPerson.objects.create(layer=layer, person=bob, position=0)
    beat()
    page = browse(bob).get("/").content.decode()
    assert "On duty: Bob" in " ".join(page.split())
    alert = actions.page_now(bob, actions.PageNow(Severity.SEVERE, Lane.WAKE))
    assert "On duty: Bob" in browse(bob).get(f"/alerts/{alert.public_id}/").content.decode()
    others = browse(vera).get("/").content.decode()
    assert "On duty" not in others
    assert "Pager" not in others


def test_pages_of_duty_are_not_contradicted_by_their_own_head(drums: Drums, browse: Browse, bob: Person) -> None:
    rota = Rota.objects.create(public_id="rota1", name="Nights")
    assert "On duty: nobody" in " ".join(browse(bob).get("/").content.decode().split())
    layer = Layer.objects.create(rota=rota, position=0, starts_on=date(2026, 1, 5), handover_at=time(8))
    LayerPerson.objects.create(layer=layer, person=bob, position=0)
    assert "On duty: Bob" in " ".join(browse(bob).get("/duty/").content.decode().split())
    assert "On duty: Bob" in " ".join(browse(bob).get("/").content.decode().split())


def test_the_number_of_open_alerts_stands_in_the_navigation(policy: Policy, browse: Browse, bob: Person) -> None:
    assert "nav-count" not in browse(bob).get("/").content.decode()
    accept(New(kind="x", severity=Severity.MINOR, lane=Lane.WAKE, dedupe="x"))
    page = browse(bob).get("/").content.decode()
    assert '<span class="nav-count">1</span>' in page
    assert "Nobody has answered" in page


def test_a_pager_that_waits_or_whose_clock_is_wrong_says_so(policy: Policy) -> None:
    beat(state="failing migrations")
    assert pager_state().how == How.WAITS
    assert pager_state().loud
    Lease.objects.all().delete()
    beat(state="failing clock")
    assert pager_state().how == How.CLOCK


def test_a_pager_of_another_version_is_shown_and_alarms_nobody(policy: Policy, browse: Browse, bob: Person) -> None:
    beat()
    Lease.objects.create(name="code:page:x:old", holder="x", until=clock.now() + timedelta(seconds=20))
    standing.forget()
    state = pager_state()
    assert (state.how, state.ok, state.loud) == (How.OTHER, True, False)
    assert "another version runs" in browse(bob).get("/").content.decode()


def test_without_a_heartbeat_of_its_own_the_page_says_what_is_not_known(
    policy: Policy, browse: Browse, bob: Person
) -> None:
    assert "not whether they arrive" in browse(bob).get("/alerts/pager/").content.decode()
