"""Carries out the scenarios of `tests/scenarios` through the Python client; `tests/README.md` is the reference."""

from __future__ import annotations

import asyncio
import base64
import http.client
import io
import json
import re
import tempfile
import urllib.parse
from pathlib import Path
from typing import Any

from wechatpay_rs import (
    AsyncClient,
    Client,
    WeChatPayError,
    bill_rows,
    fen,
    fund_flow_bill_rows,
    profit_sharing_bill_rows,
    trade_bill_rows,
)
from wechatpay_rs.testing import Sandbox

FILE = {"$schema", "title", "note", "let", "scenarios"}
SCENARIO = {"name", "note", "client", "secrets", "steps"}
COMMON = {"note", "save", "expect", "error"}
VERBS: dict[str, set[str]] = {
    "client": set(),
    "with_options": set(),
    "for_sub_merchant": set(),
    "call": {"params"},
    "request": {"body"},
    "prepare": {"params"},
    "send": set(),
    "finish": {"response"},
    "upload": {"file", "params"},
    "download": set(),
    "bill": {"kind"},
    "fen": set(),
    "notification": {"attempt", "header_case", "header_lists", "body_suffix", "body_as"},
    "parse_notification": set(),
    "answer_notification": set(),
    "jsapi_payment": set(),
    "app_payment": set(),
    "front_end": {"params"},
    "encrypt_field": set(),
    "decrypt_field": set(),
    "sandbox": {"body"},
}
OPTIONS = {
    "wechatpay_public_key",
    "hk_public_key",
    "private_key",
    "platform_certificates",
    "merchant_certificate",
}


