"""Names that mislead, in many languages: sentences made for this, read by title and body."""

import pytest

from tocsin.analysis.text import Text, read


@pytest.mark.parametrize(
    ("country", "region", "title", "body"),
    [
        ("GE", "", "Protests in Georgia", "Thousands marched in Tbilisi on Monday."),
        (
            "US",
            "US-GA",
            "Georgia sheriff arrests reporter",
            "A reporter was arrested in Fulton County, Georgia, officials said.",
        ),
        ("JO", "", "Jordan passes cybercrime law", "The parliament in Amman voted on Tuesday."),
        ("NE", "", "Niger suspends radio station", "The junta in Niamey gave no reasons."),
        ("NG", "NG-NI", "Gunmen attack school in Niger State", "Police in Minna said pupils were taken."),
        ("NG", "", "Nigeria: editor detained", "The editor was detained in Abuja."),
        ("GN", "", "Guinée : un journaliste arrêté à Conakry", "Il a été arrêté mardi en Guinée."),
        ("GW", "", "Guiné-Bissau: rádio encerrada", "A rádio foi encerrada em Bissau."),
        ("GQ", "", "Guinea Ecuatorial corta internet", "El gobierno de Malabo cortó internet en Guinea Ecuatorial."),
        ("PG", "", "Papua-Neuguinea: Radiosender geschlossen", "In Port Moresby wurde ein Sender geschlossen."),
        (
            "CD",
            "",
            "RDC : un défenseur enlevé à Goma",
            "Un défenseur des droits a été enlevé à Goma, dans l'est du Congo.",
        ),
        ("CG", "", "Congo : un journaliste arrêté à Brazzaville", "Il a été arrêté à Brazzaville lundi."),
        ("CD", "", "刚果（金）关闭电台", "当局没有说明原因。"),
        ("CG", "", "刚果（布）关闭电台", "布拉柴维尔当局没有说明原因。"),
        ("DO", "", "Dominican Republic deports family", "They were taken to Santo Domingo."),
        ("DM", "", "Dominica votes", "Voters in Dominica went to the polls in Roseau."),
        ("DO", "", "República Dominicana: detienen a periodista", "La policía dominicana lo detuvo en Santo Domingo."),
        ("SS", "", "South Sudan blocks news site", "The regulator in Juba ordered it."),
        ("SS", "", "جنوب السودان يحجب موقعا", "قالت السلطات في جوبا إن الموقع محجوب."),
        ("SD", "", "السودان يقطع الإنترنت", "انقطع الإنترنت في الخرطوم يوم الاثنين."),
        ("KP", "", "朝鲜发射火箭", "平壤证实了这一消息。"),
        ("KR", "", "韩国法院作出判决", "首尔一家法院周二作出判决。"),
        ("KP", "", "北朝鮮がロケットを発射", "平壌が確認した。"),
        ("ML", "", "Mali : coupure d'internet", "Les autorités de Bamako ont coupé internet."),
        ("SO", "", "Somali journalist arrested", "Police in Mogadishu arrested a Somali journalist."),
        ("TD", "", "Tchad : opposant arrêté", "La police de N'Djamena a arrêté un opposant."),
        ("TR", "", "Turkey blocks site", "The regulator in Ankara blocked it."),
        ("KE", "", "Kеnya cuts the internet", "The regulator in Kеnya ordered it."),
        ("BY", "", "Bela\u200brus jails editor", "A court in Mi\u200bnsk jailed an editor."),
        (
            "BY",
            "",
            "Editor jailed for five years",
            "GENEVA (Reuters) – Belarus has jailed an editor, the UN said. The court in Minsk gave no reasons.",
        ),
        (
            "ET",
            "",
            "Reporters held for weeks",
            "By our correspondent in Nairobi. Police in Ethiopia hold four reporters in Addis Ababa.",
        ),
        (
            "MM",
            "",
            "New York-based group condemns jailing",
            "The New York-based group said that a court in Yangon, Myanmar, jailed an editor.",
        ),
        ("IR", "", "گزارش: بازداشت روزنامه‌نگار در تهران", "یک روزنامه‌نگار در تهران بازداشت شد."),
        ("SA", "", "السعوديه تحتجز مدونا", "احتجزت الشرطه في الرياض مدونا."),
        ("EG", "", "إعتقال صحفي في القاهره", "قالت مصــر إنه أوقف."),
        ("IR", "", "ايران: بازداشت یک نویسنده", "در ایران نویسنده‌ای بازداشت شد."),
        ("PK", "PK-PB", "Editor arrested in Punjab", "Police in Lahore, Pakistan, arrested an editor in Punjab."),
        ("IN", "IN-PB", "Editor arrested in Punjab", "Police in Amritsar, India, arrested an editor in Punjab."),
        ("CN", "CN-XJ", "Uyghur student jailed", "A court in Xinjiang, China, jailed a student."),
        ("UA", "UA-43", "Журналиста задержали в Крыму", "Его задержали в Симферополе, в Крыму, сообщает Украина."),
        ("NG", "NG-KD", "Gunmen abduct pupils in Kaduna", "The governor of Kaduna said so."),
        ("MX", "MX-GRO", "Asesinan a periodista en Guerrero", "El reportero fue asesinado en Acapulco, Guerrero."),
        ("CD", "CD-NK", "Activist killed in North Kivu", "He was shot in Goma."),
        ("IN", "IN-MH", "मुंबई में पत्रकार गिरफ्तार", "महाराष्ट्र पुलिस ने एक पत्रकार को गिरफ्तार किया।"),
        ("VN", "", "Nhà báo bị bắt", "Anh bị bắt tại Hà Nội, Việt Nam."),
        ("FR", "", "Deux journalistes jugés à Paris", "Le procès s'ouvre à Paris, en France."),
        ("CD", "", "Army retakes town in Congo", "Residents of the town said fighting had stopped."),
        ("CG", "", "Congo", ""),
        (
            "US",
            "",
            "Leaks trial opens",
            "Officials told the Washington Post in Washington that the U.S. trial would be short.",
        ),
        ("NE", "", "Nigerien journalist freed", "The journalist left prison on Monday."),
        ("NG", "", "Nigerian journalist freed", "The journalist left prison on Monday."),
        ("SN", "", "Un blogueur arrêté à Dakar", "De notre correspondant à Paris. Un blogueur a été arrêté à Dakar."),
        ("IR", "", "Ιran jails poet", "A court in Tehrаn jailed a poet."),
        ("RU", "", "俄法院判记者入狱", "法庭周二作出判决，俄媒报道。"),
        ("KR", "", "韩媒：总统宣布戒严", "首尔街头有人抗议。"),
        (
            "BD",
            "",
            "Deported workers return",
            "LONDON — Bangladesh sent officials to meet workers. Dhaka said they were safe in Bangladesh.",
        ),
        ("KR", "", "Korea court jails lawmaker", "The court in Seoul ruled on Friday."),
        ("KP", "", "Korea test fires rocket", "Kim Jong Un watched the launch in Pyongyang."),
        ("US", "US-NY", "Man arrested in Jamaica, Queens", "The NYPD said the man was arrested in New York City."),
        ("JM", "", "Jamaica declares emergency", "The prime minister spoke in Kingston."),
        ("DO", "", "Dominican police detain reporter", "He was freed later."),
        ("LB", "", "Lebanon: activist summoned", "A court in Beirut summoned her."),
        ("ZM", "", "Zambia: activist arrested", "She was arrested in Lusaka."),
        ("VE", "", "Detienen a defensora en Caracas", "La policía venezolana la detuvo el lunes."),
        ("EG", "", "القبض على صحفي", "ألقت الشرطه المصريه القبض على صحفي في الإسكندريه."),
        ("IQ", "", "اغتيال ناشط في البصره", "قتل مسلحون ناشطا في البصرة جنوب العراق"),
        ("IR", "", "بازداشت", "در ايران، شهر کرج، بازداشت شد"),
        ("CI", "", "Côte d’Ivoire : militant arrêté", "A Abidjan, un militant a été arrêté."),
        ("CI", "", "Cote d'Ivoire: activist held", "Police in Abidjan held her."),
        ("KN", "", "St. Kitts and Nevis passes bill", "Lawmakers met in Basseterre."),
        ("UA", "", "У Києві затримали журналіста", "Його затримали в Києві, Україна."),
        ("KZ", "", "Алматыда журналист ұсталды", "Қазақстан полициясы журналисті ұстады."),
        ("ET", "", "በአዲስ አበባ ጋዜጠኛ ታሰረ", "ፖሊስ በኢትዮጵያ ጋዜጠኛ አሰረ።"),
        ("TH", "", "ศาลกรุงเทพตัดสินจำคุกนักข่าว", "ศาลไทยตัดสินจำคุกนักข่าวในกรุงเทพ"),
        ("MM", "", "ရန်ကုန်တွင် သတင်းထောက် ဖမ်းဆီးခံရ", "မြန်မာ ရဲက ဖမ်းဆီးခဲ့သည်။"),
    ],
)
def test_a_name_that_misleads_is_settled(country: str, region: str, title: str, body: str) -> None:
    reading = read(Text(title, body))
    assert reading.country == country
    assert not region or reading.region == region


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("Jordan Miller wins the prize", "The writer Jordan Miller won a prize for her novel."),
        ("Chad Miller sings again", "The singer is back on stage."),
        ("The man ran across the island", "A march of nice people reading books."),
        ("Er kam mit der Bahn", "Das Ende war gut, sagte der Mann."),
        ("Muž řekl, že pole je malé", "Malé pole je za domem, řekl muž."),
        ("Anh yêu em", "Anh nói với em như vậy. Nga cười."),
        ("タイトルを変更", "シリアル番号とタイヤを確認してください。"),
        ("Sabah kahvaltısı güzeldi", "Sabah erkenden kalktık ve saat sekizde yedik."),
        ("Lima orang datang", "Lima orang datang ke rumah saya dan kata ibu semua baik."),
        ("모든 수단을 동원한다", "우리는 모든 수단을 쓴다. 이제 가자."),
    ],
)
def test_a_word_or_a_person_is_no_place(title: str, body: str) -> None:
    reading = read(Text(title, body))
    assert (reading.country, reading.places) == ("", ())


