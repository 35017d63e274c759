"""`AsyncClient`: the same methods, awaitable. Calls run on the core's threads; the event loop never blocks."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from . import _options
from ._async_caller import AsyncCaller, on_loop
from ._files import download_job
from ._headers import raw_body
from ._lazy import cached_property
from ._native import Job, NativeClient
from ._payments import PreparedRequest
from .generated.async_client import Products

if TYPE_CHECKING:
    import sys
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Any

    if sys.version_info >= (3, 11):
        from typing import Self, Unpack
    else:
        from typing_extensions import Self, Unpack

    from ._front_end import AsyncFrontEnd
    from ._payments import AppPayment, JsapiPayment, NotificationReply
    from ._signer import DigestSigner, Signer
    from ._types import Announcement, Downloaded, FileSource, FileTarget, Headers, Progress
    from .generated.option_types import Options, OptionsBesideEnvironment
    from .generated.types.notifications import Notification


class AsyncClient(Products):
    """Calls WeChat Pay for one merchant, from asyncio. The arguments are those of `Client`.

    It belongs to no event loop: one client can serve many loops and threads. At most `threads` calls are on their way
    at a time, others wait in line. A call whose task is cancelled, or that `asyncio.timeout` ends, is given up for good:
    nothing more is sent. `wechatpay_rs.outcome_unknown(error)` says whether what was sent may have taken effect.
    """

    def __init__(
        self,
        *,
        signer: Signer | DigestSigner | Callable[[bytes], bytes] | None = None,
        **options: Unpack[Options],
    ) -> None:
        self._use(NativeClient(_options.for_core(options), *_options.signing(signer)))

    def _use(self, native: NativeClient) -> None:
        self._native = native
        self._caller = AsyncCaller(native)
        self.notifications = AsyncNotifications(self._caller)

    @classmethod
    def from_env(
        cls,
        environ: Mapping[str, str] | None = None,
        *,
        signer: Signer | DigestSigner | Callable[[bytes], bytes] | None = None,
        **options: Unpack[OptionsBesideEnvironment],
    ) -> Self:
        """Make a client from `WECHATPAY_…` variables; see `Client.from_env`."""
        found = os.environ if environ is None else environ
        return cls(signer=signer, **_options.from_env(found, options))

    @cached_property
    def front_end(self) -> AsyncFrontEnd:
        """What pages, mini-programs and apps open WeChat with, beside the cashier."""
        from ._front_end import AsyncFrontEnd

        return AsyncFrontEnd(self._caller)

    def with_options(
        self,
        *,
        timeout: float | None = None,
        retries: int | None = None,
        accept_language: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Self:
        """Return this client, for calls that do something otherwise; see `Client.with_options`."""
        given = {
            "timeout": timeout,
            "retries": retries,
            "accept_language": accept_language,
            "headers": headers,
        }
        return self._with({name: value for name, value in given.items() if value is not None})

    def for_sub_merchant(self, sub_mchid: str) -> Self:
        """Return this client, for calls for a sub-merchant; see `Client.for_sub_merchant`."""
        return self._with({"sub_mchid": sub_mchid})

    def _with(self, options: dict[str, Any]) -> Self:
        client = type(self).__new__(type(self))
        client._use(self._native.with_options(options))
        return client

    @property
    def mchid(self) -> str:
        """The merchant number."""
        return self._native.mchid

    async def call(self, operation: str, params: Mapping[str, Any] | None = None) -> Any:
        """Carry out an operation by its name: `await client.call("payments.jsapi.prepay", {…})`."""
        return await self._caller.call(operation, params or {})

    async def request(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Call an endpoint that is not typed; see `Client.request`."""
        return await self._caller.run(f"{method} {path.partition('?')[0]}", Job.request(method, path, body))

    async def upload(
        self,
        operation: str,
        file: FileSource,
        *,
        file_name: str | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> Any:
        """Upload a file by the name of the operation; see `Client.upload`."""
        return await self._caller.upload(operation, file, file_name, params or {})

    async def download(
        self,
        source: Announcement | str,
        to: FileTarget,
        *,
        sha1: str | None = None,
        progress: Progress | None = None,
    ) -> Downloaded:
        """Fetch a file and check its hash; see `Client.download`.

        A file object is written to on another thread. `progress` is called by the event loop.
        """
        job = download_job(source, to, sha1, on_loop(progress))
        result: Downloaded = await self._caller.run("download", job)
        return result

    async def call_for_file(
        self,
        operation: str,
        params: Mapping[str, Any] | None,
        to: FileTarget,
        *,
        progress: Progress | None = None,
    ) -> Downloaded:
        """Carry out an operation that answers with a file; see `Client.call_for_file`."""
        result: Downloaded = await self._caller.call_for_file(operation, params or {}, to, progress)
        return result

    async def prepare(self, operation: str, params: Mapping[str, Any] | None = None) -> PreparedRequest:
        """Return the signed request of an operation, to be sent with another HTTP client exactly as it is."""
        job = Job.prepare(operation, params or {})
        return PreparedRequest(*await self._caller.run(f"prepare {operation}", job))

    async def finish(self, operation: str, status: int, headers: Headers, body: bytes) -> Any:
        """Verify and decode the answer to a request of `prepare`."""
        job = Job.finish(operation, status, headers, raw_body(body))
        return self._caller.run_here(f"finish {operation}", job)

    async def jsapi_payment(self, *, appid: str, prepay_id: str) -> JsapiPayment:
        """Return what a page inside WeChat or a mini-program opens the cashier with."""
        from ._front_end import job

        made: JsapiPayment = await self._caller.run(
            "jsapi_payment", job("jsapi_payment", appid=appid, prepay_id=prepay_id)
        )
        return made

    async def app_payment(self, *, appid: str, prepay_id: str, partnerid: str | None = None) -> AppPayment:
        """Return what an app opens the cashier with.

        `partnerid` is the number of a sub-merchant, for an order that a service provider placed with the sub-merchant's
        own appid.
        """
        from ._front_end import job

        made: AppPayment = await self._caller.run(
            "app_payment", job("app_payment", appid=appid, prepay_id=prepay_id, partnerid=partnerid)
        )
        return made

    async def encrypt(self, text: str) -> tuple[str, str]:
        """Encrypt a text to WeChat Pay, for requests that are not typed. Returns ciphertext and `Wechatpay-Serial`."""
        ciphertext, serial = await self._caller.run("encrypt", Job.encrypt(text))
        return ciphertext, serial

    async def decrypt(self, ciphertext: str) -> str:
        """Decrypt a text that WeChat Pay encrypted to the merchant, in an answer that is not typed."""
        text: str = await self._caller.run("decrypt", Job.decrypt(ciphertext))
        return text

    def close(self) -> None:
        """End the client: calls under way finish, later ones raise `ClosedError`. Closing twice is fine."""
        self._native.close()

    async def aclose(self) -> None:
        """As `close`, under the name that asynchronous clients have elsewhere."""
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(mchid={self.mchid!r})"


class AsyncNotifications:
    """Messages that WeChat Pay sends to the merchant."""

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def parse(self, headers: Headers, body: bytes) -> Notification:
        """Verify and decrypt a notification; see `Client.notifications.parse`."""
        notification: Notification = await self._caller.notification(headers, raw_body(body))
        return notification

    async def answer(self, notification: Notification, answer: Mapping[str, Any]) -> NotificationReply:
        """Return the signed answer to a notification that asks for one; see `Client.notifications.answer`."""
        job = Job.answer_notification(notification["type"], answer)
        reply: NotificationReply = await self._caller.run("notifications.answer", job)
        return reply
