"""`Client`: every call blocks the calling thread, none holds the interpreter."""

from __future__ import annotations

import os
import sys

from . import _options
from ._caller import Caller
from ._files import download_job
from ._headers import raw_body
from ._lazy import cached_property
from ._native import Job, NativeClient
from .generated.client import Products

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Any

    if sys.version_info >= (3, 11):
        from typing import Self, Unpack
    else:
        from typing_extensions import Self, Unpack

    from ._front_end import FrontEnd
    from ._payments import AppPayment, JsapiPayment, NotificationReply, PreparedRequest
    from ._signer import DigestSigner, Signer
    from ._types import Announcement, Downloaded, FileSource, FileTarget, Headers, Progress
    from .generated.option_types import Options, OptionsBesideEnvironment
    from .generated.types.notifications import Notification


class Client(Products):
    """Calls WeChat Pay for one merchant: signs, sends, verifies, and sends again where that is safe.

    Make one per merchant and keep it. It may be shared by threads and used after `fork`; it opens no connection before
    the first call. See `Options` for the arguments; `mchid`, a private key, `merchant_serial` and the WeChat Pay public
    key with its id are what most merchants need, and `api_v3_key` for notifications. `signer` takes the place of the private
    key where that is in a KMS or an HSM: see `Signer`.
    """

    def __init__(
        self,
        *,
        signer: Signer | DigestSigner | Callable[[bytes], bytes] | None = None,
        **options: Unpack[Options],
    ) -> None:
        self._use(NativeClient(_options.for_core(options), *_options.signing(signer)))
        if "gevent.monkey" in sys.modules or "eventlet.patcher" in sys.modules:
            from ._green import warn_if_patched

            warn_if_patched()

    def _use(self, native: NativeClient) -> None:
        self._native = native
        self._caller = Caller(native)
        self.notifications = Notifications(self._caller)

    @classmethod
    def from_env(
        cls,
        environ: Mapping[str, str] | None = None,
        *,
        signer: Signer | DigestSigner | Callable[[bytes], bytes] | None = None,
        **options: Unpack[OptionsBesideEnvironment],
    ) -> Self:
        """Make a client from `WECHATPAY_MCHID`, `WECHATPAY_PRIVATE_KEY_PATH` and so on: the names of the options.

        Keys and certificates may be given as text or, with `_PATH` behind the name, as a file. Arguments go before the
        environment. A name that is nearly that of a variable (`WECHATPAY_PUBLIC_KEY_ID`) is a `ConfigError`.
        """
        found = os.environ if environ is None else environ
        return cls(signer=signer, **_options.from_env(found, options))

    @cached_property
    def front_end(self) -> FrontEnd:
        """What pages, mini-programs and apps open WeChat with, beside the cashier."""
        from ._front_end import FrontEnd

        return FrontEnd(self._caller)

    def with_options(
        self,
        *,
        timeout: float | None = None,
        retries: int | None = None,
        accept_language: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Self:
        """Return this client, for calls that do something otherwise: with the same keys, connections and certificates.

        Closing one closes both.

        Args:
            timeout: Longest time for a whole call, in seconds, with everything that is sent again; for downloads too.
            retries: How often a failed call is sent again where that is safe; 0 for never.
            accept_language: In which language WeChat Pay words its errors: `en`, `zh-CN`.
            headers: Headers `Wechatpay-…` besides those that every request has.
        """
        given = {
            "timeout": timeout,
            "retries": retries,
            "accept_language": accept_language,
            "headers": headers,
        }
        return self._with({name: value for name, value in given.items() if value is not None})

    def for_sub_merchant(self, sub_mchid: str) -> Self:
        """Return this client, for calls for a sub-merchant.

        `sub_mchid` is filled in where an operation has it and the call does not say it. Closing one closes both.
        """
        return self._with({"sub_mchid": sub_mchid})

    def _with(self, options: dict[str, Any]) -> Self:
        client = type(self).__new__(type(self))
        client._use(self._native.with_options(options))
        return client

    @property
    def mchid(self) -> str:
        """The merchant number."""
        return self._native.mchid

    def call(self, operation: str, params: Mapping[str, Any] | None = None) -> Any:
        """Carry out an operation by its name: `client.call("payments.jsapi.prepay", {…})`."""
        return self._caller.call(operation, params or {})

    def request(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Call an endpoint that is not typed. Signed and verified like any other; the path carries its query, encoded."""
        return self._caller.run(f"{method} {path.partition('?')[0]}", Job.request(method, path, body))

    def upload(
        self,
        operation: str,
        file: FileSource,
        *,
        file_name: str | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> Any:
        """Upload a file by the name of the operation: `media.upload_image`. `params` is what some want to know besides."""
        return self._caller.upload(operation, file, file_name, params or {})

    def download(
        self,
        source: Announcement | str,
        to: FileTarget,
        *,
        sha1: str | None = None,
        progress: Progress | None = None,
    ) -> Downloaded:
        """Fetch a file to a path or into a file object, decompressed, and check its hash.

        A path appears only when the file is whole and right. A file object has got bytes before they could be checked:
        they are the file only when this returns.

        Args:
            source: The answer that announces the file, as it came (`bills.trade_bill` gives one): it holds the hash. Or a
                bare URL, exactly as WeChat Pay answered it.
            to: A path, or a file object opened in binary mode.
            sha1: With a bare URL: `hash_value` of the same answer, when its `hash_type` is SHA1. Without it nothing vouches
                for the content.
            progress: Is called with the bytes received so far and the bytes to receive, where known. What it raises
                comes out of this call, after the file has been fetched.
        """
        job = download_job(source, to, sha1, progress)
        result: Downloaded = self._caller.run("download", job)
        return result

    def call_for_file(
        self,
        operation: str,
        params: Mapping[str, Any] | None,
        to: FileTarget,
        *,
        progress: Progress | None = None,
    ) -> Downloaded:
        """Carry out an operation that answers with a file, by its name. `to` and `progress` are those of `download`."""
        result: Downloaded = self._caller.call_for_file(operation, params or {}, to, progress)
        return result

    def prepare(self, operation: str, params: Mapping[str, Any] | None = None) -> PreparedRequest:
        """Return the signed request of an operation, to be sent with another HTTP client exactly as it is."""
        from ._payments import PreparedRequest

        parts = self._caller.run(f"prepare {operation}", Job.prepare(operation, params or {}))
        return PreparedRequest(*parts)

    def finish(self, operation: str, status: int, headers: Headers, body: bytes) -> Any:
        """Verify and decode the answer to a request of `prepare`."""
        return self._caller.run(f"finish {operation}", Job.finish(operation, status, headers, raw_body(body)))

    def jsapi_payment(self, *, appid: str, prepay_id: str) -> JsapiPayment:
        """Return what a page inside WeChat or a mini-program opens the cashier with."""
        from ._front_end import job

        made: JsapiPayment = self._caller.run(
            "jsapi_payment", job("jsapi_payment", appid=appid, prepay_id=prepay_id)
        )
        return made

    def app_payment(self, *, appid: str, prepay_id: str, partnerid: str | None = None) -> AppPayment:
        """Return what an app opens the cashier with.

        `partnerid` is the number of a sub-merchant, for an order that a service provider placed with the sub-merchant's
        own appid.
        """
        from ._front_end import job

        made: AppPayment = self._caller.run(
            "app_payment", job("app_payment", appid=appid, prepay_id=prepay_id, partnerid=partnerid)
        )
        return made

    def encrypt(self, text: str) -> tuple[str, str]:
        """Encrypt a text to WeChat Pay, for requests that are not typed. Returns ciphertext and `Wechatpay-Serial`."""
        ciphertext, serial = self._caller.run("encrypt", Job.encrypt(text))
        return ciphertext, serial

    def decrypt(self, ciphertext: str) -> str:
        """Decrypt a text that WeChat Pay encrypted to the merchant, in an answer that is not typed."""
        text: str = self._caller.run("decrypt", Job.decrypt(ciphertext))
        return text

    def close(self) -> None:
        """End the client: calls under way finish, later ones raise `ClosedError`. Closing twice is fine."""
        self._native.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(mchid={self.mchid!r})"


class Notifications:
    """Messages that WeChat Pay sends to the merchant."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def parse(self, headers: Headers, body: bytes) -> Notification:
        """Verify and decrypt a notification, and return its envelope with the decrypted `resource`.

        The same notification may come many times: act on it once, told by `id` or by the order's state in your database.

        Args:
            headers: The request's headers, as the framework has them.
            body: The raw bytes of the request's body, exactly as they came. Not text, not decoded JSON.

        Raises:
            VerificationError: Not from WeChat Pay, altered, old, or a probe (`code` says which).
            DecryptionError: The APIv3 key is not the one of the merchant platform.
            WeChatPayError: Of any kind: `notification_reply` is what to answer.
        """
        notification: Notification = self._caller.notification(headers, raw_body(body))
        return notification

    def answer(self, notification: Notification, answer: Mapping[str, Any]) -> NotificationReply:
        """Return the signed answer to a notification that asks for one, for example `parking.reminders.fee_asked`.

        Status, body and the header `Authorization` go out together, the body byte for byte; a handler of an adapter returns
        this and is done.

        Raises:
            InvalidRequestError: It asks for no answer (`NO_ANSWER_ASKED`), or the answer is not what its page says.
        """
        job = Job.answer_notification(notification["type"], answer)
        reply: NotificationReply = self._caller.run("notifications.answer", job)
        return reply
