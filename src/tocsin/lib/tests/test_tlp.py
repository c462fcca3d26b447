"""Words of likelihood beside the numbers that people read."""

import pytest
from django.template.defaultfilters import floatformat

from tocsin.lib.tlp import LIKELIHOOD, likelihood, printed


@pytest.mark.parametrize("limit", [limit for limit, _word in LIKELIHOOD[:-1]])
def test_numbers_that_print_alike_have_the_same_word(limit: float) -> None:
    near = [limit, limit - 1e-12, limit - 0.004, limit - 0.005, limit + 0.004]
    assert {floatformat(one, 2) for one in near} == {f"{limit:.2f}"}
    assert len({likelihood(one) for one in near}) == 1
    assert likelihood(limit - 0.006) != likelihood(limit)


def test_what_is_printed_is_what_a_page_prints() -> None:
    shares = [number / 1000 for number in range(1001)]
    assert [f"{printed(one):.2f}" for one in shares] == [floatformat(one, 2) for one in shares]
