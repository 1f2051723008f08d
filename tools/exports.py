#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Do the pages for operators name what the module exports, and nothing else?
RPC commands, statistics (by name, or with others as `name_*`) and script
functions; parameters are parameters.py's. Exits with 1 and says what is
wrong. Called by tools/docs.sh."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MODULE = ROOT / "modules" / "imconf"
PAGES = [ROOT / "README.md", MODULE / "doc" / "imconf_admin.xml",
         *sorted((ROOT / "docs").glob("*.md"))]
# what must name each: the README and the module's own
BOTH = PAGES[:2]
COMMAND = re.compile(r'^\t\t\{"(imconf\.\w+)", ', re.MULTILINE)
FUNCTION = re.compile(r'^\t\{"(imconf_\w+)", +w_', re.MULTILINE)
STATISTIC = re.compile(r'"(\w+)"')
# `...` in Markdown, <literal>...</literal> in docbook
WORD = re.compile(r"(?:`|<literal>)([\w.*]+)(?:`|</literal>)")
# the name of the statistics' group, and of no RPC command
OTHERS = {"imconf.so", "imconf.json"}


def exported(file: str, pattern: re.Pattern) -> set[str]:
    return set(pattern.findall((MODULE / file).read_text("utf-8")))


def unnamed(names: set[str], page: Path) -> list[str]:
    text = page.read_text("utf-8")
    families = [word[:-1] for word in WORD.findall(text)
                if word.endswith("_*")]
    return [f"{page.relative_to(ROOT)} does not name {name}"
            for name in sorted(names)
            if not re.search(rf"\b{re.escape(name)}\b", text)
            and not name.startswith(tuple(families))]


def unknown(names: set[str], pattern: str, page: Path) -> list[str]:
    """Names of that form that the module does not have."""
    found = set(re.findall(pattern, page.read_text("utf-8")))
    return [f"{page.relative_to(ROOT)} names {name}, which is not there"
            for name in sorted(found - names - OTHERS)]


def main() -> int:
    commands = exported("admin/rpc.c", COMMAND)
    functions = exported("imconf_mod.c", FUNCTION)
    statistics = exported("admin/statistics.c", STATISTIC) - {"imconf"}
    if not (commands and functions and statistics):
        print("the sources look otherwise than exports.py knows them",
              file=sys.stderr)
        return 1
    wrong = [line for page in BOTH
             for line in unnamed(commands | functions | statistics, page)]
    for page in PAGES:
        wrong += unknown(commands, r"(?:kamcmd |`|<literal>)(imconf\.\w+)",
                         page)
        wrong += unknown(functions, r"\b(imconf_\w+)\(", page)
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
