"""From a text to what it says happened."""

from tocsin.analysis.text.persecution import where as places
from tocsin.analysis.text.persecution.account import RULE, Account
from tocsin.analysis.text.persecution.kinds import features, perpetrator, violations
from tocsin.analysis.text.persecution.seeing import Seen, see
from tocsin.analysis.text.persecution.victims import victims
from tocsin.analysis.text.persecution.weights import Weights, shipped
from tocsin.analysis.text.persecution.when import when
from tocsin.analysis.text.reading import Text


def tell(text: Text, weights: Weights | None = None) -> Account:
    """What a text says happened; never raises, whatever the strings hold.

    It proposes and a person decides: nothing here may page anybody. Only the first 60,000 characters are read.
    """
    return told_of(see(text), weights or shipped())


def told_of(seen: Seen, weights: Weights) -> Account:
    """The account of a text that was looked at."""
    found = places.located(seen)
    country = places.country(seen, found, weights)
    city = places.best(places.cities(seen, found, country.value if country else ""), "city", weights)
    region = places.best(places.regions(seen), "region", weights)
    year, month, day = when(seen, weights)
    if not seen.read:
        return Account(
            RULE, seen.language, seen.read, country=country, region=region, city=city, year=year, month=month, day=day
        )
    told = features(seen)
    mentioned, kind = perpetrator(seen, told, weights)
    return Account(
        RULE, seen.language, seen.read, mentioned, kind, violations(seen, told, weights),
        country, region, city, year, month, day, victims(seen, weights),
    )  # fmt: skip
