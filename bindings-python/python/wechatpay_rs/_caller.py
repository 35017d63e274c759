"""How jobs are done on the calling thread."""

from __future__ import annotations

import json
from time import perf_counter
from typing import TYPE_CHECKING, Any

from . import _log
from ._encode import encode
from ._files import FileSource, upload_job
from ._native import Job, NativeClient

if TYPE_CHECKING:
    from collections.abc import Mapping


class Caller:
    """Does jobs on the calling thread, without holding the interpreter."""

    def __init__(self, native: NativeClient) -> None:
        self._native = native

    def run(self, what: str, job: Job) -> Any:
        """Do a job and return its value."""
        began = perf_counter()
        try:
            value, status, request_id = self._native.run(job)
        except BaseException as error:
            _log.failed(what, error, began)
            raise
        _log.succeeded(what, status, request_id, began)
        return value

    def call(self, operation: str, params: Mapping[str, Any]) -> Any:
        """Carry out an operation."""
        return json.loads(self.run(operation, Job.call(operation, encode(params, operation))))

    def upload(self, operation: str, file: FileSource, file_name: str | None) -> Any:
        """Upload a file."""
        return json.loads(self.run(operation, upload_job(operation, file, file_name)))
