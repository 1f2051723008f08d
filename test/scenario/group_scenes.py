# SPDX-License-Identifier: GPL-2.0-or-later
"""Groups of the server's domain in one line, for the scenarios about them."""

from __future__ import annotations

from typing import Any

import pytest

import group_documents
from group_documents import ANYBODY, JOIN, MEMBERS, USUAL, WATCH, Rule
from imclient import IMClient, Refused, SipMessage
from imclient.session import Session
from scene import Scene
from xdms import Xdms

TEAM = ("alice", "bob", "carol")
MEMBERS_RULE = Rule(MEMBERS, USUAL)
OPEN_RULE = Rule(ANYBODY, (JOIN, WATCH))


def put(scene: Scene, xdms: Xdms, name: str, users: tuple[str, ...] = (),
        **options: Any) -> str:
    """A group of users of the server's domain; its URI."""
    at = scene.server.domain
    uri = f"sip:{name}@{at}"
    options.setdefault("rules", [MEMBERS_RULE])
    members = [u if ":" in u else f"sip:{u}@{at}" for u in users]
    xdms.put(uri, group_documents.group(uri, members, **options))
    return uri


def put_public(scene: Scene, xdms: Xdms, name: str = "room-lobby",
               **options: Any) -> str:
    options.setdefault("rules", [OPEN_RULE])
    return put(scene, xdms, name, invite_members=False, **options)


def refused(client: IMClient, uri: str, **options: Any) -> SipMessage:
    with pytest.raises(Refused) as caught:
        client.invite(uri, **options)
    return caught.value.response


def not_watching(client: IMClient, uri: str) -> int:
    with pytest.raises(Refused) as caught:
        client.subscribe(uri)
    return caught.value.response.status


def everybody(*users: str) -> dict[str, str]:
    return {user: "connected" for user in users}


def entities(scene: Scene, session: Session) -> list[str]:
    shown = scene.server.show(session.identity)["participants"]
    return [participant["entity"] for participant in shown]
