"""How jobs are done on the core's threads while an event loop goes on."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import WeakKeyDictionary, ref

from ._errors import given_up
from ._files import file_job, name_of, read, upload_job
from ._native import Job, NativeClient, Queue
from ._watched import Watched

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._types import FileSource, FileTarget, Headers, Progress

_SMALL = 64 * 1024
"""Bytes of a notification that take well below a millisecond to verify and decrypt."""


class AsyncCaller:
    """Has jobs done by the core's threads; the event loop only waits."""

    def __init__(self, native: NativeClient) -> None:
        self._native = native

    async def run(self, what: str, job: Job, *, may_need_network: bool = False) -> Any:
        """Have a job done and return its value.

        When the waiting task is cancelled, the call is given up for good: nothing more is sent, and the `CancelledError`
        says whether what was sent may have taken effect.
        """
        watched = Watched(what, self._native)
        try:
            value, about = await _Bridge.of_running_loop().wait(self._native, job)
        except BaseException as error:
            watched.failed(error)
            raise
        return None if value is None and may_need_network else watched.done(value, about)

    def run_here(self, what: str, job: Job, *, may_need_network: bool = False) -> Any:
        """Do a job that takes less time than handing it to another thread and back.

        One that `may_need_network` gives `None` when it does, and so must not be done here.
        """
        watched = Watched(what, self._native)
        try:
            value, about = self._native.run(job, False)
        except BaseException as error:
            watched.failed(error)
            raise
        return None if value is None and may_need_network else watched.done(value, about)

    async def notification(self, headers: Headers, body: bytes) -> Any:
        """Verify and decrypt a notification; on this thread unless it is large, with the keys at hand if they will do."""
        offline = Job.notification(headers, body, True)
        if len(body) <= _SMALL:
            notification = self.run_here("notification", offline, may_need_network=True)
        else:
            notification = await self.run("notification", offline, may_need_network=True)
        if notification is not None:
            return notification
        return await self.run("notification", Job.notification(headers, body, False))

    async def call(self, operation: str, params: Mapping[str, Any]) -> Any:
        """Carry out an operation."""
        return await self.run(operation, Job.call(operation, params))

    async def upload(
        self, operation: str, file: FileSource, file_name: str | None, params: Mapping[str, Any]
    ) -> Any:
        """Upload a file. A file object is read on a thread of asyncio's, for reading may block."""
        if hasattr(file, "read"):
            file_name = file_name or name_of(file)
            # Starlette's files are read by awaiting; others block.
            source: Any = file
            if asyncio.iscoroutinefunction(source.read):
                source = await source.read()
            file = await asyncio.to_thread(read, source, operation)
        return await self.run(operation, upload_job(operation, file, file_name, params))

    async def call_for_file(
        self, operation: str, params: Mapping[str, Any], to: FileTarget, progress: Progress | None
    ) -> Any:
        """Carry out an operation that answers with a file; `progress` is called by the event loop."""
        job = file_job(operation, params, to, on_loop(progress))
        return await self.run(operation, job)


def on_loop(progress: Progress | None) -> Progress | None:
    """Return what has `progress` called by the event loop, from any thread."""
    if progress is None:
        return None
    loop, callback = asyncio.get_running_loop(), progress

    def told(received: int, total: int | None) -> None:
        loop.call_soon_threadsafe(callback, received, total)

    return told


class _Bridge:
    """Carries results to the futures of one event loop; one wake-up for all that are ready."""

    all_of_them: ClassVar[WeakKeyDictionary[asyncio.AbstractEventLoop, _Bridge]] = WeakKeyDictionary()

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._next_token = 0
        # The queue must not keep the loop alive, nor this object. The loop may keep this one.
        loop_ref, self_ref = ref(loop), ref(self)

        def wake() -> None:
            loop, bridge = loop_ref(), self_ref()
            if loop is None or bridge is None:
                raise RuntimeError("the event loop is gone")
            loop.call_soon_threadsafe(bridge._deliver)

        try:
            self._queue, watched = Queue.with_socket()
            loop.add_reader(watched, self._deliver)
        except NotImplementedError:
            self._queue = Queue(wake)

    @classmethod
    def of_running_loop(cls) -> _Bridge:
        loop = asyncio.get_running_loop()
        bridge = cls.all_of_them.get(loop)
        if bridge is None:
            bridge = cls.all_of_them[loop] = cls(loop)
        return bridge

    async def wait(self, native: NativeClient, job: Job) -> Any:
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        token = self._next_token
        self._next_token += 1
        self._waiting[token] = future
        ticket = None
        try:
            ticket = native.start(self._queue, token, job)
            return await future
        except BaseException as raised:
            ended = future.done() and not future.cancelled() and future.exception() is raised
            if ticket is not None and not ended:
                given_up(raised, ticket.give_up())
            raise
        finally:
            self._waiting.pop(token, None)

    def _deliver(self) -> None:
        for token, error, result in self._queue.take():
            future = self._waiting.pop(token, None)
            if future is None or future.done():
                continue
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)


# Threads that would bring results, and the sockets that are shared with the parent, are nothing to a forked child.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_Bridge.all_of_them.clear)
