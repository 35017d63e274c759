"""The pages of `docs/guide` do what they say: every snippet runs, names exist, and both languages tell the same story."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[2]
GUIDE = REPOSITORY / "docs" / "guide"
# The front page's first snippet gives the names that all others take.
FRONT = GUIDE / "README.md"
PAGES = sorted(GUIDE.glob("*.md"))


def page_name(page: Path) -> str:
    return page.stem


def snippets(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)


def run(page: Path, code: str, names: dict[str, Any]) -> None:
    # As many blank lines in front as lead to the snippet: a traceback names the line of the page.
    line = page.read_text("utf-8").split(code, 1)[0].count("\n")
    exec(compile("\n" * line + code, str(page), "exec"), names)


@pytest.fixture(scope="module")
def given() -> Iterator[dict[str, Any]]:
    names: dict[str, Any] = {}
    run(FRONT, snippets(FRONT, "python")[0], names)
    yield names
    names["client"].close()
    names["sandbox"].close()


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_the_snippets_run(
    page: Path, given: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    given["sandbox"].control("POST", "/sandbox/reset")
    names = dict(given)
    # What a snippet defines sees the names of its page.
    names["__name__"] = page.stem
    for code in snippets(page, "python")[page == FRONT :]:
        run(page, code, names)
    requests = given["sandbox"].control("GET", "/sandbox/requests")["requests"]
    assert requests, "no snippet of this page calls anything"
    assert [one for one in requests if one["status"] >= 400 or one["warnings"]] == []


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_both_languages_make_the_same_calls(page: Path) -> None:
    def calls(language: str) -> list[str]:
        made = re.findall(r"\bclient\.([a-zA-Z_.]+)\(", "".join(snippets(page, language)))
        names = [re.sub("[A-Z]", lambda letter: "_" + letter[0].lower(), name) for name in made]
        # Rows of bills are read by a function in Python.
        return [name for name in names if name != "bill_rows"]

    assert calls("python") == calls("js")


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_operations_and_notifications_that_are_named_exist(page: Path) -> None:
    known: set[str] = set()
    for path in (REPOSITORY / "spec/generated/openapi").rglob("*.json"):
        document = json.loads(path.read_text("utf-8"))
        known |= set(document.get("webhooks", {}))
        for methods in document.get("paths", {}).values():
            known |= {one["operationId"] for one in methods.values() if "operationId" in one}
    # A page may name a group of operations, too.
    known |= {name.rsplit(".", dots)[0] for name in known for dots in range(1, name.count(".") + 1)}
    families = {name.split(".")[0] for name in known}
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    named = set(re.findall(r"`([a-z_]+(?:\.[a-z0-9_]+)+)`", text))
    named = {name for name in named if name.split(".")[0] in families}
    assert named, "the page names no operation"
    assert named - known == set()


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text("utf-8")):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        other = (page.parent / path).resolve() if path else page
        assert other.exists(), target
        if anchor:
            titles = re.findall(r"^#+ (.+)$", other.read_text("utf-8"), re.MULTILINE)
            anchors = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
            assert anchor in anchors, target


def test_the_front_page_leads_to_every_page() -> None:
    text = FRONT.read_text("utf-8")
    assert [page.name for page in PAGES if page != FRONT and f"({page.name})" not in text] == []
