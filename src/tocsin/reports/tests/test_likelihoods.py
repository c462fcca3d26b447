"""Attacks on what a report says of likelihoods: a machine's calm, a weak one beside a strong one that is withheld."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from tocsin.lib.tlp import LIKELIHOOD
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.reports import access, checking, editing, releasing
from tocsin.reports.audiences import AUDIENCES
from tocsin.reports.document import sentences
from tocsin.reports.gathering import words
from tocsin.reports.laying import digest_of, document_of
from tocsin.reports.models import Draft, Form
from tocsin.reports.refusals import RefusedError
from tocsin.reports.speaking import speaking
from tocsin.situations.models import Assessment, Situation, ThreatLevel

pytestmark = pytest.mark.django_db
Drafts = Callable[..., Draft]
Make = Callable[..., Situation]
Assess = Callable[..., Assessment]
OUTSIDE = [one.key for one in AUDIENCES.values() if one.outside]
WORDS = [word for _limit, word in LIKELIHOOD]


def fresh(draft: Draft) -> Draft:
    return Draft.objects.select_related("report", "gathered", "corrects").get(pk=draft.pk)


def told(draft: Draft) -> list[str]:
    return [one.text for one in sentences(document_of(fresh(draft)))]


def likelihoods(draft: Draft) -> list[str]:
    return [one for one in told(draft) if any(word in one for word in [*WORDS, "ikely than", "Over:"])]


def in_words(probability: float, harm: str = "arrest") -> str:
    with speaking("en"):
        return words.chance(harm, "Brazil", probability)


@pytest.mark.parametrize("audience", OUTSIDE)
def test_what_a_machine_suggests_is_never_told_outside(situation: Make, draft: Drafts, audience: str) -> None:
    situation("One", tlp="clear", country="BR", probability=0.1)
    situation("Two", tlp="clear", country="KE", harm="arrest", probability=0.97)
    ThreatLevel.objects.create(country="BR", harm="arrest", probability=0.3, at=timezone.now(), current=True)
    assert likelihoods(draft(audience)) == []


@pytest.mark.parametrize("audience", OUTSIDE)
def test_what_a_person_judged_is_told_with_its_day_and_not_what_a_machine_made_of_it_since(
    situation: Make, assess: Assess, draft: Drafts, audience: str
) -> None:
    row = assess(situation("One", tlp="clear", country="BR", harm="arrest", probability=0.02), 0.9)
    with speaking("en"):
        day = words.day(row.at)
    said = likelihoods(draft(audience))
    assert f"Arrest or prosecution in Brazil is very likely, as our team judged ({day})." in said
    assert not any("almost no chance" in one for one in said)


@pytest.mark.parametrize("hidden", [{"tlp": "amber"}, {"readers": int(Role.LEAD)}])
@pytest.mark.parametrize("country", ["BR", "TR"])
@pytest.mark.parametrize("audience", OUTSIDE)
def test_where_a_strong_one_is_withheld_the_weak_ones_are_not_told_as_the_truth(
    situation: Make, assess: Assess, draft: Drafts, audience: str, country: str, hidden: dict[str, object]
) -> None:
    weak = situation("Weak", tlp="clear", country=country, harm="arrest")
    assess(weak, 0.9, days=20)
    assess(weak, 0.3)
    situation("Old", tlp="clear", country=country, harm="arrest", state="closed", changed_at=timezone.now())
    other = situation("Elsewhere", tlp="clear", country="KE", harm="arrest")
    assess(other, 0.3)
    named = "Brazil" if country == "BR" else "Western Asia"
    assert named in " ".join(likelihoods(draft(audience)))
    strong = situation("Strong", country=country, harm="arrest", probability=0.93, **hidden)
    said = likelihoods(draft(audience, title="again"))
    assert "Kenya" in " ".join(said)
    assert named not in " ".join(said)
    # One country's secret in a region silences the region, and the other way round.
    strong.country = "SA" if country == "TR" else country
    strong.save()
    assert named not in " ".join(likelihoods(draft(audience, title="anew")))


def test_one_that_became_withheld_after_the_draft_stops_its_release(
    situation: Make, assess: Assess, draft: Drafts, vera: Person
) -> None:
    assess(situation("Weak", tlp="clear", country="BR", harm="arrest"), 0.3)
    made = draft("public")
    situation("Strong", tlp="amber", country="BR", harm="arrest", probability=0.93)
    row = access.access_draft(vera, made.public_id)
    assert any(one.kind == "ceiling" and one.blocks for one in checking.problems(row))
    with pytest.raises(RefusedError):
        releasing.release(vera, row, digest_of(document_of(row)))


def test_an_editor_cannot_cite_a_machine_s_number_outside(situation: Make, draft: Drafts, bob: Person) -> None:
    row = situation("One", tlp="clear", country="BR", probability=0.1)
    with pytest.raises(RefusedError, match="can’t carry this sentence"):
        editing.add(bob, draft("public"), 1, 1, "All is calm.", [f"situation:{row.public_id}:state"], opinion=False)


@pytest.mark.parametrize("audience", OUTSIDE)
def test_of_one_country_and_harm_the_highest_alone_is_told(
    situation: Make, assess: Assess, draft: Drafts, audience: str
) -> None:
    for name, probability in (("Low", 0.1), ("High", 0.97), ("Middle", 0.85)):
        assess(situation(name, tlp="clear", country="BR", harm="shutdown", rank=9 - 9 * probability), probability)
    said = likelihoods(draft(audience))
    assert said
    assert all("Network shutdown in Brazil is almost certain" in one for one in said)


@pytest.mark.parametrize("audience", OUTSIDE)
@pytest.mark.parametrize("lack", ["country", "harm"])
def test_what_has_no_country_or_no_harm_is_not_told_outside(
    situation: Make, assess: Assess, draft: Drafts, audience: str, lack: str
) -> None:
    assess(situation("One", **{"tlp": "clear", "country": "BR", "harm": "arrest", lack: ""}), 0.3)
    said = " ".join(told(draft(audience)))
    assert "Development" not in said
    assert "not known is" not in said
    assert likelihoods(fresh(Draft.objects.get())) == []


def test_a_brief_tells_a_country_and_harm_in_one_line_without_headlines(
    situation: Make, assess: Assess, draft: Drafts
) -> None:
    for n in range(6):
        situation(f"Weak {n}", country="BR", harm="shutdown", probability=0.1, rank=9.0)
    assess(situation("Strong", country="BR", harm="shutdown", rank=0.1), 0.97)
    situation("Procureur saisi", country="KE", harm="arrest", probability=0.9, rank=5.0)
    says = told(draft("executive"))
    shares = "almost certain (97%); very unlikely (10%; no person has judged it yet)"
    assert f"Network shutdown in Brazil, situation by situation: {shares}." in says
    assert "Arrest or prosecution in Kenya: very likely (90%; no person has judged it yet)." in says
    assert "Procureur saisi" not in " ".join(says)


@pytest.mark.parametrize("audience", ["vice-president", "operational"])
def test_inside_one_sentence_a_country_and_harm_begins_with_the_highest_and_says_who_judged_nothing(
    situation: Make, assess: Assess, draft: Drafts, audience: str
) -> None:
    for n in range(6):
        situation(f"Weak {n}", country="BR", harm="shutdown", probability=0.1, rank=9.0)
    assess(situation("Strong", country="BR", harm="shutdown", rank=0.1), 0.97)
    said = [one for one in told(draft(audience)) if one.startswith("Network shutdown in Brazil")]
    assert len(said) == 1
    assert said[0].startswith(
        "Network shutdown in Brazil: “Strong”, almost certain (97%); “Weak 0”, very unlikely (10%; no person has"
    )


@pytest.mark.parametrize("audience", ["executive", "vice-president"])
def test_inside_what_is_withheld_leaves_silence_too(situation: Make, draft: Drafts, audience: str) -> None:
    situation("Weak", country="BR", harm="arrest", probability=0.1)
    situation("Strong", tlp="red", country="BR", harm="arrest", probability=0.93)
    made = draft(audience)
    assert likelihoods(made) == []
    assert "No situation is on record" not in " ".join(told(made))


def test_a_number_that_no_person_judged_says_so_inside(situation: Make, draft: Drafts) -> None:
    situation("One", country="BR", harm="arrest", probability=0.1)
    assert any("No person has judged it yet." in one for one in told(draft("operational")))


@pytest.mark.parametrize(
    ("probability", "said"),
    [
        (0.01, "There is almost no chance of arrest or prosecution in Brazil"),
        (0.1, "Arrest or prosecution in Brazil is very unlikely"),
        (0.3, "Arrest or prosecution in Brazil is unlikely"),
        (0.5, "There is a roughly even chance of arrest or prosecution in Brazil"),
        (0.7, "Arrest or prosecution in Brazil is likely"),
        (0.9, "Arrest or prosecution in Brazil is very likely"),
        (0.99, "Arrest or prosecution in Brazil is almost certain"),
    ],
)
def test_each_word_of_likelihood_makes_a_sentence(probability: float, said: str) -> None:
    assert in_words(probability) == said


def test_words_that_a_person_put_over_a_fact_are_marked_as_theirs_and_the_figures_tell_no_number(
    situation: Make, assess: Assess, draft: Drafts, bob: Person, vera: Person
) -> None:
    row = situation("One", tlp="clear", country="BR", harm="arrest")
    assess(row, 0.93)
    for audience, who in (("public", "our team"), ("vice-president", bob.name)):
        made = draft(audience)
        name = next(
            str(one["id"])
            for _block, one in editing.sentences(made.blocks)
            if one["facts"] == [f"situation:{row.public_id}:state"]
        )
        editing.write(bob, made, 1, name, "All is calm there.", [f"situation:{row.public_id}:state"])
        kept = next(one for _block, one in editing.sentences(fresh(made).blocks) if one["id"] == name)
        assert kept["opinion_of"] == bob.name
        issue = releasing.release(
            vera, access.access_draft(vera, made.public_id), digest_of(document_of(fresh(made))), without_pdf=True
        )
        html = bytes(Form.objects.get(issue=issue, form="html").body).decode()
        assert "All is calm there." in html
        assert who in html.split("All is calm there.")[0][-200:]
    public = Form.objects.get(issue__report__audience="public", form="csv")
    assert "0.93" not in bytes(public.body).decode()


@pytest.mark.parametrize("audience", ["policy", "community", "public", "vice-president", "operational", "executive"])
def test_one_judgement_stands_once_in_a_report(situation: Make, assess: Assess, draft: Drafts, audience: str) -> None:
    row = situation("Editors held", country="BR", harm="arrest", tlp="clear")
    assess(row, 0.7)
    made = draft(audience)
    judged = {f"situation:{row.public_id}:state", f"situation:{row.public_id}:forecast"}
    telling = [one for one in sentences(document_of(made)) if judged & set(one.facts)]
    assert len(telling) == 1
    assert not [one for one in sentences(document_of(made)) if "nothing:forecast" in one.facts]


@pytest.mark.parametrize("audience", ["policy", "community", "public"])
def test_what_is_told_as_new_beside_something_withheld_reads_as_if_nobody_had_judged_it(
    situation: Make, assess: Assess, draft: Drafts, audience: str
) -> None:
    at = timezone.now() - timedelta(days=2)
    row = situation("Editors held", country="BR", harm="arrest", tlp="clear", first_at=at)
    nobody_judged = [(one.text, one.facts) for one in sentences(document_of(draft(audience, once="nobody")))]
    assess(row, 0.7)
    judged = [(one.text, one.facts) for one in sentences(document_of(draft(audience, once="judged")))]
    situation("Raid", country="BR", harm="arrest", readers=int(Role.LEAD), probability=0.95)
    beside = [(one.text, one.facts) for one in sentences(document_of(draft(audience, once="beside")))]
    assert beside == nobody_judged
    assert judged != nobody_judged, "what nothing is withheld beside is told with its likelihood"


@pytest.mark.parametrize("judged", [False, True])
def test_a_brief_that_nobody_stands_behind_says_so_to_who_releases_it(
    situation: Make, assess: Assess, draft: Drafts, judged: bool
) -> None:
    situation("Machine", country="KE", harm="arrest", probability=0.9, rank=5.0)
    if judged:
        assess(situation("Person", country="BR", harm="shutdown", rank=9.0), 0.97)
    assert ("unjudged" in {one.kind for one in checking.problems(draft("executive"))}) is not judged
