"""The reporter's pages. Paths are neutral on purpose: a browser's history keeps them."""

from django.urls import path

from amparo.doors.reporter import adding, back, complaining, front, helping, preparing, sending, writing

urlpatterns = [
    path("", front.start, name="start"),
    path("door/", front.door, name="door"),
    path("first/", front.danger, name="danger"),
    path("about/", front.about, name="about"),
    path("about/word/", complaining.complain, name="complain"),
    path("help/", helping.helps, name="helps"),
    path("help/<slug:book>/", helping.whole, name="help-whole"),
    path("help/<slug:book>/<slug:step>/", helping.step, name="help-step"),
    path("ready/", preparing.ready, name="ready"),
    path("ready/<slug:form>/", preparing.form, name="ready-form"),
    path("traces/", front.traces, name="traces"),
    path("write/", writing.write, name="write"),
    path("write/begin/", writing.begin, name="begin"),
    path("write/again/", writing.resume, name="resume"),
    path("write/<int:number>/", writing.question, name="question"),
    path("write/files/", writing.files, name="files"),
    path("write/readers/", writing.readers, name="readers"),
    path("write/choices/", writing.choices, name="choices"),
    path("write/check/", sending.check, name="check"),
    path("write/send/", sending.send, name="send"),
    path("write/words/", sending.words, name="words"),
    path("write/words/check/", sending.confirm, name="confirm"),
    path("write/own/", adding.own_words, name="own-words"),
    path("write/own/check/", adding.own_confirm, name="own-confirm"),
    path("write/done/", sending.done, name="done"),
    path("write/delete/", writing.delete, name="delete"),
    path("back/", back.enter, name="back"),
    path("back/talk/", back.talk, name="talk"),
    path("back/add/", adding.adding, name="adding"),
    path("back/names/", adding.names, name="names"),
    path("back/choices/", back.choices, name="my-choices"),
    path("back/words/", back.new_words, name="new-words"),
    path("back/take/", back.withdraw, name="withdraw"),
    path("back/earlier/", back.earlier, name="earlier"),
    path("back/close/", back.close, name="close"),
]
