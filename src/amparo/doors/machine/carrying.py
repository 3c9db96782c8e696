"""A report that came by a carrier, handed over by a program of this machine: the body is the file itself."""

from django.http import HttpRequest

from amparo.desk import carrying
from amparo.desk.accounts import OpenStaff
from amparo.doors.machine import gate, showing


@gate.page("intake.write", methods=("POST",))
def take_in(request: HttpRequest, staff: OpenStaff) -> gate.Answer:
    """Stored as a case: {"case", "code", "before"}; `before`: it was here already."""
    told = request.META.get("CONTENT_LENGTH") or "0"
    size = int(told) if told.isdecimal() and len(told) < 16 else 0
    taken = carrying.take_in_stream(read=request.read, size=size, staff=staff)
    return {"case": str(taken.case), "code": showing.code(taken.case), "before": taken.before}
