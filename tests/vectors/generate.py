#!/usr/bin/env python3
"""Makes generated.json with the Python library `cryptography`, which shares no code with this project.

    pip install cryptography && python3 tests/vectors/generate.py

Keys and OAEP texts that are in the file already stay, so that running it again changes only what was changed here.
All keys are test keys, made by this script; they are worth nothing.
"""

import base64
import copy
import json
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FILE = Path(__file__).parent / "generated.json"
NOW = 1767225600  # 2026-01-01T00:00:00Z
NONCE = "593BEC0C930BF1AFEB40B4A08C8FB242"
API_V3_KEY = "0123456789abcdefghijklmnopqrstuv"
OTHER_API_V3_KEY = "vutsrqponmlkjihgfedcba9876543210"
PUBLIC_KEY_ID = "PUB_KEY_ID_0119000000012026010100000000000000"
MCHID = "1900000001"
SERIAL = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"
APPID = "wxd678efh567hg6787"

old = json.loads(FILE.read_text()) if FILE.exists() else {}


def b64(data):
    return base64.b64encode(data).decode()


def key(name):
    pem = old.get("keys", {}).get(name, {}).get("private_key")
    if pem:
        return serialization.load_pem_private_key(pem.encode(), None)
    return rsa.generate_private_key(65537, 2048)


def private_pem(private):
    form = serialization.PrivateFormat.PKCS8
    return private.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def public_pem(private):
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return private.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


def sign(private, message):
    return b64(private.sign(message.encode(), padding.PKCS1v15(), hashes.SHA256()))


merchant, platform, stranger = key("merchant"), key("platform"), key("stranger")


# Requests -----------------------------------------------------------------------------------------------------------

def request(name, method, target, body):
    message = f"{method}\n{target}\n{NOW}\n{NONCE}\n{body}\n"
    return {"name": name, "method": method, "target": target, "body": body, "message": message,
            "signature": sign(merchant, message)}


requests = [
    request("no body", "GET", "/v3/certificates", ""),
    request("query with percent-encoded text", "GET", "/v3/bill/tradebill?bill_date=2026-01-01&x=%E8%8C%B6%20%2B", ""),
    request("path with percent-encoded text", "GET",
            "/v3/pay/transactions/out-trade-no/a%2Fb%3Fc%25%E8%8C%B6?mchid=1900000001", ""),
    request("Chinese text", "POST", "/v3/pay/transactions/native", '{"description":"龙井茶（明前）"}'),
    request("escapes", "POST", "/v3/pay/transactions/native",
            '{"attach":"\\"quoted\\" \\\\ \\n\\t\\u0001 <>&\'/"}'),
    request("DEL and characters at the edges of the plane", "POST", "/v3/x", '{"a":"\x7f\u0080\u07ff\u0800\ufffd"}'),
    request("empty object", "POST", "/v3/x", "{}"),
    request("numbers", "POST", "/v3/x", '{"a":0,"b":-1,"c":9007199254740993,"d":1.5}'),
    request("delete without a body", "DELETE", "/v3/x/1", ""),
    request("patch", "PATCH", "/v3/x/1", '{"a":[1,[],{}]}'),
]


# Answers and notifications --------------------------------------------------------------------------------------------

def headers(body, signer=platform, timestamp=NOW, serial=PUBLIC_KEY_ID):
    signature = sign(signer, f"{timestamp}\n{NONCE}\n{body}\n")
    return {"Wechatpay-Serial": serial, "Wechatpay-Timestamp": str(timestamp), "Wechatpay-Nonce": NONCE,
            "Wechatpay-Signature": signature, "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
            "Request-ID": "08F78BB5AF0610D302"}


def answer(name, body, status=200, error=None, **how):
    entry = {"name": name, "status": status, "headers": headers(body, **how), "body": body}
    if error:
        entry["error"] = error
    else:
        entry["value"] = json.loads(body) if body else None
    return entry


def changed(entry, name, error, **header_changes):
    entry = copy.deepcopy(entry)
    entry.pop("value", None)
    entry["name"], entry["error"] = name, error
    for header, value in header_changes.items():
        header = header.replace("_", "-")
        if value is None:
            del entry["headers"][header]
        else:
            entry["headers"][header] = value
    return entry


