"""Every address of the staff door. Ids only: no text, no name and no search stands in an address."""

from django.urls import path

from amparo.doors.staff.views import account, cases, entering, evidence, joining, log, members, people, queue

app_name = "staff"
urlpatterns = [
    path("", queue.queue, name="queue"),
    path("find/", queue.find, name="find"),
    path("in/", entering.sign_in, name="sign-in"),
    path("in/code/", entering.code, name="code"),
    path("in/again/", entering.again, name="again"),
    path("in/demo/<str:secret>/", entering.demo_link, name="demo-link"),
    path("out/", entering.sign_out, name="sign-out"),
    path("language/", entering.language, name="language"),
    path("join/<str:secret>/", joining.join, name="join"),
    path("set-up/", joining.set_up, name="set-up"),
    path("set-up/picture.svg", joining.picture, name="set-up-picture"),
    path("set-up/codes/", joining.codes, name="codes"),
    path("account/", account.account, name="account"),
    path("account/password/", account.password, name="password"),
    path("case/<uuid:case>/", cases.case, name="case"),
    path("case/<uuid:case>/reply/", cases.reply, name="reply"),
    path("case/<uuid:case>/note/", cases.note, name="note"),
    path("case/<uuid:case>/finding/<uuid:finding>/", cases.decide, name="decide"),
    path("case/<uuid:case>/state/", cases.state, name="state"),
    path("case/<uuid:case>/retention/", cases.retention, name="retention"),
    path("case/<uuid:case>/event/", cases.event, name="event"),
    path("case/<uuid:case>/erase/", cases.erase, name="erase"),
    path("case/<uuid:case>/evidence/<uuid:item>/", evidence.piece, name="piece"),
    path("case/<uuid:case>/evidence/<uuid:item>/consent/", evidence.device_consent, name="device-consent"),
    path("case/<uuid:case>/evidence/<uuid:item>/exam/", evidence.exam, name="exam"),
    path("case/<uuid:case>/evidence/<uuid:item>/original/", evidence.original, name="original"),
    path("case/<uuid:case>/copy/<uuid:item>/", evidence.copy, name="copy"),
    path("case/<uuid:case>/members/", members.add, name="members"),
    path("case/<uuid:case>/members/<uuid:colleague>/remove/", members.remove, name="member-remove"),
    path("people/", people.people, name="people"),
    path("people/invite/", people.invite, name="invite"),
    path("people/<uuid:colleague>/sign/", people.sign, name="sign"),
    path("people/<uuid:colleague>/remove/", people.remove, name="remove"),
    path("people/<uuid:colleague>/withdraw/", people.withdraw, name="withdraw-invitation"),
    path("people/<uuid:colleague>/new-keys/", people.new_keys, name="new-keys"),
    path("log/", log.log, name="log"),
    path("log/verify/", log.verify, name="log-verify"),
    path("desk/", log.desk, name="desk"),
]
