"""Secret words are hard to guess, easy to copy, and read the same however somebody writes them down."""

import math
import unicodedata
from collections.abc import Callable
from functools import partial
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some
from mnemonic import Mnemonic
from rapidfuzz.distance import Levenshtein

from tocsin.keys import words

LANGUAGES = ("en", "fr", "es", "ar", "ru", "zh", "tr", "fa", "pt")
OWN = ("ar", "fa")
SHAPES: tuple[Callable[[str], str], ...] = (
    str,
    str.upper,
    str.title,
    partial(unicodedata.normalize, "NFD"),
    "\u200b".join,
)
LISTS = Path(words.__file__).parent / "wordlists"


def test_nine_languages_have_words() -> None:
    assert words.languages() == LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_receipt_has_88_bits_or_more(language: str) -> None:
    receipt = words.make_receipt(language)
    drawn = words.words(language)
    assert set(receipt) <= set(drawn)
    assert len(receipt) * math.log2(len(drawn)) == pytest.approx(words.receipt_bits(language))
    assert words.receipt_bits(language) >= 88
    # Nobody has to copy more words than it takes.
    assert (len(receipt) - 1) * math.log2(len(drawn)) < 88


def test_a_passphrase_has_six_words_and_66_bits() -> None:
    assert len(words.make_passphrase().split(" ")) == 6
    assert 6 * math.log2(len(words.words("en"))) >= 66


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_receipts_are_never_alike(language: str) -> None:
    assert len({tuple(words.make_receipt(language)) for _ in range(200)}) == 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_a_list_may_be_drawn(language: str) -> None:
    drawn: set[str] = set()
    missing = set(words.words(language))
    # 40 draws a word on average: one word in 2,000 stays away with a chance of about e**-40 each.
    for _ in range(40 * len(missing) // len(words.make_receipt(language))):
        drawn.update(words.make_receipt(language))
    assert missing == drawn


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_stay_apart_when_they_are_normalised(language: str) -> None:
    drawn = words.words(language)
    assert len({words.normalise(word) for word in drawn}) == len(drawn)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_word_stays_one_word_when_it_is_normalised(language: str) -> None:
    assert [word for word in words.words(language) if len(words.normalise(word).split()) != 1] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_are_letters_only(language: str) -> None:
    # The Russian base list, as packaged, holds a word with replacement characters.
    plain = ["".join(c for c in unicodedata.normalize("NFC", w) if c.isalpha()) for w in words.words(language)]
    assert plain == list(words.words(language))


@pytest.mark.parametrize("language", OWN)
def test_one_slip_never_makes_another_word(language: str) -> None:
    plain = [words.normalise(word).decode() for word in words.words(language)]
    assert len(plain) >= 512
    assert [pair for pair in combinations(plain, 2) if Levenshtein.distance(*pair, score_cutoff=1) < 2] == []
    assert min(len(word) for word in plain) >= 3


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code not in OWN])
def test_what_is_left_out_stood_in_the_base_list(language: str) -> None:
    # A slip in the file would leave the word in.
    names = {"en": "english", "fr": "french", "es": "spanish", "ru": "russian", "tr": "turkish", "pt": "portuguese"}
    base = {unicodedata.normalize("NFC", w) for w in Mnemonic(names.get(language, "chinese_simplified")).wordlist}
    lines = (LISTS / "left_out" / f"{language}.txt").read_text("utf-8").splitlines()
    without = {line for line in lines if not line.startswith("#")}
    assert without <= base
    assert without.isdisjoint(words.words(language))


@pytest.mark.parametrize(
    ("language", "frightening"),
    [
        ("en", "kill weapon police prison war death arrest soldier pistol victim"),
        ("fr", "arme guerre police policier prison mort mortier pistolet victime otage"),
        ("es", "arma guerra policía cárcel muerte prisión pistola víctima bomba soldado"),
        ("ar", "سلاح حرب شرطة سجن موت قتل رصاص قنبلة منشار جاسوس"),
        ("ru", "оружие война милиция арест смерть допрос пытка патрон пленный солдат"),
        ("zh", "死杀枪弹炸狱捕警军犯"),
        ("tr", "silah savaş polis hapis ölüm gözaltı zindan mermi işkence jandarma"),
        ("fa", "سلاح جنگ پلیس زندان مرگ کشتن گلوله بمب شکنجه اعدام"),
        ("pt", "arma guerra polícia policiar prisão morte matar pistola soldado bomba"),
    ],
)
def test_no_receipt_frightens(language: str, frightening: str) -> None:
    denied = list(frightening) if language == "zh" else frightening.split()
    assert set(denied).isdisjoint(words.words(language))


