"""Code names: calm words from a list that was read word by word."""

from uuid import uuid4

from tocsin.cases.names import WORDS, code_name

# What such a list must never hold: illness, weapon, death, prison, a faith, a nation, what people call each other.
_LIST = """
cancer fever plague virus wound gun rifle sword bomb bullet spear grave coffin death funeral ghost jail prison cage
chain cell arrest hostage victim orphan church mosque bishop saint angel devil turkey china india polish french german
pig dog cow monkey rat snake donkey sheep goat ape worm wolf fat fool idiot enemy danger pain cry war army soldier
police knife blood
"""
UNLUCKY = _LIST.split()


def test_no_word_is_unlucky_and_each_is_there_once() -> None:
    assert not set(UNLUCKY) & set(WORDS)
    assert len(set(WORDS)) == len(WORDS) > 400
    assert all(one.isascii() and one.isalpha() and one.islower() and len(one) < 13 for one in WORDS)


def test_a_case_has_the_same_two_different_words_each_time() -> None:
    cases = [uuid4() for _ in range(500)]
    named = [code_name(one) for one in cases]
    assert named == [code_name(one) for one in cases]
    for one in named:
        first, second = one.split()
        assert first != second
        assert {first, second} <= set(WORDS)
