"""Checks calls in Swift sources against what the package declares, for machines without a Swift compiler.

`check_calls.py FOLDER` reads every source of the package. Each function, initialiser, case or property that is used must be
declared somewhere in the package, with these argument labels in this order, or be named below as Swift's own. Types are
not inferred: a name is enough. So a compiler finds more; but a method that was renamed, a label that is missing, and a
field that the generator no longer emits are found here.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import tree_sitter
import tree_sitter_swift

# What the sources use of Swift's library, Foundation, Dispatch, XCTest and the package manager.
SWIFT = set(
    """
    Array Bool Context Data Date Dictionary DispatchQueue Double FileManager HTTPURLResponse ISO8601DateFormatter Int JSONDecoder
    JSONEncoder LocalizedError Mirror Package Pipe Process ProcessInfo Result Set String UInt16 UInt64 URL URLRequest URLSession UTF8 UUID
    NSTemporaryDirectory XCTAssertEqual XCTAssertFalse XCTAssertGreaterThan XCTAssertNil XCTAssertNotNil XCTAssertThrowsError
    XCTAssertTrue XCTFail defer print withCheckedThrowingContinuation withTaskCancellationHandler
    addingTimeInterval allHeaderFields allSatisfy append arguments async availableData base64EncodedData binaryTarget closeFile
    compactMap components contains contentsOfDirectory count createDirectory current dataTask date decode decodeIfPresent
    decodeNil default dropFirst encode encodeIfPresent encodeNil endIndex enumerated environment executableURL
    fileExists fileHandleForReading fileHandleForWriting filter first flatMap formatOptions hasPrefix hasSuffix hash httpBody httpMethod
    indices isEmpty joined keys last library linkedFramework linkedLibrary linux lowerBound lowercased iOS macOS map mapValues none packageDirectory
    path prefix processInfo range removeItem removeValue replacingOccurrences resume run self setValue shared singleValueContainer
    some sorted split standardInput standardOutput startIndex statusCode string systemLibrary target terminate testTarget timeIntervalSince1970 unicodeScalars unsafeFlags uppercased upperBound utf8 uuidString v12 v15 value when withFractionalSeconds withInternetDateTime
    write container
    """.split()
)
Signature = list[tuple[str | None, bool]]


class Declared:
    """Names of the package: functions and initialisers with their labels, and everything else."""

    def __init__(self) -> None:
        self.functions: dict[str, list[Signature]] = {}
        self.types: dict[str, list[Signature]] = {}
        self.names: set[str] = set()

    def read(self, node: tree_sitter.Node, owner: str | None = None) -> None:
        """Takes over the declarations below a node."""
        for child in node.children:
            inner = owner
            if child.type in ("class_declaration", "protocol_declaration", "typealias_declaration"):
                inner = text(child.child_by_field_name("name")).split(".")[-1].split("<")[0]
                inits = self.types.setdefault(inner, [])
                if child.type == "class_declaration":
                    inits += memberwise(child)
            elif child.type in ("function_declaration", "protocol_function_declaration"):
                self.functions.setdefault(text(child.child_by_field_name("name")), []).append(signature(child))
            elif child.type == "init_declaration" and owner:
                self.types[owner].append(signature(child))
            elif child.type == "enum_entry":
                self.enum_cases(child)
            elif child.type in ("property_declaration", "protocol_property_declaration"):
                self.names |= {text(one) for one in below(child, "pattern") for one in below(one, "simple_identifier")}
            self.read(child, inner)

    def enum_cases(self, entry: tree_sitter.Node) -> None:
        """`case a(Int), b`"""
        name = ""
        for child in entry.children:
            if child.type == "simple_identifier":
                name = text(child)
                self.names.add(name)
            elif child.type == "enum_type_parameters":
                labels: Signature = [
                    (text(one) if one.type == "simple_identifier" else None, False)
                    for one in child.named_children
                    if one.type == "simple_identifier" or one.prev_sibling is None or one.prev_sibling.type in ("(", ",")
                ]
                self.functions.setdefault(name, []).append(labels)


def text(node: tree_sitter.Node | None) -> str:
    """The source of a node; a reserved word without its marks."""
    return (node.text or b"").decode().replace("`", "") if node else ""


def below(node: tree_sitter.Node, kind: str) -> Iterator[tree_sitter.Node]:
    """Children of this kind."""
    return (child for child in node.children if child.type == kind)


def signature(function: tree_sitter.Node) -> Signature:
    """Labels of the parameters, and whether they may be left out."""
    labels: Signature = []
    for child in function.children:
        if child.type == "parameter":
            first = text(next(below(child, "simple_identifier")))
            labels.append((None if first == "_" else first, False))
        elif child.type == "=" and labels:
            labels[-1] = (labels[-1][0], True)
    return labels


def memberwise(declaration: tree_sitter.Node) -> list[Signature]:
    """The initialiser that Swift writes for a struct without one."""
    body = declaration.child_by_field_name("body")
    kind = declaration.child_by_field_name("declaration_kind")
    if body is None or text(kind) != "struct" or any(below(body, "init_declaration")):
        return []
    labels: Signature = []
    for property_ in below(body, "property_declaration"):
        if any(below(property_, "computed_property")) or b"static" in (property_.text or b"").split(b"{")[0]:
            continue
        for pattern in below(property_, "pattern"):
            labels.append((text(pattern), any(below(property_, "="))))
    return [labels]


def fits(labels: list[str | None], closures: int, wanted: Signature) -> bool:
    """Whether arguments with these labels can be given to the parameters."""
    at = 0
    for label in labels:
        while at < len(wanted) and wanted[at][0] != label:
            if not wanted[at][1]:
                return False
            at += 1
        if at == len(wanted):
            return False
        at += 1
    rest = [one for one in wanted[at:] if not one[1]]
    return len(rest) <= closures and len(wanted) - at >= closures


def walk(node: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    """All nodes."""
    yield node
    for child in node.children:
        yield from walk(child)


def called_name(callee: tree_sitter.Node) -> str:
    """`b` of `a.b(…)`, `a` of `a(…)`, of `.a(…)` and of `!a(…)`."""
    if callee.type == "prefix_expression" and callee.named_children[-1].type == "navigation_expression":
        callee = callee.named_children[-1]
    if callee.type == "navigation_expression":
        suffix = callee.child_by_field_name("suffix")
        return text(suffix).lstrip(".")
    if callee.type == "prefix_expression":
        return text(callee).lstrip(".")
    return text(callee)


def local_names(root: tree_sitter.Node) -> set[str]:
    """Parameters, closures' parameters, variables and type parameters: their calls are calls of closures."""
    kinds = ("parameter", "lambda_parameter", "pattern", "type_parameter")
    found = {
        text(name)
        for node in walk(root)
        if node.type in kinds
        for name in walk(node)
        if name.type in ("simple_identifier", "type_identifier")
    }
    # `if let name = …`
    for node in walk(root):
        if node.type == "value_binding_pattern" and node.next_sibling:
            found.add(text(node.next_sibling))
    return found


