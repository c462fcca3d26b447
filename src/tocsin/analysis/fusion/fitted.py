"""What was learned about shutdowns and outages, kept as numbers.

Learned with ``fit`` (ridge 1) from 244 losses of connectivity whose cause is known, 166 of them ordered, in 56
countries, 2018 to 2022, as people at IODA saw and labelled them. ``./tocsin bench cause`` learns them anew without the
country that it judges, prints how well that holds, and with ``--weights`` prints these numbers. Most ordered losses are
from three countries, and whoever labelled them may have looked at the clock: so each origin's cap still holds.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from tocsin.analysis.fusion.fitting import Fit
from tocsin.analysis.fusion.starts import Known, Regularity

FITTED: Final[Mapping[Known, Fit]] = MappingProxyType(
    {
        Known.ONSET: Fit(
            1.033,
            {
                Regularity.ROUND: (1.497, 0.609),
                Regularity.NIGHT: (1.059, 0.510),
                Regularity.AGAIN: (2.184, 0.361),
                Regularity.OFTEN: (1.460, 0.325),
                Regularity.ABROAD: (-1.418, 0.182),
            },
        ),
        Known.TWO_HOURS: Fit(
            1.035,
            {
                Regularity.ROUND: (1.522, 0.609),
                Regularity.NIGHT: (1.233, 0.510),
                Regularity.AGAIN: (2.120, 0.361),
                Regularity.OFTEN: (1.507, 0.325),
                Regularity.ABROAD: (-1.371, 0.251),
                Regularity.EVERY_SIGNAL: (1.197, 0.844),
                Regularity.BRIEF: (0.201, 0.093),
            },
        ),
        Known.AFTER: Fit(
            0.991,
            {
                Regularity.ROUND: (1.583, 0.609),
                Regularity.NIGHT: (1.313, 0.510),
                Regularity.AGAIN: (2.160, 0.361),
                Regularity.OFTEN: (1.614, 0.325),
                Regularity.ABROAD: (-1.317, 0.251),
                Regularity.EVERY_SIGNAL: (1.347, 0.844),
                Regularity.BRIEF: (0.389, 0.093),
                Regularity.LONG: (0.848, 0.158),
            },
        ),
    }
)
"""By when the question is asked. Only weights are used, never the start: how frequent orders are is a prior."""
