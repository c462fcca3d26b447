"""One quarter of invented events as documents: in English, Arabic, Persian and Chinese, long and short."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from tocsin.lib.charts import Chart, Mark, Strip, Window
from tocsin.lib.tlp import Tlp
from tocsin.reports.document import Bullets, Document, Figure, Heading, Paragraph, Sentence, Table, WorldMap
from tocsin.reports.facts import Fact, Nature, Source, Topic, Value

START = datetime(2026, 7, 1, tzinfo=UTC)
_SHORT = {
    "en": (
        "Quarterly report: people at risk in Sarvania and Ostrell",
        ("What changed", "What matters", "What we ask"),
        "Sarvania blocked two wikis on 14 August; readers and editors came back within nine days.",
        "One contributor is held in Ostrell; a lawyer has visited twice.",
        "We expect further pressure before the vote in November (0.62, likely).",
        "Fund three more months of legal help.",
        ("Situation", "Where", "Probability"),
    ),
    "ar": (
        "التقرير الفصلي: أشخاص معرضون للخطر في سارفانيا وأوستريل",
        ("ما الذي تغيّر", "ما الذي يهمّ", "ما نطلبه"),
        "حجبت سارفانيا موقعين (two wikis) في 14 أغسطس، وعاد القرّاء والمحرّرون خلال تسعة أيام.",
        "لا يزال أحد المساهمين محتجزًا في أوستريل، وقد زاره محامٍ مرتين.",
        "نتوقع ضغطًا إضافيًا قبل تصويت نوفمبر (0.62).",
        "تمويل ثلاثة أشهر أخرى من المساعدة القانونية.",
        ("الحالة", "المكان", "الاحتمال"),
    ),
    "fa": (
        "گزارش فصلی: افراد در معرض خطر در سروانیا و اوسترل",
        ("چه چیزی تغییر کرد", "چه چیزی مهم است", "درخواست ما"),
        "سروانیا در ۱۴ اوت دو ویکی را مسدود کرد؛ خوانندگان طی نُه روز بازگشتند.",
        "یکی از مشارکت‌کنندگان در اوسترل بازداشت است و وکیل دو بار او را دیده است.",
        "پیش از رأی‌گیری نوامبر فشار بیشتری پیش‌بینی می‌کنیم (۰٫۶۲).",
        "تأمین هزینهٔ سه ماه دیگر کمک حقوقی.",
        ("وضعیت", "کجا", "احتمال"),
    ),
    "zh-hans": (
        "季度报告：萨尔瓦尼亚与奥斯特雷尔的高危人士",
        ("有何变化", "要点", "我们的请求"),
        "8月14日，萨尔瓦尼亚封锁了两个维基；读者与编辑在九天内恢复访问。",
        "一名贡献者在奥斯特雷尔被拘押，律师已探视两次。",
        "我们预计11月投票前压力会继续增加（0.62，“很可能”）。",
        "再资助三个月的法律援助。",
        ("情况", "地点", "概率"),
    ),
}


def facts() -> dict[str, Fact]:
    """Facts with every nature, one without any page behind it."""
    block = Source("situation", "k3v9ab", "Blocking of two wikis in Sarvania", "/situations/k3v9ab/", _day(44))
    held = Source("situation", "h71qpd", "Arrest in Ostrell", "/situations/h71qpd/", _day(61))
    views = Source("finding", "f-2204", "Page views back at their baseline", "/signals/f-2204/", _day(53))
    clock = Source("alert", "7F3K", "Alert 7F3K", "/alerts/7F3K/", _day(44) + timedelta(hours=3, minutes=12))
    made = [
        Fact(
            "block", Topic.CHANGE, Nature.MEASURED, "Blocked.", (block, views), _day(53), value=Value(9, "days", 8, 10)
        ),
        Fact("held", Topic.SITUATION, Nature.REPORTED, "Held.", (held,), _day(90), confidence="moderate"),
        Fact(
            "vote", Topic.FORECAST, Nature.ASSESSED, "Pressure.", (held,), _day(88), author="Alice", value=Value(0.62)
        ),
        Fact(
            "clock", Topic.MEASURE, Nature.RECORDED, "Answered.", (clock,), _day(91), value=Value(4.5, "min", 3, 7, 6)
        ),
        Fact(
            "people", Topic.PEOPLE, Nature.COUNTED, "People helped.", (replace(clock, url=""),), _day(91), tlp=Tlp.GREEN
        ),
        Fact(
            "ask",
            Topic.ASK,
            Nature.ASSESSED,
            "Fund it.",
            (replace(held, url="https://a.example/"),),
            _day(91),
            author="Bob",
        ),
    ]
    return {one.key: one for one in made}


def _day(number: int) -> datetime:
    return START + timedelta(days=number)


def chart(name: str = "views", title: str = "Page views from Sarvania", rtl: bool = False) -> Chart:
    """Three months of days with a block, a gap, days that can't be used, and a zero."""
    marks = []
    for day in range(92):
        if 20 <= day < 26:
            continue
        level = 210_000 + 9_000 * (day % 7) - (190_000 if 44 <= day < 53 else 0)
        value = None if 70 <= day < 72 else 0 if day == 47 else level
        note = "too few probes" if value is None else ""
        marks.append(Mark(_day(day), value, value and value * 0.94, value and value * 1.06, note))
    block = Window(_day(44), _day(53), "blocked")
    strip = Strip(title, timedelta(days=1), marks, windows=[block])
    return Chart(name, title, "Each day from July to September 2026.", START, _day(92), [strip], rtl=rtl)


