"""Where uploads come from and downloads go."""

from __future__ import annotations

import os

from ._errors import invalid_request
from ._native import Job

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ._types import Announcement, FileSource, FileTarget, Progress


def upload_job(operation: str, file: FileSource, file_name: str | None, params: Mapping[str, Any]) -> Job:
    """Return what uploads `file`. Reads file objects here; a path is read by the job."""
    if isinstance(file, (str, os.PathLike)):
        return Job.upload_path(operation, params, os.fspath(file), file_name)
    if isinstance(file, (bytes, bytearray, memoryview)):
        content = bytes(file)
    else:
        file_name = file_name or name_of(file)
        content = read(file, operation)
    if not file_name:
        raise invalid_request(
            "FILE_NAME",
            "file_name is missing: bytes have no name of their own. Give one with its extension.",
            operation,
        )
    return Job.upload(operation, params, file_name, content)


def name_of(file: Any) -> str | None:
    """Return the file's own name: `filename` of what web frameworks receive, otherwise `name`."""
    for attribute in ("filename", "name"):
        name = getattr(file, attribute, None)
        if isinstance(name, str) and name:
            return name.replace("\\", "/").rpartition("/")[2]
    return None


def read(file: Any, operation: str) -> bytes:
    """Return the rest of a file object, which must be binary."""
    content = file.read() if hasattr(file, "read") else file
    if isinstance(content, (bytes, bytearray)):
        return bytes(content)
    raise invalid_request(
        "WRONG_TYPE",
        f"file gives {type(content).__name__}, not bytes. Pass a path, bytes, or a file opened with mode 'rb'.",
        operation,
    )


def file_job(operation: str, params: Mapping[str, Any], to: FileTarget, progress: Progress | None) -> Job:
    """Return what writes the file that an operation answers with to `to`."""
    if isinstance(to, (str, os.PathLike)):
        return Job.call_for_file_path(operation, params, os.fspath(to), progress)
    return Job.call_for_file_into(operation, params, to, progress)


def download_job(
    source: Announcement | str, to: FileTarget, sha1: str | None, progress: Progress | None
) -> Job:
    """Return what downloads to `to`."""
    path = os.fspath(to) if isinstance(to, (str, os.PathLike)) else None
    if isinstance(source, str):
        if path is not None:
            return Job.download_path(source, sha1, path, progress)
        return Job.download_into(source, sha1, to, progress)
    if sha1 is not None:
        raise invalid_request("WRONG_TYPE", "sha1 goes with a bare URL; an answer brings its own hash.", None)
    if path is not None:
        return Job.announced_path(source, path, progress)
    return Job.announced_into(source, to, progress)
