"""Labels about persecution are read as they are written, and answers scored exactly, forgivingly, and by victim."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tocsin.analysis.evaluation.answering import (
    Writing,
    always_empty,
    answer_of,
    majority,
    of_publication,
    traits,
    writing_of,
)
from tocsin.analysis.evaluation.persecution import (
    Answer,
    Labelled,
    articles,
    iso,
    moment,
    month_name,
    normal,
    number,
    rates,
    said,
    score,
)
from tocsin.analysis.evaluation.plain import PlainError
from tocsin.analysis.text.persecution import RULE, Account, Span, Value, Victims
from tocsin.analysis.text.persecution.seeing import see

BODY = "<p>Police arrested Ayo Brightwater, a woman journalist, in Minsk.<br/>She &amp; Tal Greenfinch were held.</p>"
LABELS = {
    "violation_types": ["arbitrary detention", "unknown"], "perpetrator_mention": True,
    "perpetrator_type": "state actor", "country": "Belarus", "region": "None", "city": "Minsk", "year": "2021.0",
    "month": 7, "date": "",
    "victims": [
        {"victim_name": "Ayo Brightwater", "victim_type": ["journalist"], "victim_sex_type": "woman",
         "victim_age_group": "adult"},
        {"victim_name": "", "victim_type": [], "victim_sex_type": "", "victim_age_group": ""},
    ],
}  # fmt: skip


def labelled(tmp_path: Path, *changes: dict[str, Any]) -> list[Labelled]:
    sample = {
        "Input.title": "Arrest", "Input.article_interface": BODY, "Input.publish_date": "2021-07-14",
        "Input.GLOBALEVENTID": 7,
    }  # fmt: skip
    rows = [{"sample": sample, "merged_sample": LABELS | change} for change in changes or ({},)]
    file = tmp_path / "train.json"
    file.write_text(json.dumps([*rows, {"sample": sample, "merged_sample": {"unused": 1}}]), "utf-8")
    return articles(file)


def test_labels_are_read_as_the_published_measure_reads_them(tmp_path: Path) -> None:
    (one,) = labelled(tmp_path)
    assert one.text.body == (
        "Police arrested Ayo Brightwater, a woman journalist, in Minsk.\nShe & Tal Greenfinch were held.\n"
    )
    assert one.text.published == datetime(2021, 7, 14, tzinfo=UTC)
    assert one.exact == {
        "country": "Belarus",
        "region": "",
        "city": "Minsk",
        "year": "2021",
        "month": "July",
        "day": "",
    }
    assert one.violations == {"arbitrary detention"}
    assert [victim.name for victim in one.victims] == ["Ayo Brightwater"]
    truth = one.example.truth
    assert (truth.country, truth.year, truth.month, truth.day) == ("BY", 2021, 7, 0)


@pytest.mark.parametrize("written", ["{", "[1]", '[{"sample": {}, "merged_sample": {"city": ""}}]'])
def test_a_file_in_another_form_is_refused_by_name(tmp_path: Path, written: str) -> None:
    file = tmp_path / "dev.json"
    file.write_text(written, "utf-8")
    with pytest.raises(PlainError, match=r"dev\.json"):
        articles(file)


def test_labels_in_many_writings_mean_the_same() -> None:
    assert [month_name(one) for one in ("12", 12.0, "December", "13", "")] == [
        "December", "December", "December", "13", "",
    ]  # fmt: skip
    assert [number(one) for one in ("5", "Febuary", "unknown", "", "xyz")] == [5, 2, 0, 0, 0]
    assert [iso(one) for one in ("People's Republic of China", "Hong Kong", "Nigeia", "unknown", "Mars")] == [
        "CN", "CN", "NG", "", "",
    ]  # fmt: skip
    assert said(" Not mentioned ") == ""
    assert normal("city", "São Paulo") == normal("city", "SAO PAULO")
    assert moment("yesterday") is None


def test_exact_forgives_nothing_and_normalised_forgives_the_writing(tmp_path: Path) -> None:
    rows = labelled(tmp_path, {}, {"country": "Africa", "city": "Ethiopia"}, {"violation_types": ["unknown"]})
    fields = {"country": "BELARUS", "region": "", "city": "minsk", "year": "2021", "month": "7", "day": "14"}
    answers = [
        Answer(frozenset({"arbitrary detention"}), True, "state actor", fields, "BY", ("Ayo", "Nobody Else")),
        Answer(frozenset({"killing"}), True, "", fields, "ET"),
        Answer(frozenset(), False, "state actor", fields, "BY"),
    ]
    got = score(rows, answers)
    assert (got.exact["country"].percent, round(got.normalised["country"].percent)) == (0, 67)
    assert got.repaired.percent == 100
    assert (got.exact["city"].percent, round(got.normalised["city"].percent)) == (0, 67)
    assert (got.exact["month"].percent, got.normalised["month"].percent) == (0, 100)
    assert (got.exact["day"].percent, got.exact["year"].percent, got.exact["region"].percent) == (0, 100, 100)
    assert (got.stated["day"].of, got.stated["year"].of) == (0, 3)
    # “unknown” answered by nothing is right as published, and no answer at all where it is forgiven.
    assert round(got.violations.f1, 1) == 66.7
    assert round(got.violations_normalised.f1, 1) == 50.0
    assert (round(got.mention.precision), round(got.mention.recall)) == (100, 67)
    assert (got.names.f1, round(got.names_near.precision), round(got.perpetrator.percent)) == (0, 50, 67)
    with pytest.raises(ValueError, match="shorter"):
        score(rows, answers[:1])


def test_rates_of_nothing_are_nothing_and_the_interval_holds_the_value() -> None:
    assert (rates([]).f1, rates([(0, 0, 0)]).precision) == (0, 0)
    some = rates([(1, 1, 1), (0, 1, 1), (1, 2, 1)])
    assert some.interval[0] <= some.f1 <= some.interval[1]
    assert round(some.f1, 1) == 57.1


def test_our_answer_stands_in_the_words_of_the_labels(tmp_path: Path) -> None:
    rows = labelled(tmp_path, {}, {"country": "Republic of Belarus"}, {"country": "Republic of Belarus"})
    writing = writing_of(rows)
    assert writing.countries == {"BY": "Republic of Belarus"}
    source = "Ayo  Brightwater met Tal. Ayo Brightwater left."
    spans = (Span(0, 16), Span(21, 24), Span(26, 41))
    account = Account(
        RULE, "en", True, perpetrator=Value("state actor", 0.9), country=Value("BY", 0.9), month=Value("7", 0.9),
        violations=(Value("killing", 0.9),), victims=Victims(named=spans),
    )  # fmt: skip
    got = answer_of(account, source, writing)
    assert (got.fields["country"], got.fields["month"], got.fields["year"]) == ("Republic of Belarus", "July", "")
    assert (got.names, got.code, got.mentioned) == (("Ayo Brightwater",), "BY", False)
    hong_kong = answer_of(Account(RULE, "en", True, country=Value("HK", 0.9)), "", Writing({"CN": "China"}))
    assert (hong_kong.fields["country"], hong_kong.code) == ("China", "HK")


def test_rivals_read_nothing_of_the_text(tmp_path: Path) -> None:
    rows = labelled(tmp_path, {}, {"country": "Mali", "violation_types": ["killing"]}, {"country": "Mali"})
    most = majority(rows)
    assert (most.fields["country"], most.code, most.violations) == ("Mali", "ML", frozenset({"arbitrary detention"}))
    assert not any(always_empty().fields.values())
    assert of_publication(rows[0]).fields["month"] == "July"


def test_traits_are_counted_of_victims_whose_names_stand_in_the_text(tmp_path: Path) -> None:
    (one,) = labelled(tmp_path)
    got = traits([one], [see(one.text)])
    assert (got.kind.of, got.kind.percent, got.sex.percent, got.age.percent) == (1, 100, 100, 100)
    unseen = {"victims": [LABELS["victims"][0] | {"victim_name": "Elsewhere Only"}]}  # type: ignore[index]
    (other,) = labelled(tmp_path, unseen)
    assert traits([other], [see(other.text)]).kind.of == 0
