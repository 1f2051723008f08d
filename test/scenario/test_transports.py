# SPDX-License-Identifier: GPL-2.0-or-later
"""MSRP over TLS and WebSockets, beside TCP: who gets in, and who does not."""

from __future__ import annotations

import pytest

from imclient import Answer, IMClient, MsrpSettings, Options, TlsIdentity
from imclient.session import Session
from scene import Scene

SECURE = pytest.mark.server(transports=("tls", "wss"))
ALL = ("tls", "ws", "wss")
LARGE = "0123456789abcdef" * 6400       # 102,400 octets


def settings(transport: str, tls: TlsIdentity | None = None,
             **more) -> Options:
    return Options(msrp=MsrpSettings(
        transport=transport, tls=tls or TlsIdentity(), **more))


def talk(speaker: Session, *listeners: Session, text: str = "alive") -> None:
    """The room lives: everybody named hears what is said now."""
    assert speaker.send_text(text).wait(15) == 200
    for listener in listeners:
        listener.client.wait_message(text, speaker.client.user, timeout=15)


def join(scene: Scene, creator: IMClient, *others: IMClient
         ) -> list[Session]:
    """A conference that all of them call into: each makes its own offer."""
    for client in others:
        client.answer = Answer.refuse(486)
    mine = creator.initiate_ad_hoc_conference([c.user for c in others])
    for client in others:
        client.wait_for(lambda c=client: c.sessions
                        and c.sessions[0].state == "failed", 15, "refused")
    sessions = [mine, *(c.invite(mine.identity) for c in others)]
    for session in sessions:
        session.leg.wait_bound(15)
    return sessions


@pytest.mark.server(transports=("tls",))
@pytest.mark.parametrize("hash_name", ["SHA-1", "SHA-256"])
def test_A7_msrps_with_fingerprints(scene, certificates, hash_name):
    alice = scene.client("alice", options=settings(
        "tls", certificates.identity("alice", hash=hash_name)))
    bob = scene.client("bob")
    mine, bobs = join(scene, alice, bob)
    assert mine.leg.remote_path.startswith("msrps://")
    assert mine.leg.fingerprints[0].lower().startswith(hash_name.lower())
    talk(mine, bobs)
    talk(bobs, mine, text=LARGE)
