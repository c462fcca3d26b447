"""Addresses of the pages of alerts."""

from django.urls import include, path

from tocsin.alerts.contacts import views as contacts
from tocsin.alerts.doors.urls import providers
from tocsin.alerts.integrations import urls as integrations
from tocsin.alerts.views import alerts, calling, policies, rules

app_name = "alerts"
urlpatterns = [
    path("", alerts.index, name="index"),
    path("page-now/", calling.page_now, name="page_now"),
    path("policies/", policies.index, name="policies"),
    path("policies/new/", policies.edit, name="policy_new"),
    path("policies/<slug:public_id>/", policies.policy, name="policy"),
    path("policies/<slug:public_id>/edit/", policies.edit, name="policy_edit"),
    path("policies/<slug:public_id>/undo", policies.undo, name="policy_undo"),
    path("policies/<slug:public_id>/default", policies.make_default, name="policy_default"),
    path("policies/<slug:public_id>/end", policies.end, name="policy_end"),
    path("policies/<slug:public_id>/back", policies.bring_back, name="policy_back"),
    path("rules/", rules.index, name="rules"),
    path("rules/<int:number>/", rules.rule, name="rule"),
    path("rules/<int:number>/trust/", rules.trust, name="rule_trust"),
    path("rules/<int:number>/budget", rules.budget, name="rule_budget"),
    path("drills/", rules.drills, name="drills"),
    path("drills/now", rules.drill_now, name="drill_now"),
    path("pager/", rules.pager, name="pager"),
    path("doors/", include(providers)),
    path("in/", include(integrations.doors)),
    path("integrations/", include(integrations.pages)),
    path("contacts/", contacts.index, name="contacts"),
    path("contacts/add/", contacts.add, name="contact_add"),
    path("contacts/order", contacts.order, name="contacts_order"),
    path("contacts/test/", contacts.test, name="contact_test"),
    path("contacts/<int:number>/", contacts.contact, name="contact"),
    path("contacts/<int:number>/verify", contacts.verify, name="contact_verify"),
    path("contacts/<int:number>/code", contacts.send_code, name="contact_code"),
    path("contacts/<int:number>/words", contacts.save_words, name="contact_words"),
    path("contacts/<int:number>/remove/", contacts.remove, name="contact_remove"),
    path("<slug:public_id>/", alerts.alert, name="alert"),
    path("<slug:public_id>/have", alerts.have, name="have"),
    path("<slug:public_id>/confirm", alerts.confirm, name="confirm"),
    path("<slug:public_id>/take", alerts.take, name="take"),
    path("<slug:public_id>/pass", alerts.pass_on, name="pass"),
    path("<slug:public_id>/next", alerts.call_next, name="next"),
    path("<slug:public_id>/later", alerts.later, name="later"),
    path("<slug:public_id>/resolve", alerts.resolve, name="resolve"),
    path("<slug:public_id>/reopen", alerts.reopen, name="reopen"),
    path("<slug:public_id>/let-in", alerts.let_in, name="let_in"),
]
