"""A referral to an ally: a sealed link, the answer that comes back into the case, and sharing that stops at once."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from django.urls import reverse

from tocsin.alliances import actions as alliances
from tocsin.alliances import slices
from tocsin.alliances.drafts import ContactDraft, ReachDraft
from tocsin.alliances.models import Contact as Ally
from tocsin.alliances.models import Reply
from tocsin.cases import actions, referrals
from tocsin.cases.allies import may_help
from tocsin.cases.kinds.base import WrongError
from tocsin.cases.kinds.happened import Contact
from tocsin.cases.kinds.support import Referral
from tocsin.cases.refusals import RefusedError
from tocsin.cases.tests.conftest import Browse, Found, consent, harm, read, vetting
from tocsin.keys.safes import OpenSafe
from tocsin.keys.tests.conftest import Open
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def ally(alice: Person) -> Ally:
    made = alliances.propose(alice, _draft(alice), ReachDraft(ways="Signal"), "form" * 4)
    Ally.objects.filter(pk=made.pk).update(
        state=Ally.State.VETTED,
        verified_at=made.made_at,
        next_due=date.today() + timedelta(days=90),
        tlp="amber+strict",
    )
    return Ally.objects.get(pk=made.pk)


def _draft(alice: Person) -> ContactDraft:
    return ContactDraft(name="Law Clinic", kinds=("lawyer",), helps=("legal",), owner=alice.pk, tlp="amber+strict")


def _sent(opened: Open, alice: Person, case: UUID, ally: Ally) -> tuple[UUID, UUID]:
    vault = opened(alice)
    actions.write(vault, case, vetting(), "account")
    agreed = actions.write(vault, case, consent(), "account")
    checked = actions.write(vault, case, harm(), "account")
    planned = Referral(ally=ally.public_id, need="legal", consent=str(agreed))
    row = actions.write(vault, case, planned, "account")
    given = {"harm_check": str(checked), "told": "She needs counsel by Monday.", "handed_how": "A sealed link"}
    _do(opened, alice, case, row, "hand_over", given)
    return row, agreed


def _do(opened: Open, alice: Person, case: UUID, row: UUID, name: str, given: dict[str, str]) -> None:
    one = actions.read(OpenSafe(opened(alice), case), row)
    verb = next(each for each in one.what.verbs if each.name == name)
    actions.do(opened(alice), case, row, one.version, verb, given)


def test_an_answer_comes_back_sealed_into_the_case(
    opened: Open, enter: Browse, found: Found, alice: Person, ally: Ally
) -> None:
    case = found(alice)
    row, _agreed = _sent(opened, alice, case, ally)
    link = referrals.share(alice, opened(alice), case, row, 7, "amber+strict")
    held = slices.open_slices(str(link.token))
    assert held is not None
    opened_slice = slices.open_slice(held, str(link.token), str(link.code))
    assert opened_slice is not None
    assert opened_slice.text == "She needs counsel by Monday."
    slices.answer(opened_slice, "question", "Which court?", "form-0")
    client = enter(alice)
    client.get(reverse("cases:case", args=[case]))
    one = _referral(opened, alice, case, row)
    assert one.state == "sent"
    assert "An ally asks back" in client.get(reverse("desk")).text
    slices.answer(opened_slice, "accept", "We take it from Friday on.", "form-1")
    client.get(reverse("cases:case", args=[case]))
    one = _referral(opened, alice, case, row)
    assert (one.state, one.answer, one.answer_words) == ("answered", "yes", "We take it from Friday on.")
    assert [kind for _at, kind, _words in one.replies] == ["question", "accept"]
    page = client.get(reverse("cases:compartment", args=[case, "account"])).text
    for words in ("Law Clinic", "Through the sealed link", "I can help", "We take it from Friday on.", "Which court?"):
        assert words in page
    assert not [one for one in read(opened(alice), case) if isinstance(one.what, Contact)]
    client.get(reverse("cases:case", args=[case]))
    assert len(_referral(opened, alice, case, row).replies) == 2
    assert not Reply.objects.exists()
    with pytest.raises(RefusedError):
        referrals.share(alice, opened(alice), case, row, 7, "amber+strict")


def test_it_ends_with_what_came_of_it_and_how_it_was_for_the_person(
    opened: Open, found: Found, alice: Person, ally: Ally
) -> None:
    case = found(alice)
    row, _agreed = _sent(opened, alice, case, ally)
    _do(opened, alice, case, row, "answered", {"answer": "yes", "answer_words": "By telephone."})
    with pytest.raises(WrongError) as missing:
        _do(opened, alice, case, row, "ended", {"helped": "yes", "outcome": "Released."})
    assert missing.value.name == "felt"
    _do(opened, alice, case, row, "ended", {"helped": "part", "outcome": "Released.", "felt": "She felt heard."})
    assert _referral(opened, alice, case, row).felt == "She felt heard."


def _referral(opened: Open, alice: Person, case: UUID, row: UUID) -> Referral:
    what = actions.read(OpenSafe(opened(alice), case), row).what
    assert isinstance(what, Referral)
    return what


@pytest.mark.parametrize("way", ["recall", "withdraw"])
def test_recalling_or_withdrawing_stops_sharing_at_once(
    way: str, opened: Open, found: Found, alice: Person, ally: Ally
) -> None:
    case = found(alice)
    row, agreed = _sent(opened, alice, case, ally)
    link = referrals.share(alice, opened(alice), case, row, 7, "amber+strict")
    if way == "recall":
        _do(opened, alice, case, row, "recall", {"why_recalled": "They asked us to."})
    else:
        _do(opened, alice, case, agreed, "withdraw", {})
    assert slices.open_slices(str(link.token)) is None
    one = actions.read(OpenSafe(opened(alice), case), row).what
    assert isinstance(one, Referral)
    assert one.state == "recalled"


def test_the_page_shows_link_and_code_once(
    opened: Open, enter: Browse, found: Found, alice: Person, ally: Ally
) -> None:
    case = found(alice)
    row, _agreed = _sent(opened, alice, case, ally)
    client = enter(alice)
    address = reverse("cases:share", args=[case, row])
    made = client.post(address, {"days": "7", "tlp": "amber+strict"}).text
    assert "/s/" in made
    assert "/s/" not in client.get(address).text
    form = client.get(reverse("cases:add", args=[case, "referral"]) + "?need=legal").text
    assert "Law Clinic" in form


def test_a_suspended_ally_is_never_turned_to_and_an_unknown_one_only_with_a_reason(ally: Ally) -> None:
    Ally.objects.filter(pk=ally.pk).update(state=Ally.State.SUSPENDED, reason="He sold names.")
    for words in (ally.public_id, ally.name.upper()):
        with pytest.raises(WrongError) as refused:
            may_help(Referral(ally=words, override="The lead decided it tonight."))
        assert refused.value.name == "ally"
    with pytest.raises(WrongError):
        may_help(Referral(ally="Nobody of this name"))
    may_help(Referral(ally="Nobody of this name", override="The lead decided it tonight."))
