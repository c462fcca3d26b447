"""What happened is read from texts of several languages, each value with the words it rests on."""

from datetime import UTC, datetime

import pytest

from tocsin.analysis.text import Text
from tocsin.analysis.text.persecution import RULE, Account, Value, tell

PUBLISHED = datetime(2021, 7, 14, 9, tzinfo=UTC)
ENGLISH = Text(
    "Police arrest three journalists in Belarus",
    "MINSK - Police arrested three journalists in Minsk on July 12, 2021, their editor said. They were beaten by "
    "officers in custody and charged with sedition. Human rights groups called for their release.",
    published=PUBLISHED,
)


def _of(account: Account, field: str) -> str:
    value = getattr(account, field)
    return value.value if isinstance(value, Value) else ""


def test_an_arrest_is_told_with_place_day_and_number() -> None:
    account = tell(ENGLISH)
    assert account.rule == RULE
    assert account.read
    assert "arbitrary detention" in {one.value for one in account.violations}
    assert _of(account, "perpetrator") == "state actor"
    assert _of(account, "country") == "BY"
    assert (_of(account, "year"), _of(account, "month")) == ("2021", "7")
    assert account.victims.count is not None
    assert account.victims.count.value == "3"
    assert {one.value for one in account.victims.kinds} >= {"journalist"}


def test_every_value_rests_on_words_of_the_text() -> None:
    account = tell(ENGLISH)
    source = f"{ENGLISH.title}\n{ENGLISH.body}"
    assert account.country is not None
    assert {source[one.start : one.end] for one in account.country.spans} <= {"Belarus", "Minsk", "MINSK"}
    for violation in account.violations:
        assert violation.spans
        assert 0 < violation.confidence <= 1
        assert all(source[one.start : one.end].strip() for one in violation.spans)


@pytest.mark.parametrize(
    ("text", "country", "year", "violation"),
    [
        (Text(
            "Detienen a cinco periodistas en Nicaragua",
            "La policía detuvo a cinco periodistas en Nicaragua el 5 de mayo de 2020. "
            "Fueron encarcelados y acusados."), "NI", "2020", "arbitrary detention"),
        (Text(
            "Des hommes armés enlèvent un journaliste au Mali",
            "Un journaliste a été enlevé au Mali par des hommes armés le 3 mars 2019. "
            "Les ravisseurs demandent une rançon pour l'otage."), "ML", "2019", "kidnapping"),
        (Text(
            "В Беларуси задержали журналистов",
            "Полиция задержала пять журналистов в Беларуси 5 марта 2020 года. "
            "Их арестовали и посадили в тюрьму."), "BY", "2020", "arbitrary detention"),
        (Text(
            "اعتقال صحفيين في مصر",
            "اعتقلت الشرطة في مصر خمسة صحفيين في "
            "3 يناير 2019 وقالت النيابة إنهم سجنوا"), "EG", "2019", "arbitrary detention"),
        (Text(
            "记者在缅甸被捕",
            "2021年3月5日，缅甸警方逮捕了三名记者，他们被判刑入狱。"), "MM", "2021", "arbitrary detention"),
        (Text(
            "Jurnalis dibunuh di Filipina",
            "Seorang jurnalis dibunuh di Filipina pada 5 Mei 2020, tewas ditembak orang tak dikenal. "
            "Pembunuhan itu dikecam."), "PH", "2020", "killing"),
    ],
    ids=["es", "fr", "ru", "ar", "zh", "id"],
)  # fmt: skip
def test_other_languages_are_read_too(text: Text, country: str, year: str, violation: str) -> None:
    account = tell(Text(text.title, text.body, published=PUBLISHED))
    assert account.read
    assert _of(account, "country") == country
    assert _of(account, "year") == year
    assert violation in {one.value for one in account.violations}


def test_a_language_without_words_says_that_it_was_not_read() -> None:
    account = tell(
        Text("ახალი ამბები", "საქართველოში დააკავეს სამი ჟურნალისტი ქალაქში დღეს დილით.", published=PUBLISHED)
    )
    assert not account.read
    assert account.violations == ()
    assert account.perpetrator is None


@pytest.mark.parametrize(
    "text",
    [
        Text("", ""),
        Text("\u202e\u2066evil\u2069", "\u202eBelarus\u202c \u200bkilled\u200f \ud800"),
        Text("word", "word " * 1_000_000),
        Text("Killed", "killed " * 20_000),
        Text("Anna Berg", "Anna Berg was killed on Monday. " * 3_000),
        Text("A", "12/13/2019 31/31/31 99/99/9999 2019-13-45 0000-00-00 February 31, 2019 "),
        Text("<p>", "'" * 5_000 + "A-" * 20_000),
    ],
    ids=["empty", "bidi", "one word", "one act", "one name", "no dates", "marks"],
)
def test_no_text_is_too_ugly(text: Text) -> None:
    for published in (None, PUBLISHED, datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)):
        account = tell(Text(text.title, text.body, published=published))
        source = f"{text.title}\n{text.body}"
        values = (account.country, account.city, account.year, account.month, account.day, *account.violations)
        assert all(0 <= s.start < s.end <= len(source) for one in values if one is not None for s in one.spans)


def test_without_a_day_of_publication_only_written_dates_count() -> None:
    account = tell(
        Text("Arrest in Egypt", "Police in Egypt arrested a journalist yesterday. She was arrested on Monday.")
    )
    assert account.year is None
    assert account.day is None


def test_a_date_after_the_publication_is_no_account_of_the_past() -> None:
    body = "A journalist who was arrested in Egypt will be tried on 5 March 2035. The trial begins in March 2035."
    account = tell(Text("Egypt: journalist to be tried", body, published=PUBLISHED))
    assert _of(account, "year") != "2035"
    assert _of(account, "month") != "3"


def test_family_names_may_be_tied_or_places() -> None:
    text = Text(
        "Writers arrested",
        "Police arrested the journalist Dana al-Testuri and the writer Vera London on Monday. Dana al-Testuri was "
        "beaten in custody.",
        "en",
    )
    source = f"{text.title}\n{text.body}"
    said = {source[one.start : one.end] for one in tell(text).victims.named}
    assert said == {"Dana al-Testuri", "Vera London"}
