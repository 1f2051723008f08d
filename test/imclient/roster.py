# SPDX-License-Identifier: GPL-2.0-or-later
"""A subscriber's view of a conference, by RFC 4575 section 4.6.

Documents are fed in the order received. Whatever a correct notifier never
does is kept in `problems`: gaps, repeated versions, schema errors, states
that contradict their parents.
"""

from __future__ import annotations

import copy
import xml.etree.ElementTree as ElementTree

from .conference_schema import NAMESPACE, check, local

MEDIA_TYPE = "application/conference-info+xml"
KEYS = {"user": "entity", "endpoint": "entity", "media": "id"}
NS = f"{{{NAMESPACE}}}"
Element = ElementTree.Element


class Roster:
    """The local state of one subscription's documents."""

    def __init__(self) -> None:
        self.root: Element | None = None
        self.version: int | None = None
        self.deleted = False
        self.needs_full = False
        self.problems: list[str] = []
        self.versions: list[int] = []
        self.documents: list[bytes] = []

    @property
    def entity(self) -> str:
        return "" if self.root is None else self.root.get("entity", "")

    @property
    def users(self) -> dict[str, str]:
        """Each user's entity and the status of its (first) endpoint."""
        return {user.get("entity", ""): _status(user)
                for user in self._user_elements()}

    @property
    def display_names(self) -> dict[str, str]:
        return {user.get("entity", ""): user.findtext(f"{NS}display-text", "")
                for user in self._user_elements()}

    @property
    def yourown(self) -> list[str]:
        """Entities marked as the receiver's own (Appendix N)."""
        return [user.get("entity", "") for user in self._user_elements()
                if any(name.split("}")[-1] == "yourown"
                       and value in ("true", "1")
                       for name, value in user.attrib.items())]

    @property
    def subject(self) -> str:
        return self._text("conference-description", "subject")

    @property
    def maximum(self) -> int:
        """maximum-user-count, 0 when the document has none."""
        text = self._text("conference-description", "maximum-user-count")
        return int(text) if text.strip().isdigit() else 0

    def detail(self, entity: str, name: str) -> str:
        """Text of a child of that user's endpoint, "" without one."""
        for user in self._user_elements():
            if user.get("entity") == entity:
                return user.findtext(f"{NS}endpoint/{NS}{name}", "").strip()
        return ""

    def feed(self, document: bytes) -> bool:
        """Apply one NOTIFY body; False when it was not applied."""
        self.documents.append(document)
        try:
            received = ElementTree.fromstring(document)
        except ElementTree.ParseError as error:
            self._note(f"not well-formed: {error}")
            return False
        for problem in check(received):
            self._note(f"schema: {problem}")
        self._check_states(received)
        version = _version_of(received)
        if version is None:
            self._note("no version")
            return False
        self.versions.append(version)
        return self._apply(received, version)

    def _apply(self, received: Element, version: int) -> bool:
        state = received.get("state", "full")
        if self.version is not None and version <= self.version:
            self._note(f"version {version} after {self.version}")
            return False
        if state in ("full", "deleted"):
            self._replace(received, version, state)
            return True
        if self.root is None or self.version is None:
            self._note(f"partial version {version} before any full state")
            self.needs_full = True
            return False
        if version > self.version + 1:
            self._note(f"gap: version {version} after {self.version}")
            self.needs_full = True
            return False
        if received.get("entity") != self.entity:
            self._note(f"entity changed to {received.get('entity')!r}")
        self.version = version
        _merge(self.root, received)
        return True

    def _replace(self, received: Element, version: int, state: str) -> None:
        if self.root is not None and received.get("entity") != self.entity:
            self._note(f"entity changed to {received.get('entity')!r}")
        self.version = version
        self.root = copy.deepcopy(received)
        self.needs_full = False
        self.deleted = state == "deleted"

    def _check_states(self, root: Element) -> None:
        """Rules of sections 4.4 and 5.2 that the schema cannot say."""
        state = root.get("state", "full")
        names = {local(child.tag) for child in root}
        if state == "full":
            for name in ("conference-description", "users"):
                if name not in names:
                    self._note(f"full document without <{name}>")
            for node in root.iter():
                if node.get("state", "full") != "full":
                    self._note(f"<{local(node.tag)} state="
                               f"{node.get('state')!r}> in a full document")
        users = root.find(f"{NS}users")
        if state == "partial" and users is not None:
            if users.get("state", "full") == "full":
                self._note("full <users> in a partial document")
        self._check_keys(root)

    def _check_keys(self, root: Element) -> None:
        entities = [user.get("entity") for user in
                    root.iterfind(f"{NS}users/{NS}user")]
        for entity in sorted({str(e) for e in entities
                              if entities.count(e) > 1}):
            self._note(f"user {entity} twice in one document")
        if None in entities:
            self._note("<user> without entity")

    def _user_elements(self) -> list[Element]:
        if self.root is None or self.deleted:
            return []
        return self.root.findall(f"{NS}users/{NS}user")

    def _text(self, parent: str, name: str) -> str:
        if self.root is None:
            return ""
        return self.root.findtext(f"{NS}{parent}/{NS}{name}", "")

    def _note(self, text: str) -> None:
        self.problems.append(f"document {len(self.documents)}: {text}")


def _merge(here: Element, received: Element) -> None:
    """Steps 1 to 3 for every sub-element of a partial element."""
    for name, value in received.attrib.items():
        if name != "state":
            here.set(name, value)
    for child in received:
        mine = _counterpart(here, child)
        state = child.get("state", "full")
        if state == "deleted":
            if mine is not None:
                here.remove(mine)
        elif mine is None:
            _insert(here, copy.deepcopy(child))
        elif state == "partial":
            _merge(mine, child)
        else:
            here[list(here).index(mine)] = copy.deepcopy(child)


def _counterpart(here: Element, child: Element) -> Element | None:
    """The local row of the same key, or the element of the same name."""
    key = KEYS.get(local(child.tag))
    for mine in here:
        if mine.tag == child.tag and (
                key is None or mine.get(key) == child.get(key)):
            return mine
    return None


def _insert(here: Element, child: Element) -> None:
    """Deleted rows inside a new row are nothing to keep."""
    for node in list(child):
        if node.get("state") == "deleted":
            child.remove(node)
    here.append(child)


def _version_of(root: Element) -> int | None:
    text = root.get("version", "")
    return int(text) if text.isdigit() else None


def _status(user: Element) -> str:
    return user.findtext(f"{NS}endpoint/{NS}status", "").strip()
