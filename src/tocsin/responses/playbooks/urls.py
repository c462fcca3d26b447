"""Addresses of the pages of playbooks and of authorities: two sets, which the room includes at two places."""

from django.urls import path

from tocsin.responses.playbooks import authority_views, version_views, views

playbooks = (
    [
        path("", views.index, name="index"),
        path("new/", views.new, name="new"),
        path("protections/", views.protections_page, name="protections"),
        path("<slug:key>/", views.page, name="page"),
        path("<slug:key>/translate", views.translate, name="translate"),
        path("<slug:key>/<slug:language>/", views.page, name="page"),
        path("<slug:key>/<slug:language>/edit/", views.edit, name="edit"),
        path("<slug:key>/<slug:language>/history/", version_views.history, name="history"),
        path("<slug:key>/<slug:language>/diff/", version_views.diff, name="diff"),
        path("<slug:key>/<slug:language>/review/", version_views.look, name="look"),
        path("<slug:key>/<slug:language>/<int:version>/", version_views.version, name="version"),
        path("<slug:key>/<slug:language>/<int:version>/review", version_views.review, name="review"),
        path("<slug:key>/<slug:language>/<int:version>/decline", version_views.decline, name="decline"),
        path("<slug:key>/<slug:language>/<int:version>/restore", version_views.restore, name="restore"),
    ],
    "playbooks",
)
authorities = (
    [
        path("", authority_views.index, name="index"),
        path("disclosures/", authority_views.disclosures, name="disclosures"),
        path("disclosures/new/", authority_views.disclose, name="disclose"),
        path("disclosures/<slug:public_id>/approve", authority_views.approve, name="approve"),
        path("disclosures/<slug:public_id>/take-back", authority_views.take_back, name="take_back"),
        path("<slug:code>/", authority_views.country, name="country"),
        path("<slug:code>/edit/", authority_views.edit, name="edit"),
        path("<slug:code>/back", authority_views.bring_back, name="back"),
        path("<slug:code>/verify", authority_views.verify, name="verify"),
    ],
    "authorities",
)
