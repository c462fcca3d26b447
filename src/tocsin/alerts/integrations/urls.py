"""Addresses of the door that other systems call, and of the pages where integrations are arranged."""

from django.urls import path

from tocsin.alerts.integrations import views
from tocsin.alerts.integrations.door import knock

doors = [
    path("<slug:public_id>", knock, name="knock"),
    # A slash at the end must not cost an alert: a redirect would turn the POST into a GET.
    path("<slug:public_id>/", knock),
    path("<slug:public_id>/v2/enqueue", knock),
    path("<slug:public_id>/v2/enqueue/", knock),
]
pages = [
    path("", views.index, name="integrations"),
    path("new/", views.new, name="integration_new"),
    path("<slug:public_id>/", views.integration, name="integration"),
    path("<slug:public_id>/test", views.test, name="integration_test"),
    path("<slug:public_id>/rotate/", views.rotate, name="integration_rotate"),
    path("<slug:public_id>/key/", views.key, name="integration_key"),
    path("<slug:public_id>/revoke/", views.revoke, name="integration_revoke"),
]
