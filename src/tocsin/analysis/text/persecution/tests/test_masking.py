"""Names of people who were harmed are found wherever they stand; names of office, places and organisations are left."""

import pytest

from tocsin.analysis.text import Text
from tocsin.analysis.text.persecution import Span
from tocsin.analysis.text.persecution.masking import MASK, masked, names_at, names_in

# All names are made up.
STORY = (
    "Wikipedia editor Tarvo Melkin arrested",
    "Police detained Tarvo Melkin, 34, a Wikipedia editor, on Monday. Melkin's wife said that M\u200belkin was beaten. "
    "President Oskar Brandt denied it. Judge Nora Quill had him taken to Northville prison. Human Rights Watch asked "
    "for his release from the prison in Kampala.",
)


def _both(title: str, body: str) -> tuple[str, str]:
    names = names_in(Text(title, body))
    return names.masked(title), names.masked(body)


def test_it_masks_a_name_in_full_by_surname_in_the_genitive_and_with_invisible_letters() -> None:
    title, body = _both(*STORY)
    assert title == f"Wikipedia editor {MASK} arrested"
    assert "elkin" not in body
    assert "Tarvo" not in body


def test_it_leaves_who_holds_office_and_places_and_organisations() -> None:
    _title, body = _both(*STORY)
    for left in ("Oskar Brandt", "Nora Quill", "Kampala", "Human Rights Watch", "Police", "Monday"):
        assert left in body


def test_it_masks_nothing_where_nobody_is_harmed() -> None:
    body = "Tarvo Melkin, a Wikipedia editor, opened the new library in Kampala. Tarvo Melkin read a poem."
    assert not names_in(Text("A library opens", body))


@pytest.mark.parametrize(
    ("title", "body", "parts"),
    [
        ("JOURNALIST GULNARA PESHKOVA KILLED IN NORTHVILLE", "", ("GULNARA", "PESHKOVA")),
        ("Journalist Gulnara Peshkova Arrested After Protest", "", ("Gulnara", "Peshkova")),
        ("journalist gulnara peshkova arrested in baku", "", ("gulnara", "peshkova")),
        ("", "Tarvo\u200d Melkin was arrested. The activist M\u0435lkin was tortured.", ("Melkin", "M\u0435lkin")),
        ("Acht Jahre Haft", "Die Polizei hat die Bloggerin Odile Marchegg verhaftet. Marcheggs Anwalt klagt.",
         ("Odile", "Marchegg")),
        ("Detienen a periodista", "La policía detuvo a Ximena Olarte-Puig. Olarte-Puig fue golpeada.",
         ("Ximena", "Olarte", "Puig")),
        ("Gazeteci tutuklandı", "Polis gazeteci Derviş Kolukısa'yı gözaltına aldı. Kolukısa'nın avukatı konuştu.",
         ("Derviş", "Kolukısa")),
        ("Журналистку Зарину Полькину арестовали",
         "Полиция задержала журналистку Зарину Полькину. Адвокат Полькиной заявил о пытках. Зарина Полькина молчит.",
         ("Зарин", "Полькин")),
        ("اعتقال الصحفي راشد المنكوري",
         "اعتقلت قوات الأمن الصحفي راشد المنكوري أمس. وقال محامي المنكوري إنه تعرض للتعذيب. وطالبوا بالإفراج عن راشد.",
         ("راشد", "المنكوري")),
        ("记者郑铭远被捕", "警方周一逮捕了记者郑铭远。郑铭远的家人说他遭到酷刑。", ("郑铭远",)),
        ("ジャーナリストの佐竹信也さん逮捕", "警察は佐竹信也さんを逮捕した。拷問を受けた。", ("佐竹信也",)),
        ("홍보람 기자 체포", "경찰은 홍보람 기자를 체포했다. 홍보람 씨는 고문을 당했다고 말했다.", ("홍보람",)),
        ("पत्रकार विनोद सरकेला गिरफ्तार", "पुलिस ने पत्रकार विनोद सरकेला को गिरफ्तार किया।", ("विनोद", "सरकेला")),
    ],
)  # fmt: skip
def test_it_masks_names_in_headlines_other_languages_and_scripts(title: str, body: str, parts: tuple[str, ...]) -> None:
    shown = " ".join(_both(title, body))
    assert MASK in shown
    for part in parts:
        assert part not in shown


def test_a_list_of_names_is_masked_to_its_end() -> None:
    _title, body = _both(
        "Five men held", "Soldiers detained Hamo Salvik, Idrek, Bilon, Mohav and Taro Venik in a raid."
    )
    for name in ("Hamo", "Salvik", "Idrek", "Bilon", "Mohav", "Venik"):
        assert name not in body


def test_a_president_who_was_killed_is_masked() -> None:
    _title, body = _both("A coup", "Soldiers stormed the palace. President Oskar Brandt was killed on Monday.")
    assert "Brandt" not in body


def test_kept_spans_give_the_names_back() -> None:
    source = "\n".join(STORY)
    spans = names_in(Text(*STORY)).spans(source)
    assert names_at(source, spans).masked("A vigil for Tarvo Melkin and for Melkin’s wife") == (
        f"A vigil for {MASK} and for {MASK} wife"
    )


@pytest.mark.parametrize("strange", ["", "\ud800", "\u202e" * 50, "Aaaa " * 20_000, "a" * 50_000, "'" * 20, "A." * 999])
def test_it_takes_anything(strange: str) -> None:
    names = names_in(Text(strange, f"{strange} Police arrested Tarvo Melkin.", "en"))
    assert "Melkin" not in names.masked("Tarvo Melkin was here")


def test_spans_that_do_not_fit_are_cut() -> None:
    assert masked("abc", [Span(-4, 1), Span(2, 90)]) == f"{MASK}b{MASK}"
