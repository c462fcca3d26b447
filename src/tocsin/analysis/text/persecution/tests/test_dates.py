"""Dates are found in the languages of CLDR, and resolved on the day of publication."""

from datetime import date

import pytest

from tocsin.analysis.text.folding import Folded
from tocsin.analysis.text.persecution.dates import dates

PUBLISHED = date(2021, 7, 14)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "arrested on May 5, 2020", (2020, 5, 5)),
        ("en", "arrested on 12 June", (2021, 6, 12)),
        ("en", "arrested on September 3rd", (2020, 9, 3)),
        ("en", "arrested on Sept. 3, 2020", (2020, 9, 3)),
        ("en", "held Jan. 14-17, 2018, in", (2018, 1, 14)),
        ("en", "arrested 3 days ago", (2021, 7, 11)),
        ("en", "arrested on Monday", (2021, 7, 12)),
        ("en", "arrested last month", (2021, 6, 0)),
        ("en", "on 2021-07-02 he", (2021, 7, 2)),
        ("en", "on 25/06/2021 he", (2021, 6, 25)),
        ("en", "on 05/06/2021 he", (2021, 0, 0)),
        ("es", "detenido el 5 de mayo de 2020", (2020, 5, 5)),
        ("es", "detenido hace 3 días", (2021, 7, 11)),
        ("fr", "arrêté le 1er mai 2020", (2020, 5, 1)),
        ("ru", "задержан 5 марта 2020 года", (2020, 3, 5)),
        ("uk", "затриманий у понеділок", (2021, 7, 12)),
        ("ar", "اعتقل في ٣ يناير ٢٠١٩ في", (2019, 1, 3)),
        ("ar", "اعتقل في 5 أيار 2020 في", (2020, 5, 5)),
        ("fa", "بازداشت در ۵ مه ۲۰۲۰ در", (2020, 5, 5)),
        ("tr", "gözaltı 5 Mayıs 2020 tarihinde", (2020, 5, 5)),
        ("hi", "5 मई 2020 को", (2020, 5, 5)),
        ("zh", "他于2021年3月5日被捕", (2021, 3, 5)),
        ("ko", "2021년 3월 5일 체포", (2021, 3, 5)),
        ("th", "จับกุมเมื่อวันที่ 5 พฤษภาคม 2564", (2021, 5, 5)),
        ("vi", "ngày 5 tháng 5 năm 2020", (2020, 5, 5)),
        ("id", "pada 5 Mei 2020", (2020, 5, 5)),
    ],
)
def test_a_date_is_read(language: str, text: str, expected: tuple[int, int, int]) -> None:
    found = dates(Folded(text), language, PUBLISHED)
    assert [(one.year, one.month, one.day) for one in found] == [expected]


def test_a_word_that_is_also_a_month_needs_a_capital() -> None:
    assert dates(Folded("they may march on"), "en", PUBLISHED) == []


def test_days_that_no_month_has_are_no_dates() -> None:
    assert all(one.day <= 31 for one in dates(Folded("on 45 May 2020 and 99/99/2020 in"), "en", PUBLISHED))
