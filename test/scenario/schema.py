# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks conference-info documents against the IETF's schema with xmllint.

The schemas are looked for in $IMCONF_XSD_DIR; without them nothing is checked.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("IMCONF_XSD_DIR", ROOT.parent / "shared" / "xsd"))
SCHEMA = FOLDER / "conference-info.xsd"
# the source document's attribute is bare and the schema does not know it
YOUROWN = re.compile(rb"\s+yourown=(\"[^\"]*\"|'[^']*')")
# xmllint's xs:anyURI knows RFC 3986 alone, where the brackets RFC 3261 25.1
# puts around an IPv6 address may only follow "//"
IPV6_HOST = re.compile(rb"(?<=[@:])\[[0-9a-fA-F:.]+\]")


def available() -> bool:
    return SCHEMA.is_file()


def _as_xmllint_knows_it(document: bytes) -> bytes:
    return IPV6_HOST.sub(b"ipv6.example", YOUROWN.sub(b"", document))


def problems_of(documents: list[bytes]) -> list[str]:
    """What xmllint says about the documents that are not valid."""
    if not documents or not available():
        return []
    with tempfile.TemporaryDirectory(prefix="imconf-schema-") as folder:
        names = []
        for number, document in enumerate(documents, 1):
            path = Path(folder, f"document{number}.xml")
            path.write_bytes(_as_xmllint_knows_it(document))
            names.append(str(path))
        done = subprocess.run(
            ["xmllint", "--nonet", "--noout", "--schema", str(SCHEMA),
             *names], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return []
        return [line for line in done.stderr.splitlines()
                if not line.endswith(" validates")]