def problems(root: tree_sitter.Node, declared: Declared) -> Iterator[tuple[tree_sitter.Node, str]]:
    """Calls and members that nothing declares."""
    locals_ = local_names(root)
    known = SWIFT | declared.names | set(declared.functions) | set(declared.types)
    for node in walk(root):
        if node.type == "call_expression":
            callee, suffix = node.children[0], node.children[-1]
            if callee.type not in ("navigation_expression", "prefix_expression", "simple_identifier"):
                continue
            name = called_name(callee)
            arguments = next(below(suffix, "value_arguments"), None)
            if arguments is not None and arguments.children[0].type == "[":
                continue
            labels = [
                text(next(below(one, "value_argument_label"), None)) or None
                for one in (below(arguments, "value_argument") if arguments else ())
            ]
            closures = sum(1 for _ in below(suffix, "lambda_literal"))
            wanted = [*declared.functions.get(name, []), *declared.types.get(name, [])]
            if name == "init":
                wanted = [one for inits in declared.types.values() for one in inits]
            if any(fits(labels, closures, one) for one in wanted) or name in SWIFT:
                continue
            if callee.type == "simple_identifier" and name in locals_:
                continue
            shown = "".join(f"{label or '_'}:" for label in labels)
            yield callee, f"nothing declares {name}({shown})"
        elif node.type == "simple_identifier" and node.parent and node.parent.type == "navigation_expression":
            name = text(node)
            if node == node.parent.children[0] and name not in known | locals_ and not name.startswith("$"):
                yield node, f"nothing declares {name}"
        elif node.type == "navigation_suffix":
            name = text(node).lstrip(".")
            # `$0.0`, and whatever is called, which is looked at above.
            if not name.isdigit() and name not in known and (node.parent and node.parent.parent and node.parent.parent.type != "call_expression"):
                yield node, f"nothing declares .{name}"


def main(folder: Path) -> int:
    """Prints what nothing declares, and how many calls were looked at."""
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_swift.language()))
    trees = {path: parser.parse(path.read_bytes()) for path in sorted(folder.rglob("*.swift"))}
    declared = Declared()
    for tree in trees.values():
        declared.read(tree.root_node)
    bad = calls = 0
    for path, tree in trees.items():
        if path.name == "WeChatPayNative.swift":
            continue  # uniffi's own: declarations only.
        calls += sum(node.type == "call_expression" for node in walk(tree.root_node))
        for node, message in problems(tree.root_node, declared):
            bad += 1
            print(f"{path}:{node.start_point[0] + 1}:{node.start_point[1] + 1}: {message}")
    print(f"calls: {calls} looked at, {bad} wrong")
    return 1 if bad or not calls else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
