"""Where the program ``wechatpay-sandbox`` is that came with this package."""

from __future__ import annotations

import os
import sysconfig
from pathlib import Path

__all__ = ["program"]


def program() -> str:
    """Tell the path of the program.

    Raises:
        FileNotFoundError: It is in none of the folders where installers put programs.
    """
    name = "wechatpay-sandbox.exe" if os.name == "nt" else "wechatpay-sandbox"
    folders = [
        sysconfig.get_path("scripts"),
        sysconfig.get_path("scripts", scheme=sysconfig.get_preferred_scheme("user")),
        # pip install --target
        str(Path(__file__).parent.parent / "bin"),
    ]
    for folder in folders:
        path = Path(folder, name)
        if path.is_file():
            return str(path)
    raise FileNotFoundError(f"{name} is in none of {', '.join(folders)}: install wechatpay-rs-sandbox again")
