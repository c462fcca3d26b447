"""Which fonts draw which scripts."""

import pytest

from tocsin.reports.forms.fonts import chosen

SCRIPTS = {
    "Arabic": "حقوق الإنسان",
    "Armenian": "Մարդու իրավունքներ",
    "Bengali": "মানবাধিকার",
    "Burmese": "လူ့အခွင့်အရေး",
    "Chinese": "人权",
    "Cyrillic": "Права человека",
    "Devanagari": "मानवाधिकार",
    "Ethiopic": "ሰብዓዊ መብቶች",
    "Georgian": "ადამიანის უფლებები",
    "Greek": "Ανθρώπινα δικαιώματα",
    "Gujarati": "માનવ અધિકાર",
    "Gurmukhi": "ਮਨੁੱਖੀ ਹੱਕ",
    "Hebrew": "זכויות האדם",
    "Japanese": "人権の擁護",
    "Kannada": "ಮಾನವ ಹಕ್ಕುಗಳು",
    "Khmer": "សិទ្ធិមនុស្ស",
    "Korean": "인권",
    "Lao": "ສິດທິມະນຸດ",
    "Latin": "Quyền con người, İnsan hakları, Ẹ̀tọ́",
    "Malayalam": "മനുഷ്യാവകാശങ്ങൾ",
    "Odia": "ମାନବାଧିକାର",
    "Persian": "حقوق بشر گچپژ ۱۲۳",
    "Pashto": "بشري حقونه ټډړږ",
    "Sinhala": "මානව හිමිකම්",
    "Tamil": "மனித உரிமைகள்",
    "Telugu": "మానవ హక్కులు",
    "Thai": "สิทธิมนุษยชน",
    "Uyghur": "كىشىلىك ھوقۇق",
    "Urdu": "انسانی حقوق ٹڈڑے",
}


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_script_can_be_drawn(script: str) -> None:
    assert chosen("en", SCRIPTS[script].replace(" ", ""))


@pytest.mark.parametrize(
    ("language", "family"),
    [
        ("en", "Noto Sans"),
        ("ar", "Noto Sans Arabic"),
        ("fa-IR", "Noto Sans Arabic"),
        ("zh-hans", "Noto Sans CJK SC"),
        ("zh-Hant", "Noto Sans CJK TC"),
        ("zh-hk", "Noto Sans CJK HK"),
        ("ja", "Noto Sans CJK JP"),
        ("ko", "Noto Sans CJK KR"),
    ],
)
def test_the_font_of_the_language_comes_first(language: str, family: str) -> None:
    assert chosen(language, "a人ا")[0] == family
