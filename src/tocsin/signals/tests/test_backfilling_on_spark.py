"""The same replay on a cluster ends with the same memory and the same findings as in this process."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from tocsin.analysis.engine import Spark
from tocsin.signals import actions, backfilling
from tocsin.signals.tests.test_backfilling import (
    forget,
    land,
    land_views,
    own_lake,
    remembered,
    rest,
    source,
    told,
)
from tocsin.streams.models import Source

__all__ = ["own_lake", "source"]
pytestmark = [pytest.mark.once, pytest.mark.django_db]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Spark]:
    with closing(Spark("local[1]")) as engine:
        yield engine


def test_a_cluster_judges_the_past_as_this_process_does(source: Source, cluster: Spark) -> None:
    land(source, range(25))
    land_views(source)
    rest()
    expected = told(), remembered()
    forget()
    actions.judge_again(None, "ooni.web")
    assert backfilling.take()
    run = backfilling.Run("ooni.web", cluster)
    while run.advance() is not None:
        pass
    backfilling.release()
    assert (told(), remembered()) == expected
