"""`spec/generated/openapi.json` is OpenAPI 3.1, as other people's tools see it."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

DOCUMENT: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "spec" / "generated" / "openapi.json").read_text(encoding="utf-8")
)


def test_the_document_is_valid() -> None:
    validator = pytest.importorskip("openapi_spec_validator")
    assert DOCUMENT["openapi"].startswith("3.1.")
    validator.OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_a_broken_document_is_not() -> None:
    validator = pytest.importorskip("openapi_spec_validator")
    broken = copy.deepcopy(DOCUMENT)
    broken["paths"]["/v3/pay/transactions/jsapi"]["post"]["parameters"] = [{"name": "x"}]
    assert not validator.OpenAPIV31SpecValidator(broken).is_valid()
