#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes docs/conformance.md: each clause of docs/clauses.txt with the tests
whose names begin with its id. Exits with 1 when another page names a test that does
not exist, or a file has two tests of one name. With --check it writes nothing
and exits with 1 when the file is not what it would write. Called by
tools/docs.sh and lint."""

import argparse
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CLAUSES = ROOT / "docs" / "clauses.txt"
PAGE = ROOT / "docs" / "conformance.md"
# test_R7_R8_... is a test of both
NAME = r"(test_((?:[A-Z]+\d+_)+)\w+)\("
TEST = re.compile(r"^(?:async )?def " + NAME, re.MULTILINE)
UNIT_TEST = re.compile(r"^static void " + NAME, re.MULTILINE)
INTRODUCTION = """\
# Conformance

The clauses of the OMA SIMPLE IM change request that a conference server has a
part in, and the tests that show them: a test's name begins with the id of its
clause, or the ids of several. This page is made from those names by `make docs`; `make lint` fails
when it is not current. A clause without a test is not claimed.
"""


def tests_by_clause() -> dict[str, list[str]]:
    """Clause id -> the names of its tests, with the file's."""
    found = defaultdict(list)
    places = [(TEST, "test/scenario/test_*.py"), (UNIT_TEST, "test/unit/*.c")]
    for pattern, names in places:
        for path in sorted(ROOT.glob(names)):
            for name, clauses in pattern.findall(path.read_text("utf-8")):
                for clause in clauses.rstrip("_").split("_"):
                    found[clause].append(f"{path.stem}: `{name}`")
    return found


def page() -> str:
    tests = tests_by_clause()
    lines = [INTRODUCTION]
    for line in CLAUSES.read_text("utf-8").splitlines():
        if line.startswith("== "):
            lines += [f"\n## {line[3:]}\n", "| | the server | tests |",
                      "|---|---|---|"]
        elif line and not line.startswith("#"):
            clause, text = (part.strip() for part in line.split("|", 1))
            shown = "<br>".join(tests.pop(clause, [])) or "none"
            lines.append(f"| {clause} | {text} | {shown} |")
    return "\n".join(lines) + "\n"


def unknown_tests() -> list[str]:
    """Tests that a page names and nobody wrote."""
    known = set()
    for pattern in ("test/scenario/*.py", "test/unit/*.c"):
        for path in ROOT.glob(pattern):
            known.update(re.findall(r"\btest_\w+", path.read_text("utf-8")))
    return [f"{path.relative_to(ROOT)} names {name}, which does not exist"
            for path in sorted(ROOT.glob("docs/*.md"))
            for name in re.findall(r"`(test_[A-Z]\w+)`",
                                   path.read_text("utf-8"))
            if path != PAGE and name not in known]


def shadowed_tests() -> list[str]:
    """A name's second function in a file: Python runs only the last."""
    return [f"{path.relative_to(ROOT)} has {name} {count} times"
            for path in sorted(ROOT.glob("test/**/test_*.py"))
            for name, count in Counter(re.findall(
                r"^def (test_\w+)", path.read_text("utf-8"),
                re.MULTILINE)).items() if count > 1]


def main() -> int:
    parser = argparse.ArgumentParser(prog="conformance.py")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    text = page()
    wrong = unknown_tests() + shadowed_tests()
    if wrong:
        print("\n".join(wrong))
        return 1
    if not options.check:
        PAGE.write_text(text, "utf-8")
        return 0
    if PAGE.exists() and PAGE.read_text("utf-8") == text:
        return 0
    print(f"{PAGE.relative_to(ROOT)} is not current: make docs")
    return 1


if __name__ == "__main__":
    sys.exit(main())