@pytest.mark.parametrize(
    ("language", "name", "country"),
    [
        ("en", "Congo, Democratic Republic of the", "CD"),
        ("en", "Congo, Dem. Rep.", "CD"),
        ("en", "Congo", "CG"),
        ("en", "Korea, Republic of", "KR"),
        ("en", "Virgin Islands (U.S.)", "VI"),
        ("en", "Antarctica", "AQ"),
        ("en", "Saint Vincent and the Grenadines", "VC"),
        ("ru", "Папуа — Новая Гвинея", "PG"),
        ("ru", "Маршалловы острова", "MH"),
        ("uk", "В'єтнам", "VN"),
        ("eo", "Germanio", "DE"),
        ("it", "Rep. Ceca", "CZ"),
        ("fa", "هنگ کنگ", "HK"),
        ("zh", "刚果（布）", "CG"),
    ],
)
def test_a_name_alone_is_found_however_it_is_written(language: str, name: str, country: str) -> None:
    reading = read(Text(name, "", language))
    assert {mention.key for mention in reading.places} == {country}
    assert reading.country == country


def test_a_region_is_told_with_its_span() -> None:
    text = Text("Pupils taken in Kaduna", "Police in Kaduna and in Abuja said so.")
    reading = read(text)
    source = f"{text.title}\n{text.body}"
    assert reading.region == "NG-KD"
    assert {mention.key for mention in reading.region_mentions} == {"NG-KD", "NG-FC"}
    assert all(source[m.start : m.end] == m.surface for m in reading.region_mentions)


def test_a_region_of_another_country_is_not_told() -> None:
    reading = read(Text("Kenya jails editor", "A court in Kenya did. Texas was not asked, said Kenya."))
    assert (reading.country, reading.region) == ("KE", "")


def test_where_it_happened_outweighs_whose_people_it_befell() -> None:
    reading = read(Text("Chinese workers abducted in Zambia", "Chinese officials were told."))
    assert reading.country == "ZM"


@pytest.mark.parametrize(
    "body",
    [
        "By our correspondent in Nairobi. The editor was jailed in Asmara, Eritrea.",
        "The London-based group said that the editor was jailed in Asmara, Eritrea.",
        "El grupo, con sede en Madrid, dijo que la editora fue encarcelada en Asmara, Eritrea.",
        "De notre correspondant à Paris. La journaliste a été emprisonnée à Asmara, en Érythrée.",
    ],
)
def test_where_the_writer_sits_is_not_where_it_happened(body: str) -> None:
    assert read(Text("", body)).country == "ER"


def test_a_paper_is_not_its_city() -> None:
    reading = read(Text("", "She told the New York Times and the Times of India that Eritrea holds him."))
    assert {mention.key for mention in reading.places} == {"ER"}
