"""Addresses of the pages of risks, of communities, of guides and of context from outside."""

from django.urls import path
from django.views.generic import RedirectView

from tocsin.resilience.views import communities, contexts, practices, risks

app_name = "resilience"
_RISK = "risks/<slug:public_id>/"
_GUIDE = "practices/<slug:key>/<slug:language>/"
_ONE = "communities/<slug:public_id>/"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="resilience:risks"), name="index"),
    path("communities/", communities.index, name="communities"),
    path("communities/new/", communities.new, name="new"),
    path(_ONE, communities.community, name="community"),
    path(f"{_ONE}edit/", communities.edit, name="edit"),
    path(f"{_ONE}consent/", communities.consent, name="consent"),
    path(f"{_ONE}statements/new/", communities.say, name="say"),
    path(f"{_ONE}statements/<int:number>/withdraw/", communities.withdraw, name="withdraw"),
    path(f"{_ONE}dealings/new/", communities.hear, name="hear"),
    path(f"{_ONE}dealings/<int:number>/end/", communities.end, name="end"),
    path(f"{_ONE}dealings/<int:number>/reopen", communities.reopen, name="reopen"),
    path(f"{_ONE}contacts/new/", communities.tie, name="tie"),
    path(f"{_ONE}contacts/<slug:contact>/remove", communities.untie, name="untie"),
    path(f"{_ONE}put-away/", communities.put_away, name="put_away"),
    path(f"{_ONE}take-back", communities.take_back, name="take_back"),
    path(f"{_ONE}erase/", communities.forget, name="forget"),
    path("risks/", risks.index, name="risks"),
    path("risks/new/", risks.new, name="new_risk"),
    path(_RISK, risks.risk, name="risk"),
    path(f"{_RISK}edit/", risks.edit, name="edit_risk"),
    path(f"{_RISK}rate/", risks.rate, name="rate"),
    path(f"{_RISK}treatments/new/", risks.treat, name="treat"),
    path(f"{_RISK}treatments/<int:number>/end/", risks.end, name="end_treatment"),
    path(f"{_RISK}accept/", risks.accept, name="accept"),
    path(f"{_RISK}close/", risks.close, name="close"),
    path(f"{_RISK}step/<slug:verb>", risks.step, name="step"),
    path(f"{_RISK}incidents/<slug:situation>/remove", risks.unlink, name="unlink"),
    path("changes/", risks.changes, name="changes"),
    path("suggestions/", risks.suggestions, name="suggestions"),
    path("suggestions/answer/", risks.answer, name="answer"),
    path("promises/", communities.promises, name="promises"),
    path("practices/", practices.index, name="practices"),
    path("practices/new/", practices.new, name="new_guide"),
    path("practices/<slug:key>/retire/", practices.retire, name="retire"),
    path("practices/<slug:key>/take-back", practices.take_back, name="take_back_guide"),
    path("practices/<slug:key>/adoptions/<int:number>/remove", practices.withdraw_adoption, name="withdraw_adoption"),
    path("practices/<slug:key>/translate/", practices.translate, name="translate"),
    path(_GUIDE, practices.guide, name="guide"),
    path(f"{_GUIDE}edit/", practices.edit, name="edit_guide"),
    path(f"{_GUIDE}versions/<int:version>/", practices.version, name="guide_version"),
    path(f"{_GUIDE}review/<slug:digest>/", practices.review, name="review"),
    path(f"{_GUIDE}reviews/<int:number>/remove", practices.withdraw_review, name="withdraw_review"),
    path(f"{_GUIDE}publish/<int:version>", practices.publish, name="publish"),
    path(f"{_GUIDE}adopt/", practices.adopt, name="adopt"),
    path("context/", contexts.index, name="contexts"),
    path("context/new/", contexts.look, name="look"),
    path("context/countries/<slug:code>/", contexts.country, name="country"),
    path("context/<slug:public_id>/", contexts.batch, name="batch"),
    path("context/<slug:public_id>/take", contexts.take, name="take"),
    path("context/<slug:public_id>/undo", contexts.undo, name="undo"),
]
