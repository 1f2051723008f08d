# SPDX-License-Identifier: GPL-2.0-or-later
"""What differs when the module was built with sanitizers.

`make test-sanitized` says SANITIZED=1. Kamailio then runs with the address
sanitizer's library before all others, reports go to files in the server's
folder, and a server is asked for its workers' leaks before it ends.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ON = bool(os.environ.get("SANITIZED"))
REPORT = "sanitizer"
LEAKS_ASKED = "sanitizer: leaks: "
# what a process freed lately is kept from use, but not too much of it; the
# leaks of processes that Kamailio ends are nobody's concern
ASAN_OPTIONS = ("detect_leaks=1:leak_check_at_exit=0:quarantine_size_mb=16:"
                "detect_stack_use_after_return=1")
UBSAN_OPTIONS = "print_stacktrace=1:halt_on_error=1"
LSAN_OPTIONS = "max_leaks=20"


def environment(folder: Path) -> dict[str, str]:
    """For a Kamailio whose reports shall go to `folder`."""
    if not ON:
        return dict(os.environ)
    place = f":log_path={folder / REPORT}"
    return {**os.environ, "LD_PRELOAD": _library(),
            "ASAN_OPTIONS": ASAN_OPTIONS + place,
            "UBSAN_OPTIONS": UBSAN_OPTIONS + place,
            "LSAN_OPTIONS": LSAN_OPTIONS}


def reports(folder: Path) -> list[str]:
    """What the sanitizers had to say."""
    return [path.read_text(errors="replace")
            for path in sorted(folder.glob(f"{REPORT}.*"))]


def _library() -> str:
    return subprocess.run(["gcc", "-print-file-name=libasan.so"], text=True,
                          capture_output=True, check=True).stdout.strip()
