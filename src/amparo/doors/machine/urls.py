"""Every address of the machine door. They exist over the local socket alone; ids only, as everywhere."""

from django.urls import path

from amparo.doors.machine import cases, entering

urlpatterns = [
    path("login", entering.password, name="login"),
    path("code", entering.code, name="code"),
    path("demo-login", entering.demo, name="demo-login"),
    path("logout", entering.leave, name="logout"),
    path("me", entering.who, name="me"),
    path("queue", cases.queue, name="queue"),
    path("find", cases.find, name="find"),
    path("erased", cases.erased, name="erased"),
    path("case/<uuid:case>", cases.show, name="case"),
    path("case/<uuid:case>/note", cases.note, name="note"),
    path("case/<uuid:case>/reply", cases.reply, name="reply"),
    path("case/<uuid:case>/state", cases.state, name="state"),
]
