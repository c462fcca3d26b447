"""Numbers of people that give no person away: counts cut into blocks, once, without rows, clock or chance."""

from tocsin.reports.disclosure.cells import Block, Cell, Control, Published
from tocsin.reports.disclosure.deciding import LEAST, alike, controlled
from tocsin.reports.disclosure.tables import Breakdown, Row, breakdown

__all__ = ["LEAST", "Block", "Breakdown", "Cell", "Control", "Published", "Row", "alike", "breakdown", "controlled"]
