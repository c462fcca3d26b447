"""Every kind of act that a plan's log may hold: one line for each part of the room that has its own."""

from tocsin.responses import acts
from tocsin.responses.acts import Act

ACTS: dict[str, type[Act]] = {kind.verb: kind for kind in (*acts.CORE,)}
