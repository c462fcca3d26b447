"""One file per detector, each fed with one point at a time."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from tocsin.analysis.detectors.base import Detector, Factory, State
from tocsin.analysis.detectors.blocking import Blocking
from tocsin.analysis.detectors.change import Change
from tocsin.analysis.series import Stream

REGISTRY: Final[Mapping[Stream, tuple[Factory, ...]]] = MappingProxyType(
    {
        Stream.BLOCKING: (Blocking,),
        Stream.VIEWS: (Change,),
        Stream.EVENTS: (Change,),
        Stream.LEVEL: (Change,),
        Stream.CONNECTIVITY: (Change,),
    }
)
"""The detectors that watch each kind of stream. A new detector is one file here and one name in these lines."""

__all__ = ["REGISTRY", "Blocking", "Change", "Detector", "Factory", "State"]