GOOD = '{"prepay_id":"wx201410272009395522657a690389285100","说明":"茶 \\u8336"}'
good = answer("good", GOOD)
altered = changed(good, "body altered by one byte", "SIGNATURE_MISMATCH")
altered["body"] = GOOD.replace("285100", "285101")
good_signature = good["headers"]["Wechatpay-Signature"]
raw = bytearray(base64.b64decode(good_signature))
raw[100] ^= 1
answers = [
    good,
    answer("204 without a body", "", status=204),
    answer("299 s old", GOOD, timestamp=NOW - 299),
    answer("300 s old", GOOD, timestamp=NOW - 300),
    answer("301 s old", GOOD, timestamp=NOW - 301, error="CLOCK_OFF"),
    answer("299 s ahead", GOOD, timestamp=NOW + 299),
    answer("300 s ahead", GOOD, timestamp=NOW + 300),
    answer("301 s ahead", GOOD, timestamp=NOW + 301, error="CLOCK_OFF"),
    answer("signed by a stranger under our id", GOOD, signer=stranger, error="SIGNATURE_MISMATCH"),
    answer("unknown serial", GOOD, serial="PUB_KEY_ID_0000000000000000000000000000000000", error="UNKNOWN_SERIAL"),
    altered,
    changed(good, "signature altered by one bit", "SIGNATURE_MISMATCH", Wechatpay_Signature=b64(bytes(raw))),
    changed(good, "signature cut off", "SIGNATURE_MISMATCH", Wechatpay_Signature=good_signature[:-4]),
    changed(good, "another nonce", "SIGNATURE_MISMATCH", Wechatpay_Nonce=NONCE[::-1]),
    changed(good, "another timestamp", "SIGNATURE_MISMATCH", Wechatpay_Timestamp=str(NOW + 1)),
    changed(good, "no signature", "MISSING_HEADER", Wechatpay_Signature=None),
    changed(good, "no serial", "MISSING_HEADER", Wechatpay_Serial=None),
    changed(good, "no nonce", "MISSING_HEADER", Wechatpay_Nonce=None),
    changed(good, "no timestamp", "MISSING_HEADER", Wechatpay_Timestamp=None),
    changed(good, "negative timestamp", "CLOCK_OFF", Wechatpay_Timestamp="-1"),
    changed(good, "probe", "SIGNTEST_PROBE", Wechatpay_Signature="WECHATPAY/SIGNTEST/" + "A" * 325),
    changed(good, "SM signature type", "UNSUPPORTED_SIGNATURE_TYPE",
            Wechatpay_Signature_Type="WECHATPAY2-SM2-WITH-SM3"),
]


def notification(name, error=None, plain=None, api_key=API_V3_KEY, nonce="fdasflkja484", aad="transaction",
                 event="TRANSACTION.SUCCESS", original="transaction", flip=None, drop=(), **how):
    if plain is None:
        order = {"mchid": MCHID, "out_trade_no": "T1", "trade_state": "SUCCESS", "attach": "茶\n\"x\""}
        plain = json.dumps(order, ensure_ascii=False)
    # GCM itself takes nonces of other lengths; the protocol has 12 bytes.
    used = nonce.encode() if len(nonce) >= 8 else b"fdasflkja484"
    sealed = bytearray(AESGCM(api_key.encode()).encrypt(used, plain.encode(), (aad or "").encode()))
    if flip is not None:
        sealed[flip] ^= 1
    resource = {"original_type": original, "algorithm": "AEAD_AES_256_GCM", "ciphertext": b64(bytes(sealed)),
                "associated_data": aad, "nonce": nonce}
    for member in drop:
        del resource[member]
    body = json.dumps({"id": "EV-2018022511223320873", "create_time": "2015-05-20T13:29:35+08:00",
                       "resource_type": "encrypt-resource", "event_type": event, "summary": "支付成功",
                       "resource": resource}, ensure_ascii=False, separators=(",", ":"))
    entry = {"name": name, "headers": headers(body, **how), "body": body}
    if error:
        entry["error"] = error
    else:
        resource = entry["resource"] = json.loads(plain)
        has = {name for name, value in resource.items() if value is not None}
        kinds = {"payments.transaction": {"mchid", "out_trade_no", "trade_state"},
                 "partner_payments.transaction": {"sp_mchid", "out_trade_no", "trade_state"},
                 "combine_payments.transaction": {"combine_out_trade_no", "sub_orders"}}
        kinds = [kind for kind, needed in kinds.items() if needed <= has]
        entry["type"] = kinds[0] if kinds and (event, original) == ("TRANSACTION.SUCCESS", "transaction") else None
    return entry


