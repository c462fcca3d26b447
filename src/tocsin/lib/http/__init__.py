"""The one HTTP client: checks every address before it connects, and never waits or reads without a limit."""

from tocsin.lib.http.addresses import why_refused
from tocsin.lib.http.answers import Answer, Limits
from tocsin.lib.http.client import Client
from tocsin.lib.http.dialling import Resolver
from tocsin.lib.http.errors import Code, HttpError
from tocsin.lib.http.politeness import Politeness, backoff, retry_after

__all__ = [
    "Answer",
    "Client",
    "Code",
    "HttpError",
    "Limits",
    "Politeness",
    "Resolver",
    "backoff",
    "retry_after",
    "why_refused",
]
