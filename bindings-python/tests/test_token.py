"""A key that never leaves its token: python-pkcs11 with a real SoftHSM2, as with any HSM that speaks PKCS #11."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

LIBRARIES = [
    Path("/usr/lib/softhsm/libsofthsm2.so"),
    Path("/usr/local/lib/softhsm/libsofthsm2.so"),
    Path("/opt/homebrew/lib/softhsm/libsofthsm2.so"),
]
LIBRARY = next((path for path in LIBRARIES if path.exists()), None)

PROGRAM = """
import json, sys
import pkcs11
from pkcs11.mechanisms import MGF
from wechatpay_rs import Client

library, pin, credentials = sys.argv[1:]
of = json.load(open(credentials))
session = pkcs11.lib(library).get_token(token_label="merchant").open(user_pin=pin)
key = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label="merchant")


class Token:
    def sign(self, message):
        return key.sign(message, mechanism=pkcs11.Mechanism.SHA256_RSA_PKCS)

    def decrypt(self, ciphertext):
        oaep = (pkcs11.Mechanism.SHA_1, MGF.SHA1, None)
        return key.decrypt(ciphertext, mechanism=pkcs11.Mechanism.RSA_PKCS_OAEP, mechanism_param=oaep)


client = Client(
    mchid=of["mchid"],
    signer=Token(),
    merchant_certificate=of["merchant_certificate"],
    api_v3_key=of["api_v3_key"],
    wechatpay_public_key_id=of["wechatpay_public_key_id"],
    wechatpay_public_key=of["wechatpay_public_key"],
    base_url=of["base_url"],
)
order = client.payments.native.prepay(
    appid=of["appid"], description="tea", out_trade_no="TOKEN-1",
    notify_url="https://shop.example/notify", amount={"total": 100},
)
print(order["code_url"])
print(client.security.echo(echo_message="a", encrypted_echo_message="张三")["encrypted_echo_message"])
"""


@pytest.mark.skipif(
    LIBRARY is None or shutil.which("softhsm2-util") is None, reason="SoftHSM2 is not installed"
)
def test_a_token_signs_and_decrypts(sandbox: Any, tmp_path: Path) -> None:
    (tmp_path / "tokens").mkdir()
    (tmp_path / "softhsm2.conf").write_text(f"directories.tokendir = {tmp_path / 'tokens'}\n")
    # Its library reads the variable when it is loaded: in a process of its own, so that no other test has it.
    environment = {**os.environ, "SOFTHSM2_CONF": str(tmp_path / "softhsm2.conf"), "PYTHONUTF8": "1"}

    def run(*command: Any) -> str:
        done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    named = ["--label", "merchant", "--pin", "1234"]
    key = sandbox.folder / "apiclient_key.pem"
    run("softhsm2-util", "--init-token", "--free", "--so-pin", "5678", *named)
    run("softhsm2-util", "--import", key, "--token", "merchant", "--id", "A1", *named)
    said = run(sys.executable, "-c", PROGRAM, LIBRARY, "1234", sandbox.folder / "credentials.json")
    code, secret = said.split()
    assert code.startswith("weixin://")
    assert secret == "张三"
