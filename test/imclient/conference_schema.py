# SPDX-License-Identifier: GPL-2.0-or-later
"""The RFC 4575 schema as a table, and a check of a document against it.

Element order, occurrence, enumerations and required attributes. Elements of
other namespaces are allowed where the schema has ##other: at the end.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

NAMESPACE = "urn:ietf:params:xml:ns:conference-info"
STATES = {"full", "partial", "deleted"}
ENDPOINT_STATUS = {
    "pending", "dialing-out", "dialing-in", "alerting", "on-hold",
    "connected", "muted-via-focus", "disconnecting", "disconnected"}
NUMBER = re.compile(r"\d+$")

EXECUTION = ("when", "reason", "by")
# parent: its children in the order of xs:sequence; "*" marks repetition
CHILDREN = {
    "conference-info": ("conference-description", "host-info",
                        "conference-state", "users", "sidebars-by-ref",
                        "sidebars-by-val"),
    "conference-description": (
        "display-text", "subject", "free-text", "keywords", "conf-uris",
        "service-uris", "maximum-user-count", "available-media"),
    "host-info": ("display-text", "web-page", "uris"),
    "conference-state": ("user-count", "active", "locked"),
    "users": ("user*",),
    "user": ("display-text", "associated-aors", "roles", "languages",
             "cascaded-focus", "endpoint*"),
    "endpoint": ("display-text", "referred", "status", "joining-method",
                 "joining-info", "disconnection-method",
                 "disconnection-info", "media*", "call-info"),
    "media": ("display-text", "type", "label", "src-id", "status"),
    "referred": EXECUTION, "joining-info": EXECUTION,
    "disconnection-info": EXECUTION,
    "roles": ("entry*",), "conf-uris": ("entry*",),
    "service-uris": ("entry*",), "uris": ("entry*",),
    "associated-aors": ("entry*",), "available-media": ("entry*",),
    "sidebars-by-ref": ("entry*",), "sidebars-by-val": ("entry*",),
}
VALUES = {
    ("endpoint", "status"): ENDPOINT_STATUS,
    ("media", "status"): {"recvonly", "sendonly", "sendrecv", "inactive"},
    ("endpoint", "joining-method"): {"dialed-in", "dialed-out",
                                     "focus-owner"},
    ("endpoint", "disconnection-method"): {"departed", "booted", "failed",
                                           "busy"},
    ("conference-state", "active"): {"true", "false", "0", "1"},
    ("conference-state", "locked"): {"true", "false", "0", "1"},
}
NUMBERS = {("conference-state", "user-count"),
           ("conference-description", "maximum-user-count")}
STATEFUL = {"conference-info", "users", "user", "endpoint",
            "sidebars-by-ref", "sidebars-by-val"}
REQUIRED = {"conference-info": "entity", "media": "id"}


def local(tag: str) -> str:
    """The element's name without the conference-info namespace."""
    return tag.removeprefix(f"{{{NAMESPACE}}}")


def check(root: ElementTree.Element) -> list[str]:
    """Everything in the document that the schema forbids."""
    if root.tag != f"{{{NAMESPACE}}}conference-info":
        return [f"root element is {root.tag}"]
    problems = [] if NUMBER.match(root.get("version", "0")) else [
        f"version {root.get('version')!r}"]
    _check_element(root, "", problems)
    return problems


def _check_element(node: ElementTree.Element, parent: str,
                   problems: list[str]) -> None:
    name = local(node.tag)
    _check_attributes(node, name, problems)
    _check_value(node, parent, name, problems)
    if name not in CHILDREN or (parent, name) == ("available-media", "entry"):
        return
    _check_order(node, name, problems)
    for child in node:
        if not local(child.tag).startswith("{"):
            _check_element(child, name, problems)


def _check_attributes(node: ElementTree.Element, name: str,
                      problems: list[str]) -> None:
    required = REQUIRED.get(name)
    if required and not node.get(required):
        problems.append(f"<{name}> without {required}")
    state = node.get("state")
    if name in STATEFUL and state is not None and state not in STATES:
        problems.append(f"<{name} state={state!r}>")


def _check_value(node: ElementTree.Element, parent: str, name: str,
                 problems: list[str]) -> None:
    text = (node.text or "").strip()
    allowed = VALUES.get((parent, name))
    if allowed is not None and text not in allowed:
        problems.append(f"<{parent}> has {name} {text!r}")
    if (parent, name) in NUMBERS and not NUMBER.match(text):
        problems.append(f"<{parent}> has {name} {text!r}")


def _check_order(node: ElementTree.Element, name: str,
                 problems: list[str]) -> None:
    order = [child.rstrip("*") for child in CHILDREN[name]]
    repeated = {child.rstrip("*") for child in CHILDREN[name]
                if child.endswith("*")}
    position, seen = 0, set()
    for child in node:
        tag = local(child.tag)
        if tag.startswith("{"):
            position = len(order)
        elif tag not in order:
            problems.append(f"<{tag}> inside <{name}>")
        elif order.index(tag) < position:
            problems.append(f"<{tag}> too late inside <{name}>")
        elif tag in seen and tag not in repeated:
            problems.append(f"second <{tag}> inside <{name}>")
        else:
            position = order.index(tag)
        seen.add(tag)
