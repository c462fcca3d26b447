"""The same facts for six audiences: what each gets, what each loses and why, and what nobody above a ceiling gets."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tocsin.alerts import actions as alerts
from tocsin.alerts.models import Lane, Severity
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.reports import access, arranging, checking, editing, releasing, shown
from tocsin.reports.audiences import AUDIENCES
from tocsin.reports.eyes import Closed
from tocsin.reports.gathering.period import Period
from tocsin.reports.laying import digest_of, document_of
from tocsin.reports.models import Draft, Form, Issue, Report
from tocsin.reports.refusals import RefusedError
from tocsin.situations.models import Assessment, Situation
from tocsin.streams.models import BlindSpot, Source

pytestmark = pytest.mark.django_db
Browse = Callable[[Person], Client]
SECRET = "Qzx informant inside the ministry of truth"


@pytest.fixture
def world(situation: Callable[..., Situation], assess: Callable[..., Assessment], alice: Person) -> None:
    """Situations of every TLP, a judged change, an alert and a silent source."""
    open_one = situation("Wikis blocked in the capital")
    assess(open_one, 0.4, days=20)
    assess(open_one, 0.9, days=1)
    situation("Editors warned by a ministry", tlp="amber", country="XS", harm="threat", rank=2.0)
    situation(SECRET, tlp="red", country="KZ", harm="arrest", rank=9.0)
    situation("Qzx restricted source speaks", readers=int(Role.LEAD), country="KZ", rank=9.0)
    situation("Qzx exercise only", exercise=True)
    made = alerts.accept(alerts.New("situation", Severity.SEVERE, Lane.WAKE, "one"))
    alerts.acknowledge(made.alert, alice, "console", confirmed=True)
    source = Source.objects.create(
        name="The Daily Lantern", kind="feeds", url="https://daily.example/", next_fetch_at=timezone.now(),
        expected_every=timedelta(hours=1),
    )  # fmt: skip
    since = timezone.now() - timedelta(days=2)
    BlindSpot.objects.create(source=source, since=since, countries=["TR"], reason="It is silent.")


def released(draft: Draft, by: Person, editor: Person) -> Issue:
    row = access.access_draft(by, draft.public_id)
    digest = digest_of(document_of(row))
    if AUDIENCES[row.audience].agreed:
        editing.agree(editor, row, digest, "The user group", "A call with its board", timezone.localdate())
    return releasing.release(by, row, digest)


def test_six_reports_come_from_the_same_facts(
    world: None, arrange: Callable[..., Report], week: Period, bob: Person, vera: Person
) -> None:
    first: Draft | None = None
    says = {}
    for key in AUDIENCES:
        gathered = first.gathered if first is not None else None
        draft = arranging.draft_now(bob, arrange(key), week, gathered)
        first = first or draft
        issue = released(draft, vera, bob)
        says[key] = bytes(Form.objects.get(issue=issue, form="html").body).decode()
    assert "More likely than before: Wikis blocked in the capital" in says["executive"]
    assert "Editors warned by a ministry" in says["vice-president"]
    assert SECRET in says["operational"]
    assert "The Daily Lantern" in says["operational"]
    assert "Site ban in Western Asia is" in says["community"], "a country that is protected is told as its region"
    assert "Türkiye" not in says["community"] + says["policy"] + says["public"]
    assert "Wikis blocked in the capital" not in says["community"] + says["policy"] + says["public"]
    assert "1 alert called the team." not in says["public"], "what the team may know is not what anybody may"
    assert "Time to acknowledge an alert" in says["vice-president"]
    assert "Time to acknowledge an alert" not in says["public"], "one alert is too few to tell anybody how it went"
    everything = "".join(says.values())
    assert "restricted source" not in everything
    assert "exercise only" not in everything


def test_for_each_fact_it_is_said_where_it_appears_and_why_not_elsewhere(
    world: None, draft: Callable[..., Draft]
) -> None:
    rows = {row.fact.key: dict(zip(AUDIENCES, row.cells, strict=True)) for row in shown.everywhere(draft(), Closed())}
    assert len(rows) >= 8
    for key, cells in rows.items():
        assert all(words for _there, words in cells.values()), key
        for audience, (there, _words) in cells.items():
            composed = shown.composed(Draft.objects.get(), AUDIENCES[audience], Closed())
            cited = {one for piece in composed.blocks for s in piece.get("sentences", ()) for one in s["facts"]}
            drawn = {one for piece in composed.blocks for one in piece.get("facts", ())}
            assert there == (key in cited | drawn), (key, audience)
    secret = rows[f"situation:{Situation.objects.get(title=SECRET).public_id}:state"]
    assert secret["operational"] == (True, "Situations")
    assert secret["public"] == (False, "Above what this audience may receive.")
    blind = next(cells for key, cells in rows.items() if key.startswith("blind:"))
    assert blind["executive"] == (False, "Not what this audience needs.")


@pytest.mark.parametrize("audience", [key for key in AUDIENCES if key != "operational"])
def test_a_planted_fact_above_the_ceiling_never_appears(
    world: None, draft: Callable[..., Draft], audience: str, bob: Person, vera: Person, browse: Browse
) -> None:
    made = draft(audience)
    issue = released(made, vera, bob)
    said = str(issue.document) + "".join(bytes(one.body).decode("utf-8", "replace") for one in issue.forms.all())
    said += browse(vera).get(f"/reports/issues/{issue.public_id}/").content.decode()
    assert "Qzx" not in said
    if AUDIENCES[audience].outside:
        assert "Wikis blocked" not in said
        assert "Alice" not in str(issue.document)


def test_an_editor_cannot_bring_it_back_by_citing_or_by_pasting(
    world: None, draft: Callable[..., Draft], bob: Person
) -> None:
    made = draft("public")
    secret = f"situation:{Situation.objects.get(title=SECRET).public_id}:state"
    with pytest.raises(RefusedError, match="Above what this audience may receive"):
        editing.add(bob, made, 1, 1, "Somebody spoke to us.", [secret], opinion=False)
    period = ["report:period"]
    editing.add(bob, made, 1, 1, f"We heard of the {SECRET.upper()}!", period, opinion=False)
    found = [one for one in checking.problems(access.access_draft(bob, made.public_id)) if one.kind == "ceiling"]
    assert [one.blocks for one in found] == [True]
    assert "may not receive" in found[0].says


def test_a_forged_row_in_the_draft_is_stopped_at_release(
    world: None, draft: Callable[..., Draft], vera: Person
) -> None:
    made = draft("public")
    secret = f"situation:{Situation.objects.get(title=SECRET).public_id}:state"
    made.blocks[0]["sentences"][0]["facts"].append(secret)
    made.save()
    row = access.access_draft(vera, made.public_id)
    with pytest.raises(RefusedError) as refused:
        releasing.release(vera, row, digest_of(document_of(row)))
    assert any("Above what this audience may receive" in line for line in refused.value.lines)
    assert not Issue.objects.exists()


def test_nothing_told_never_says_that_there_is_nothing(world: None, draft: Callable[..., Draft]) -> None:
    public = str(draft("public").blocks)
    assert "No source was noticed to be silent" not in public, "one was; the public may not know which"
    assert "Nothing about this is told here. That does not mean that there is nothing." in public
    BlindSpot.objects.all().delete()
    assert "No source was noticed to be silent" not in str(draft("public", title="Again").blocks), (
        "the words don't tell"
    )
    assert "No source was noticed to be silent" in str(draft("operational").blocks)


def test_switching_the_audience_shows_what_disappears_and_why(
    world: None, draft: Callable[..., Draft], browse: Browse, bob: Person
) -> None:
    made = draft("operational")
    page = browse(bob).get(f"/reports/drafts/{made.public_id}/?as=public").content.decode()
    gone = page.split("What disappears")[1].split("What comes in addition")[0]
    assert SECRET in gone
    assert "Above what this audience may receive." in gone
    assert SECRET not in page.split("As they would see it, unedited")[1]


def test_another_audience_is_drafted_from_the_very_same_facts(
    world: None, draft: Callable[..., Draft], arrange: Callable[..., Report], browse: Browse, bob: Person
) -> None:
    made, other = draft("operational"), arrange("public")
    elsewhere = arrange("public", title="In French", language="fr")
    client = browse(bob)
    page = client.get(f"/reports/drafts/{made.public_id}/?as=public").content.decode()
    assert other.title in page
    assert elsewhere.title not in page, "other words were gathered for it"
    Situation.objects.create(
        public_id="later", title="Later", first_at=timezone.now(), last_at=timezone.now(), changed_at=timezone.now(),
        signals=1, probability=0.9,
    )  # fmt: skip
    client.post(f"/reports/{other.public_id}/draft", {"facts": made.public_id})
    assert other.drafts.get().gathered == made.gathered
    refused = client.post(f"/reports/{elsewhere.public_id}/draft", {"facts": made.public_id}, follow=True)
    assert "are not about the same" in refused.content.decode()


def test_somebody_without_the_role_does_not_find_what_is_for_some_only(
    world: None, arrange: Callable[..., Report], week: Period, alice: Person, bob: Person, browse: Browse
) -> None:
    report = arrange("operational", readers=int(Role.LEAD))
    made = arranging.draft_now(alice, report, week)
    assert "Qzx restricted source speaks" in browse(alice).get(f"/reports/drafts/{made.public_id}/").content.decode()
    for address in (f"/reports/{report.public_id}/", f"/reports/drafts/{made.public_id}/"):
        assert browse(bob).get(address).status_code == 404
    assert made.title not in browse(bob).get("/reports/").content.decode()
