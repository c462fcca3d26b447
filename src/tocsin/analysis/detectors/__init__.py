"""One file per detector, each fed with one point at a time."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from tocsin.analysis.detectors.base import Detector, Factory, State
from tocsin.analysis.detectors.blocking import Blocking
from tocsin.analysis.detectors.outage import Joint, Outage, joined
from tocsin.analysis.detectors.surge import Surge
from tocsin.analysis.detectors.traffic import Traffic
from tocsin.analysis.series import Stream

REGISTRY: Final[Mapping[Stream, tuple[Factory, ...]]] = MappingProxyType(
    {
        Stream.BLOCKING: (Blocking,),
        Stream.VIEWS: (Traffic,),
        Stream.EVENTS: (Surge,),
        Stream.LEVEL: (Traffic,),
        Stream.CONNECTIVITY: (Outage,),
    }
)
"""The detectors that watch each kind of stream. A new detector is one file here and one name in these lines."""

__all__ = ["REGISTRY", "Blocking", "Detector", "Factory", "Joint", "Outage", "State", "Surge", "Traffic", "joined"]
