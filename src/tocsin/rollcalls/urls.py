"""Addresses of the pages of roll-calls."""

from django.urls import path

from tocsin.rollcalls.views import journeys, mine, rollcalls, silences

app_name = "rollcalls"
urlpatterns = [
    path("", mine.index, name="index"),
    path("me/", mine.me, name="me"),
    path("me/digit", mine.digit, name="digit"),
    path("me/withdraw/", mine.withdraw, name="withdraw"),
    path("questions/<int:number>/answer", mine.answer, name="answer"),
    path("new/", rollcalls.new, name="new"),
    path("journeys/new/", journeys.new, name="journey_new"),
    path("journeys/<slug:public_id>/", journeys.journey, name="journey"),
    path("journeys/<slug:public_id>/agree", journeys.agree, name="journey_agree"),
    path("journeys/<slug:public_id>/decline", journeys.decline, name="journey_decline"),
    path("journeys/<slug:public_id>/well", journeys.well, name="journey_well"),
    path("journeys/<slug:public_id>/help", journeys.need_help, name="journey_help"),
    path("journeys/<slug:public_id>/end", journeys.end, name="journey_end"),
    path("journeys/<slug:public_id>/helped/<int:number>", journeys.helped, name="journey_helped"),
    path("journeys/<slug:public_id>/heard/<int:number>", journeys.heard, name="journey_heard"),
    path("silences/<slug:public_id>/", silences.silence, name="silence"),
    path("silences/<slug:public_id>/out/<int:number>", silences.take_out, name="silence_out"),
    path("silences/<slug:public_id>/back/<int:number>", silences.put_back, name="silence_back"),
    path("silences/<slug:public_id>/split", silences.split, name="silence_split"),
    path("<slug:public_id>/", rollcalls.rollcall, name="rollcall"),
    path("<slug:public_id>/again", rollcalls.again, name="again"),
    path("<slug:public_id>/extend", rollcalls.extend, name="extend"),
    path("<slug:public_id>/close", rollcalls.close, name="close"),
    path("<slug:public_id>/open", rollcalls.open_again, name="open"),
    path("<slug:public_id>/let-in", rollcalls.let_in, name="let_in"),
    path("<slug:public_id>/helped/<int:number>", rollcalls.helped, name="helped"),
    path("<slug:public_id>/heard/<int:number>", rollcalls.heard, name="heard"),
]
