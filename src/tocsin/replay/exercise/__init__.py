"""An exercise about two invented countries, Sarvania (XS) and Ostrell (XO); nothing in it has happened."""

from tocsin.replay.exercise.country import COUNTRIES, MASTHEADS, PLACES
from tocsin.replay.exercise.world import world

__all__ = ["COUNTRIES", "MASTHEADS", "PLACES", "world"]
