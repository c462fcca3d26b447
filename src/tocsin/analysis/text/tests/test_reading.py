"""What a reader of any language would say that these texts tell."""

import pytest

from tocsin.analysis import taxonomy
from tocsin.analysis.text import Text, languages_read, read
from tocsin.analysis.text.tests.told_more import MORE

TOLD = [
    (
        "en",
        "TR",
        "site-ban",
        True,
        "Turkey blocks access to Wikipedia",
        "Turkish authorities blocked the encyclopedia.",
    ),
    (
        "en",
        "BY",
        "arrest",
        True,
        "Police arrest Wikipedia editor in Belarus",
        "A volunteer was detained in Minsk on Monday.",
    ),
    ("zh", "PK", "site-ban", True, "巴基斯坦封锁维基百科", "巴基斯坦电信管理局周五表示，已封锁维基百科网站。"),
    ("ja", "IR", "site-ban", True, "イラン、ウィキペディアへのアクセス遮断", "イラン政府は接続遮断を命じた。"),
    ("ko", "IR", "site-ban", True, "이란, 위키백과 접속 차단", "이란 정부가 위키백과 접속을 차단했다."),
    (
        "ru",
        "BY",
        "arrest",
        True,
        "В Минске задержали редактора Википедии",
        "Силовики задержали его, сообщили правозащитники.",
    ),
    ("uk", "UA", "arrest", False, "В Україні затримали журналіста", "Поліція затримала журналіста у Києві."),
    (
        "be",
        "BY",
        "arrest",
        True,
        "У Мінску затрымалі вікіпедыста",
        "Сілавікі затрымалі ўдзельніка Вікіпедыі ў Беларусі.",
    ),
    (
        "ar",
        "SA",
        "arrest",
        True,
        "اعتقال محرر ويكيبيديا في السعودية",
        "قالت منظمة حقوقية إن السلطات السعودية اعتقلت محررا.",
    ),
    ("fa", "IR", "site-ban", True, "ویکی‌پدیا در ایران فیلتر شد", "وزارت ارتباطات ایران ویکی‌پدیا را فیلتر کرد."),
    ("ur", "PK", "site-ban", True, "پاکستان میں ویکیپیڈیا بلاک", "پی ٹی اے نے ویکیپیڈیا کو بلاک کر دیا۔"),
    ("he", "IR", "site-ban", True, "איראן חסמה את ויקיפדיה", "איראן חסמה את הגישה לוויקיפדיה."),
    (
        "hi",
        "PK",
        "site-ban",
        True,
        "पाकिस्तान में विकिपीडिया ब्लॉक",
        "पाकिस्तान के दूरसंचार प्राधिकरण ने विकिपीडिया को ब्लॉक कर दिया।",
    ),
    ("bn", "BD", "shutdown", False, "বাংলাদেশে ইন্টারনেট বন্ধ", "সরকার মোবাইল ইন্টারনেট বন্ধ করেছে বলে জানিয়েছে।"),
    ("th", "TH", "site-ban", True, "ไทยบล็อกเว็บไซต์วิกิพีเดีย", "รัฐบาลสั่งปิดกั้นวิกิพีเดียในประเทศไทย"),
    ("my", "MM", "shutdown", False, "မြန်မာ စစ်ကောင်စီက အင်တာနက်ဖြတ်တောက်", "ရန်ကုန်တွင် အင်တာနက်ပိတ်ထားသည်။"),
    ("am", "ET", "shutdown", False, "በኢትዮጵያ ኢንተርኔት ተቋረጠ", "በትግራይ ክልል ኢንተርኔት ተቋርጧል።"),
    (
        "sw",
        "TZ",
        "shutdown",
        False,
        "Tanzania yazima mtandao",
        "Serikali ya Tanzania imezima intaneti kabla ya uchaguzi mkuu wa rais.",
    ),
    (
        "es",
        "VE",
        "site-ban",
        True,
        "Venezuela bloquea el acceso a Wikipedia",
        "El gobierno venezolano bloqueó la enciclopedia.",
    ),
    ("fr", "GA", "shutdown", False, "Coupure d'internet au Gabon", "Les autorités ont coupé internet à Libreville."),
    (
        "pt",
        "MZ",
        "arrest",
        False,
        "Jornalista detido em Moçambique",
        "A polícia deteve um jornalista em Maputo, dizem ativistas.",
    ),
    (
        "de",
        "BY",
        "arrest",
        True,
        "Belarus: Wikipedia-Autor verhaftet",
        "In Minsk wurde ein Wikipedia-Autor festgenommen.",
    ),
    (
        "tr",
        "TR",
        "site-ban",
        True,
        "Vikipedi'ye erişim engellendi",
        "Türkiye'de Vikipedi'ye erişim BTK tarafından engellendi.",
    ),
    (
        "id",
        "ID",
        "site-ban",
        True,
        "Indonesia memblokir Wikipedia",
        "Kementerian memblokir situs Wikipedia pada hari Senin.",
    ),
    ("vi", "VN", "arrest", False, "Việt Nam bắt giữ nhà báo", "Công an Việt Nam bắt giữ một nhà báo tại Hà Nội."),
    *MORE,
]


