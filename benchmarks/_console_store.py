"""Fills a store with made-up rows in bulk, for ``console``: COPY on PostgreSQL, ``executemany`` on SQLite."""

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import accumulate
from typing import Any

from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from tocsin.analysis.taxonomy import HARMS
from tocsin.audit.models import Entry, Seal
from tocsin.audit.work import CURSOR
from tocsin.console import work as searching
from tocsin.lib.claims import advance
from tocsin.lib.territories import INVENTED, TERRITORIES
from tocsin.people.models import Person
from tocsin.signals.models import CellState, Change, Finding, Signal
from tocsin.situations import work as grouping
from tocsin.situations.models import Assessment, Member, MembershipEvent, Situation, ThreatLevel
from tocsin.streams.models import BlindSpot, Fetch, Item, Requirement, Source

SOURCES = 300
FETCHES = 100  # of each source
CELLS = 720
POINTS = 240  # that a cell keeps
MINUTES = 100_000  # how far back the rows go: 69 days
BUSY = "TR"
RARE = "quillwort"
COMMON = "photographer"
_BATCH = 20_000
_TOPICAL = (  # noqa: SIM905
    "photographer editor wikipedia arrested court ministry network blocked throttled volunteer police regulator bill "
    "protest capital lawyer release trial charge order provider domain region journalist archive library"
).split()


