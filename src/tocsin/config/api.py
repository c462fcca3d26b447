"""The REST API, put together from the rooms."""

from ninja import NinjaAPI

api = NinjaAPI(title="Tocsin", version="1", urls_namespace="api")