@pytest.mark.parametrize(("language", "country", "harm", "ours", "title", "body"), TOLD, ids=[t[0] for t in TOLD])
def test_it_says_language_country_harm_and_our_link(
    language: str, country: str, harm: str, ours: bool, title: str, body: str
) -> None:
    reading = read(Text(title, body))
    assert (reading.language, reading.country, reading.harm, reading.our_link) == (language, country, harm, ours)


def test_every_language_that_is_read_has_a_text_here() -> None:
    assert languages_read() == {told[0] for told in TOLD}


def test_keys_come_from_the_taxonomy() -> None:
    for *_, title, body in TOLD:
        reading = read(Text(title, body))
        assert all(taxonomy.harm(key) for key, _ in reading.harms)
        assert taxonomy.actor(reading.actor)
        assert taxonomy.target(reading.target)


def test_it_says_who_acts_and_on_whom() -> None:
    reading = read(Text("Journalist arrested in Chad", "Police in N'Djamena arrested a journalist on Sunday."))
    assert (reading.actor, reading.target, reading.country) == ("police", "journalist", "TD")


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("Local council opens library", "The mayor cut the ribbon on Monday. Children sang."),
        ("Star striker banned from the match", "The coach said the player was banned for three league matches."),
        ("Actor arrested in new film", "The movie opens with the actress jailed; the director praised the cast."),
        ("Wikipedia was not blocked in Kenya", "Officials denied that the site was blocked."),
        ("Wikipedia is back online in Turkey", "Access was restored on Wednesday."),
    ],
)
def test_no_harm_is_an_answer(title: str, body: str) -> None:
    assert read(Text(title, body)).harm == ""


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("A rare bird", "Photo: Wikimedia Commons / CC BY-SA. The bird sings in the morning."),
        ("The history of tea", "According to Wikipedia, tea has been drunk for a long time."),
        ("Minister resigns", "She gave no reasons for this step."),
    ],
)
def test_a_credit_or_a_citation_is_no_link_to_us(title: str, body: str) -> None:
    assert not read(Text(title, body)).our_link


def test_an_address_of_ours_is_a_link_to_us() -> None:
    reading = read(Text("Sites unreachable", "Operators blocked ar.wikipedia.org and two news sites, users say."))
    assert reading.our_link
    assert reading.harm == "site-ban"


def test_a_language_without_word_list_is_not_called_harmless() -> None:
    reading = read(Text("Dziennikarz aresztowany w Polsce", "Policja zatrzymała dziennikarza w Warszawie we wtorek."))
    assert reading.language == "pl"
    assert reading.harm == ""
    assert "pl" not in languages_read()


def test_the_hint_decides_only_where_the_text_says_too_little() -> None:
    assert read(Text("OK", "", language="tr")).language == "tr"
    assert (
        read(Text("The government shut down", "all newspapers in the capital today.", language="tr")).language == "en"
    )


def test_the_summary_keeps_whole_sentences_without_tags_and_marks() -> None:
    first = "The first sentence tells what happened in the city on Monday evening."
    body = f"<p>{first}</p> A second\u202e one follows. " + "Word " * 100
    assert read(Text("Title", body)).summary == f"{first} A second one follows."
    assert len(read(Text("Title", "word " * 200)).summary) <= 280
    assert read(Text("Only a title", "")).summary == "Only a title"