def _said(text: str, facts: tuple[str, ...], opinion_of: str = "") -> Sentence:
    """A sentence that a person worded, in the language of the document."""
    return Sentence(text, facts, opinion_of, by_hand=True)


def document(language: str = "en", audience: str = "vice-president", **more: object) -> Document:
    """A whole quarter: every kind of block."""
    title, heads, first, second, third, fourth, columns = _SHORT[language]
    rtl = language in {"ar", "fa"}
    levels = {"XS": 0.93, "XO": 0.61, "TR": 0.3, "KE": 0.12, "DE": 0.0, "BR": 0.05, "IN": 0.4, "MX": 0.2}
    blocks = (
        Heading(heads[0]),
        Paragraph((_said(first, ("block",)), _said(second, ("held", "clock")))),
        Figure(chart(title=columns[0], rtl=rtl), ("block",)),
        Heading(heads[1]),
        Bullets((Paragraph((_said(second, ("held",)),)), Paragraph((_said(third, ("vote",), "Alice"),)))),
        Heading(columns[1], 2),
        WorldMap(columns[2], "", levels, frozenset({"ER", "TM"}), ("held",)),
        Table(columns[0], columns, _rows(), ("block", "held"), frozenset({2}), ""),
        Heading(heads[2]),
        Paragraph((_said(fourth, ("ask",), "Bob"),)),
    )
    made = Document(
        title=title,
        audience=audience,
        language=language,
        rtl=rtl,
        tlp=Tlp.AMBER_STRICT,
        since=date(2026, 7, 1),
        until=date(2026, 9, 30),
        made_at=datetime(2026, 10, 2, 8, 30, tzinfo=UTC),
        issue="2026-3",
        blocks=blocks,
        facts=facts(),
    )
    return replace(made, **more)  # type: ignore[arg-type]  # fields of a document


def _rows() -> tuple[tuple[str, ...], ...]:
    return (("Blocking of two wikis", "Sarvania", "93 %"), ("Arrest", "Ostrell", "61 %"), ("Draft law", "Ostrell", ""))


def executive(language: str = "en", points: int = 3) -> Document:
    """A page for executives: what changed, what matters, what we ask."""
    _title, heads, first, second, third, fourth, _columns = _SHORT[language]
    many = [Paragraph((_said(one, (key,)),)) for one, key in ((first, "block"), (second, "held"), (third, "vote"))]
    blocks = (
        Heading(heads[0]),
        Bullets(tuple((many * points)[:points])),
        Figure(chart(title=_columns[0], rtl=language in {"ar", "fa"}), ("block",)),
        Heading(heads[1]),
        Bullets(tuple((many[::-1] * points)[:points])),
        Paragraph((_said(third, ("vote",), "Alice"),)),
        Heading(heads[2]),
        Bullets((Paragraph((_said(fourth, ("ask",)),)),)),
    )
    return document(language, "executive", blocks=blocks)


def quarter(charts: int = 40) -> Document:
    """A quarter's report with many charts."""
    blocks: list[object] = []
    for number in range(charts):
        blocks += [Heading(f"Country {number + 1}"), *_about(number), Figure(chart(f"c{number}"), ("block",))]
    return document(blocks=tuple(blocks))


def _about(number: int) -> Sequence[Paragraph]:
    words = f"In country {number + 1} views fell by 90 % on 14 August and came back within nine days."
    return (Paragraph((_said(words, ("block",)), Sentence("A lawyer has visited twice.", ("held",)))),)
