"""Addresses of this room."""

from django.urls import URLPattern

app_name = "streams"
urlpatterns: list[URLPattern] = []
