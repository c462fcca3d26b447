"""Server time and bytes of console pages over a store of made-up signals and situations.

Pages are asked of the real application, in this process, as a signed-in lead; bytes are those of the gzipped answer.
"""

import argparse
import json
import os
import random
import resource
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

_WORDS = (  # noqa: SIM905
    "editor arrested court ministry network blocked throttled wikipedia volunteer police regulator bill protest "
    "capital lawyer release trial charge order provider domain region journalist photographer archive library"
).split()


def main(argv: list[str]) -> int:
    """Run the benchmark; prints a table and one JSON line."""
    parser = argparse.ArgumentParser(prog="tocsin bench console", description=__doc__)
    parser.add_argument("--signals", type=int, default=100_000)
    parser.add_argument("--situations", type=int, default=10_000)
    parser.add_argument("--requests", type=int, default=30, help="requests of each page")
    parser.add_argument("--data", type=Path, help="not needed: the rows are made up")
    given = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as home:
        os.environ["TOCSIN_HOME"] = home
        folder = Path(home, "secrets")
        folder.mkdir(mode=0o700)
        (folder / "secret_key").write_text("bench" * 12, encoding="ascii")
        os.environ["DJANGO_SETTINGS_MODULE"] = "tocsin.config.settings"
        pages = _measure(given.signals, given.situations, given.requests)
    print(f"{given.signals:,} signals, {given.situations:,} situations, {given.requests} requests of each page")
    print(f"{'page':44} {'median ms':>10} {'p95 ms':>8} {'bytes':>8}")
    for path, row in pages.items():
        print(f"{path:44} {row['median_ms']:>10.1f} {row['p95_ms']:>8.1f} {row['bytes']:>8}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"bench": "console", "signals": given.signals, "pages": pages, "peak_mb": peak}))
    return 0


def _measure(signals: int, situations: int, requests: int) -> dict[str, dict[str, Any]]:
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client

    call_command("migrate", verbosity=0)
    started = time.perf_counter()
    paths = _fill(signals, situations)
    print(f"filled in {time.perf_counter() - started:.0f} s", file=sys.stderr)
    client = Client(headers={"accept-encoding": "gzip"}, SERVER_NAME="127.0.0.1")
    _sign_in(client)
    return {name: _time(client, path, requests) for name, path in paths.items()}


def _sign_in(client: Any) -> None:
    """A lead whose session says that both factors were given."""
    from allauth.mfa.models import Authenticator

    from tocsin.people.models import Person
    from tocsin.people.roles import Role

    person = Person.objects.create(email="lead@example.org", name="Lead", roles=int(Role.LEAD))
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": ""})
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "type": "totp", "at": time.time()}]
    session["account_authentication_methods_user"] = str(person.pk)
    session.save()


def _time(client: Any, path: str, requests: int) -> dict[str, Any]:
    client.get(path)
    taken = []
    size = 0
    for _ in range(requests):
        started = time.perf_counter()
        answer = client.get(path)
        taken.append((time.perf_counter() - started) * 1000)
        if answer.status_code != 200:
            raise SystemExit(f"{path} answered {answer.status_code}")
        size = len(answer.content)
    taken.sort()
    return {
        "median_ms": round(statistics.median(taken), 1),
        "p95_ms": round(taken[min(len(taken) - 1, int(0.95 * len(taken)))], 1),
        "bytes": size,
    }


def _fill(signals: int, situations: int) -> dict[str, str]:
    from django.utils import timezone

    from tocsin.analysis.taxonomy import HARMS
    from tocsin.lib.territories import INVENTED, TERRITORIES
    from tocsin.streams.models import Source

    chance = random.Random(1)
    now = timezone.now()
    countries = sorted(TERRITORIES - set(INVENTED))
    harms = [one.key for one in HARMS]
    source = Source.objects.create(
        name="Made up", kind="feeds", url="https://made.example/", expected_every=timedelta(hours=1), next_fetch_at=now
    )
    numbers = _situations(situations, now, countries, harms, chance)
    _signals(signals, numbers, source.pk, now, countries, harms, chance)
    return {
        "/": "/",
        "/situations/": "/situations/",
        "/situations/ (everything, page 100)": "/situations/?show=all&page=100",
        "/situations/ (one country, newest)": "/situations/?country=TR&order=newest",
        "/situations/ID/": f"/situations/{_public(0)}/",
        "/look/?country=TR": "/look/?country=TR",
        "/search/?words=…": "/search/?words=photographer",
        "/sources/": "/sources/",
        "/sources/coverage/": "/sources/coverage/",
    }


def _public(number: int) -> str:
    return f"b{number:07d}"


def _title(chance: random.Random) -> str:
    return " ".join(chance.choices(_WORDS, k=9)).capitalize()


def _situations(count: int, now: Any, countries: list[str], harms: list[str], chance: random.Random) -> list[int]:
    from tocsin.situations.models import Situation

    for start in range(0, count, 5_000):
        rows = []
        for number in range(start, min(count, start + 5_000)):
            probability = chance.random()
            at = now - timedelta(minutes=chance.randrange(100_000))
            rows.append(
                Situation(
                    public_id=_public(number),
                    title=_title(chance),
                    country=chance.choice(countries),
                    harm=chance.choice([*harms, ""]),
                    our_link=chance.random() < 0.1,
                    first_at=at - timedelta(days=2),
                    last_at=at,
                    changed_at=at,
                    signals=10,
                    independent=4,
                    probability=probability,
                    probability_rule="credence/1",
                    impact=chance.randint(1, 5),
                    rank=probability * chance.randint(1, 50),
                )
            )
        Situation.objects.bulk_create(rows)
    return list(Situation.objects.order_by("pk").values_list("pk", flat=True))


def _signals(
    count: int, numbers: list[int], source: int, now: Any, countries: list[str], harms: list[str], chance: random.Random
) -> None:
    from tocsin.console import work as searching
    from tocsin.signals.models import Change, Signal
    from tocsin.situations.models import Member
    from tocsin.streams.models import Item

    step = 5_000
    for start in range(0, count, step):
        size = min(step, count - start)
        items = Item.objects.bulk_create(
            Item(
                source_id=source,
                key=f"k{number}",
                digest="d",
                title=_title(chance),
                text=" ".join(chance.choices(_WORDS, k=60)),
                fetched_at=now,
                expires_at=now + timedelta(days=300),
            )
            for number in range(start, start + size)
        )
        rows = Signal.objects.bulk_create(
            Signal(
                item=item,
                at=now - timedelta(minutes=chance.randrange(100_000)),
                title=item.title,
                origin=f"masthead {chance.randrange(300)}",
                language="en",
                country=chance.choice(countries),
                harm=chance.choice([*harms, ""]),
                reliability=chance.choice("ABCDEF"),
                rule="reading/1",
            )
            for item in items
        )
        Member.objects.bulk_create(
            Member(signal=row, situation_id=numbers[(start + place) % len(numbers)], since=now)
            for place, row in enumerate(rows)
        )
        Change.objects.bulk_create(Change(signal=row.pk, new=True) for row in rows)
    while searching.step():
        pass
