"""Addresses of the console's own pages."""

from django.urls import path

from tocsin.console import blindness, search, views

app_name = "console"
urlpatterns = [
    path("", views.home, name="home"),
    path("looked", views.looked, name="looked"),
    path("look/", views.look, name="look"),
    path("blindness/", blindness.blindness, name="blindness"),
    path("search/", search.search, name="search"),
]
