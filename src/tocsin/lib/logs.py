"""JSON log lines that carry an event, a place and numbers, and never a body."""

import logging
from types import TracebackType
from typing import Any

from pythonjsonlogger.json import JsonFormatter

_OWN = __name__.partition(".")[0]
_FIELDS = ("source", "kind", "count", "seconds", "status", "path", "method", "code", "part", "room")


class BodyFree(JsonFormatter):
    """Writes only named fields, and of an exception only its type and place.

    An exception's text may quote what somebody wrote, and so may a message that another library put together: of
    those only the fixed template is written, and nothing where there is none.
    """

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        log_data["at"] = self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z")
        log_data["level"] = record.levelname.lower()
        log_data["logger"] = record.name
        fixed = bool(record.args) or record.name.startswith("tocsin")
        log_data["event"] = str(record.msg) if fixed else "withheld: a message without a fixed template"
        if isinstance(answered := getattr(record, "status_code", None), int):  # Django, of an answer that it refused
            log_data["status"] = answered
            log_data["event"] = f"answered {answered}"
        log_data.update({name: getattr(record, name) for name in _FIELDS if hasattr(record, name)})
        if record.exc_info and record.exc_info[0] is not None:
            log_data["exception"] = where(record.exc_info[0], record.exc_info[2])


def where(kind: type[BaseException], trace: TracebackType | None) -> str:
    """An exception's type and the newest line of ours on the way to it, without its text."""
    place = ""
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__", "?"))
        if module.startswith(_OWN) or not place.startswith(_OWN):
            place = f"{module}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{kind.__name__} at {place}" if place else kind.__name__
