"""Addresses of signals."""

from django.urls import path

from tocsin.signals import views

app_name = "signals"
urlpatterns = [
    path("of-item/<int:number>/", views.of_item, name="of_item"),
    path("<int:number>/", views.signal, name="signal"),
    path("<int:number>/correct", views.correct, name="correct"),
    path("<int:number>/undo/<int:correction>", views.undo, name="undo"),
]
