"""Addresses of the pages of reports, and of the page behind a link."""

from django.urls import path

from tocsin.reports.views import counting, drafts, issues, measures, reports, sets, tabletop, templates

app_name = "reports"
urlpatterns = [
    path("", reports.index, name="index"),
    path("new/", reports.new, name="new"),
    path("week", sets.week, name="week"),
    path("sets/new/", sets.new, name="set_new"),
    path("sets/<slug:public_id>/", sets.one, name="set"),
    path("sets/<slug:public_id>/draft", sets.draft, name="set_draft"),
    path("sets/<slug:public_id>/end", sets.end, name="set_end"),
    path("measures/", measures.measures, name="measures"),
    path("counting/", counting.index, name="counting"),
    path("counting/protected/", counting.protected, name="protected"),
    path("counting/<slug:month>/", counting.month, name="count_month"),
    path("table-top/<slug:key>.pdf", tabletop.pack, name="tabletop"),
    path("layouts/", templates.layouts, name="layouts"),
    path("layouts/<slug:audience>/", templates.layout, name="layout"),
    path("gathered/<slug:public_id>/", drafts.gathered, name="gathered"),
    path("drafts/<slug:public_id>/", drafts.draft, name="draft"),
    path("drafts/<slug:public_id>/everywhere/", drafts.everywhere, name="everywhere"),
    path("drafts/<slug:public_id>/write", drafts.write, name="write"),
    path("drafts/<slug:public_id>/word", drafts.word, name="word"),
    path("drafts/<slug:public_id>/translate", drafts.translate_early, name="translate_early"),
    path("drafts/<slug:public_id>/add", drafts.add, name="add"),
    path("drafts/<slug:public_id>/remove", drafts.remove, name="remove"),
    path("drafts/<slug:public_id>/drop", drafts.drop, name="drop"),
    path("drafts/<slug:public_id>/leave-closed", drafts.leave_closed, name="leave_closed"),
    path("drafts/<slug:public_id>/recount", drafts.recount, name="recount"),
    path("drafts/<slug:public_id>/mask", drafts.mask, name="mask"),
    path("drafts/<slug:public_id>/clear", drafts.clear, name="clear"),
    path("drafts/<slug:public_id>/rename", drafts.rename, name="rename"),
    path("drafts/<slug:public_id>/put-away", drafts.put_away, name="put_away"),
    path("drafts/<slug:public_id>/agree", drafts.agree, name="agree"),
    path("drafts/<slug:public_id>/release", drafts.release, name="release"),
    path("issues/<slug:public_id>/", issues.issue, name="issue"),
    path("issues/<slug:public_id>/file/<slug:form>", issues.download, name="file"),
    path("issues/<slug:public_id>/correct", issues.correct, name="correct"),
    path("issues/<slug:public_id>/translate", issues.translate, name="translate"),
    path("issues/<slug:public_id>/send", issues.send, name="send"),
    path("issues/<slug:public_id>/hand-over", issues.hand_over, name="hand_over"),
    path("issues/<slug:public_id>/revoke", issues.revoke, name="revoke"),
    path("<slug:public_id>/", reports.report, name="report"),
    path("<slug:public_id>/draft", reports.draft_now, name="draft_now"),
    path("<slug:public_id>/end", reports.end, name="end"),
    path("<slug:public_id>/languages", reports.languages, name="languages"),
    path("<slug:public_id>/recipients/add", reports.add_recipient, name="recipient_add"),
    path("<slug:public_id>/recipients/end", reports.end_recipient, name="recipient_end"),
]
links = [path("<str:token>", issues.link, name="issue_link")]
