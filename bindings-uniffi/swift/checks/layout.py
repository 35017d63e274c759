"""Checks that a package folder holds every path that Package.swift and the module map name: `layout.py FOLDER`."""

import re
import sys
from pathlib import Path


def wanted(folder: Path) -> list[Path]:
    """Files and folders without which `swift build` would stop."""
    manifest = (folder / "Package.swift").read_text()
    paths = [folder / "Sources" / name for name in re.findall(r'\.target\(name: "(\w+)"', manifest)]
    paths += [folder / "Tests" / name for name in re.findall(r'\.testTarget\(name: "(\w+)"', manifest)]
    if len(paths) < 3:
        raise SystemExit("layout: Package.swift does not name its targets as it did; adapt layout.py")
    system = re.search(r'\.systemLibrary\(name: "\w+", path: "([^"]+)"\)', manifest)
    if not system:
        raise SystemExit("layout: Package.swift names no system library")
    module = folder / system[1] / "module.modulemap"
    paths.append(module)
    text = module.read_text()
    paths += [module.parent / header for header in re.findall(r'header "([^"]+)"', text)]
    library = re.search(r'link "([^"]+)"', text)
    search = re.search(r'-L\\\(folder\)/(\w+)"', manifest)
    if not library or not search:
        raise SystemExit("layout: nothing says which library is linked, or where it is")
    paths.append(folder / search[1] / f"lib{library[1]}.a")
    return paths


def main(folder: Path) -> int:
    """Prints what is missing."""
    paths = wanted(folder)
    missing = [path for path in paths if not path.exists() or (path.is_dir() and not any(path.rglob("*.swift")))]
    for path in missing:
        print(f"layout: {path} is missing or empty")
    print(f"layout: {len(paths)} paths looked at, {len(missing)} missing")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
