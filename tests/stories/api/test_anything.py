"""Whatever a program sends, by the document or against it, the server answers as the document says."""

import json
from typing import Any
from urllib.parse import unquote, urlsplit

import hypothesis
import pytest
import requests
import schemathesis
from django.test import Client
from hypothesis import strategies
from schemathesis import GenerationMode, checks
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks as openapi_checks

from tests.stories.api.world import World, ally, reported
from tocsin.config.api import api
from tocsin.people.actions import issue_token
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.responses.actions import begin
from tocsin.responses.log.acts import Begun
from tocsin.responses.log.content import Content, Task
from tocsin.signals.models import CellState, Finding
from tocsin.situations.models import MembershipEvent

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

CHECKS = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_schema_conformance,
]
DOCUMENT = schemathesis.openapi.from_dict(json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/"))))
OPERATIONS: list[Any] = [found.ok() for found in DOCUMENT.get_all_operations() if isinstance(found, Ok)]
MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
NOT_OF_A_REQUEST = {"allow_redirects", "stream", "timeout", "verify", "cert", "proxies"}
EDGES = 20
EXAMPLES = 5
# Each call about a report gathers, counts or draws: three of those take as long as five of the others.
OF_REPORTS = 3


@pytest.fixture
def everything(owner: Person) -> str:
    """A token of every right."""
    return str(issue_token(owner, "a program", list(Right), 30))


@pytest.mark.parametrize("operation", OPERATIONS, ids=[one.label for one in OPERATIONS])
def test_the_edges_of_what_the_document_allows_break_nothing(operation: Any, everything: str, world: World) -> None:
    generation = DOCUMENT.config.generation_for(operation=operation, phase="coverage")
    cases = DOCUMENT.iter_coverage_cases(operation, generation_modes=MODES, generation_config=generation)
    for _, case in zip(range(EDGES), cases, strict=False):
        _check(case, everything)


@pytest.mark.once
@pytest.mark.parametrize("operation", OPERATIONS, ids=[one.label for one in OPERATIONS])
def test_nothing_that_a_program_can_think_of_breaks_the_server(operation: Any, everything: str, world: World) -> None:
    known = _known(operation, world)
    cases = strategies.one_of([operation.as_strategy(mode, path_parameters=known) for mode in MODES])

    @hypothesis.settings(
        max_examples=OF_REPORTS if operation.path.startswith("/api/reports") else EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=cases)
    def tried(case: schemathesis.Case[Any]) -> None:
        _check(case, everything)

    tried()


def _known(operation: Any, world: World) -> dict[str, Any]:
    """Rows that are there, so that calls come past the door."""
    row = world.shown[0]
    numbers = {
        "cells": CellState.objects.values_list("pk", flat=True)[0],
        "findings": Finding.objects.values_list("pk", flat=True)[0],
        "items": row.item_id,
        "requirements": world.requirement.pk,
        "signals": row.pk,
        "sources": row.item.source_id if row.item is not None else 0,
    }
    if operation.path.startswith("/api/alliances"):
        ally(world.open.public_id, Person.objects.get(name="Alice"))
    event = MembershipEvent.objects.filter(situation=world.open).values_list("pk", flat=True)[0]
    found = {"public_id": world.open.public_id, "event": event, "country": "TR", "topic": "country:TR"}
    if operation.path.startswith("/api/plans"):
        lead = Person.objects.get(name="Alice")
        found |= {
            "public_id": begin(lead, Begun(severity=2), Content("A plan"), [Task("t1", "One")], None).id,
            "key": "t1",
        }
    if operation.path.startswith("/api/reports") and "{" in operation.path:
        found |= reported(operation.path, Person.objects.get(name="Alice"))
    # The caller's own token is left in peace.
    found.setdefault("number", numbers.get(operation.path.split("/")[2], 2**40))
    return {name: value for name, value in found.items() if "{" + name + "}" in operation.path}


def _check(case: schemathesis.Case[Any], token: str) -> None:
    case.validate_response(_answer(case, token), checks=CHECKS)


def _answer(case: schemathesis.Case[Any], token: str) -> schemathesis.Response:
    """Make the very call that the case describes, inside this process."""
    described = case.as_transport_kwargs(base_url="http://testserver")
    kept = {name: value for name, value in described.items() if name not in NOT_OF_A_REQUEST}
    sent = requests.Request(**kept).prepare()
    address = urlsplit(str(sent.url))
    headers: dict[str, Any] = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in sent.headers.items()}
    headers |= {"HTTP_AUTHORIZATION": f"Bearer {token}", "HTTP_ACCEPT_ENCODING": "identity"}
    got = Client().generic(
        str(sent.method),
        unquote(address.path),
        sent.body or b"",
        str(sent.headers.get("Content-Type", "application/octet-stream")),
        QUERY_STRING=address.query,
        **headers,
    )
    shown = {name: [value] for name, value in got.headers.items()}
    return schemathesis.Response(got.status_code, shown, got.content, sent, elapsed=0.0, verify=True)
