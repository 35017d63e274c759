"""`spec/generated/openapi` is OpenAPI 3.1, as other people's tools see it."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "spec" / "generated" / "openapi"
FILES = sorted(FOLDER.rglob("*.json"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_every_document_is_valid(path: Path) -> None:
    validator = pytest.importorskip("openapi_spec_validator")
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["openapi"].startswith("3.1.")
    validator.OpenAPIV31SpecValidator(document, base_uri=path.as_uri()).validate()


def test_a_broken_document_is_not() -> None:
    validator = pytest.importorskip("openapi_spec_validator")
    path = FOLDER / "payments" / "jsapi.json"
    broken = copy.deepcopy(json.loads(path.read_text(encoding="utf-8")))
    broken["paths"]["/v3/pay/transactions/jsapi"]["post"]["parameters"] = [{"name": "x"}]
    assert not validator.OpenAPIV31SpecValidator(broken, base_uri=path.as_uri()).is_valid()
