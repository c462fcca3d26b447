"""Names and what leads to people: found in every script before anything leaves."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.reports.masking import Found, Kind, found, masked


def kinds(text: str, *known: str) -> set[tuple[str, str]]:
    return {(one.kind.value, one.text) for one in found(text, known)}


@pytest.mark.parametrize(
    "text",
    [
        "See [[User:Example One]] for it.",
        "See [[:de:Benutzerin:Beispiel|her page]].",
        "Siehe [[Benutzer Diskussion:Beispiel]].",
        "Смотри [[Обсуждение участника:Пример]].",
        "[[Участница:Пример Второй|Пример]]",
        "راجع [[نقاش المستخدم:مثال]] من فضلك",
        "[[کاربر:نمونه]] نوشت",
        "[[بحث کاربر:نمونه]]",
        "[[משתמשת:דוגמה]]",
        "[[利用者‐会話:例]]を見る",
        "见[[用户讨论:例子]]",
        "[[使用者:例子]]",
        "[[사용자토론:보기]]",
        "[[Kullanıcı:Örnek]]",
        "[[Discussion utilisateur:Exemple]]",
        "[[Usuario discusión:Ejemplo]]",
        "[[सदस्य:उदाहरण]]",
        "[[ব্যবহারকারী:উদাহরণ]]",
        "[[ผู้ใช้:ตัวอย่าง]]",
        "[[Thành viên:Ví dụ]]",
        "[[አባል:ምሳሌ]]",
        "User talk:Example said so",
        "{{ping|Example}} said so",
        "Special:Contributions/192.0.2.7",
        "Служебная:Вклад/Пример",
        "https://de.wikipedia.org/wiki/Benutzer:Beispiel",
        "https://ru.wikipedia.org/wiki/%D0%A3%D1%87%D0%B0%D1%81%D1%82%D0%BD%D0%B8%D0%BA:%D0%9F",
        "https://en.wikipedia.org/w/index.php?title=User_talk:Example&action=history",
        "https://x.com/example",
        "t.me/example",
        "https://photos.example/users/example",
    ],
)
def test_a_page_of_a_user_is_found(text: str) -> None:
    finds = found(text)
    assert [one.kind for one in finds if one.sure] == [Kind.PAGE]
    left = masked(text, finds)
    assert not any(word in left for word in ("xample", "eispiel", "Пример", "مثال", "نمونه", "例", "Örnek", "ตัวอย่าง"))


@pytest.mark.parametrize(
    "text",
    ["wrote to @example_1", "@пример", "@مثال", "＠例子", "@उदाहरण", "u/example", "@someone@social.example"],
)
def test_a_handle_is_found(text: str) -> None:
    (one,) = found(text)
    assert (one.kind, one.sure) == (Kind.HANDLE, True)


@pytest.mark.parametrize("text", ["JohnExample42 edited", "the account some_body_else", "von maxMuster"])
def test_what_looks_like_an_account_is_found_for_a_person_to_decide(text: str) -> None:
    (one,) = found(text)
    assert (one.kind, one.sure) == (Kind.HANDLE, False)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Write to someone@example.org.", Kind.MAIL),
        ("someone [at] example [dot] org", Kind.MAIL),
        ("почта: кто-то@пример.рф", Kind.MAIL),
        ("Call +49 (0)30 1234567 tonight", Kind.PHONE),
        ("اتصل على ٠١٢٣٤٥٦٧٨٩", Kind.PHONE),
        ("phone 0044-20-7946-0958", Kind.PHONE),
        ("from 192.0.2.17", Kind.ADDRESS),
        ("range 192.0.2.0/24", Kind.ADDRESS),
        ("from 2001:db8::1", Kind.ADDRESS),
        ("2001:0db8:85a3:0000:0000:8a2e:0370:7334", Kind.ADDRESS),
    ],
)
def test_mail_numbers_and_network_addresses_are_found(text: str, kind: Kind) -> None:
    assert [one.kind for one in found(text) if one.sure] == [kind]


@pytest.mark.parametrize(
    ("known", "text"),
    [
        ("Alice Wonder", "It was ALICE  WONDER who said so."),
        ("Alice Wonder", "Wonder, Alice: statement"),
        ("Alice Wonder", "Alice’s statement"),
        ("José Ñandú", "jose nandu left"),
        ("Мария Иванова", "о деле Марии Ивановой"),
        ("محمد أحمد", "قال محمّد احمد"),
        ("محمد أحمد", "وقال لمحمد أحمد"),
        ("علی رضایی", "علي رضايي"),
        ("דוד לוי", "ולדוד לוי אמר"),
        ("王小明", "他说王小明已被带走。"),
        ("王小明", "王 小 明"),
        ("山田太郎", "山田太郎さんが"),
        ("สมชาย ใจดี", "เขาคือสมชายใจดีที่"),
        ("राम कुमार", "राम कुमार ने कहा"),
        ("Ayşe Yılmaz", "Ayşe Yılmaz'ın evi"),
        ("Ιωάννης Παπάς", "του ΙΩΑΝΝΗ ΠΑΠΑ"),
        ("lemon tree", "the case Lemon Tree goes on"),
    ],
)
def test_a_known_name_is_found_in_any_script_case_and_ending(known: str, text: str) -> None:
    assert any(one.kind is Kind.NAME for one in found(text, [known]))


def test_letters_that_only_look_alike_and_signs_that_are_not_seen_hide_no_name() -> None:
    assert found("Аliсe Wonder", ["Alice Wonder"])  # two letters are Cyrillic
    assert found("Ali\u200bce Won\u00adder", ["Alice Wonder"])


def test_a_part_of_a_name_is_found_where_it_is_written_as_a_name() -> None:
    assert kinds("Then Wonder went home.", "Alice Wonder") == {("name", "Wonder")}
    assert kinds("We wonder why.", "Alice Wonder") == set()


def test_somebody_with_a_title_is_found_for_a_person_to_decide() -> None:
    assert ("name", "Dr. Amina Example") in kinds("They met Dr. Amina Example")
    assert ("name", "山田さん") in kinds("山田さん")


@pytest.mark.parametrize(
    "text",
    [
        "On 22 November 2026 (2026-11-22) access to 1.250.000 pages was lost for 5 h 20.",
        "12 500 000 readers in 3 countries; 0.93, was 0.20.",
        "Situation 88 of 2026 is very likely (97 %).",
        "https://en.wikipedia.org/wiki/Internet_censorship",
        "См. [[Цензура]] и [[Блокировка сайтов|блокировку]].",
        "在2026年11月22日封锁。",
    ],
)
def test_dates_numbers_and_articles_are_left_alone(text: str) -> None:
    assert found(text) == ()


def test_a_sentence_about_a_user_is_left_to_a_person() -> None:
    assert [one.sure for one in found("The user said: nothing more.")] == [False]


def test_masking_leaves_nothing_of_what_was_found() -> None:
    text = "Alice Wonder (@alice, alice@example.org, +1 202 555 0147) wrote from 192.0.2.1."
    out = masked(text, found(text, ["Alice Wonder"]))
    assert out == (
        "[name withheld] ([account withheld], [mail address withheld], [number withheld]) "
        "wrote from [network address withheld]."
    )


@pytest.mark.parametrize(
    ("text", "kind", "whole"),
    [
        ("ali\u202ace@exa\u202ample.org", Kind.MAIL, True),
        ("bob\ufeff@example.org", Kind.MAIL, True),
        ("User\u2060:Someone did it", Kind.PAGE, False),
        ("@so\u2060meone", Kind.HANDLE, True),
        ("@\u200bhandle", Kind.HANDLE, True),
        ("@han\u3164dle", Kind.HANDLE, True),
        ("+９０ ５３２ １２３ ４５ ６７", Kind.PHONE, True),
        ("192\u200b.0.2.7", Kind.ADDRESS, True),
    ],
)
def test_signs_that_are_not_seen_and_wide_letters_hide_nothing(text: str, kind: Kind, whole: bool) -> None:
    (one,) = found(text)
    assert one.kind is kind
    assert (one.text == text) is whole, "nothing of it may stay"


@pytest.mark.parametrize("text", ["A l i c e", "A.l.i.c.e said", "so a-l-i-c-e a", "A\u200b_l_i_c_e", "W o n d e r"])
def test_a_known_name_is_found_letter_by_letter(text: str) -> None:
    assert any(one.kind is Kind.NAME for one in found(text, ["Alice", "Jo Wonder"]))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ask handle#1234", Kind.HANDLE),
        ("discord: handle", Kind.HANDLE),
        ("Телеграм: кто_то", Kind.HANDLE),
        ("@someone:example.org", Kind.HANDLE),
        ("from 192.0.2[.]4", Kind.ADDRESS),
        ("2001:db8[:]:1", Kind.ADDRESS),
        ("someone@example[.]org", Kind.MAIL),
        ("hxxps://x[.]com/handle", Kind.PAGE),
    ],
)
def test_what_is_written_around_a_filter_is_found(text: str, kind: Kind) -> None:
    (one,) = found(text)
    assert (one.kind, one.end) == (kind, len(text))


def test_a_service_before_what_is_no_handle_is_left_alone() -> None:
    assert found("Signal: 3 sources. See T#12 and the discord of opinions.") == ()


@given(st.text(max_size=120), st.lists(st.text(max_size=12), max_size=3))
def test_any_text_is_read_and_finds_never_overlap(text: str, known: list[str]) -> None:
    finds = found(text, known)
    assert all(isinstance(one, Found) and text[one.start : one.end] == one.text for one in finds)
    assert all(one.end <= other.start for one, other in pairwise(finds))
    masked(text, finds)
