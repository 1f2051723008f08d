# SPDX-License-Identifier: GPL-2.0-or-later
"""Resource lists (RFC 4826) with copyControl (RFC 5364): both ways."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

MEDIA_TYPE = "application/resource-lists+xml"
LISTS = "urn:ietf:params:xml:ns:resource-lists"
COPY = "urn:ietf:params:xml:ns:copycontrol"


@dataclass
class Entry:
    """One listed user. `copy` is to, cc, bcc or absent ("")."""

    uri: str
    copy: str = "to"
    display_name: str = ""
    anonymize: bool = False
    count: int = 0


def build(entries: list[Entry]) -> bytes:
    lines = ['<?xml version="1.0" encoding="utf-8"?>',
             f'<resource-lists xmlns="{LISTS}" xmlns:cp="{COPY}"><list>']
    lines += [_entry_xml(entry) for entry in entries]
    lines.append("</list></resource-lists>")
    return "\r\n".join(lines).encode()


def parse(data: bytes) -> list[Entry]:
    """Every entry, nested lists included, in document order."""
    root = ElementTree.fromstring(data)
    return [_entry(node) for node in root.iter(f"{{{LISTS}}}entry")]


def _entry_xml(entry: Entry) -> str:
    attributes = f"uri={quoteattr(entry.uri)}"
    if entry.copy:
        attributes += f' cp:copyControl="{entry.copy}"'
    if entry.anonymize:
        attributes += ' cp:anonymize="true"'
    if not entry.display_name:
        return f" <entry {attributes}/>"
    name = quoteattr(entry.display_name)[1:-1]
    return f" <entry {attributes}><display-name>{name}</display-name></entry>"


def _entry(node: ElementTree.Element) -> Entry:
    count = node.get(f"{{{COPY}}}count", "0")
    return Entry(
        node.get("uri", ""), node.get(f"{{{COPY}}}copyControl", ""),
        node.findtext(f"{{{LISTS}}}display-name", ""),
        node.get(f"{{{COPY}}}anonymize", "false") in ("true", "1"),
        int(count) if count.isdigit() else 0)
