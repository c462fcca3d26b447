"""Addresses of the pages of allies, and of the door behind the link of a slice."""

from django.urls import path

from tocsin.alliances.views import contacts, door, lists

app_name = "alliances"
urlpatterns = [
    path("", lists.index, name="index"),
    path("find/", lists.find, name="find"),
    path("due/", lists.due, name="due"),
    path("import/", lists.bring, name="import"),
    path("new/", contacts.new, name="new"),
    path("<slug:public_id>/", contacts.contact, name="contact"),
    path("<slug:public_id>/edit/", contacts.edit, name="edit"),
    path("<slug:public_id>/reach/", contacts.reach, name="reach"),
    path("<slug:public_id>/open", contacts.open_reach, name="open"),
    path("<slug:public_id>/verify/", contacts.verify, name="verify"),
    path("<slug:public_id>/undo", contacts.undo, name="undo"),
    path("<slug:public_id>/erase/", contacts.forget, name="forget"),
    path("<slug:public_id>/step/<slug:verb>/", contacts.step, name="step"),
]
links = [path("<str:token>", door.page, name="slice_link")]
