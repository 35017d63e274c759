"""What codegen makes of the obstacle course (reserved words, clashes, recursion) is Python that works."""

from __future__ import annotations

import compileall
import importlib
import shutil
import subprocess
import sys
import typing
from pathlib import Path
from typing import Any

import pytest

from conftest import REPOSITORY

COURSE = REPOSITORY / "codegen/tests/golden/obstacle_course/python"


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The generated code as a package `course`, beside stand-ins for what is written by hand."""
    package = tmp_path / "course"
    shutil.copytree(COURSE, package)
    (package / "__init__.py").touch()
    for module, name in (("_caller", "Caller"), ("_async_caller", "AsyncCaller")):
        (package / f"{module}.py").write_text(f"from wechatpay_rs.{module} import {name} as {name}\n")
    shared = ("Downloaded", "FileSource", "FileTarget", "Progress")
    names = "".join(f"from wechatpay_rs._types import {name} as {name}\n" for name in shared)
    (package / "_types.py").write_text(names)
    lazy = "from wechatpay_rs._lazy import cached_property as cached_property\n"
    (package / "_lazy.py").write_text(lazy)
    monkeypatch.syspath_prepend(str(tmp_path))
    return package


def modules(course: Path) -> list[Any]:
    names = [path.relative_to(course.parent).with_suffix("") for path in course.rglob("*.py")]
    return [importlib.import_module(".".join(name.parts)) for name in names]


def test_it_is_python(course: Path) -> None:
    assert compileall.compile_dir(course, quiet=1)
    found = modules(course)
    assert len(found) > 10
    if sys.version_info >= (3, 11):
        for module in found:
            for value in vars(module).values():
                if typing.is_typeddict(value):
                    typing.get_type_hints(value)  # every name in it means something


def test_type_checkers_accept_it(course: Path, tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--cache-dir",
        str(tmp_path / "cache"),
        "-p",
        "course",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout
    pytest.importorskip("pyright")
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, str(course)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout
