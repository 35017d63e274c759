"""Starts the local WeChat Pay: ``python -m wechatpay_rs.sandbox``, after ``pip install "wechatpay-rs[sandbox]"``.

Arguments are those of the program `wechatpay-sandbox`; ``--help`` lists them.
"""

from __future__ import annotations

import os
import subprocess
import sys

from .testing import program


def main() -> None:
    """Run the program in place of this one."""
    try:
        command = [program(), *sys.argv[1:]]
    except FileNotFoundError as error:
        sys.exit(str(error))
    if os.name == "nt":
        sys.exit(subprocess.call(command))  # noqa: S603
    os.execv(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main()
