"""Log lines carry no bodies."""

import io
import json
import logging
from typing import Any

import pytest

from tocsin.lib.logs import BodyFree


@pytest.fixture
def written() -> tuple[logging.Logger, Any]:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(BodyFree())
    logger = logging.Logger("tocsin.test")
    logger.addHandler(handler)
    return logger, lambda: json.loads(out.getvalue())


def test_an_exception_tells_its_type_and_place_and_not_its_text(written: tuple[logging.Logger, Any]) -> None:
    logger, line = written
    try:
        int("what Dana wrote")
    except ValueError:
        logger.exception("reading failed", extra={"source": 7, "body": "what Dana wrote"})
    assert "Dana" not in json.dumps(line())
    assert line()["exception"].startswith("ValueError at ")
    assert (line()["event"], line()["source"]) == ("reading failed", 7)


def test_what_another_library_put_together_is_withheld(written: tuple[logging.Logger, Any]) -> None:
    logger, line = written
    logger.name = "somebody.else"
    logger.warning("could not parse: what Dana wrote")
    assert "Dana" not in json.dumps(line())


def test_arguments_of_a_message_are_never_written(written: tuple[logging.Logger, Any]) -> None:
    logger, line = written
    logger.warning("could not parse %s", "what Dana wrote")
    assert line()["event"] == "could not parse %s"


def test_a_refused_request_tells_its_status_and_not_its_path(written: tuple[logging.Logger, Any]) -> None:
    logger, line = written
    logger.name = "django.request"
    logger.warning("%s: %s", "Not Found", "/join/secret/", extra={"status_code": 404})
    assert (line()["event"], line()["status"]) == ("answered 404", 404)
    assert "secret" not in json.dumps(line())
