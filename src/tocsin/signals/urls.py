"""Addresses of signals."""

from django.urls import path

from tocsin.signals import account_views, learned, pasts, views

app_name = "signals"
urlpatterns = [
    path("past/", pasts.pasts, name="pasts"),
    path("past/again", pasts.again, name="pasts_again"),
    path("past/pause", pasts.pause, name="pasts_pause"),
    path("past/go-on", pasts.go_on, name="pasts_go_on"),
    path("learned/", learned.page, name="learned"),
    path("learned/back", learned.back, name="learned_back"),
    path("of-item/<int:number>/", views.of_item, name="of_item"),
    path("<int:number>/", views.signal, name="signal"),
    path("<int:number>/correct", views.correct, name="correct"),
    path("<int:number>/account", account_views.judge, name="account"),
    path("<int:number>/undo/<int:correction>", views.undo, name="undo"),
]
