"""The one taxonomy is whole, and speaks to partners."""

import pytest

from tocsin.analysis import taxonomy
from tocsin.analysis.text.lexicon import word_lists


def test_keys_are_unique_and_found() -> None:
    for listed, found in (
        (taxonomy.HARMS, taxonomy.harm),
        (taxonomy.ACTORS, taxonomy.actor),
        (taxonomy.TARGETS, taxonomy.target),
        (taxonomy.RESPONSES, taxonomy.response),
    ):
        assert len({kind.key for kind in listed}) == len(listed)
        assert all(found(kind.key) is kind for kind in listed)
        assert all(kind.title and kind.description.endswith(".") for kind in listed)


def test_danger_lies_between_none_and_certain() -> None:
    assert all(0 <= harm.endangers <= 1 for harm in taxonomy.HARMS)
    assert taxonomy.harm("killing").endangers > taxonomy.harm("arrest").endangers > taxonomy.harm("law").endangers


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(KeyError):
        taxonomy.harm("weather")


@pytest.mark.parametrize(
    ("vocabulary", "term", "key"),
    [
        ("cameo", "173", "arrest"),
        ("cameo", "1731", "arrest"),
        ("cameo", "1823", "killing"),
        ("cameo", "1822", "violence"),
        ("disarm", "T0048.004", "threat"),
        ("huridocs", "Enforced disappearance", "disappearance"),
        ("misp", "rsit:intrusions", "surveillance"),
    ],
)
def test_outside_terms_lead_to_ours(vocabulary: str, term: str, key: str) -> None:
    assert key in {harm.key for harm in taxonomy.harms_from(vocabulary, term)}


def test_terms_that_nobody_listed_lead_nowhere() -> None:
    assert taxonomy.harms_from("cameo", "01") == ()
    assert taxonomy.harms_from("tarot", "the tower") == ()


def test_the_word_lists_speak_of_the_taxonomy_only() -> None:
    for language, lists in word_lists():
        assert lists["language"] == language
        assert set(lists["harm"]) <= {h.key for h in taxonomy.HARMS}
        assert set(lists["actor"]) <= {a.key for a in taxonomy.ACTORS}
        assert set(lists["target"]) <= {t.key for t in taxonomy.TARGETS}
        assert {"arrest", "killing", "shutdown", "site-ban", "threat", "violence"} <= set(lists["harm"]) | {"threat"}
