"""Addresses of the pages of desks and letters."""

from django.urls import path

from tocsin.mailbox.views import desks, figures, letters, typing

app_name = "mailbox"
urlpatterns = [
    path("", desks.index, name="index"),
    path("new/", desks.new, name="new"),
    path("type/", typing.type_in, name="type"),
    path("languages/", figures.languages, name="languages"),
    path("clocks/", figures.kept, name="clocks"),
    path("arrivals/<str:number>/", letters.arrival, name="arrival"),
    path("letters/<uuid:number>/", letters.letter, name="letter"),
    path("letters/<uuid:number>/acknowledge", letters.acknowledge, name="acknowledge"),
    path("letters/<uuid:number>/reply", letters.reply, name="reply"),
    path("letters/<uuid:number>/aside", letters.aside, name="aside"),
    path("letters/<uuid:number>/back", letters.back, name="back"),
    path("letters/<uuid:number>/finish", letters.finish, name="finish"),
    path("letters/<uuid:number>/freeze", letters.freeze, name="freeze"),
    path("letters/<uuid:number>/into", letters.into, name="into"),
    path("letters/<uuid:number>/conflict", letters.conflict, name="conflict"),
    path("letters/<uuid:number>/called-back", letters.called_back, name="called_back"),
    path("letters/<uuid:number>/destroy", letters.destroy, name="destroy"),
    path("letters/<uuid:number>/raw", letters.raw, name="raw"),
    path("letters/<uuid:number>/files/<int:place>", letters.file, name="file"),
    path("<slug:public_id>/", desks.desk, name="desk"),
    path("<slug:public_id>/let-in", desks.let_in, name="let_in"),
    path("<slug:public_id>/put-out/<int:number>", desks.put_out, name="put_out"),
    path("<slug:public_id>/canary", desks.canary, name="canary"),
    path("<slug:public_id>/mail", desks.mail, name="mail"),
    path("<slug:public_id>/signal", desks.signal, name="signal"),
    path("<slug:public_id>/key", desks.key, name="key"),
]