@dataclass(frozen=True, slots=True)
class Size:
    """How much is made."""

    signals: int
    situations: int

    @property
    def largest(self) -> int:
        """Signals in the largest situation, the first one."""
        return min(5_000, self.signals // 10)


def fill(size: Size) -> None:
    """Fill the migrated, empty database and the search cache, as workers that kept up leave them."""
    made = _Made(size)
    with fast():
        for part in (made.sources, made.measured, made.situations, made.signals, made.history):
            with transaction.atomic():
                part()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")  # as it does by itself, a while after
    for follower, model in ((grouping._NEW, Signal), (grouping._CHANGED, Change), (CURSOR, Entry)):
        advance(follower, model.objects.order_by("-pk").values_list("pk", flat=True)[0])
    searching.BATCH = _BATCH
    while searching.step():
        pass


def public(number: int) -> str:
    """The address of a situation by its row."""
    return f"b{number:07d}"


@contextmanager
def fast() -> Iterator[None]:
    """A store that is being made need not survive a crash."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=OFF")
        yield
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _load(model: type[Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows; fields that are not named get their default. Values stand as the database wants them."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    rest = {
        name: field.get_db_prep_save(field.get_default(), connection)
        for name, field in fields.items()
        if name not in names and not field.primary_key
    }
    columns = ", ".join(f'"{fields[name].column}"' for name in (*names, *rest))
    table, constant = model._meta.db_table, tuple(rest.values())
    whole = ((*row, *constant) for row in rows)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f'COPY "{table}" ({columns}) FROM STDIN') as copy:
                for row in whole:
                    copy.write_row(row)
            if "id" in names:
                cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM \"{table}\"")
        else:
            marks = ", ".join(["%s"] * (len(names) + len(rest)))
            many: Any = whole  # a generator, which Django takes and its types do not
            cursor.executemany(f'INSERT INTO "{table}" ({columns}) VALUES ({marks})', many)


class _Made:
    """The rows, drawn by chance from one seed."""

    def __init__(self, size: Size) -> None:
        self.size = size
        self.chance = random.Random(1)
        self.now = timezone.now()
        self.countries = sorted(TERRITORIES - set(INVENTED))
        self.harms = [one.key for one in HARMS]
        # One country in twenty signals, as in any month: where something goes on.
        self.countries.sort(key=lambda code: (code != BUSY, code))
        self.shares = list(accumulate(1 / (rank + 5) for rank in range(len(self.countries))))
        # Common words come often, rare ones seldom (Zipf), as in any language.
        syllables = [first + second for first in "bdfgklmnprstvz" for second in ("a", "e", "i", "o", "u", "an", "er")]
        made = {"".join(self.chance.choices(syllables, k=3)) for _ in range(6_000)}
        self.words = [*_TOPICAL, *sorted(made)]
        self.weights = list(accumulate(1 / (rank + 10) for rank in range(len(self.words))))

    @cached_property
    def _stamp(self) -> Any:
        return connection.ops.adapt_datetimefield_value

    def _ago(self, minutes: float) -> Any:
        return self._stamp(self.now - timedelta(minutes=minutes))

    def _country(self) -> str:
        return self.chance.choices(self.countries, cum_weights=self.shares)[0]

    def _text(self, words: int) -> str:
        return " ".join(self.chance.choices(self.words, cum_weights=self.weights, k=words))

    def sources(self) -> None:
        """Sources with their fetches and blind spots, people, and what we need to know."""
        for number in range(20):
            Person.objects.create(email=f"p{number}@example.org", name=f"Person {number}", roles=2)
        healths = ["fresh"] * 8 + ["unchanged"] * 4 + ["silent", "broken", "slow", "new"]
        Source.objects.bulk_create(
            Source(
                name=self._text(3).capitalize(),
                kind="feeds" if number % 20 else self.chance.choice(["ooni", "gdelt", "pageviews"]),
                url=f"https://made{number}.example/feed",
                countries=self.chance.sample(self.countries, number % 4),
                languages=["en", "fr"][: number % 3],
                reliability=self.chance.choice("ABCDEF"),
                expected_every=timedelta(hours=1),
                next_fetch_at=self.now,
                health=self.chance.choice(healths),
            )
            for number in range(SOURCES)
        )
        names = ("source_id", "at", "seconds", "outcome", "status", "bytes", "items")
        _load(Fetch, names, self._fetches())
        _load(
            BlindSpot,
            ("source_id", "since", "until", "reason"),
            ((one, self._ago(900 * one), self._ago(400 * one) if one % 10 else None, "made") for one in range(1, 201)),
        )
        Requirement.objects.bulk_create(
            Requirement(
                question=self._text(9), asked_by="Vera", countries=self.chance.sample(self.countries, number % 8)
            )
            for number in range(40)
        )

    def _fetches(self) -> Iterator[tuple[Any, ...]]:
        for number in range(FETCHES, 0, -1):
            for source in range(1, SOURCES + 1):
                yield source, self._ago(60 * number), 0.4, self.chance.choice(["fresh", "unchanged"]), 200, 40_000, 3

    def measured(self) -> None:
        """Cells with what detectors remember, findings, and the threat levels of every country and harm."""
        places = self.chance.sample(self.countries, CELLS // 12 - 1)
        places = [*(one for one in places if one != BUSY), BUSY]
        midnight = int(self.now.timestamp()) // 86_400 * 86_400
        newest = self._stamp(datetime.fromtimestamp(midnight, tz=self.now.tzinfo))
        cells, findings = [], []
        for number in range(CELLS):
            country, subject = places[number % len(places)], f"site{number // len(places)}.example"
            recent = [
                [midnight - 86_400 * day, 40, self.chance.randrange(40), None, "scored", 0.2, 0.1, 0.4]
                for day in range(POINTS, -1, -1)
            ]
            key = ("made/1", "ooni.web", country, subject, "")
            cells.append((*key, "blocking", json.dumps(recent), newest, 172_800.0))
            for start in (50, 20):
                opened, closed = self._ago(1440 * start), self._ago(1440 * (start - 9))
                findings.append((*key, "blocking", opened, closed, closed, "up", 4.0, 0.2, 0.8, 9, "scored", newest))
        key_names = ("rule", "kind", "country", "subject", "network", "stream")
        _load(CellState, (*key_names, "recent", "last_point_at", "delay_seconds"), cells)
        more = ("opened_at", "closed_at", "seen_at", "direction", "score", "before", "now", "points", "evidence")
        _load(Finding, (*key_names, *more, "updated_at"), findings)
        levels = (
            (country, harm, self._ago(2000 * age), self.chance.random(), age == 0)
            for age in (2, 1, 0)
            for country in self.countries
            for harm in self.harms
        )
        _load(ThreatLevel, ("country", "harm", "at", "probability", "current"), levels)

    def situations(self) -> None:
        """Situations: those of the last two weeks are open, as the worker leaves them; a few closed or merged."""
        names = (
            "id public_id title state merged_into_id country harm our_link first_at last_at changed_at signals "
            "independent probability probability_before probability_rule impact rank"
        )
        _load(Situation, names.split(), (self._situation(number) for number in range(1, self.size.situations + 1)))

    def _situation(self, number: int) -> tuple[Any, ...]:
        chance, first = self.chance, number == 1
        age = 10 if first else chance.randrange(MINUTES)
        state = "open" if age < 14 * 1440 else "quiet"
        if not first and number % 40 == 0:
            state = "closed" if number % 80 else "merged"
        probability, impact, ours = chance.random(), chance.randint(1, 5), chance.random() < 0.1
        return (
            number,
            public(number),
            self._text(9).capitalize(),
            state,
            1 if state == "merged" else None,
            self._country(),
            chance.choice([*self.harms, ""]),
            ours,
            self._ago(age + 2880),
            self._ago(age),
            self._ago(age),
            self.size.largest if first else self.size.signals // self.size.situations,
            4,
            probability,
            chance.random() if number % 2 else None,
            "" if number % 50 == 0 else "credence/2",
            impact,
            probability * impact * (2 if ours else 1),
        )

    def signals(self) -> None:
        """Items, the signals read from them, where each belongs, and the log that others follow."""
        count = self.size.signals
        numbers = range(1, count + 1)
        stored, expires = self._stamp(self.now), self._stamp(self.now + timedelta(days=300))
        ages = [self.chance.randrange(MINUTES) for _ in numbers]
        titles = [self._text(9).capitalize() for _ in numbers]
        _load(
            Item,
            ("id", "source_id", "key", "digest", "title", "text", "language", "fetched_at", "expires_at"),
            (
                (one, 1 + one % SOURCES, f"k{one}", "d" * 64, titles[one - 1], self._body(one), "en", stored, expires)
                for one in numbers
            ),
        )
        names = (
            "id item_id at title url origin language country countries harm our_link reliability credibility rule "
            "why terms created_at copy_of_id"
        )
        _load(Signal, names.split(), (self._signal(one, ages[one - 1], titles[one - 1]) for one in numbers))
        _load(Member, ("signal_id", "situation_id", "since"), ((one, self._place(one), stored) for one in numbers))
        _load(Change, ("signal", "new"), ((one, True) for one in numbers))

    def _body(self, number: int) -> str:
        return self._text(60) + (f" {RARE}" if number % 20_000 == 7 else "")

    def _signal(self, number: int, age: int, title: str) -> tuple[Any, ...]:
        chance, at = self.chance, self._ago(age)
        country = self._country()
        why = json.dumps({"harm": [["arrested", 3, 11, 1.0]], "country": [[country, 20, 26, 1.0]]})
        terms = json.dumps(title.lower().split())
        return (
            *(number, number, at, title, f"https://made.example/{number}", f"masthead {chance.randrange(300)}", "en"),
            *(country, json.dumps([country]), chance.choice([*self.harms, ""]), number % 10 == 0),
            *(chance.choice("ABCDEF"), 3, "reading/1", why, terms, at, number - 1 if number % 20 == 0 else None),
        )

    def _place(self, number: int) -> int:
        return 1 if number <= self.size.largest else 1 + number % self.size.situations

    def history(self) -> None:
        """The membership log, judgements of one situation in fifty, and the sealed record of what people did."""
        _load(MembershipEvent, ("situation_id", "verb", "signals", "rule", "at"), self._joined())
        names = "situation_id version by_id at probability impact confidence reasons rivals review_on"
        _load(Assessment, names.split(), (self._judged(one) for one in range(50, self.size.situations + 1, 50)))
        acts = range(1, 50_001)
        _load(
            Entry,
            ("id", "at", "actor", "verb", "target"),
            ((one, self._ago(50_000 - one), 1 + one % 20, "situations.assess", f"situation:{one}") for one in acts),
        )
        _load(
            Seal,
            ("sequence", "entry", "previous", "digest", "sealed_at"),
            ((one, one, f"{one - 1:064}", f"{one:064}", self._ago(50_000 - one)) for one in acts),
        )

    def _judged(self, number: int) -> tuple[Any, ...]:
        review = connection.ops.adapt_datefield_value((self.now + timedelta(days=50 - number % 60)).date())
        return number, 1, 1, self._ago(number % MINUTES), 0.4, 3, "low", "made", "made", review

    def _joined(self) -> Iterator[tuple[Any, ...]]:
        for number in range(1, self.size.signals + 1):
            yield self._place(number), "join", f"[[{number}, null]]", "grouping/1", self._ago(9)