class Awaited:
    """`AsyncClient` with the methods of `Client`: each call is a turn of an event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, target: Any) -> None:
        self._loop, self._target = loop, target

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._target, name)
        if not asyncio.iscoroutinefunction(member):
            return Awaited(self._loop, member)

        def call(*args: Any, **kwargs: Any) -> Any:
            return self._loop.run_until_complete(member(*args, **kwargs))

        return call

    def __call__(self, *args: Any, **kwargs: Any) -> Awaited:
        return Awaited(self._loop, self._target(*args, **kwargs))

    def __repr__(self) -> str:
        return repr(self._target)


class Play:
    """One scenario under way."""

    def __init__(
        self,
        sandbox: Sandbox,
        constants: dict[str, Any],
        scenario: dict[str, Any],
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        """With an event loop, it goes through `AsyncClient`."""
        self.loop = loop
        only(scenario, SCENARIO)
        sandbox.control("POST", "/sandbox/reset")
        self.sandbox = sandbox
        self.credentials = sandbox.control("GET", "/sandbox/credentials")
        self.variables = {
            **self.credentials,
            **constants,
            "today": sandbox.control("GET", "/sandbox/clock")["time"][:10],
            "notify_url": "http://127.0.0.1:1/notify",
            "dead_url": "http://127.0.0.1:1",
            "second_base_url": sandbox.base_url.replace("127.0.0.1", "localhost"),
        }
        self.printed: list[str] = []
        self.notification: Any = None
        self.scenario = scenario
        self.client = self.make_client(scenario.get("client", {}))

    def make_client(self, changes: dict[str, Any]) -> Any:
        credentials = self.credentials
        options = {
            "base_url": credentials["base_url"],
            "mchid": credentials["mchid"],
            "private_key": credentials["merchant_private_key"],
            "merchant_serial": credentials["merchant_serial_no"],
            "api_v2_key": credentials["api_v2_key"],
            "api_v3_key": credentials["api_v3_key"],
            "wechatpay_public_key_id": credentials["wechatpay_public_key_id"],
            "wechatpay_public_key": credentials["wechatpay_public_key"],
            "retries": 0,
            "no_proxy": True,
            **self.fill(changes),
        }
        options = {name: value for name, value in options.items() if value is not None}
        client: Any = Client(**options) if self.loop is None else Awaited(self.loop, AsyncClient(**options))
        self.printed.append(repr(client))
        return client

    def run(self) -> None:
        for index, step in enumerate(self.scenario["steps"], 1):
            verbs = [name for name in step if name in VERBS]
            assert len(verbs) == 1, f"step {index} has not one verb: {step}"
            only(step, COMMON | VERBS[verbs[0]] | {verbs[0]})
            try:
                self.step(verbs[0], step)
            except AssertionError as error:
                raise AssertionError(f"step {index} ({verbs[0]}): {error}") from error
        self.search_for_secrets()

    def step(self, verb: str, step: dict[str, Any]) -> None:
        try:
            result = self.carry_out(verb, self.fill(step[verb]), step)
        except WeChatPayError as error:
            self.printed += [str(error), repr(error), *error.causes]
            assert "error" in step, f"{error!r}, {error.causes}"
            result = {
                "kind": error.kind,
                "code": error.code,
                "message": error.message,
                "detail": error.detail,
                "status": error.status,
                "request_id": error.request_id,
                "operation": error.operation,
                "body": error.body,
                "retryable": error.retryable,
                "outcome_unknown": error.outcome_unknown,
                "authenticated": error.authenticated,
                "attempts": error.attempts,
                "notification_reply": error.notification_reply,
                "text": str(error),
            }
            fits(self.fill(step["error"]), result)
        else:
            assert "error" not in step, f"succeeded with {result}"
            if "expect" in step:
                fits(self.fill(step["expect"]), result)
        if "save" in step:
            self.variables[step["save"]] = result

    def carry_out(self, verb: str, argument: Any, step: dict[str, Any]) -> Any:
        client = self.client
        match verb:
            case "client":
                self.client = self.make_client(argument)
                return None
            case "with_options":
                self.client = client.with_options(**argument)
                return None
            case "for_sub_merchant":
                self.client = client.for_sub_merchant(argument)
                return None
            case "call":
                return client.call(argument, self.fill(step.get("params", {})))
            case "request":
                method, path = argument.split(" ", 1)
                return client.request(method, path, self.fill(step.get("body")))
            case "prepare":
                request = client.prepare(argument, self.fill(step.get("params", {})))
                return {
                    "method": request.method,
                    "url": request.url,
                    "headers": dict(request.headers),
                    "body": request.body.decode(),
                }
            case "send":
                return send(argument)
            case "finish":
                response = self.fill(step["response"])
                return client.finish(
                    argument, response["status"], response["headers"], response["body"].encode()
                )
            case "upload":
                file = self.fill(step["file"])
                only(file, {"name", "text", "base64", "zeros"})
                params = self.fill(step.get("params"))
                return client.upload(argument, content_of(file), file_name=file["name"], params=params)
            case "download":
                return download(client, argument)
            case "bill":
                return bill(argument, step.get("kind", "any"))
            case "fen":
                return fen(argument)
            case "notification":
                headers, body = self.received(argument, step)
                return self.handed_over(client.notifications.parse(headers, body))
            case "parse_notification":
                only(argument, {"headers", "body", "base64", "zeros"})
                body = argument["body"].encode() if "body" in argument else content_of(argument)
                return self.handed_over(client.notifications.parse(argument["headers"], body))
            case "answer_notification":
                return client.notifications.answer(self.notification, argument)
            case "jsapi_payment":
                return client.jsapi_payment(**argument)
            case "app_payment":
                return client.app_payment(**argument)
            case "front_end":
                return getattr(client.front_end, argument)(**self.fill(step.get("params", {})))
            case "encrypt_field":
                ciphertext, serial = client.encrypt(argument)
                return {"ciphertext": ciphertext, "serial": serial}
            case "decrypt_field":
                return client.decrypt(argument)
            case "sandbox":
                method, path = argument.split(" ", 1)
                return self.sandbox.control(method, path, self.fill(step.get("body")))
        raise AssertionError(f"the runner does not know {verb}")

    def handed_over(self, notification: Any) -> Any:
        """Keep it for an answer."""
        self.notification = notification
        return envelope(notification)

    def received(self, event_type: str, step: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        sent = self.sandbox.control("GET", "/sandbox/notifications?wait=true")["notifications"]
        found = [one for one in sent if one["event_type"] == event_type]
        assert found, f"no notification {event_type} was sent"
        attempt = found[-1]["attempts"][step.get("attempt", -1)]
        change = {None: str, "lower": str.lower, "upper": str.upper}[step.get("header_case")]
        headers = {change(name): value for name, value in attempt["headers"].items()}
        if step.get("header_lists"):
            headers = {name: [value] for name, value in headers.items()}
        body = (attempt["body"] + self.fill(step.get("body_suffix", ""))).encode()
        match step.get("body_as"):
            case None:
                return headers, body
            case "base64":
                return headers, base64.b64encode(body)
            case "bom":
                return headers, b"\xef\xbb\xbf" + body
        raise AssertionError(f"the runner does not know a body as {step['body_as']}")

    def fill(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self.fill(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self.fill(item) for item in value]
        if not isinstance(value, str):
            return value
        if whole := re.fullmatch(r"\$\{([^}]*)\}", value):
            return self.variable(whole[1])
        return re.sub(r"\$\{([^}]*)\}", lambda found: as_text(self.variable(found[1])), value)

    def variable(self, path: str) -> Any:
        value: Any = self.variables
        for part in path.split("."):
            value = value[int(part)] if isinstance(value, list) else value[part]
        return value

    def search_for_secrets(self) -> None:
        requests = self.sandbox.control("GET", "/sandbox/requests")
        key = [line for line in self.credentials["merchant_private_key"].splitlines() if "-----" not in line]
        signatures = re.findall(r'signature=\\?"([^"\\]+)', json.dumps(requests))
        for secret in [
            self.credentials["api_v2_key"],
            self.credentials["api_v3_key"],
            'mchid="',
            *key,
            *signatures,
            *self.scenario.get("secrets", []),
        ]:
            for text in self.printed:
                assert secret not in text, f"a secret was printed: {text}"


def envelope(notification: Any) -> Any:
    """The scenarios have null where Python says `unknown`, for the sake of type checkers."""
    return notification | {"type": None} if notification["type"] == "unknown" else notification


def only(found: dict[str, Any], known: set[str]) -> None:
    assert found.keys() <= known, f"unknown members {found.keys() - known}"


def as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def content_of(file: dict[str, Any]) -> bytes:
    if "text" in file:
        return file["text"].encode()
    return base64.b64decode(file["base64"]) if "base64" in file else bytes(file["zeros"])


def download(client: Any, argument: dict[str, Any]) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file")
        try:
            if "answer" in argument:
                done = client.download(argument["answer"], path)
            elif "operation" in argument:
                done = client.call_for_file(argument["operation"], argument.get("params"), path)
            else:
                done = client.download(argument["url"], path, sha1=argument.get("sha1"))
        except WeChatPayError:
            assert not list(Path(folder).iterdir()), "the failed download left something behind"
            raise
        return {"bytes": done["bytes"], "sha1": done["sha1"], "text": path.read_text("utf-8")}


def bill(text: str, kind: str) -> Any:
    source = io.BytesIO(text.encode())
    match kind:
        case "any":
            rows: Any = bill_rows(source)
        case "trade":
            rows = trade_bill_rows(source)
        case "fund_flow":
            rows = fund_flow_bill_rows(source)
        case "profit_sharing":
            rows = profit_sharing_bill_rows(source)
        case "without_totals":
            rows = bill_rows(source, totals=False)
        case _:
            raise AssertionError(f"the runner does not know a bill of kind {kind}")
    return {"rows": list(rows), "summary": rows.summary}


def send(request: dict[str, Any]) -> Any:
    url = urllib.parse.urlsplit(request["url"])
    connection = http.client.HTTPConnection(url.netloc, timeout=30)
    path = url.path + (f"?{url.query}" if url.query else "")
    connection.request(request["method"], path, request["body"].encode() or None, request["headers"])
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return {"status": answer.status, "headers": dict(answer.getheaders()), "body": body}


def fits(expected: Any, found: Any, at: str = "") -> None:
    """Raise AssertionError when `found` is not as `expected`."""
    if isinstance(expected, dict):
        matchers = [name for name in expected if name.startswith("$")]
        if matchers:
            assert len(expected) == 1, f"{at}: a matcher stands alone"
            return matches(matchers[0], expected[matchers[0]], found, at)
        assert isinstance(found, dict), f"{at}: {found!r} is no object"
        for name, value in expected.items():
            is_matcher = isinstance(value, dict) and "$absent" in value
            assert name in found or is_matcher, f"{at}/{name}: absent, expected {value!r}"
            fits(value, found.get(name), f"{at}/{name}")
    elif isinstance(expected, list):
        assert isinstance(found, list), f"{at}: {found!r} is no list"
        assert len(expected) == len(found), f"{at}: {len(found)} elements, expected {len(expected)}"
        for index, (one, other) in enumerate(zip(expected, found, strict=True)):
            fits(one, other, f"{at}/{index}")
    else:
        assert type(expected) is type(found), f"{at}: {found!r}, expected {expected!r}"
        assert expected == found, f"{at}: {found!r}, expected {expected!r}"
    return None


def matches(name: str, argument: Any, found: Any, at: str) -> None:
    match name:
        case "$absent":
            ok = found is None
        case "$type":
            ok = argument == type_name(found)
        case "$length":
            ok = isinstance(found, (str, list)) and len(found) == argument
        case "$contains" if isinstance(found, str):
            ok = all(part in found for part in ([argument] if isinstance(argument, str) else argument))
        case "$contains":
            ok = isinstance(found, list) and any(fits_quietly(argument, one) for one in found)
        case _:
            raise AssertionError(f"{at}: the runner does not know {name}")
    assert ok, f"{at}: {found!r}, expected {name} {argument!r}"


def fits_quietly(expected: Any, found: Any) -> bool:
    try:
        fits(expected, found)
    except AssertionError:
        return False
    return True


def type_name(value: Any) -> str:
    names = {str: "string", bool: "bool", int: "number", float: "number", list: "list", dict: "object"}
    return names.get(type(value), "null")
