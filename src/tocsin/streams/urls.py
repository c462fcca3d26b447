"""Addresses of sources, documents, requirements and coverage."""

from django.urls import path

from tocsin.streams.views import documents, lists, occasions, requirements, sources

app_name = "streams"
urlpatterns = [
    path("", sources.index, name="index"),
    path("new/", sources.choose, name="choose"),
    path("new/<slug:name>/", sources.add, name="add"),
    path("<int:number>/", sources.source, name="source"),
    path("<int:number>/edit/", sources.edit, name="edit"),
    path("<int:number>/pause", sources.pause, name="pause"),
    path("<int:number>/resume", sources.resume, name="resume"),
    path("<int:number>/fetch", sources.fetch_now, name="fetch"),
    path("<int:number>/remove/", sources.remove, name="remove"),
    path("items/<int:number>/", sources.item, name="item"),
    path("items/<int:number>/names", sources.names, name="names"),
    path("items/<int:number>/original", documents.original, name="original"),
    path("export.opml", sources.export, name="export"),
    path("import/", lists.start, name="import_start"),
    path("import/<int:number>/", lists.report, name="import"),
    path("import/<int:number>/take", lists.take, name="import_take"),
    path("import/<int:number>/undo", lists.undo, name="import_undo"),
    path("documents/", documents.documents, name="documents"),
    path("documents/upload/", documents.upload, name="upload"),
    path("requirements/", requirements.requirements, name="requirements"),
    path("requirements/new/", requirements.add, name="requirement_add"),
    path("requirements/<int:number>/", requirements.edit, name="requirement"),
    path("requirements/<int:number>/close", requirements.close, name="requirement_close"),
    path("requirements/<int:number>/reopen", requirements.reopen, name="requirement_reopen"),
    path("occasions/", occasions.index, name="occasions"),
    path("occasions/new/", occasions.add, name="occasion_add"),
    path("occasions/bring/", occasions.bring, name="occasion_bring"),
    path("occasions/<int:number>/", occasions.edit, name="occasion"),
    path("occasions/<int:number>/remove", occasions.remove, name="occasion_remove"),
    path("occasions/<int:number>/restore", occasions.restore, name="occasion_restore"),
    path("coverage/", requirements.coverage, name="coverage"),
    path("blind-spots/", requirements.blind_spots, name="blind_spots"),
]
