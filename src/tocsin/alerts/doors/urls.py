"""Where links in messages lead, and where providers call back (``channels.callbacks`` writes these paths)."""

from django.urls import path

from tocsin.alerts.doors import link, twilio

links = [path("<str:token>", link.page, name="page_link")]
providers = [
    path("sms/in", twilio.sms),
    path("sms/status/<slug:page>", twilio.sms_status),
    path("voice/status/<slug:page>", twilio.voice_status),
    path("voice/answer/<slug:page>", twilio.voice),
]
