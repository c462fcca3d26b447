"""The REST API: each room's routes under one address."""

from django.urls import path

from tocsin.config.api import api

urlpatterns = [path("", api.urls)]
