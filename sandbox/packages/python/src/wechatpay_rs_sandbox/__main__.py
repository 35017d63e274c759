"""Runs the program: ``python -m wechatpay_rs_sandbox``."""

import os
import subprocess
import sys

from . import program

command = [program(), *sys.argv[1:]]
if os.name == "nt":
    sys.exit(subprocess.call(command))  # noqa: S603
# In place of this process, so that signals and the end of its input reach it.
os.execv(command[0], command)  # noqa: S606
