"""Addresses of triage."""

from django.urls import path

from tocsin.situations import triage_views as views

app_name = "triage"
urlpatterns = [
    path("", views.page, name="page"),
    path("undo", views.undo, name="undo"),
    path("<int:number>/answer", views.answer, name="answer"),
    path("<int:number>/account", views.account, name="account"),
    path("<int:number>/merge", views.merge, name="merge"),
    path("<int:number>/split", views.split, name="split"),
]
