"""What indexes say, in words. An index is one opinion from outside for one day: context, and no verdict of ours."""

from collections.abc import Mapping
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tocsin.resilience.models import Context, Index

Words = str | Promise

SAYS: Mapping[str, Words] = {
    "free": gettext_lazy("free"),
    "partly": gettext_lazy("partly free"),
    "not-free": gettext_lazy("not free"),
    "listed": gettext_lazy("on the protection list"),
    "not-listed": gettext_lazy("not on the protection list"),
}
RISKS: Mapping[str, Words] = {
    "lower": gettext_lazy("lower data risk"),
    "medium": gettext_lazy("medium data risk"),
    "higher": gettext_lazy("higher data risk"),
    "unpublished": gettext_lazy("data risk so high that nothing is published"),
}
# Who says so, as a source is named beside each line.
SOURCES: Mapping[str, tuple[str, str]] = {
    Index.FREEDOM: ("Freedom House", "https://freedomhouse.org/report/freedom-world"),
    Index.PRESS: ("Reporters Without Borders", "https://rsf.org/en/index"),
    Index.PROTECTION: (
        "Wikimedia Foundation",
        "https://foundation.wikimedia.org/wiki/Legal:Country_and_Territory_Protection_List",
    ),
}


def told(index: str, word: str, score: Decimal | None, rank: int | None, more: str) -> str:
    """What an index says of a country, in words."""
    parts = [str(SAYS[word])] if word in SAYS else []
    if rank is not None:
        parts.append(_("rank %(n)s") % {"n": rank})
    if score is not None:
        parts.append(_("score %(n)s") % {"n": f"{score:f}".rstrip("0").rstrip(".")})
    if index == Index.FREEDOM and "/" in more:
        rights, liberties = more.split("/", 1)
        told_as = {"rights": rights, "liberties": liberties}
        parts.append(_("political rights %(rights)s, civil liberties %(liberties)s (1 best, 7 worst)") % told_as)
    if more in RISKS:
        parts.append(str(RISKS[more]))
    return ", ".join(parts)


def of(row: Context) -> str:
    """The same for a row."""
    return told(row.index, row.word, row.score, row.rank, row.more)
