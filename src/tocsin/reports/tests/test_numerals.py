"""A translation says the numbers of its original, each as often, however its language writes them."""

import pytest

from tocsin.reports.numerals import differing


@pytest.mark.parametrize(
    ("original", "version"),
    [
        ("Traffic fell by 1.5 percent.", "El tráfico cayó un 15 por ciento."),
        ("Traffic fell by 15 percent.", "El tráfico cayó un 1,5 por ciento."),
        ("5 were arrested and 5 were freed.", "5 fueron detenidos y muchos liberados."),
        ("On 1.12 editors", "El 11.2 editores"),
        ("1.5 percent", "1,500 por ciento"),
        ("7 Oct 2026", "8.10.2026"),
        ("5 editors", "5 editores, 4711"),
    ],
)
def test_another_number_is_told(original: str, version: str) -> None:
    lost, more = differing(original, version)
    assert lost or more


@pytest.mark.parametrize(
    ("original", "version"),
    [
        ("1.5 percent", "1,5 por ciento"),
        ("0.5", "٠٫٥"),
        ("1,500 people", "١٬٥٠٠"),
        ("1,500 people", "1.500 personas"),
        ("1,234,567.8", "1\u00a0234\u00a0567,8"),
        ("1234567", "12,34,567"),
        ("7 Oct 2026", "7.10.2026"),
        ("7 Oct 2026", "2026年10月7日"),
        ("7 Oct 2026", "٧ أكتوبر ٢٠٢٦"),
        ("At 14:30", "klo 14.30"),
    ],
)
def test_the_same_number_written_differently_is_the_same(original: str, version: str) -> None:
    assert differing(original, version) == ([], [])


def test_what_is_lost_and_what_is_added_is_named_as_it_is_written() -> None:
    assert differing("5 and 5", "٥ و٤٧١١") == (["5"], ["٤٧١١"])
