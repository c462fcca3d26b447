"""Which country a text is about, and the names that mislead."""

import pytest

from tocsin.analysis.text import Text, read


@pytest.mark.parametrize(
    ("country", "title", "body"),
    [
        ("NE", "Niger cuts internet", "The junta in Niger acted; neighbouring Nigeria protested."),
        ("NG", "Nigeria suspends network", "Officials in Abuja said so, Niger was told."),
        ("GQ", "Equatorial Guinea closes radio", "The order came from Malabo."),
        ("GW", "Radio closed in Guinea-Bissau", "The government acted on Tuesday."),
        ("PG", "Papua New Guinea mulls law", "Lawmakers met in Port Moresby."),
        ("CD", "Democratic Republic of the Congo: radio closed", "Kinshasa gave no reasons."),
        ("CG", "Republic of the Congo: radio closed", "Brazzaville gave no reasons."),
        ("GE", "Journalists beaten in Georgia", "It happened in Tbilisi, Georgian media said."),
        ("US", "Georgia governor signs bill", "The governor in Atlanta signed it, a senator said."),
        ("TD", "Protest in Chad", "People marched."),
        ("KP", "North Korea fires rocket", "Pyongyang confirmed it."),
        ("GB", "Ofcom fines site", "The U.K. regulator acted in London."),
        ("US", "Judge rules", "The US court ruled on Monday in Washington."),
        ("MM", "Myanmar's army cuts lines", "Burmese reporters told us."),
        ("RU", "Суд вынес решение", "Московский суд в России вынес решение. В России это не первый случай."),
        ("CD", "刚果民主共和国关闭电台", "政府没有说明原因。"),
        ("CN", "台灣記者在中國被捕", "中國警方證實了這一消息。中國外交部拒絕評論。"),
        ("EG", "اعتقال صحفي في مصر", "قالت الشرطة في القاهرة إنها أوقفته."),
        ("TR", "Ankara'da gazeteci gözaltında", "Türkiye'nin başkentinde polis açıklama yaptı."),
    ],
)
def test_it_finds_the_country(country: str, title: str, body: str) -> None:
    assert read(Text(title, body)).country == country


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("Chad Smith plays the drums", "The musician loved it."),
        ("Tell us what you think", "Write to us and we will answer."),
        ("A roast turkey for all", "Thanksgiving needs a turkey sandwich recipe."),
        ("My guinea pig is ill", "Guinea pigs need care."),
        ("Nothing here", "No place is named at all."),
    ],
)
def test_no_country_is_an_answer(title: str, body: str) -> None:
    assert read(Text(title, body)).country == ""


def test_the_title_outweighs_a_dateline() -> None:
    body = "NAIROBI (Agency) - The army of Sudan took the city. Troops of Sudan moved on."
    reading = read(Text("Sudan: army takes city", body))
    assert reading.country == "SD"
    assert dict(reading.countries)["SD"] > dict(reading.countries)["KE"]


def test_a_sources_own_country_counts_alone_only_beside_a_harm() -> None:
    harmful = Text("Police arrest three journalists", "They were detained on Monday.", source_country="gh")
    assert read(harmful).country == "GH"
    assert read(Text("Council opens library", "Children sang.", source_country="GH")).country == ""


def test_shares_add_up_to_one_at_most() -> None:
    reading = read(Text("Kenya, Uganda and Tanzania sign", "Rwanda and Burundi watch, France helps."))
    assert 0.99 <= sum(share for _, share in reading.countries) <= 1.01


def test_mentions_quote_the_text() -> None:
    text = Text("Coup d’état au Niger", "À Niamey, l’Algérie a réagi. Straße nach Ägypten.")
    source = f"{text.title}\n{text.body}"
    reading = read(text)
    assert reading.places
    assert all(source[m.start : m.end] == m.surface for m in reading.places)
    assert {m.key for m in reading.places} >= {"NE", "DZ"}
