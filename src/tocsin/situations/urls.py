"""Addresses of situations."""

from django.urls import path

from tocsin.situations import views

app_name = "situations"
urlpatterns = [
    path("", views.index, name="index"),
    path("follow", views.follow, name="follow"),
    path("of/<int:number>/", views.of_signal, name="of"),
    path("of-item/<int:number>/", views.of_item, name="of_item"),
    path("<slug:public_id>/", views.situation, name="situation"),
    path("<slug:public_id>/assess", views.assess, name="assess"),
    path("<slug:public_id>/merge", views.merge, name="merge"),
    path("<slug:public_id>/move", views.move, name="move"),
    path("<slug:public_id>/undo/<int:event>", views.undo, name="undo"),
    path("<slug:public_id>/rename", views.rename, name="rename"),
    path("<slug:public_id>/close", views.close, name="close"),
]
