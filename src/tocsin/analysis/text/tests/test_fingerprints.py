"""Copies are known by their fingerprints."""

from tocsin.analysis.text import Text, read, similarity

ARTICLE = (
    "The regulator ordered operators to block three sites on Monday evening, saying that they had ignored "
    "an earlier notice about content it considers unlawful. Users in several cities reported that pages no longer "
    "opened. A group that follows connectivity said that the order reached at least four networks within an hour."
)


def test_a_text_is_its_own_copy() -> None:
    mark = read(Text("Sites blocked", ARTICLE)).fingerprint
    assert similarity(mark, mark) == 1.0


def test_a_slightly_edited_copy_stays_close() -> None:
    edited = ARTICLE.replace("Monday", "Tuesday") + " More soon."
    a, b = (read(Text("Sites blocked", body)).fingerprint for body in (ARTICLE, edited))
    assert 0.75 < similarity(a, b) < 1.0


def test_other_texts_are_far() -> None:
    other = "The choir sang in the old town hall while children painted lanterns for the evening walk along the river."
    a, b = (read(Text("", body)).fingerprint for body in (ARTICLE, other))
    assert similarity(a, b) < 0.1


def test_scripts_without_spaces_have_fingerprints_too() -> None:
    body = "监管机构周一晚间下令运营商封锁三个网站，称其无视此前的通知。多个城市的用户报告网页无法打开。"
    a, b = (read(Text("", text)).fingerprint for text in (body, body.replace("周一", "周二")))
    assert similarity(a, b) > 0.6


def test_the_same_text_gives_the_same_bytes() -> None:
    assert read(Text("a b", ARTICLE)).fingerprint == read(Text("a b", ARTICLE)).fingerprint


def test_foreign_bytes_share_nothing() -> None:
    mark = read(Text("Sites blocked", ARTICLE)).fingerprint
    assert similarity(mark, b"") == 0.0
    assert similarity(mark, b"\x02" + mark[1:]) == 0.0
    assert similarity(b"", b"") == 0.0
