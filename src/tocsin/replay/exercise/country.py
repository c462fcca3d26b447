"""The invented countries of the exercise: names, places, mastheads, networks. The codes are user-assigned ones."""

from dataclasses import dataclass

COUNTRIES: dict[str, dict[str, str]] = {
    "XS": {"en": "Sarvania", "es": "Sarvania", "ar": "سارفانيا", "zh": "萨瓦尼亚"},
    "XO": {"en": "Ostrell", "es": "Ostrell", "ar": "أوستريل", "zh": "奥斯特雷尔"},
}

# City → country. None of them exists.
PLACES: dict[str, str] = {
    "Lume": "XS",
    "Tarn Vale": "XS",
    "Port Keld": "XS",
    "Vell": "XO",
    "Ansbeck": "XO",
}


@dataclass(frozen=True, slots=True)
class Masthead:
    """Who publishes: name, invented domain, home country, languages, reliability as the exercise rates it."""

    name: str
    domain: str
    country: str
    languages: tuple[str, ...]
    reliability: str
    format: str


MASTHEADS: tuple[Masthead, ...] = (
    Masthead("Sarvania Wire", "wire.sarvania.example", "XS", ("en",), "B", "rss"),
    Masthead("Lume Courier", "courier.sarvania.example", "XS", ("en",), "B", "atom"),
    Masthead("Harbour Gazette", "gazette.sarvania.example", "XS", ("en",), "C", "rss"),
    Masthead("Sarvanian Communications Office", "office.sarvania.example", "XS", ("en",), "B", "rss"),
    Masthead("Sarvania Today (state outlet)", "today.sarvania.example", "XS", ("en",), "D", "json"),
    Masthead("Open Networks Notes", "networks.example", "XS", ("en",), "A", "atom"),
    Masthead("Ostrell Monitor", "monitor.ostrell.example", "XO", ("en",), "B", "rss"),
    Masthead("صوت لوم", "sawt.sarvania.example", "XS", ("ar",), "C", "rss"),
    Masthead("卢姆日报", "ribao.sarvania.example", "XS", ("zh",), "C", "json"),
    Masthead("El Faro de Lume", "faro.sarvania.example", "XS", ("es",), "C", "atom"),
)
BY_DOMAIN = {masthead.domain: masthead for masthead in MASTHEADS}

WIKI = "sarvanian.wiki.example"
OTHER_WIKI = "ostrelline.wiki.example"
CONTROL = "weather.example"


@dataclass(frozen=True, slots=True)
class Network:
    """An access network; the numbers are those that RFC 5398 reserves for documentation."""

    asn: int
    name: str
    country: str
    weight: int


NETWORKS: tuple[Network, ...] = (
    Network(64501, "Sarvatel", "XS", 9),
    Network(64502, "Dawnlink", "XS", 6),
    Network(64503, "Kestrel Mobile", "XS", 5),
    Network(64504, "Ostrell Net", "XO", 7),
    Network(64505, "Ansbeck Cable", "XO", 4),
)
