"""How jobs are done on the calling thread."""

from __future__ import annotations

import sys

from ._files import file_job, upload_job
from ._native import Job
from ._watched import Watched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ._native import NativeClient
    from ._types import FileSource, FileTarget, Headers, Progress


class Caller:
    """Does jobs on the calling thread, without holding the interpreter."""

    def __init__(self, native: NativeClient) -> None:
        self._native = native

    def run(self, what: str, job: Job, *, may_need_network: bool = False) -> Any:
        """Do a job and return its value; `None` for one that `may_need_network` when it does."""
        watched = Watched(what, self._native)
        try:
            value, about = self._native.run(job, _on_main_thread())
        except BaseException as error:
            watched.failed(error)
            raise
        return None if value is None and may_need_network else watched.done(value, about)

    def notification(self, headers: Headers, body: bytes) -> Any:
        """Verify and decrypt a notification, with the keys at hand if they will do."""
        job = Job.notification(headers, body, True)
        notification = self.run("notification", job, may_need_network=True)
        if notification is not None:
            return notification
        return self.run("notification", Job.notification(headers, body, False))

    def call(self, operation: str, params: Mapping[str, Any]) -> Any:
        """Carry out an operation."""
        return self.run(operation, Job.call(operation, params))

    def upload(
        self, operation: str, file: FileSource, file_name: str | None, params: Mapping[str, Any]
    ) -> Any:
        """Upload a file, and what goes with it."""
        return self.run(operation, upload_job(operation, file, file_name, params))

    def call_for_file(
        self, operation: str, params: Mapping[str, Any], to: FileTarget, progress: Progress | None
    ) -> Any:
        """Carry out an operation that answers with a file."""
        return self.run(operation, file_job(operation, params, to, progress))


def _on_main_thread() -> bool:
    # Whoever has threads has imported this.
    threading = sys.modules.get("threading")
    return threading is None or threading.main_thread().ident == threading.get_ident()
