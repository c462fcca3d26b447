"""Addresses of what is done with keys together: custodians, recovery, shredding, holds."""

from django.urls import path

from tocsin.keys.views import conflicts, keeping, recoveries

urlpatterns = [
    path("recovery/", recoveries.index, name="recoveries"),
    path("recovery/<uuid:asking>/", recoveries.one, name="recovery"),
    path("safes/<uuid:safe>/ask/", recoveries.ask, name="recovery_ask"),
    path("safes/<uuid:safe>/custodians/", recoveries.custodians, name="custodians"),
    path("safes/<uuid:safe>/conflicts/", conflicts.barred, name="barred"),
    path("safes/<uuid:safe>/shred/", keeping.shred, name="shred"),
    path("safes/<uuid:safe>/loss/<str:part>/", keeping.loss, name="loss"),
    path("certificates/", keeping.certificates, name="certificates"),
    path("holds/", keeping.index, name="holds"),
    path("holds/<uuid:hold>/lift", keeping.lift, name="lift_hold"),
    path("holds/days", keeping.days, name="retention_days"),
]
