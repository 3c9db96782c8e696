"""Every address of the machine door. They exist over the local socket alone; ids only, as everywhere."""

from django.urls import path

from amparo.doors.machine import carrying, cases, entering, shift, working

urlpatterns = [
    path("login", entering.password, name="login"),
    path("code", entering.code, name="code"),
    path("demo-login", entering.demo, name="demo-login"),
    path("logout", entering.leave, name="logout"),
    path("me", entering.who, name="me"),
    path("queue", cases.queue, name="queue"),
    path("find", cases.find, name="find"),
    path("take-in", carrying.take_in, name="take-in"),
    path("erased", cases.erased, name="erased"),
    path("case/<uuid:case>", cases.show, name="case"),
    path("case/<uuid:case>/note", cases.note, name="note"),
    path("case/<uuid:case>/reply", cases.reply, name="reply"),
    path("case/<uuid:case>/state", cases.state, name="state"),
    path("case/<uuid:case>/take", working.take, name="take"),
    path("case/<uuid:case>/assign", working.give, name="assign"),
    path("case/<uuid:case>/triage", working.triage, name="triage"),
    path("case/<uuid:case>/task", working.task, name="task"),
    path("case/<uuid:case>/task/<uuid:task>", working.end, name="end-task"),
    path("tasks", working.tasks, name="tasks"),
    path("shift", shift.hand_over, name="shift"),
    path("shift/waiting", shift.waiting, name="waiting"),
    path("shift/read", shift.read, name="read"),
    path("shift/ack", shift.acknowledge, name="alarm-ack"),
]
