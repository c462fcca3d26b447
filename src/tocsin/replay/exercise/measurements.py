"""What the exercise measures: OONI counts, page views and connectivity. Nothing is by chance: noise comes from a hash
of the hour."""

import hashlib
import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache

from tocsin.replay.clock import Span
from tocsin.replay.exercise.country import CONTROL, COUNTRIES, NETWORKS, OTHER_WIKI, WIKI, Network
from tocsin.replay.ioda import Levels
from tocsin.replay.ooni import Count, CountSet
from tocsin.replay.ooni_measurements import Measurement, MeasurementSet
from tocsin.replay.pageviews import Project

HOUR = timedelta(hours=1)
DAYS_BACK = 30
VIEW_DAYS_BACK = 120
BLOCK_BEGINS = timedelta(hours=-6.3 * 24)  # against the launch
BLOCKED_ON = frozenset({64501, 64502})
OUTAGE = (timedelta(hours=-3.1 * 24), timedelta(hours=-2.8 * 24))
TEST = "web_connectivity"


def noise(*words: object) -> float:
    """A number in 0 to 1 that only depends on the words."""
    digest = hashlib.blake2b("|".join(map(str, words)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def first_hour(launch: datetime, days: int = DAYS_BACK) -> datetime:
    """The first hour measured."""
    return (launch - timedelta(days=days)).astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def out(country: str, hour: datetime, launch: datetime) -> bool:
    """Whether this country was cut off in this hour: nothing is measured then, which is not a zero."""
    return country == "XO" and launch + OUTAGE[0] <= hour + HOUR / 2 <= launch + OUTAGE[1]


def blocked(network: Network, domain: str, hour: datetime, launch: datetime) -> bool:
    """Whether this network blocks this domain in this hour."""
    return network.asn in BLOCKED_ON and domain == WIKI and hour + HOUR / 2 >= launch + BLOCK_BEGINS


def counts(launch: datetime) -> CountSet:
    """Hourly counts of three domains on five networks, from thirty days back to whatever hour has passed."""
    begin = first_hour(launch)
    of_hour = cache(lambda hour: tuple(_counts(hour, launch)))

    def until(now: datetime) -> Iterator[Count]:
        return (count for hour in hours(begin, now - HOUR) for count in of_hour(hour))

    return CountSet("exercise", Span(begin, launch), until)


def hours(begin: datetime, last: datetime) -> Iterator[datetime]:
    """The hours that start from one moment to another, both in it."""
    hour = begin
    while hour <= last:
        yield hour
        hour += HOUR


def _counts(hour: datetime, launch: datetime) -> Iterator[Count]:
    for network in NETWORKS:
        if not out(network.country, hour, launch):
            for domain in (WIKI, OTHER_WIKI, CONTROL):
                yield from _count(network, domain, hour, launch)


def _count(network: Network, domain: str, hour: datetime, launch: datetime) -> Iterator[Count]:
    tested = round(network.weight * 0.5 * (0.4 + noise("n", network.asn, domain, hour)))
    if tested == 0:
        return
    share = 0.93 if blocked(network, domain, hour, launch) else 0.03
    wrong = sum(noise("k", network.asn, domain, hour, each) < share for each in range(tested))
    yield Count(hour, HOUR, network.country, TEST, domain, network.asn, "CULTR", ok=tested - wrong, anomaly=wrong)


def measurements(launch: datetime) -> MeasurementSet:
    """One measurement of each wiki an hour and network, for who wants to look at a single one."""
    begin = first_hour(launch)
    of_hour = cache(lambda hour: tuple(_measurements(hour, launch)))

    def until(now: datetime) -> Iterator[Measurement]:
        return (each for hour in hours(begin, now) for each in of_hour(hour) if each.time <= now)

    return MeasurementSet(Span(begin, launch), until)


def _measurements(hour: datetime, launch: datetime) -> Iterator[Measurement]:
    for network in NETWORKS:
        if not out(network.country, hour, launch):
            for domain in (WIKI, OTHER_WIKI):
                yield _measurement(network, domain, hour, blocked(network, domain, hour, launch))


def _measurement(network: Network, domain: str, hour: datetime, wrong: bool) -> Measurement:
    time = hour + HOUR * noise("m", network.asn, domain, hour)
    mark = hashlib.blake2b(f"{network.asn}{domain}{hour}".encode(), digest_size=8).hexdigest()
    blocking = {64501: "dns", 64502: "http-failure"}.get(network.asn) if wrong else False
    report = f"{hour:%Y%m%dT%H%M%SZ}_webconnectivity_{network.country}_{network.asn}_n1_EXERCISE{mark[:8]}"

    def raw() -> dict[str, object]:
        return {
            "annotations": {"exercise": "true"},
            "input": f"https://{domain}/",
            "measurement_start_time": f"{time:%Y-%m-%d %H:%M:%S}",
            "probe_asn": f"AS{network.asn}",
            "probe_cc": network.country,
            "report_id": report,
            "test_keys": {"accessible": not wrong, "blocking": blocking},
            "test_name": TEST,
        }

    return Measurement(
        uid=f"{time:%Y%m%d%H%M%S.%f}_{network.country}_webconnectivity_{mark}",
        time=time,
        country=network.country,
        asn=network.asn,
        test_name=TEST,
        input=f"https://{domain}/",
        report_id=report,
        anomaly=wrong,
        raw=raw,
    )


_SIZES = {"bgp": {"XS": 940, "XO": 410}, "ping-slash24": {"XS": 2_600, "XO": 1_150}, "merit-nt": {"XS": 320, "XO": 150}}
_LEFT = {"bgp": 0.06, "ping-slash24": 0.03, "merit-nt": 0.1}
_WOBBLE = {"bgp": 0.004, "ping-slash24": 0.02, "merit-nt": 0.25}


def connectivity(launch: datetime) -> Levels:
    """How much of each network can be reached: size · day curve · what the outage left · noise. One interval in two
    hundred was not measured."""

    def level(signal: str, country: str, begin: datetime) -> float | None:
        if begin < first_hour(launch) or noise("gap", signal, country, begin) < 0.005:
            return None
        daily = 1 + (0.12 if signal == "merit-nt" else 0.0) * math.sin(2 * math.pi * (begin.hour - 10) / 24)
        cut = country == "XO" and launch + OUTAGE[0] <= begin <= launch + OUTAGE[1]
        wobble = 1 + _WOBBLE[signal] * (noise("level", signal, country, begin) - 0.5)
        return _SIZES[signal][country] * daily * (_LEFT[signal] if cut else 1.0) * wobble

    names = {code: named["en"] for code, named in COUNTRIES.items()}
    return Levels(names, Span(first_hour(launch), launch), level)


def projects(launch: datetime) -> dict[str, Project]:
    """Page views of the two invented wikis. The formula: size · day curve · week curve · events · 4 % noise."""
    span = timedelta(days=VIEW_DAYS_BACK)

    def views(name: str, size: float, home: str) -> Project:
        def hourly(country: str, hour: datetime, _launched: datetime) -> float:
            if out(country, hour, launch):
                return 0.0
            daily = 1 + 0.55 * math.sin(2 * math.pi * (hour.hour - 10) / 24)
            weekly = 0.85 if hour.weekday() >= 5 else 1.0
            reach = 0.42 if name == WIKI and country == "XS" and hour + HOUR / 2 >= launch + BLOCK_BEGINS else 1.0
            weight = size if country == home else size * 0.06
            return weight * daily * weekly * reach * (0.96 + 0.08 * noise("v", name, country, hour))

        return Project(name, ("XS", "XO"), hourly, span)

    return {WIKI: views(WIKI, 5200, "XS"), OTHER_WIKI: views(OTHER_WIKI, 2100, "XO")}
