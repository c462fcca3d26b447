"""Addresses of the evidence of one case; included under the case's own."""

from django.urls import path

from tocsin.cases.evidence.views import handling, seeing

app_name = "evidence"
urlpatterns = [
    path("", handling.index, name="index"),
    path("new/", handling.new, name="new"),
    path("letters/<uuid:row>/<int:number>/", handling.adopt, name="adopt"),
    path("reseal/", handling.reseal, name="reseal"),
    path("<uuid:row>/", seeing.item, name="item"),
    path("<uuid:row>/look/", seeing.look, name="look"),
    path("<uuid:row>/picture/", seeing.picture, name="picture"),
    path("<uuid:row>/copy/", seeing.copy, name="copy"),
    path("<uuid:row>/describe/", handling.describe, name="describe"),
    path("<uuid:row>/check/", handling.check, name="check"),
    path("<uuid:row>/stamp/", handling.stamp, name="stamp"),
    path("<uuid:row>/remove/", handling.remove, name="remove"),
]
