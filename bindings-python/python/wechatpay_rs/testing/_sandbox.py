"""Starts the program and speaks to its control plane."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

_READY = "WECHATPAY_SANDBOX_READY "
# The sandbox is on this machine; a proxy of the environment is not asked.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def program() -> str:
    """Find the program: the one that WECHATPAY_SANDBOX names, that of the package wechatpay-rs-sandbox, or one on the PATH.

    Raises:
        FileNotFoundError: It is nowhere; the message says how to get it.
    """
    named = os.environ.get("WECHATPAY_SANDBOX")
    if named:
        return named
    if importlib.util.find_spec("wechatpay_rs_sandbox") is not None:
        found: str = importlib.import_module("wechatpay_rs_sandbox").program()
        return found
    found_on_path = shutil.which("wechatpay-sandbox")
    if found_on_path:
        return found_on_path
    raise FileNotFoundError(
        'the program wechatpay-sandbox was not found: pip install "wechatpay-rs[sandbox]", or name it in the environment '
        "variable WECHATPAY_SANDBOX"
    )


class Sandbox:
    """A running local WeChat Pay. Its state is in memory and its keys are made for this run."""

    base_url: str
    folder: Path
    mchid: str
    appid: str
    openid: str
    credentials: dict[str, Any]

    def __init__(self, process: subprocess.Popen[str], ready: dict[str, Any], owned: str | None) -> None:
        self._process = process
        self._owned = owned
        self.base_url = ready["base_url"]
        self.folder = Path(ready["folder"])
        self.mchid = ready["mchid"]
        self.appid = ready["appid"]
        self.openid = ready["openid"]
        self.credentials = json.loads((self.folder / "credentials.json").read_text("utf-8"))

    @classmethod
    def start(
        cls, *, folder: str | os.PathLike[str] | None = None, arguments: tuple[str, ...] = ()
    ) -> Sandbox:
        """Start the program on a free port of this machine, and wait until it listens.

        Args:
            folder: Where its keys go; a temporary folder when left out.
            arguments: Further arguments of the program, for example `--public-key-only`.
        """
        found = program()
        owned = tempfile.mkdtemp(prefix="wechatpay-sandbox-") if folder is None else None
        out = owned or os.fspath(folder or ".")
        command = [found, "--out", out, "--port", "0", "--quiet", "--exit-with-parent", *arguments]
        # It ends when our end of its input is closed, also when this process is killed.
        process = subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        assert process.stdout is not None  # noqa: S101
        for line in process.stdout:
            if line.startswith(_READY):
                return cls(process, json.loads(line[len(_READY) :]), owned)
        raise RuntimeError(f"wechatpay-sandbox ended with status {process.wait()} before it was ready")

    @property
    def options(self) -> dict[str, Any]:
        """Arguments of `Client` and `AsyncClient`."""
        return {
            "mchid": self.mchid,
            "private_key_path": self.folder / "apiclient_key.pem",
            "merchant_serial": self.credentials["merchant_serial_no"],
            "api_v2_key": self.credentials["api_v2_key"],
            "api_v3_key": self.credentials["api_v3_key"],
            "wechatpay_public_key_path": self.folder / "wechatpay_public_key.pem",
            "wechatpay_public_key_id": self.credentials["wechatpay_public_key_id"],
            "base_url": self.base_url,
            "no_proxy": True,
        }

    def pay(self, out_trade_no: str) -> Any:
        """Play the payer of an order; its notification is sent to `notify_url`."""
        return self.control("POST", f"/sandbox/pay/{out_trade_no}")

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Call the control plane; see the sandbox's own documentation."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310
            self.base_url + path, data, {"Content-Type": "application/json"}, method=method
        )
        try:
            with _opener.open(request, timeout=30) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method} {path}: {error.code} {error.read().decode()}") from None
        return json.loads(text) if text else None

    def close(self) -> None:
        """End the program and remove its temporary folder."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.terminate()
        self._process.wait()
        if self._owned:
            shutil.rmtree(self._owned, ignore_errors=True)

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
