"""Nothing that a stream delivers may stop the reader."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.analysis.text import Text, read

anything = st.text(alphabet=st.characters(), max_size=300) | st.text(
    alphabet=st.characters(categories=["Cs", "Cf", "Cc", "Lo"])
)
telling = st.lists(
    st.sampled_from(
        [
            "Wikipedia",
            "ویکی‌پدیا",
            "was",
            "blocked",
            "in",
            "Côte d’Ivoire",
            "ﬁlm",
            "İstanbul",
            "ß",
            "\u0000",
            "\ud800",
            "\u202e",
            "刚果",
            "จีน",
            "arrested",
            "ｱｲ",
            "e\u0301",
        ]
    )
).map(" ".join)


@settings(max_examples=150, deadline=None)
@given(title=anything | telling, body=anything | telling, language=st.text(max_size=5), country=st.text(max_size=3))
def test_it_never_raises_and_spans_lie_within_the_text(title: str, body: str, language: str, country: str) -> None:
    reading = read(Text(title, body, language, country))
    source = f"{title}\n{body}"
    for mention in (*reading.places, *reading.harm_mentions, *reading.our_mentions):
        assert 0 <= mention.start < mention.end <= len(source)
        assert source[mention.start : mention.end] == mention.surface
    "".join((reading.summary, *(term for term, _ in reading.terms))).encode("utf-8")


def test_an_empty_text_says_nothing() -> None:
    reading = read(Text("", ""))
    assert (reading.language, reading.country, reading.harm, reading.fingerprint) == ("und", "", "", b"")
    assert not reading.our_link
    assert reading.terms == ()


@pytest.mark.parametrize(
    "piece", ["a", "blocked ", "封", "\u200b", "\ud83d", "𝔚", "ﷺ", "ا" * 40 + " ", "<", "(", "Wikipedia."]
)
def test_millions_of_characters_are_cut_not_suffered(piece: str) -> None:
    text = Text(piece * 100, piece * (5_000_000 // len(piece)), published=datetime(2024, 5, 1, tzinfo=UTC))
    reading = read(text)
    assert len(reading.summary) <= 280
    assert len(reading.terms) <= 40


def test_invisible_characters_do_not_hide_us() -> None:
    reading = read(Text("Wiki\u200bpedia blo\u00adcked in Ke\u2060nya", "The si\u200dte was blo\u200bcked."))
    assert (reading.our_link, reading.country, reading.harm) == (True, "KE", "site-ban")


def test_wide_and_styled_letters_are_read() -> None:
    assert read(Text("Ｗｉｋｉｐｅｄｉａ blocked in Kenya", "Users say so.")).our_link
    assert read(Text("𝐖𝐢𝐤𝐢𝐩𝐞𝐝𝐢𝐚 blocked in Kenya", "Users say so.")).harm == "site-ban"


def test_letters_of_another_alphabet_do_not_hide_us() -> None:
    assert read(Text("Wikiреdia blocked in Kenya", "Users say that Wikipеdia is blocked.")).our_link
