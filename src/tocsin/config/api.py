"""The REST API, put together from the rooms. Each room knows its routes; only this file knows all."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Router
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from tocsin.alerts.actions import RefusedError as AlertsRefusedError
from tocsin.alerts.api import router as alerts
from tocsin.alerts.contacts.api import router as contacts
from tocsin.alerts.integrations.api import router as integrations
from tocsin.alliances.api import router as alliances
from tocsin.alliances.refusals import RefusedError as AlliancesRefusedError
from tocsin.audit.api import router as audit
from tocsin.config.api_errors import ANSWERS, Problem, handle, problem
from tocsin.console.api import router as console
from tocsin.oncall.actions import RefusedError as OncallRefusedError
from tocsin.oncall.api import router as oncall
from tocsin.people.actions import RefusedError as PeopleRefusedError
from tocsin.people.api import router as people
from tocsin.people.api_auth import Bearer
from tocsin.people.roles import Right
from tocsin.reports.api import router as reports
from tocsin.reports.refusals import RefusedError as ReportsRefusedError
from tocsin.resilience.api import router as resilience
from tocsin.resilience.risk_api import router as risks
from tocsin.responses.api import router as responses
from tocsin.responses.authority import RefusedError as ResponsesRefusedError
from tocsin.responses.playbooks.api import router as playbooks
from tocsin.rollcalls.api import router as rollcalls
from tocsin.rollcalls.refusals import RefusedError as RollcallsRefusedError
from tocsin.signals.accounts_api import router as accounts
from tocsin.signals.actions import RefusedError as SignalsRefusedError
from tocsin.signals.api import router as signals
from tocsin.signals.pasts_api import router as replays
from tocsin.situations.actions import RefusedError as SituationsRefusedError
from tocsin.situations.api import router as situations
from tocsin.streams.api import router as streams
from tocsin.streams.drafts import RefusedError as StreamsRefusedError

DESCRIPTION = """Everything that a page of the console can do, for programs.

Make a token in the console's settings and send it as `Authorization: Bearer tocsin_…`. Each call names the right that
it needs. What is not for you looks as if it were not there. Times are ISO 8601 with their zone. Long lists come in
parts: send `next` of one part as `cursor` of the following one."""


class Api(NinjaAPI):
    """The API with one shape of refusal in its document, and the right that each call needs."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """The room and the function, such as ``situations_merge``."""
        room = operation.view_func.__module__.split(".")[1]
        return f"{room}_{operation.view_func.__name__}"

    def operations(self) -> list[tuple[str, Operation]]:
        """Every operation with its path."""
        return [
            (f"{router.prefix}{path}", operation)
            for router in self._get_bound_routers()
            for path, view in router.path_operations.items()
            for operation in view.operations
        ]

    def get_openapi_schema(self, **where: Any) -> OpenAPISchema:
        """The document."""
        schema = super().get_openapi_schema(**where)
        needed = {self.get_openapi_operation_id(one): right_of(one) for _, one in self.operations()}
        definition = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schema["components"]["schemas"] |= {**definition.pop("$defs"), "Problem": definition}
        for path in schema["paths"].values():
            for details in path.values():
                _complete(details, needed[details["operationId"]])
        return schema


def right_of(operation: Operation) -> Right | None:
    """The right that an operation needs; None: any right at all.

    Raises:
        LookupError: for an operation without a guard, which must not be.
    """
    guards = list(operation.auth_callbacks)
    if len(guards) != 1 or not isinstance(guards[0], Bearer):
        raise LookupError("every route needs exactly one Bearer as its guard")
    return guards[0].right


def _complete(details: dict[str, Any], right: Right | None) -> None:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status, words in ANSWERS.items():
        details["responses"].setdefault(status, {"description": words, "content": content})
    details["security"] = [{"Bearer": [right.value] if right is not None else []}]
    needs = f"Needs the right `{right.value}`." if right is not None else "Needs any right."
    details["description"] = f"{details.get('description', '')}\n\n{needs}".strip()


def _for_callers(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Show the document to whoever may call at least one route."""
    guard = Bearer(None)

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            known = guard(request) is not None
        except Exception as error:  # noqa: BLE001 — each refusal gets the answer that routes give
            return api.on_exception(request, error)
        return view(request, *args, **kwargs) if known else problem(401)

    return shown


# The library's page of documents wants scripts from elsewhere; docs/api.md and the document take its place.
api = Api(
    title="Tocsin",
    version="1",
    description=DESCRIPTION,
    urls_namespace="api",
    docs_url=None,
    docs_decorator=_for_callers,
)
handle(
    api,
    [
        AlertsRefusedError,
        PeopleRefusedError,
        StreamsRefusedError,
        SignalsRefusedError,
        SituationsRefusedError,
        OncallRefusedError,
        RollcallsRefusedError,
        ResponsesRefusedError,
        ReportsRefusedError,
        AlliancesRefusedError,
    ],
)

_ROUTERS: list[Router] = [
    people,
    oncall,
    alerts,
    contacts,
    integrations,
    alliances,
    streams,
    signals,
    accounts,
    replays,
    situations,
    rollcalls,
    reports,
    responses,
    playbooks,
    resilience,
    risks,
    console,
]
for _router in _ROUTERS:
    api.add_router("", _router)
# The record's room stands above people and knows no rights.
api.add_router("", audit, auth=Bearer(Right.AUDIT))
