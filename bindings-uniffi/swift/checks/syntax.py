"""Parses the Swift sources of a package with tree-sitter, for machines without a Swift compiler: `syntax.py FOLDER`."""

import sys
from collections.abc import Iterator
from pathlib import Path

import tree_sitter
import tree_sitter_swift

# Swift that uniffi prints and the grammar does not know, and what stands in for it: as long, so that places stay right.
UNKNOWN = [
    (b"@_documentation(visibility: private)", b"                                    "),
    (b"{ () }", b"{ 0  }"),
]


def errors(node: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    """The innermost nodes that are not Swift."""
    if node.is_error or node.is_missing:
        yield node
    elif node.has_error:
        for child in node.children:
            yield from errors(child)


def main(folder: Path) -> int:
    """Prints what is wrong and how many files are right."""
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_swift.language()))
    paths = sorted(folder.rglob("*.swift"))
    bad = 0
    for path in paths:
        source = path.read_bytes()
        for unknown, instead in UNKNOWN:
            source = source.replace(unknown, instead)
        found = list(errors(parser.parse(source).root_node))
        bad += bool(found)
        for node in found:
            line, column = node.start_point
            print(f"{path}:{line + 1}:{column + 1}: not Swift: {source[node.start_byte : node.end_byte][:80]!r}")
    print(f"syntax: {len(paths) - bad} files passed, {bad} failed")
    return 1 if bad or not paths else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
