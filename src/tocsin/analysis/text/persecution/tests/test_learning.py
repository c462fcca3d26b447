"""The weights can be learned anew from labelled texts, and then serve."""

from datetime import UTC, datetime

from tocsin.analysis.text import Text
from tocsin.analysis.text.persecution.learning import Example, Truth, learn, look
from tocsin.analysis.text.persecution.telling import tell
from tocsin.analysis.text.persecution.weights import parsed, written

_AT = datetime(2021, 5, 20, tzinfo=UTC)


def _examples() -> list[Example]:
    made = []
    for number in range(24):
        country, code = (("Egypt", "EG"), ("Kenya", "KE"))[number % 2]
        if number % 3:
            body = f"the police arrested a journalist in {country} on May 3, 2021 and held her in prison for reporting."
            truth = Truth(frozenset(("arbitrary detention",)), True, "state actor", code, year=2021, month=5, day=3)
        else:
            body = f"gunmen killed a farmer in {country} in April 2019 and left the body near a quiet village road."
            truth = Truth(frozenset(("killing",)), True, "other actors without permissions", code, year=2019, month=4)
        made.append(Example(Text(f"News from {country}", f"Yesterday {body} {body}", published=_AT), truth))
    return made


def test_weights_are_learned_written_and_used() -> None:
    weights = learn(look(_examples()), {"set": "made up", "texts": 24})
    again = parsed(written(weights))
    account = tell(Text("News", "Gunmen killed a teacher in Kenya in April 2019, in a village.", published=_AT), again)
    assert {one.value for one in account.violations} == {"killing"}
    assert account.country is not None
    assert account.country.value == "KE"


def test_no_word_of_a_text_enters_the_weights() -> None:
    rare = Example(Text("News", "the zyzzyva was arrested in a prison of zyzzyva", published=_AT), Truth())
    assert "zyzzyva" not in written(learn(look([*_examples(), *[rare] * 12]), {}))
