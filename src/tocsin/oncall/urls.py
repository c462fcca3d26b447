"""Addresses of the pages of duty."""

from django.urls import path

from tocsin.oncall.views import editor, feed, load, rotas, today, week

app_name = "oncall"
urlpatterns = [
    path("", today.index, name="index"),
    path("undo", today.undo, name="undo"),
    path("mine/", week.mine, name="mine"),
    path("mine/away", week.away, name="away"),
    path("mine/rest", week.rest, name="rest"),
    path("mine/after", week.after_shift, name="after"),
    path("mine/calendar", week.make_calendar, name="calendar"),
    path("mine/calendar/<int:number>/end", week.end_calendar, name="calendar_end"),
    path("absences/<int:number>/back", week.is_back, name="back"),
    path("swap/", week.ask_swap, name="swap_new"),
    path("swaps/<slug:public_id>/", today.swap, name="swap"),
    path("swaps/<slug:public_id>/<slug:verb>", today.answer_swap, name="swap_answer"),
    path("rests/<slug:public_id>/propose", today.propose, name="propose"),
    path("rests/<slug:public_id>/<slug:verb>", today.answer_rest, name="rest_answer"),
    path("calendar/<str:token>.ics", feed.feed, name="feed"),
    path("load/", load.load, name="load"),
    path("load/away", load.away, name="away_other"),
    path("load/limits/", load.limits, name="limits_team"),
    path("load/limits/<int:number>/", load.limits, name="limits"),
    path("new/", rotas.create, name="new"),
    path("<slug:public_id>/", rotas.rota, name="rota"),
    path("<slug:public_id>/history/", rotas.past, name="history"),
    path("<slug:public_id>/name/", rotas.rename, name="rename"),
    path("<slug:public_id>/end/", rotas.end, name="end"),
    path("<slug:public_id>/override", rotas.override, name="override"),
    path("<slug:public_id>/overrides/<int:number>/cancel", rotas.cancel, name="cancel"),
    path("<slug:public_id>/layers/new/", editor.layer, name="layer_new"),
    path("<slug:public_id>/layers/<int:number>/", editor.layer, name="layer"),
    path("<slug:public_id>/layers/<int:number>/<slug:verb>", editor.arrange, name="arrange"),
]
