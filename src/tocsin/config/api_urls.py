"""The REST API: each room's routes under one address, behind one door."""

from django.urls import URLPattern, path

from tocsin.config.api import api
from tocsin.config.api_errors import guarded, missing

_patterns, _application, _namespace = api.urls
for _pattern in _patterns:
    if isinstance(_pattern, URLPattern):
        _pattern.callback = guarded(_pattern.callback)

urlpatterns = [
    path("", guarded(missing)),
    path("", (_patterns, _application, _namespace)),
    path("<path:rest>", guarded(missing)),
]