notifications = [
    notification("good"),
    notification("no associated data", drop=("associated_data",), aad=""),
    notification("associated data is null", aad=None),
    notification("unknown event", event="BRAND.NEW", original="whatever"),
    notification("combined order",
                 plain='{"combine_out_trade_no":"C1","sub_orders":[{"mchid":"1","out_trade_no":"T1"}]}'),
    notification("partner's order",
                 plain='{"sp_mchid":"1","sub_mchid":"2","out_trade_no":"T1","trade_state":"SUCCESS"}'),
    notification("no state", plain='{"mchid":"1","out_trade_no":"T1","trade_state":null}'),
    notification("no original type", original="", drop=("original_type",)),
    notification("300 s old", timestamp=NOW - 300),
    notification("301 s old", error="CLOCK_OFF", timestamp=NOW - 301),
    notification("301 s ahead", error="CLOCK_OFF", timestamp=NOW + 301),
    notification("stranger", error="SIGNATURE_MISMATCH", signer=stranger),
    notification("unknown serial", error="UNKNOWN_SERIAL", serial="7A0F"),
    notification("wrong APIv3 key", error="WRONG_API_V3_KEY", api_key=OTHER_API_V3_KEY),
    notification("tag flipped", error="WRONG_API_V3_KEY", flip=-1),
    notification("ciphertext flipped", error="WRONG_API_V3_KEY", flip=0),
    notification("nonce of 11 bytes", error="BAD_NONCE", nonce="fdasflkja48"),
    notification("nonce of 16 bytes", error="BAD_NONCE", nonce="fdasflkja4841234"),
    notification("nonce is empty", error="BAD_NONCE", nonce=""),
    notification("no ciphertext", error="BAD_NOTIFICATION", drop=("ciphertext",)),
    notification("content is not JSON", error="BAD_NOTIFICATION", plain="not JSON"),
]


# Sensitive fields -----------------------------------------------------------------------------------------------------

def sealed(text):
    for entry in old.get("oaep", []):
        if entry["plaintext"] == text:
            return entry
    oaep = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
    return {"plaintext": text, "ciphertext": b64(merchant.public_key().encrypt(text.encode(), oaep))}


oaep = [sealed(text) for text in ["张三", "", "6222000012345678", "a\"b\\c\n", "1234567890" * 21 + "1234"]]


# Payment parameters -----------------------------------------------------------------------------------------------------

PREPAY_ID = "wx201410272009395522657a690389285100"
payments = {
    "appid": APPID, "prepay_id": PREPAY_ID, "timestamp": str(NOW), "nonce": NONCE,
    "jsapi_sign": sign(merchant, f"{APPID}\n{NOW}\n{NONCE}\nprepay_id={PREPAY_ID}\n"),
    "app_sign": sign(merchant, f"{APPID}\n{NOW}\n{NONCE}\n{PREPAY_ID}\n"),
}

FILE.write_text(json.dumps({
    "$comment": "Made by generate.py. All keys are test keys and worth nothing.",
    "now": NOW, "nonce": NONCE, "mchid": MCHID, "merchant_serial": SERIAL, "wechatpay_public_key_id": PUBLIC_KEY_ID,
    "api_v3_key": API_V3_KEY,
    "keys": {
        "merchant": {"private_key": private_pem(merchant), "public_key": public_pem(merchant)},
        "platform": {"private_key": private_pem(platform), "public_key": public_pem(platform)},
        "stranger": {"private_key": private_pem(stranger), "public_key": public_pem(stranger)},
    },
    "requests": requests, "answers": answers, "notifications": notifications, "oaep": oaep, "payments": payments,
}, ensure_ascii=False, indent=1) + "\n")
print(f"{len(requests)} requests, {len(answers)} answers, {len(notifications)} notifications, {len(oaep)} OAEP texts")
