"""Our own people weigh most in every language; when it happens and how many are meant is told from the words beside."""

import pytest

from tocsin.analysis.text import Text, read
from tocsin.analysis.text.lexicon import word_lists

LISTS = dict(word_lists())
NAMED = {
    "am": "ዊኪፔዲያ", "ar": "ويكيبيديا", "be": "Вікіпедыя", "bn": "উইকিপিডিয়া", "fa": "ویکی‌پدیا", "he": "ויקיפדיה",
    "hi": "विकिपीडिया", "ja": "ウィキペディア", "ko": "위키백과", "lo": "ວິກິພີເດຍ", "my": "ဝီကီပီးဒီးယား", "ps": "ويکيپېډيا",
    "ru": "Википедия", "th": "วิกิพีเดีย", "uk": "Вікіпедія", "ur": "ویکیپیڈیا", "zh": "维基百科", "kk": "Уикипедия",
    "tg": "Википедия", "tr": "Vikipedi", "az": "Vikipediya", "uz": "Vikipediya", "ti": "ዊኪፔዲያ", "ckb": "ویکیپیدیا",
}  # fmt: skip


def arrests(text: str, language: str) -> float:
    return dict(read(Text(text, "", language)).harms).get("arrest", 0.0)


@pytest.mark.parametrize("language", sorted(LISTS))
def test_the_same_harm_to_our_own_weighs_more_in_every_language(language: str) -> None:
    word = LISTS[language]["harm"]["arrest"]["2"][0].replace("*", "")
    name = NAMED.get(language, "Wikipedia")
    reading = read(Text(f"{name}: {word}", "", language))
    assert reading.our_link
    assert arrests(f"{name}: {word}", language) > arrests(word, language) > 0


@pytest.mark.parametrize(
    ("title", "link"),
    [
        ("Wikimedia chapter raided by police", True),
        ("Photographer of Wiki Loves Monuments arrested", True),
        ("Wikimedian arrested in Minsk", True),
        ("Задержан википедист", True),
        ("维基人被捕", True),
        ("اعتقال الويكيبيديين", True),
        ("Photographer arrested at a rally", False),
        ("Photo: Wikimedia Commons. A man was arrested", False),
    ],
)
def test_who_is_of_ours_is_told_from_who_is_not(title: str, link: bool) -> None:
    assert read(Text(title, "")).our_link is link


@pytest.mark.parametrize(
    ("title", "body", "urgency"),
    [
        ("Police plan to arrest editors", "The minister vows to arrest editors next week.", "soon"),
        ("Anniversary of an arrest", "Journalists were arrested years ago; a ceremony was held.", "past"),
        ("Arrests are ongoing", "Journalists are being arrested right now.", "now"),
        ("Arrested journalist released", "The journalist who was arrested is free.", "over"),
        ("Journalist arrested", "Police arrested a journalist.", ""),
        ("Музей помнит", "Журналиста арестовали десятилетия назад, сообщила полиция в Москве.", "past"),
        ("Gobierno", "El gobierno amenaza con detener a periodistas la próxima semana.", "soon"),
    ],
)
def test_it_says_when(title: str, body: str, urgency: str) -> None:
    assert read(Text(title, body)).urgency == urgency


@pytest.mark.parametrize(
    ("language", "text", "harm"),
    [
        ("it", "La polizia ha arrestato due giornalisti, ora in custodia cautelare", "arrest"),
        ("it", "Minacce di morte contro un'attivista", "threat"),
        ("it", "Il governo ordina il blocco di internet prima delle elezioni", "shutdown"),
        ("nl", "De politie heeft twee journalisten gearresteerd", "arrest"),
        ("nl", "Activiste ontvoerd door gewapende mannen", "disappearance"),
        ("nl", "Advocaat kreeg doodsbedreigingen", "threat"),
    ],
)
def test_a_harm_is_told_in_the_words_of_its_language(language: str, text: str, harm: str) -> None:
    harms = dict(read(Text(text, "", language)).harms)
    assert max(harms, key=lambda key: harms[key]) == harm


@pytest.mark.parametrize(("language", "text"), [("it", "Rilasciato il giornalista"), ("nl", "Journalist vrijgelaten")])
def test_a_release_alone_is_no_arrest(language: str, text: str) -> None:
    assert "arrest" not in dict(read(Text(text, "", language)).harms)


@pytest.mark.parametrize(
    ("title", "people"),
    [
        ("12 journalists arrested", 12),
        ("Police arrest 40 peaceful protesters", 40),
        ("1,200 people killed", 1200),
        ("Journalist sentenced to 12 years in prison", 0),
        ("In 2019 journalists were arrested", 0),
        ("Задержали 15 журналистов", 15),
        ("Journalist arrested", 0),
    ],
)
def test_it_says_how_many(title: str, people: int) -> None:
    assert read(Text(title, "")).people == people
