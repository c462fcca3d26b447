"""The pages of duty, as whoever has it, whoever arranges it and whoever is asked see them."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from tocsin.audit.models import Entry
from tocsin.oncall import actions, duty, freshness, preview, shown
from tocsin.oncall.models import Absence, Layer, Limits, Load, Override, Rest, Rota, Swap
from tocsin.oncall.tests.arranging import DAY, midnight, rota_of, turns
from tocsin.people.models import Person
from tocsin.people.roles import Role

pytestmark = pytest.mark.django_db
Browse = Callable[[Person], Client]


def text(client: Client, address: str) -> str:
    """What the page says, without its marks."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    return plain(answer.content)


def plain(content: bytes) -> str:
    words = re.sub(r"<(style|script)[^>]*>.*?</\1>", " ", content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", words).split())


def post(client: Client, address: str, status: int = 200, /, **fields: Any) -> str:
    answer = client.post(f"/duty/{address}", fields, follow=True)
    assert answer.status_code == status, answer.content.decode()
    return plain(answer.content)


def local(moment: Any) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


def counted(*models: type[Model]) -> list[int]:
    return [one._default_manager.count() for one in models]


# Now


def test_the_first_page_says_who_has_duty_until_when_and_who_is_next(
    browse: Browse, alice: Person, bob: Person
) -> None:
    rota_of(bob, alice)
    page = text(browse(alice), "/duty/")
    assert "First line Bob" in page
    assert "until" in page
    assert "then Alice" in page
    assert "Nobody is on duty" not in page


def test_hours_that_nobody_holds_come_first(browse: Browse, alice: Person, bob: Person) -> None:
    rota = rota_of(bob)
    actions.away(bob, bob, midnight(3), midnight(5))
    page = text(browse(alice), "/duty/")
    assert page.index("Nobody will be on duty") < page.index("On duty now")
    assert "everybody is away" in page
    assert "1 stretch, 48 hours within six weeks" in page
    assert f"/duty/{rota.public_id}/#arrange" in browse(alice).get("/duty/").content.decode()


def test_a_house_without_a_rota_says_what_to_do_next(browse: Browse, alice: Person, bob: Person) -> None:
    assert "Make the first rota" in text(browse(alice), "/duty/")
    assert "A lead makes one" in text(browse(bob), "/duty/")


def test_somebody_without_a_role_sees_no_rota_but_what_is_asked_of_them(
    browse: Browse, alice: Person, bob: Person, charlie: Person
) -> None:
    rota = rota_of(alice, bob)
    client = browse(charlie)
    assert "First line" not in text(client, "/duty/")
    assert "/duty/" not in client.get("/settings/").content.decode()
    assert client.get(f"/duty/{rota.public_id}/").status_code == 403
    actions.propose_substitute(alice, actions.ask_rest(bob), charlie)
    assert "Bob rests: can you stand in?" in text(client, "/duty/")
    assert 'href="/duty/"' in client.get("/settings/").content.decode()


def test_an_unchanged_first_page_is_not_sent_again(
    browse: Browse, alice: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freshness, "_MINUTES", 10**9)
    rota = rota_of(alice, bob)
    client = browse(alice)

    def status() -> int:
        """How the page is answered to whoever has it as it was just now, after what the test does in between."""
        tag = client.get("/duty/").headers["ETag"]
        assert client.get("/duty/", HTTP_IF_NONE_MATCH=tag).status_code == 304
        next(acts)
        return client.get("/duty/", HTTP_IF_NONE_MATCH=tag).status_code

    def changes() -> Iterator[object]:
        swap = actions.ask_swap(bob, rota, bob, alice, midnight(1), midnight(2))
        yield swap
        yield actions.decline(swap, alice)
        rest = actions.ask_rest(bob)
        yield rest
        yield actions.accept_rest(rest, alice)
        yield actions.end_rest(bob, rest)
        yield actions.override(alice, rota, bob, midnight(4), midnight(5))
        yield actions.away(bob, bob, midnight(8), midnight(9))
        yield actions.change_rota(alice, rota, "Another name", "UTC")

    acts = changes()
    assert [status() for _ in range(8)] == [200] * 8


# Swaps


def test_one_tap_agrees_to_a_swap(browse: Browse, alice: Person, bob: Person) -> None:
    rota = rota_of(alice, bob)
    swap = actions.ask_swap(bob, rota, bob, alice, midnight(1), midnight(2))
    page = text(browse(alice), "/duty/")
    assert "Bob asks you to take hours of First line" in page
    assert "It holds: both have said yes." in post(browse(alice), f"swaps/{swap.public_id}/agree")
    swap.refresh_from_db()
    assert swap.state == Swap.State.AGREED


def test_a_swap_between_others_looks_as_if_it_were_not_there(
    browse: Browse, alice: Person, bob: Person, charlie: Person
) -> None:
    swap = actions.ask_swap(bob, rota_of(alice, bob), bob, alice, midnight(1), midnight(2))
    assert browse(charlie).get(f"/duty/swaps/{swap.public_id}/").status_code == 404
    assert browse(charlie).post(f"/duty/swaps/{swap.public_id}/agree").status_code == 404


def test_a_shift_is_offered_in_three_steps_for_hours_back_and_undone(
    browse: Browse, alice: Person, bob: Person
) -> None:
    rota = rota_of(alice, bob)
    client = browse(bob)
    way = re.search(r'href="(/duty/swap/\?[^"]+)"', client.get("/duty/mine/").content.decode())
    assert way is not None
    first = client.get(way[1].replace("&amp;", "&"))
    assert "Alice" in first.content.decode()
    fields = {"rota": rota.public_id, "shift_since": midnight(1).isoformat(), "shift_until": midnight(2).isoformat()}
    fields |= {"taker": str(alice.pk), "since": local(midnight(1)), "until": local(midnight(2))}
    nobody = client.get("/duty/swap/", {name: given for name, given in fields.items() if name != "taker"})
    assert "Say who takes them." in nobody.content.decode()
    second = client.get("/duty/swap/", fields).content.decode()
    back = f"{midnight(2).isoformat()}/{midnight(3).isoformat()}"
    assert back in second
    page = post(client, "swap/", **fields, back=back)
    assert "Asked. It holds once Alice has said yes." in page
    swap = Swap.objects.get()
    assert (swap.giver, swap.taker, swap.since, swap.back_until) == (bob, alice, midnight(1), midnight(3))
    assert "Undone." in post(client, "undo")
    swap.refresh_from_db()
    assert swap.state == Swap.State.WITHDRAWN


def test_the_part_that_a_shift_does_not_have_is_refused_in_words(browse: Browse, alice: Person, bob: Person) -> None:
    rota = rota_of(alice, bob)
    fields = {"rota": rota.public_id, "shift_since": midnight(1).isoformat(), "shift_until": midnight(2).isoformat()}
    fields |= {"taker": str(alice.pk), "since": local(midnight(1)), "until": local(midnight(2) + DAY / 2)}
    assert "does not hold all of these hours" in post(browse(bob), "swap/", 422, **fields)
    assert browse(alice).get("/duty/swap/", fields).status_code == 404, "it is not Alice's to give"


@pytest.mark.parametrize("wrong", ["", "x", "2026-13-45T00:00:00Z", "9999-12-31T23:59:59Z", "2026-01-01T00:00:00"])
def test_an_address_of_no_shift_is_not_found(browse: Browse, bob: Person, wrong: str) -> None:
    rota = rota_of(bob)
    sent = {"rota": rota.public_id, "shift_since": wrong, "shift_until": wrong}
    assert browse(bob).get("/duty/swap/", sent).status_code == 404


# My week


def test_being_away_is_said_once_and_undone(browse: Browse, alice: Person, bob: Person) -> None:
    rota_of(alice, bob)
    client = browse(bob)
    assert "nobody asks why" in post(client, "mine/away", since=local(midnight(2)), until=local(midnight(4)))
    assert Absence.objects.get().since == midnight(2)
    assert "Undone." in post(client, "undo", next="/duty/mine/")
    assert Absence.objects.get().ended_at is not None


def test_a_wrong_date_is_said_beside_its_field(browse: Browse, bob: Person) -> None:
    assert "The end must be after the beginning." in post(
        browse(bob), "mine/away", 422, since=local(midnight(4)), until=local(midnight(2))
    )
    assert "Give a date and a time" in post(browse(bob), "mine/away", 422, since="soon", until="0001-01-01T00:00")
    assert not Absence.objects.exists()


def test_rest_is_asked_for_and_ended(browse: Browse, alice: Person, bob: Person) -> None:
    rota_of(bob, alice)
    assert "Ordinary alerts go round you" in post(browse(bob), "mine/rest", hours="12")
    rest = Rest.objects.get()
    assert rest.substitute == alice
    page = text(browse(bob), "/duty/mine/")
    assert "Until they accept, alerts about life and liberty still reach you." in page
    assert "Their duty is yours" in post(browse(alice), f"rests/{rest.public_id}/accept")
    assert "You stand in for Bob" in text(browse(alice), "/duty/")
    post(browse(bob), f"rests/{rest.public_id}/end")
    rest.refresh_from_db()
    assert rest.ended_at is not None


def test_what_a_shift_took_is_noted_shown_to_oneself_alone_and_taken_back(
    browse: Browse, alice: Person, bob: Person
) -> None:
    rota_of(alice, bob)
    client = browse(bob)
    shift = re.search(r'<option value="(\d+)"', client.get("/duty/mine/").content.decode())
    assert shift is not None
    post(client, "mine/after", shift=shift[1], exposure="77", extra="60")
    assert sorted(Load.objects.values_list("kind", "amount", "private")) == [
        ("exposure", 77, True),
        ("extra", 60, False),
    ]
    assert "77 of 240" in text(client, "/duty/mine/")
    assert "77" not in text(browse(alice), "/duty/load/").replace("77 %", "")
    post(client, "undo")
    assert not Load.objects.exists()


def test_what_was_paged_can_not_be_taken_back(bob: Person) -> None:
    actions.note_load(bob.pk, Load.Kind.NIGHT_PAGE, timezone.now())
    assert actions.take_back_load(bob, [Load.objects.get().pk]) == 0


# A rota


def test_a_rota_is_drawn_and_said_and_its_gaps_are_hatched(browse: Browse, alice: Person, bob: Person) -> None:
    rota = rota_of(alice, bob)
    actions.away(alice, alice, midnight(2), midnight(5))
    actions.away(bob, bob, midnight(4), midnight(5))
    page = browse(alice).get(f"/duty/{rota.public_id}/?weeks=2").content.decode()
    assert "duty-gap" in page
    assert "duty-bent" in page
    assert "<title>nobody: " in page
    assert 'style="' not in page
    words = plain(page.encode())
    assert "somebody is away; it would be Alice" in words
    assert "Nobody will be on duty" in words


def test_the_days_before_a_rota_began_are_nobody_s_gap(browse: Browse, alice: Person, bob: Person) -> None:
    rota = actions.create_rota(alice, "New")
    actions.add_layer(alice, rota, turns(alice, bob))
    drawn = browse(alice).get(f"/duty/{rota.public_id}/").content.decode()
    assert "duty-gap" not in drawn
    empty = actions.create_rota(alice, "Empty")
    roster = duty.Roster.load([empty])
    now = timezone.now()
    assert shown.began(empty, roster, now) == now


def test_in_its_first_hours_load_is_neither_nothing_nor_everything(browse: Browse, alice: Person, bob: Person) -> None:
    rota = rota_of(alice, bob)
    now = timezone.now()
    Layer.objects.filter(rota=rota).update(opened_at=now - timedelta(minutes=20))
    page = text(browse(alice), "/duty/load/")
    assert "<1" in page.replace("&lt;", "<")
    shares = page[page.index("First line") : page.index("where an equal share")]
    assert "100 %" not in shares


@pytest.mark.parametrize(("weeks", "said"), [("2", "14"), ("8", "56"), ("x", "28"), ("999", "28")])
def test_two_four_or_eight_weeks_are_drawn(browse: Browse, alice: Person, weeks: str, said: str) -> None:
    rota = rota_of(alice)
    page = browse(alice).get(f"/duty/{rota.public_id}/?weeks={weeks}").content.decode()
    assert page.count('class="duty-day"') == int(said)


def test_hand_overs_stand_on_each_ones_own_clock(browse: Browse, alice: Person, bob: Person) -> None:
    Person.objects.filter(pk=bob.pk).update(time_zone="Asia/Tokyo")
    rota = rota_of(alice, bob)
    page = text(browse(alice), f"/duty/{rota.public_id}/")
    assert re.search(r"Bob , \w{3} \d+ \w+, 09:00 JST", page)


def test_an_override_is_arranged_cancelled_and_both_are_undone(browse: Browse, alice: Person, bob: Person) -> None:
    rota = rota_of(alice, bob)
    client, at = browse(alice), f"{rota.public_id}/"
    fields = {"person": str(bob.pk), "since": local(midnight(2)), "until": local(midnight(2) + DAY / 2)}
    assert "Bob holds it then." in post(client, f"{at}override", **fields)
    made = Override.objects.get()
    post(client, "undo")
    assert Override.objects.get().ended_at is not None
    post(client, f"{at}override", **fields)
    post(client, f"{at}overrides/{Override.objects.latest('pk').pk}/cancel")
    post(client, "undo")
    assert Override.objects.filter(ended_at=None, person=bob, since=made.since).count() == 1
    assert "Cancelled: Bob" in text(client, f"/duty/{at}history/")
    assert "Arranged by Alice: Bob" in text(client, f"/duty/{at}history/")


def test_who_does_not_arrange_duty_changes_nothing(browse: Browse, alice: Person, bob: Person) -> None:
    rota = rota_of(alice, bob)
    layer = rota.layers.get()
    before = Entry.objects.count()
    client = browse(bob)
    at = f"/duty/{rota.public_id}/"
    writes = (f"{at}override", f"{at}end/", f"{at}name/", f"{at}layers/new/", f"{at}layers/{layer.pk}/remove")
    for address in (*writes, "/duty/new/", "/duty/load/away"):
        assert client.post(address, {"sure": "yes", "name": "Mine"}).status_code == 403, address
    assert client.post("/duty/load/limits/", {}).status_code == 404
    assert client.post(f"/duty/load/limits/{alice.pk}/", {}).status_code == 404
    assert Entry.objects.count() == before


def test_a_rota_is_made_with_its_first_layer(browse: Browse, alice: Person, bob: Person) -> None:
    client = browse(alice)
    assert "Say whose turns it has" in post(client, "new/", name="Second line", time_zone="Africa/Tunis")
    rota = Rota.objects.get()
    form = _layer_form(bob, alice)
    looked = client.post(f"/duty/{rota.public_id}/layers/new/", form | {"do": "look"}).content.decode()
    assert "Somebody would be on duty at every moment" in plain(looked.encode())
    assert not Layer.objects.exists(), "looking saves nothing"
    seal = re.search(r'name="looked" value="(\w+)"', looked)
    assert seal is not None
    assert "It holds from now on" in post(client, f"{rota.public_id}/layers/new/", **form, do="save", looked=seal[1])
    assert list(Layer.objects.get().people.order_by("position").values_list("person", flat=True)) == [bob.pk, alice.pk]
    post(client, "undo")
    assert not Layer.objects.filter(closed_at=None).exists()


def _layer_form(*people: Person, **other: Any) -> dict[str, Any]:
    values = {
        "place": [str(one.pk) for one in people],
        "name": "",
        "length": "1",
        "unit": "day",
        "starts_on": midnight(-30).date().isoformat(),
        "handover_at": "09:00",
        "time_zone": "UTC",
        "weekdays": [str(day) for day in range(7)],
        "from_time": "",
        "until_time": "",
    }
    return values | other


def test_only_what_was_looked_at_is_saved(browse: Browse, alice: Person, bob: Person) -> None:
    rota = rota_of(alice, bob)
    layer = rota.layers.get()
    at = f"/duty/{rota.public_id}/layers/{layer.pk}/"
    client = browse(alice)
    seal = re.search(
        r'name="looked" value="(\w+)"',
        client.post(at, _layer_form(bob, alice) | {"do": "look"}).content.decode(),
    )
    assert seal is not None
    other = _layer_form(bob) | {"do": "save", "looked": seal[1]}
    assert "The next four weeks, if you save this" in plain(client.post(at, other).content)
    assert Layer.objects.get() == layer


def test_people_of_a_layer_move_by_buttons(browse: Browse, alice: Person, bob: Person, vera: Person) -> None:
    rota = rota_of(alice)
    client, at = browse(alice), f"/duty/{rota.public_id}/layers/new/"

    def order(**pressed: str) -> list[int]:
        page = client.post(at, _layer_form(alice, bob) | pressed).content.decode()
        return [int(one) for one in re.findall(r'name="place" value="(\d+)"', page)]

    assert order(do="up:1") == [bob.pk, alice.pk]
    assert order(do="down:0") == [bob.pk, alice.pk]
    assert order(do="out:0") == [bob.pk]
    assert order(do="add", person=str(vera.pk)) == [alice.pk, bob.pk, vera.pk]
    assert order(do="add", person="nobody") == [alice.pk, bob.pk]
    assert order(do="up:99") == [alice.pk, bob.pk]


def test_a_preview_names_gaps_strains_and_what_changes_hands(alice: Person, bob: Person, vera: Person) -> None:
    rota = rota_of(alice, bob, vera)
    actions.set_limits(None, None, actions.Bounds(nights=7))
    layer = rota.layers.get()
    weeks = turns(bob, unit="week", weekdays=0b0011111, starts_on=midnight(-30).date())
    before = counted(Layer, Entry)
    found = preview.preview(rota, lambda: actions.change_layer(alice, layer, weeks))
    assert counted(Layer, Entry) == before
    assert {one.person for one in found.strains} == {bob}
    assert found.new_strains == {bob.pk}
    assert found.gaps
    assert any(one.before == alice and one.after == bob for one in found.changes)
    assert any(one.before is not None and one.after is None for one in found.changes)


def test_a_preview_of_nothing_new_changes_nothing(alice: Person, bob: Person) -> None:
    rota = rota_of(alice, bob)
    layer = rota.layers.get()
    found = preview.preview(rota, lambda: actions.change_layer(alice, layer, actions.turns_of(layer)))
    assert found.changes == ()


def test_a_layer_that_is_taken_out_or_moved_can_be_put_back(browse: Browse, alice: Person, bob: Person) -> None:
    rota = rota_of(alice)
    actions.add_layer(alice, rota, turns(bob, name="top"))
    client, at = browse(alice), f"{rota.public_id}/layers"

    def standing() -> list[str]:
        rows = rota.layers.filter(closed_at=None).order_by("-position")
        return [row.people.get().person.name for row in rows]

    bottom = rota.layers.filter(closed_at=None).order_by("position")[0]
    page = post(client, f"{at}/{bottom.pk}/up")
    assert "What would change hands" in page
    assert standing() == ["Bob", "Alice"], "a look changes nothing"
    post(client, f"{at}/{bottom.pk}/up", sure="yes")
    assert standing() == ["Alice", "Bob"]
    post(client, "undo")
    assert standing() == ["Bob", "Alice"]
    bottom = rota.layers.filter(closed_at=None).order_by("position")[0]
    post(client, f"{at}/{bottom.pk}/remove", sure="yes")
    assert standing() == ["Bob"]
    post(client, "undo")
    assert standing() == ["Bob", "Alice"]


def test_a_rota_is_ended_after_it_was_said_what_that_means(browse: Browse, alice: Person, bob: Person) -> None:
    rota = rota_of(bob)
    client = browse(alice)
    assert "Bob has duty now, and would be free at once." in text(client, f"/duty/{rota.public_id}/end/")
    assert "It has ended." in post(client, f"{rota.public_id}/end/")
    assert "It has ended." in text(client, f"/duty/{rota.public_id}/")


# Load


def test_a_lead_sees_how_duty_falls_and_others_only_their_own(browse: Browse, alice: Person, bob: Person) -> None:
    rota_of(alice, bob)
    assert "Bob" in text(browse(alice), "/duty/load/")
    page = text(browse(bob), "/duty/load/")
    shares = page[page.index("First line") : page.index("Limits within")]
    assert "Bob" in shares
    assert "Alice" not in shares


def test_no_private_count_is_in_any_figure_of_others(browse: Browse, alice: Person, bob: Person) -> None:
    rota_of(alice, bob)
    address = "/duty/load/?weeks=4"
    before = text(browse(alice), address)
    for _ in range(5):
        actions.note_load(bob.pk, Load.Kind.NIGHT_PAGE, timezone.now() - timedelta(hours=3), private=True)
        actions.note_load(bob.pk, Load.Kind.EXPOSURE, timezone.now() - timedelta(hours=3), 100, private=True)
    changed = re.compile(r"\d+ seconds? ago|Updated.*$|\d\d:\d\d")
    assert changed.sub("", text(browse(alice), address)) == changed.sub("", before)


def test_limits_are_set_and_undone_and_ones_own_only_lower(browse: Browse, alice: Person, bob: Person) -> None:
    fields = {"hours": 60, "nights": 3, "night_pages": 4, "exposure_minutes": 100, "rest_hours": 30}
    post(browse(bob), f"load/limits/{bob.pk}/", **fields)
    assert Limits.objects.get(person=bob).hours == 60
    assert "not higher" in post(browse(bob), f"load/limits/{bob.pk}/", 422, **fields | {"hours": 100})
    client = browse(alice)
    post(client, "load/limits/", **fields | {"hours": 70})
    assert Limits.objects.get(person=None).hours == 70
    post(client, "undo", next="/duty/load/")
    assert not Limits.objects.filter(person=None).exists()


def test_a_lead_says_that_somebody_is_away_and_asks_somebody_to_stand_in(
    browse: Browse, alice: Person, bob: Person
) -> None:
    rota_of(alice, bob)
    carl = Person.objects.create(email="carl@example.org", name="Carl", roles=int(Role.RESPONDER))
    client = browse(alice)
    post(client, "load/away", person=str(carl.pk), since=local(midnight(3)), until=local(midnight(4)))
    assert Absence.objects.get().person == carl
    rest = actions.ask_rest(bob)
    assert "Asked." in post(client, f"rests/{rest.public_id}/propose", person=str(carl.pk))
    assert "Carl is asked to stand in" in text(client, "/duty/load/")
    assert "asked for rest" not in text(client, "/duty/load/").replace("or rest was asked for", "")


def test_a_form_leads_back_to_pages_of_duty_alone(browse: Browse, alice: Person, bob: Person) -> None:
    swap = actions.ask_swap(bob, rota_of(alice, bob), bob, alice, midnight(1), midnight(2))
    for elsewhere in ("https://evil.example/", "//evil.example/", "/duty/../people/", "/duty\\evil", "javascript:1"):
        answer = browse(alice).post(f"/duty/swaps/{swap.public_id}/decline", {"next": elsewhere})
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/duty/"), elsewhere