@pytest.mark.parametrize("language", LANGUAGES)
@given(data=some.data())
def test_it_does_not_matter_how_a_receipt_is_copied(language: str, data: some.DataObject) -> None:
    receipt = data.draw(some.lists(some.sampled_from(words.words(language)), min_size=1, max_size=10))
    expected = words.normalise(" ".join(receipt))
    between = some.sampled_from([" ", "  ", "\n", ", ", "-", " - ", "\u00a0", "\u3000", "، ", "、", "\t", "\u2013"])
    number = some.sampled_from(["", "{}. ", "{}) ", "{}: ", "{}-", "({}) ", "{}.", "{}º "])
    shape = some.sampled_from(SHAPES)
    copied = ""
    for place, word in enumerate(receipt, 1):
        copied += data.draw(number).format(place) + data.draw(shape)(word) + data.draw(between)
    assert words.normalise(copied) == expected


@pytest.mark.parametrize(
    ("paper", "same"),
    [
        ("Éléphant ABEILLE garçon", "elephant abeille garcon"),
        ("niño, Azúcar", "NINO AZUCAR"),
        ("ёлка йогурт", "ЕЛКА ИОГУРТ"),
        ("ışık İSTANBUL çiçek", "isik istanbul cicek"),
        ("ＡＢＯＵＴ　ｗｏｒｄ", "about word"),
        ("about\u00adness wo\u200brd", "aboutness word"),
        ("أرنب إبريق آلة", "ارنب ابريق اله"),
        ("كِتَـــابٌ مَدرَسَةٌ", "كتاب مدرسه"),
        ("مستشفى قهوة", "مستشفي قهوه"),
        ("کتاب یاس", "كتاب ياس"),
        ("ﻛﺘﺎﺏ", "كتاب"),
        ("دافئ", "دافيء"),
        ("國時來這", "国 时 来 这"),
        ("的 一、是", "的一是"),
        ("1st word 2nd other 3-й ёж", "word other ёж"),
        ("١. كتاب ٢) قلم", "كتاب قلم"),
        ("۱- کتاب ۲- قلم", "کتاب قلم"),
        ("１．about ②word", "about word"),
        ("a) about b) word", "about word"),
        ("N° 1 about, № 2 word", "about word"),
    ],
)
def test_it_forgives(paper: str, same: str) -> None:
    assert words.normalise(paper) == words.normalise(same) != b""


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("Éléphant, abeille", b"elephant abeille"),
        ("ışık", b"isik"),
        ("йод ёж", "иод еж".encode()),
        ("گربهٔ مدرسة", "گربه مدرسه".encode()),
        ("أُرنبٌ ، سماء", "ارنب سما".encode()),
        ("國語", "国 语".encode()),
        ("Straße", b"strasse"),
    ],
)
def test_the_canonical_form_never_changes(text: str, canonical: bytes) -> None:
    # Receipts and vaults made before a change would no longer open.
    assert words.normalise(text) == canonical


def test_words_and_their_order_matter() -> None:
    assert words.normalise("about word") != words.normalise("word about")
    assert words.normalise("car pet") != words.normalise("carpet")
    assert words.normalise("about word") != words.normalise("about")


@pytest.mark.parametrize("text", ["", " ", "1. 2. 3.", "\u200b\u200f", "…", "\ud800", "ـــ"])
def test_what_has_no_letters_is_empty(text: str) -> None:
    assert words.normalise(text) == b""


@given(some.text(max_size=60))
def test_it_takes_any_text_and_settles_at_once(text: str) -> None:
    once = words.normalise(text)
    assert words.normalise(once.decode()) == once


def test_a_language_without_a_list_is_refused() -> None:
    with pytest.raises(KeyError):
        words.make_receipt("xx")
