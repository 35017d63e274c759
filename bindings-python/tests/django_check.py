"""Run by `test_notifications.py` in a process of its own: the Django example, called through Django's test client."""

from __future__ import annotations

import json
import sys

import django
from django.test import Client as Browser


def main(url: str, material: str) -> None:
    django.setup()
    from django.core.wsgi import get_wsgi_application

    import django_app
    from test_notifications import check_adapter, check_wsgi

    with open(material, encoding="utf-8") as file:
        headers, body = json.load(file)

    def post(headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        browser = Browser(enforce_csrf_checks=True)
        answer = browser.post(url, body, content_type="application/json", headers=headers)
        return answer.status_code, answer.content

    check_adapter(post, django_app.shop, (headers, body.encode()))
    if "async" not in url:
        check_wsgi(get_wsgi_application(), url, (headers, body.encode()))
    assert Browser().get(url).status_code == 405


if __name__ == "__main__":
    main(*sys.argv[1:])
