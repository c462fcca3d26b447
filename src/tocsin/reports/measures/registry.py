"""Every measure, in the order in which pages show them: one line each."""

from collections.abc import Mapping

from tocsin.reports.measures import alerting, detecting, forecasting, loading, planning, replying
from tocsin.reports.measures.base import Measure

MEASURES: Mapping[str, Measure] = {
    one.key: one
    for one in (
        alerting.ACKNOWLEDGE,
        replying.FIRST_REPLY,
        replying.SUBSTANCE,
        planning.TO_PLAN,
        planning.TO_APPROVE,
        planning.TO_RECOVER,
        detecting.DELAY,
        detecting.MISSED,
        alerting.FALSE_PAGES,
        replying.PROMISES,
        forecasting.BRIER,
        loading.PAGES,
        loading.NIGHTS,
        loading.EXPOSURE,
        loading.RESTS,
        detecting.GAINED,
        detecting.LOST,
        planning.PAST_DUE,
    )
}
