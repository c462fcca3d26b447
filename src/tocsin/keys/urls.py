"""Addresses of the pages of the vault."""

from django.urls import include, path

from tocsin.keys.views import vault

app_name = "keys"
urlpatterns = [
    path("", vault.index, name="vault"),
    path("", include("tocsin.keys.urls_ceremonies")),
    path("unlock/", vault.unlock, name="unlock"),
    path("make", vault.make, name="make"),
    path("undo", vault.undo, name="undo"),
    path("lost/", vault.lost, name="lost"),
    path("passphrase/", vault.passphrase, name="passphrase"),
    path("lock", vault.lock, name="lock"),
    path("panic/", vault.panic, name="panic"),
    path("closed/", vault.closed, name="closed"),
    path("people/<int:number>/", vault.compare, name="compare"),
]
