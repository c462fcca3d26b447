"""Addresses of the pages of cases. What stands in them are random ids."""

from django.urls import include, path

from tocsin.cases.views import cases, keeping, log, people, records, risk, sheet

app_name = "cases"
urlpatterns = [
    path("", cases.index, name="index"),
    path("new/", cases.new, name="new"),
    path("reporters/new/", cases.new, {"kind": "reporter"}, name="reporter_new"),
    path("risk/", risk.report, name="risk"),
    path("called/<uuid:number>/", sheet.called, name="called"),
    path("<uuid:case>/", cases.case, name="case"),
    path("<uuid:case>/in/<slug:name>/", cases.compartment, name="compartment"),
    path("<uuid:case>/identity/", cases.identity, name="identity"),
    path("<uuid:case>/add/<slug:kind>/", records.add, name="add"),
    path("<uuid:case>/records/<uuid:row>/do/<slug:verb>/", records.step, name="step"),
    path("<uuid:case>/records/<uuid:row>/correct/", records.correct, name="correct"),
    path("<uuid:case>/records/<uuid:row>/tick/<slug:key>", records.tick, name="tick"),
    path("<uuid:case>/records/<uuid:row>/heard/", records.heard, name="heard"),
    path("<uuid:case>/records/<uuid:row>/share/", records.share, name="share"),
    path("<uuid:case>/people/", people.people, name="people"),
    path("<uuid:case>/people/in", people.let_in, name="let_in"),
    path("<uuid:case>/people/<int:number>/out", people.put_out, name="put_out"),
    path("<uuid:case>/people/keep-out", people.keep_out, name="keep_out"),
    path("<uuid:case>/people/duty", people.set_duty, name="duty"),
    path("<uuid:case>/reseal/", people.reseal_view, name="reseal"),
    path("<uuid:case>/evidence/", include("tocsin.cases.evidence.urls")),
    path("<uuid:case>/sheet/", sheet.sheet, name="sheet"),
    path("<uuid:case>/log/", log.log, name="log"),
    path("<uuid:case>/purpose", log.purpose, name="purpose"),
    path("<uuid:case>/handover/", cases.handover, name="handover"),
    path("<uuid:case>/close/", cases.close, name="close"),
    path("<uuid:case>/keeping/", keeping.kept, name="keeping"),
    path("<uuid:case>/reopen", cases.reopen, name="reopen"),
]
