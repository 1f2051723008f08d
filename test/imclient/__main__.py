# SPDX-License-Identifier: GPL-2.0-or-later
"""python3 -m imclient chat|demo ..."""

import sys

from . import chat, demo

COMMANDS = {"chat": chat.main, "demo": demo.main}


def main() -> int:
    command = COMMANDS.get(sys.argv[1] if len(sys.argv) > 1 else "")
    if command is None:
        print("usage: python3 -m imclient chat|demo [options]; "
              "each explains itself with --help", file=sys.stderr)
        return 2
    return command(sys.argv[2:])


sys.exit(main())
