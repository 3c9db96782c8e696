"""What a colleague does in a browser: see a page, press one of its buttons."""

from typing import Any

from django.test import Client

from amparo.desk import reading
from tests.doors.seeded import TOKEN, Desk


def shown(client: Client, where: str) -> str:
    answer = client.get(where)
    assert answer.status_code == 200, where
    return str(answer.content.decode())


def press(client: Client, where: str, page: str, **fields: Any) -> Any:
    token = TOKEN.search(page)
    assert token
    return client.post(where, {"csrfmiddlewaretoken": token[1], **fields}, follow=True)


def work(desk: Desk) -> Any:
    assert desk.case
    return reading.case_page(desk.staff["handler:granted"], desk.case).work
