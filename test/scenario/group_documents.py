# SPDX-License-Identifier: GPL-2.0-or-later
"""Group documents (OMA poc_listService 1.0) as text, for the scenarios."""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

MEDIA_TYPE = "application/vnd.oma.poc.groups+xml"
LIST_SERVICE = "urn:oma:xml:poc:list-service"
COMMON_POLICY = "urn:ietf:params:xml:ns:common-policy"
RESOURCE_LISTS = "urn:ietf:params:xml:ns:resource-lists"
EXTENSIONS = "urn:oma:xml:xdm:extensions"

MEMBERS = "<is-list-member/>"
ANYBODY = ""
START = "allow-initiate-conference"
JOIN = "join-handling"
WATCH = "allow-conference-state"
ANONYMOUS = "allow-anonymity"
USUAL = (START, JOIN, WATCH)


@dataclass
class Rule:
    """Who (conditions as XML, empty: everybody) may what; an action after a
    minus sign is said to be false."""

    conditions: str = MEMBERS
    actions: tuple[str, ...] = USUAL

    def xml(self, number: int) -> str:
        conditions = (f"<cr:conditions>{self.conditions}</cr:conditions>"
                      if self.conditions else "")
        actions = "".join(_action(name) for name in self.actions)
        return (f'<cr:rule id="r{number}">{conditions}'
                f"<cr:actions>{actions}</cr:actions></cr:rule>")


def one(uri: str) -> str:
    """The condition that somebody is this user."""
    return f"<cr:identity><cr:one id={quoteattr(uri)}/></cr:identity>"


def group(uri: str, members: list[str] | None = None,
          rules: list[Rule] | None = None, invite_members: bool | None = True,
          maximum: int | None = None, display: str = "",
          externals: list[str] | None = None) -> str:
    """A document with one list-service; `rules` None: no ruleset at all."""
    parts = []
    if display:
        parts.append(f"<display-name>{escape(display)}</display-name>")
    parts.append(_list(members or [], externals or []))
    if invite_members is not None:
        parts.append("<invite-members>"
                     f"{str(invite_members).lower()}</invite-members>")
    if maximum is not None:
        parts.append("<max-participant-count>"
                     f"{maximum}</max-participant-count>")
    if rules is not None:
        parts.append("<cr:ruleset>" + "".join(
            rule.xml(number) for number, rule in enumerate(rules, 1))
            + "</cr:ruleset>")
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<group xmlns="{LIST_SERVICE}" xmlns:cr="{COMMON_POLICY}"'
            f' xmlns:rl="{RESOURCE_LISTS}" xmlns:oxe="{EXTENSIONS}">\n'
            f"<list-service uri={quoteattr(uri)}>\n"
            + "\n".join(parts) + "\n</list-service>\n</group>\n")


def resource_list(members: list[str],
                  externals: list[str] | None = None) -> str:
    """A resource-lists document that a group may refer to."""
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<resource-lists xmlns="{RESOURCE_LISTS}">'
            f"{_list(members, externals or [])}</resource-lists>\n")


def _list(members: list[str], externals: list[str]) -> str:
    entries = [f"<entry uri={quoteattr(uri)}/>" for uri in members]
    entries += [f"<external anchor={quoteattr(anchor)}/>"
                for anchor in externals]
    return "<list>" + "\n".join(entries) + "</list>"


def _action(name: str) -> str:
    value = "false" if name.startswith("-") else "true"
    return f"<{name.lstrip('-')}>{value}</{name.lstrip('-')}>"
