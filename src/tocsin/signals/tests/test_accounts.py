"""What a text says happened: proposed with its words, judged by a press, taken back, and never with a name."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from tocsin.alerts.models import Alert
from tocsin.analysis.text import Text
from tocsin.analysis.text.persecution import RULE, tell
from tocsin.analysis.text.persecution import Account as Told
from tocsin.audit.models import Entry
from tocsin.people.actions import issue_token
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.signals import accounts, actions, judging
from tocsin.signals.agreement import agreements, examples
from tocsin.signals.models import Account, Judgement, Signal
from tocsin.signals.statements import Statement, attack_of, statements_of
from tocsin.signals.work import read_items
from tocsin.streams.models import Item, Source

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
TITLE = "Police arrest journalists in Belarus"
BODY = (
    "MINSK - Police arrested three journalists in Minsk on 1 March 2026, their editor said. The journalist Tamsin "
    "Quillfeather was beaten by officers in custody. Quillfeather was charged with sedition."
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(db: None) -> Source:
    return Source.objects.create(
        name="Daily", kind="feeds", url="https://daily.example/", expected_every=timedelta(hours=1), next_fetch_at=NOW
    )


def arrive(source: Source, title: str = TITLE, body: str = BODY, **more: object) -> Signal:
    key = sha256((title + body[:500]).encode("utf-8", "replace")).hexdigest()
    item = Item.objects.create(
        source=source, key=key, digest=key, title=title, text=body, published_at=NOW, fetched_at=NOW,
        expires_at=NOW + timedelta(days=900), **more,
    )  # fmt: skip
    while read_items():
        pass
    return Signal.objects.select_related("item").get(item=item)


def told(source: Source, *text: str) -> Signal:
    signal = arrive(source, *text)
    accounts.await_reading([signal])
    assert accounts.step()
    assert not accounts.step()
    return signal


def by(signal: Signal, field: str) -> Statement:
    return next(one for one in statements_of(signal) if one.field.key == field)


def violations(signal: Signal) -> set[tuple[str, str]]:
    return {(one.before, one.now) for one in statements_of(signal) if one.field.key == "violation"}


def press(client: Client, signal: Signal, **given: str) -> str:
    answer = client.post(f"/signals/{signal.pk}/account", given, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_worker_reads_what_happened_and_each_value_shows_its_words(source: Source) -> None:
    signal = arrive(source)
    assert Account.objects.get(signal=signal).version == 0
    assert accounts.step()
    assert (by(signal, "country").now, by(signal, "year").now, by(signal, "month").now) == ("BY", "2026", "3")
    assert (by(signal, "perpetrator").now, by(signal, "count").now) == ("state actor", "3")
    found = {one.now: one for one in statements_of(signal) if one.field.key == "violation"}
    assert {*found} == {"arbitrary detention", "torture"}
    assert any("beaten" in one.words for one in found["torture"].passages)
    assert all(0 < (one.confidence or 0) <= 1 for one in found.values())
    assert attack_of(signal).now == "yes"


def test_no_name_of_a_victim_is_shown_sent_or_kept(
    source: Source, bob: Person, browse: Callable[[Person], Client]
) -> None:
    signal = told(source)
    client = browse(bob)
    page = client.get(f"/signals/{signal.pk}/").content.decode()
    assert "What the text says happened" in page
    assert "<mark>" in page
    assert "[…]" in page
    page += press(client, signal, do="all", version=str(RULE.version)) + press(client, signal, do="no_attack")
    page += client.get(f"/triage/?text={signal.pk}").content.decode()
    assert "Quillfeather" not in page
    kept = [*Judgement.objects.values_list("before", "after"), *Account.objects.values_list("told")]
    assert "Quillfeather" not in repr([*kept, *Entry.objects.values_list("facts", flat=True)])
    assert not Alert.objects.exists()


def test_a_press_confirms_corrects_and_refuses_and_each_is_taken_back(
    source: Source, bob: Person, browse: Callable[[Person], Client]
) -> None:
    signal, client = told(source), browse(bob)
    assert "confirmed by Bob" in press(client, signal, do="confirm", field="country", before="BY")
    page = press(
        client, signal, do="correct", field="violation", before="arbitrary detention", value="other",
        words="was  BEATEN by officers",
    )  # fmt: skip
    assert "was beaten by officers</mark>" in page
    assert violations(signal) == {("arbitrary detention", "other"), ("torture", "torture")}
    press(client, signal, do="correct", field="violation", before="", value="killing")
    assert ("", "killing") in violations(signal)
    assert "Not an attack" in press(client, signal, do="no_attack")
    assert attack_of(signal).now == "no"
    assert "says Bob" in press(client, signal, do="correct", field="year", before="2026", value="")
    assert by(signal, "year").now == ""
    for one in Judgement.objects.order_by("-pk"):
        press(client, signal, do="undo", judgement=str(one.pk))
    assert {one.judgement for one in statements_of(signal)} == {None}
    assert (attack_of(signal).now, by(signal, "year").now) == ("yes", "2026")
    verbs = Entry.objects.filter(verb__startswith="account.").values_list("verb", flat=True)
    assert sorted(verbs) == ["account.confirm", *["account.correct"] * 4, *["account.undo"] * 5]
    assert client.post(f"/signals/{signal.pk}/account", {"do": "undo", "judgement": "²"}).status_code == 404
    assert "This changed a moment ago" in press(client, signal, do="all", version=str(RULE.version - 1))


def test_words_are_found_as_they_are_shown_and_no_name_is_found_by_guessing(source: Source, bob: Person) -> None:
    signal = told(source)
    judging.correct(bob, signal, "count", "3", "1", "journalist […] was beaten")
    quoted = by(signal, "count").passages[0].words
    assert quoted.replace("\n", " ").startswith("journalist […] was beaten")
    with pytest.raises(actions.RefusedError, match="do not stand in the text"):
        judging.correct(bob, signal, "year", "2026", "2025", "Quillfeather was charged")


@pytest.mark.parametrize(
    ("field", "before", "after"),
    [
        ("country", "BY", "ZZ"), ("month", "3", "13"), ("month", "3", "٣"), ("year", "2026", "1"),
        ("violation", "arbitrary detention", "mischief"), ("city", "Minsk", "x" * 61), ("city", "Minsk", "a\u202eb"),
        ("victim", "", "x"), ("attack", "yes", ""), ("country", "FR", "DE"), ("violation", "", "arbitrary detention"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_nothing_is_kept(
    source: Source, bob: Person, field: str, before: str, after: str
) -> None:
    signal = told(source)
    with pytest.raises(actions.RefusedError):
        judging.correct(bob, signal, field, before, after)
    assert not Judgement.objects.exists()


def test_a_later_word_is_undone_first_and_a_changed_value_is_not_judged_unseen(source: Source, bob: Person) -> None:
    signal = told(source)
    first = judging.confirm(bob, signal, "country", "BY")
    second = judging.correct(bob, signal, "country", "BY", "LT")
    with pytest.raises(actions.RefusedError, match="Undo that one first"):
        judging.undo(bob, first)
    judging.undo(bob, second)
    assert by(signal, "country").now == "BY"
    with pytest.raises(actions.RefusedError, match="already"):
        judging.undo(bob, second)


def test_a_new_version_reads_anew_and_what_people_said_stands(source: Source, bob: Person) -> None:
    signal = told(source)
    judging.confirm(bob, signal, "violation", "arbitrary detention")
    judging.correct(bob, signal, "country", "BY", "LT")
    old = Account.objects.get(signal=signal)
    old.version, old.told = old.version - 1, [["violation", "killing", 0.5, []], ["country", "PL", 0.5, []]]
    old.save()
    stands = ("arbitrary detention", "arbitrary detention")
    assert violations(signal) == {("killing", "killing"), stands}
    assert by(signal, "country").now == "LT"
    assert accounts.step()
    assert by(signal, "country").before == "BY"
    assert violations(signal) == {("torture", "torture"), stands}


def test_a_text_of_no_harm_to_a_person_is_read_when_somebody_asks(
    source: Source, bob: Person, browse: Callable[[Person], Client]
) -> None:
    signal = arrive(source, "The museum opened", "A museum opened in Lima on Sunday.")
    assert not accounts.step()
    client = browse(bob)
    assert "Let it read this text" in client.get(f"/signals/{signal.pk}/").content.decode()
    assert "not come to it yet" in press(client, signal, do="ask")
    assert accounts.step()
    assert (by(signal, "country").now, attack_of(signal).now) == ("PE", "no")
    assert "has not read" not in press(client, signal, do="correct", field="country", before="PE", value="CL")


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("", ""),
        ("Police arrest", "police arrested journalists " * 200_000),
        ("Police \u202e arrest \u2066 men", "\u202ePolice arrested 3 men\u2069 in Minsk. <script>alert(1)</script> "),
        ("<b>Police</b> arrest", "<mark>killed</mark> by police in Minsk <!-- arrested --> \u200b\ufeff"),
        ("\ue000\ue000 killed", "\ue000 police killed \ue000" * 50),
    ],
    ids=["empty", "5 MB", "bidi", "html", "private"],
)
def test_ugly_texts_are_read_and_shown(
    source: Source, bob: Person, browse: Callable[[Person], Client], title: str, body: str
) -> None:
    signal = told(source, title, body)
    page = browse(bob).get(f"/signals/{signal.pk}/").content.decode()
    panel = page.partition('id="happened"')[2].partition("</section>")[0]
    assert panel
    assert "\u202e" not in panel
    assert "<script>alert" not in page
    assert "<mark>killed</mark> by" not in page.replace(escape("<mark>killed</mark>"), "")


def test_a_text_that_makes_the_reader_fail_says_so_and_holds_up_no_other(
    source: Source, bob: Person, browse: Callable[[Person], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = arrive(source), arrive(source, "Police arrest a man", "The worst of texts.")

    def worst(text: Text) -> Told:
        if "worst" in text.body:
            raise ValueError(text.body)
        return tell(text)

    monkeypatch.setattr("tocsin.signals.accounts.tell", worst)
    assert accounts.step()
    assert not accounts.step()
    assert by(good, "country").now == "BY"
    page = browse(bob).get(f"/signals/{bad.pk}/").content.decode()
    assert "could not read this text for what happened" in page


def test_who_may_not_assess_or_read_changes_nothing(
    source: Source, charlie: Person, vera: Person, browse: Callable[[Person], Client]
) -> None:
    signal = told(source)
    for person in (charlie, vera):
        answer = browse(person).post(f"/signals/{signal.pk}/account", {"do": "no_attack"})
        assert answer.status_code in (302, 403, 404)
    assert not Judgement.objects.exists()


def test_programs_read_judge_and_undo_the_same(source: Source, bob: Person) -> None:
    signal = told(source)
    token = issue_token(bob, "a program", (Right.READ, Right.ASSESS), 30)

    def call(method: str, path: str, body: object = None) -> Any:
        answer = Client().generic(
            method, f"/api/signals/{signal.pk}/account{path}", json.dumps(body), "application/json",
            headers={"Authorization": f"Bearer {token}"},
        )  # fmt: skip
        return answer.status_code, answer.json()

    status, account = call("GET", "")
    assert (status, account["state"], account["attack"]["now"]) == (200, "read", "yes")
    assert "Quillfeather" not in json.dumps(account)
    status, made = call("POST", "/judgements", {"field": "country", "before": "BY", "after": "LT", "words": "in Minsk"})
    assert (status, made["after"], made["by"]) == (201, "LT", "Bob")
    assert call("POST", "/judgements", {"field": "country", "before": "FR"})[0] == 409
    assert call("POST", "/judgements", {"field": "name", "before": ""})[0] == 422
    country = next(one for one in call("GET", "")[1]["statements"] if one["field"] == "country")
    assert (country["before"], country["now"], country["quotes"][0]["words"]) == ("BY", "LT", "in Minsk")
    assert call("POST", f"/judgements/{made['id']}/undo")[1]["undone_at"] is not None
    assert call("POST", f"/judgements/{made['id']}/undo")[0] == 409
    assert call("POST", "", {})[0] == 200


def test_in_triage_it_is_judged_beside_the_text_and_taken_back_by_one_press(
    source: Source, bob: Person, browse: Callable[[Person], Client]
) -> None:
    signal, client = told(source), browse(bob)
    assert 'id="happened"' in client.get("/triage/").content.decode()
    page = client.post(
        f"/triage/{signal.pk}/account", {"do": "all", "version": RULE.version}, follow=True
    ).content.decode()
    assert page.count("confirmed by Bob") == len([one for one in statements_of(signal) if one.before])
    assert "what you said of what happened" in page
    client.post("/triage/undo", follow=True)
    assert {one.judgement for one in statements_of(signal)} == {None}
    assert Signal.objects.get(pk=signal.pk).waiting


def test_each_word_that_holds_is_an_example_and_the_page_says_how_often_the_machine_was_right(
    source: Source, bob: Person, browse: Callable[[Person], Client]
) -> None:
    signal = told(source)
    judging.confirm(bob, signal, "country", "BY")
    judging.correct(bob, signal, "country", "BY", "LT", "Minsk")
    judging.correct(bob, signal, "year", "2026", "2026", "1 March 2026")
    judging.correct(bob, signal, "violation", "", "killing")
    judging.undo(bob, judging.no_attack(bob, signal))
    kept = {(one.field, one.before, one.after): one for one in examples()}
    assert {*kept} == {("country", "BY", "LT"), ("year", "2026", "2026"), ("violation", "", "killing")}
    chosen = kept["year", "2026", "2026"]
    assert f"{TITLE}\n{BODY}"[chosen.start : chosen.end] == "1 March 2026"
    said = {one.field.key: (one.right, one.wrong, one.missed) for one in agreements(examples())}
    assert said == {"violation": (0, 0, 1), "country": (0, 1, 0), "year": (1, 0, 0)}
    assert "What texts say happened" in browse(bob).get("/signals/learned/").content.decode()
    Signal.objects.update(readers=1)
    assert examples() == []
