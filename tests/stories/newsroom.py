"""Feeds on loopback and the worker that reads them: how news comes to the pages in these journeys."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone

from tocsin.console import work as searching
from tocsin.signals import work as reading
from tocsin.situations import work as grouping
from tocsin.streams import work as collecting
from tocsin.streams.models import Source
from tocsin.streams.tests.feed_texts import rss
from tocsin.streams.tests.server import Site

ARREST = ("Wikipedia editor arrested in Turkey", "Police in Ankara arrested a volunteer editor of Wikipedia.")
AGAIN = ("Turkish court keeps Wikipedia editor in jail", "The volunteer editor arrested in Ankara stays in jail.")
BLOCK = ("Pakistan orders a block of online forums", "The regulator ordered all networks to block websites.")
LATER = ("Websites blocked across Pakistan", "The regulator of Pakistan ordered networks to block more forums.")


@dataclass
class Newsroom:
    """Publishes texts as feeds, and lets collector and worker do all that waits."""

    served: Site
    _texts: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)

    def publish(self, outlet: str, *texts: tuple[str, str]) -> Source:
        """An outlet brings these texts beside its earlier ones; they are collected and read."""
        known = self._texts.setdefault(outlet, [])
        known += [(f"https://{outlet}.example/{len(known) + n}", title, text) for n, (title, text) in enumerate(texts)]
        address = self.served.put(f"/{outlet}", rss(*known))
        values = {"url": address, "reliability": "B", "expected_every": timedelta(hours=1), "languages": ["en"]}
        due = {"next_fetch_at": timezone.now() - timedelta(minutes=1), "allow_private": self.served.name}
        source, _made = Source.objects.update_or_create(name=outlet, kind="feeds", defaults={**values, **due})
        self.work()
        return source

    def work(self) -> None:
        """Do everything that waits."""
        while any([collecting.step(), reading.read_items(), grouping.step(), searching.step()]):
            pass
