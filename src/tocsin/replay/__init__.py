"""Serves recorded data on loopback as its real upstreams would, so that collectors run over real sockets."""

from tocsin.replay import exercise
from tocsin.replay.clock import Dates
from tocsin.replay.faults import Faults
from tocsin.replay.server import NotLoopbackError, serve
from tocsin.replay.world import World

__all__ = ["Dates", "Faults", "NotLoopbackError", "World", "exercise", "serve"]
