"""The main job against the sandbox, step by step. Run: cargo xtask demo --lang python"""

from __future__ import annotations

import json
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import Queue
from typing import TYPE_CHECKING, Any
from urllib.request import ProxyHandler, Request, build_opener

from wechatpay_rs import Client, VerificationError, WeChatPayError, notification_rules, trade_bill_rows

if TYPE_CHECKING:
    from wechatpay_rs.types import Notification

HTTP = build_opener(ProxyHandler({}))


def main(folder: Path) -> None:
    """Run everything against the sandbox whose credentials are in `folder`."""
    credentials: dict[str, Any] = json.loads((folder / "credentials.json").read_text("utf-8"))
    base_url = credentials["base_url"]
    client = Client(
        mchid=credentials["mchid"],
        private_key_path=folder / "apiclient_key.pem",
        merchant_serial=credentials["merchant_serial_no"],
        api_v3_key=credentials["api_v3_key"],
        wechatpay_public_key_path=folder / "wechatpay_public_key.pem",
        wechatpay_public_key_id=credentials["wechatpay_public_key_id"],
        base_url=base_url,
        no_proxy=True,
    )
    say("client", f"{client!r}, talking to {base_url}")
    with Listener(client) as listener:
        payment(client, listener, base_url, credentials)
        refund(client, listener, base_url)
        bill(client, base_url)
        attacks(client, listener)


def payment(client: Client, listener: Listener, base_url: str, credentials: dict[str, Any]) -> None:
    """Order, pay, be notified, query."""
    request = client.prepare("payments.query_by_out_trade_no", {"out_trade_no": "PY-0001"})
    say("signed", f"{request.method} {request.url} with {dict(request.headers)['Authorization'][:60]}…")
    order = client.payments.jsapi.prepay(
        appid=credentials["appid"],
        description="茶 tea",
        out_trade_no="PY-0001",
        notify_url=listener.url,
        amount={"total": 100},
        payer={"openid": credentials["openid"]},
    )
    say("prepay", f"answer verified with {credentials['wechatpay_public_key_id']}: {order['prepay_id']}")
    parameters = client.jsapi_payment(appid=credentials["appid"], prepay_id=order["prepay_id"])
    say("cashier", f"package {parameters['package']}, paySign {parameters['paySign'][:20]}…")
    control(base_url, "/sandbox/pay/PY-0001")
    notification = listener.received.get(timeout=30)
    if notification["type"] != "payments.transaction":
        raise SystemExit(f"not a payment: {notification['type']}")
    say("notified", f"verified with {notification['serial']}: {notification['resource']['trade_state']}")
    paid = client.payments.query_by_out_trade_no(out_trade_no="PY-0001")
    say(
        "query",
        f"{paid['trade_state']}, {paid.get('amount', {}).get('total')} fen, transaction {paid.get('transaction_id')}",
    )


def refund(client: Client, listener: Listener, base_url: str) -> None:
    """Give some of it back."""
    created = client.refunds.create(
        out_trade_no="PY-0001",
        out_refund_no="PY-R-0001",
        reason="cold tea",
        notify_url=listener.url,
        amount={"refund": 40, "total": 100, "currency": "CNY"},
    )
    say("refund", f"{created['status']}, {created['amount']['refund']} fen")
    control(base_url, "/sandbox/refunds/PY-R-0001/finish")
    notification = listener.received.get(timeout=30)
    say("notified", f"{notification['event_type']}")
    say("query", client.refunds.query(out_refund_no="PY-R-0001")["status"])


def bill(client: Client, base_url: str) -> None:
    """Fetch today's bill, which the sandbox makes at once, and check it."""
    today = control(base_url, "/sandbox/clock", method="GET")["time"][:10]
    answer = client.bills.trade_bill(bill_date=today, tar_type="GZIP")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "bill.csv")
        done = client.download(answer, path)
        say("bill", f"{done['bytes']} bytes, SHA-1 {done['sha1']} as announced: {done['verified']}")
        rows = trade_bill_rows(path)
        for row in rows:
            say(
                "row",
                f"{row['out_trade_no']} {row['trade_state']} {row['total']} fen, refund {row['refund_amount']}",
            )
        say("totals", ", ".join(f"{name} {value}" for name, value in (rows.summary or {}).items()))


def attacks(client: Client, listener: Listener) -> None:
    """Show what is refused."""
    headers, body = listener.last
    old = {**headers, "Wechatpay-Timestamp": str(int(headers["Wechatpay-Timestamp"]) - 600)}
    probe = {**headers, "Wechatpay-Signature": "WECHATPAY/SIGNTEST/" + headers["Wechatpay-Signature"][19:]}
    cases = [("altered body", headers, body + b" "), ("old timestamp", old, body), ("probe", probe, body)]
    for name, shown, content in cases:
        try:
            client.notifications.parse(shown, content)
        except VerificationError as error:
            say("refused", f"{name}: {error.code}")
        else:
            raise SystemExit(f"{name} was accepted")


class Listener:
    """A little HTTP server for notifications."""

    def __init__(self, client: Client) -> None:
        self.received: Queue[Notification] = Queue()
        self.last: tuple[dict[str, str], bytes] = ({}, b"")
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                try:
                    notification = client.notifications.parse(self.headers.items(), body)
                except WeChatPayError as error:
                    reply = error.notification_reply
                else:
                    reply = notification_rules()["accepted"]
                    # Header names as WeChat Pay writes them, whatever came over the wire.
                    listener.last = ({name.title(): value for name, value in self.headers.items()}, body)
                    listener.received.put(notification)
                self.send_response(reply["status"])
                self.end_headers()
                self.wfile.write(reply["body"].encode())

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/notify"

    def __enter__(self) -> Listener:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def control(base_url: str, path: str, method: str = "POST") -> Any:
    """Play the payer, or the operator."""
    with HTTP.open(Request(base_url + path, method=method), timeout=30) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def say(what: str, text: str) -> None:
    """Print a step."""
    print(f"{what:>10}  {text}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
