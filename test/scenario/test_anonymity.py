# SPDX-License-Identifier: GPL-2.0-or-later
"""Anonymity (G5, N5, N7, S10): who may have it, and that nobody sees through it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from group_documents import (ANONYMOUS, ANYBODY, JOIN, MEMBERS, START, WATCH,
                             Rule)
from group_scenes import OPEN_RULE, everybody, put, put_public, refused
from imclient import Answer, Entry, IMClient, Options
from scene import Scene


def secret(scene: Scene, user: str, **more: Any) -> IMClient:
    return scene.client(user, options=Options(privacy=True, **more))


def traces(client: IMClient) -> list[bytes]:
    """By what others could recognise this user: every name, address and
    token that it put on the wire."""
    found = {client.user.encode(), f"{client.ip}:{client.port}".encode(),
             f":{client.msrp.port}/".encode()}
    for session in client.sessions:
        found |= {session.dialog.call_id.encode(),
                  session.dialog.local_tag.encode(),
                  session.leg.local_path.encode()}
    return sorted(found)


def received_bytes(client: IMClient) -> bytes:
    """Everything that came in by SIP and by MSRP."""
    return b"\n".join(entry.message.encode() for entry in client.log
                      if entry.direction == "received")


def assert_unknown(hidden: IMClient, *others: IMClient) -> None:
    for other in others:
        seen = received_bytes(other).lower()
        for trace in traces(hidden):
            assert trace.lower() not in seen, (other.user, trace)


@pytest.mark.parametrize("code, params", [
    (403, {}), (433, {"anonymity_refusal_code": 433})])
def test_G5_refused_where_the_group_forbids_it(stage, xdms, code, params):
    scene = stage(params={**params, "anonymity_warning": "Show yourself"},
                  xdms_port=xdms.port)
    team = put(scene, xdms, "team", ("alice",))
    alice = secret(scene, "alice")
    response = refused(alice, team)
    assert response.status == code
    assert re.fullmatch(r'399 \S+ "Show yourself"', response.get("Warning"))
    alice.options.privacy = False
    assert alice.invite(team).response.status == 200


def test_G5_rejoining_is_refused_as_well(scene, xdms):
    alice, bob = scene.client("alice"), secret(scene, "bob")
    room = put_public(scene, xdms)
    mine = alice.invite(room)
    assert refused(bob, mine.identity).status == 403
    assert refused(bob, room).status == 403


@pytest.mark.parametrize("privacy", ["id", "id;critical", "user;id",
                                     "header;id"])
def test_G5_all_spellings_of_privacy_id(scene, xdms, privacy):
    alice = scene.client("alice")
    room = put_public(scene, xdms)
    assert refused(alice, room,
                   headers=[("Privacy", privacy)]).status == 403


def test_G5_none_is_no_wish_for_anonymity(scene, xdms):
    alice = scene.client("alice")
    room = put_public(scene, xdms)
    alice.invite(room, headers=[("Privacy", "none")])
    alice.wait_roster(everybody("alice"))


ANONYMITY = Rule(ANYBODY, (START, JOIN, WATCH, ANONYMOUS))


ANYBODY_ELSE = re.compile(r"sip:anonymous[0-9]+@anonymous\.invalid")


def unnamed(client: IMClient) -> str:
    """By what name others see this anonymous client."""
    client.wait_notify()
    client.wait_for(lambda: client.roster.yourown, what="itself")
    (name,) = client.roster.yourown
    assert ANYBODY_ELSE.fullmatch(name)
    return name


def test_N5_an_anonymous_participant_leaves_no_trace(scene, xdms):
    bob, carol = scene.people("bob", "carol")
    hidden = secret(scene, "wendelin")
    room = put_public(scene, xdms, rules=[ANONYMITY])
    theirs = bob.invite(room)
    mine = hidden.invite(room)
    carol.invite(room)
    name = unnamed(hidden)
    for client in (bob, carol):
        client.wait_roster({"bob": "connected", "carol": "connected",
                            name: "connected"})
    for session in (theirs, mine):
        session.wait_bound()
    assert mine.send_text("guess who").wait() == 200
    assert mine.send_text("x" * 200000).wait() == 200
    bob.wait_message("guess who", name)
    bob.wait_message("x" * 200000, name)
    mine.leave()
    bob.wait_roster(everybody("bob", "carol"))
    assert_unknown(hidden, bob, carol)


def test_N5_two_anonymous_users_differ_and_keep_their_numbers(scene, xdms):
    bob = scene.client("bob")
    first, second = secret(scene, "wendelin"), secret(scene, "xaverine")
    room = put_public(scene, xdms, rules=[ANONYMITY])
    bob.invite(room)
    session = first.invite(room)
    second.invite(room)
    names = [unnamed(client) for client in (first, second)]
    assert len(set(names)) == 2
    both = {"bob": "connected", **dict.fromkeys(names, "connected")}
    bob.wait_roster(both)
    session.leave()
    bob.wait_roster({"bob": "connected", names[1]: "connected"})
    first.invite(room)
    bob.wait_roster(both)
    assert_unknown(first, bob, second)
    assert_unknown(second, bob, first)


def test_N5_an_anonymous_starter_is_named_in_no_invitation(scene, xdms):
    hidden = secret(scene, "wendelin")
    bob = scene.client("bob")
    team = put(scene, xdms, "team", ("wendelin", "bob"), rules=[ANONYMITY])
    hidden.invite(team, headers=[("Subject", "Psst")])
    invite = bob.wait_connected().invite
    assert invite.get("Subject") == "Psst"
    bob.wait_roster({"bob": "connected", unnamed(hidden): "connected"})
    assert_unknown(hidden, bob)


def test_N5_who_was_known_comes_back_as_somebody_else(scene, xdms):
    bob, alice = scene.people("bob", "alice")
    room = put_public(scene, xdms, rules=[ANONYMITY])
    bob.invite(room)
    alice.invite(room).leave()
    bob.wait_roster(everybody("bob"))
    alice.options.privacy = True
    alice.invite(room)
    name = unnamed(alice)
    bob.wait_roster({"bob": "connected", name: "connected"})
    alice.sessions[-1].wait_bound()
    assert alice.sessions[-1].send_text("guess who").wait() == 200
    bob.wait_for(lambda: bob.messages, what="message")
    assert bob.messages[0].sender == name


@pytest.mark.parametrize("here", ["connected", "alerting"])
def test_N5_a_second_session_may_be_anonymous(scene, xdms, here):
    bob = scene.client("bob")
    alice = scene.client("alice", answer=Answer.accept()
                         if here == "connected" else Answer.ringing())
    team = put(scene, xdms, "team", ("alice", "bob"), rules=[ANONYMITY])
    bob.invite(team)
    bob.wait_roster({"bob": "connected", "alice": here})
    alice.options.privacy = True
    session = alice.invite(team)
    name = unnamed(alice)
    bob.wait_roster({"bob": "connected", name: "connected"})
    session.wait_bound()
    assert session.send_text("guess who").wait() == 200
    bob.wait_message("guess who", name)


@pytest.mark.server(params={"trusted_peers": "127.0.0.1"})
def test_N5_from_is_anonymous_and_the_asserted_identity_decides(scene, xdms):
    """As an IMS core hands it over (TS 24.229)."""
    bob = scene.client("bob")
    room = put_public(scene, xdms, users=("wendelin",),
                      rules=[Rule(MEMBERS, (JOIN, ANONYMOUS)), OPEN_RULE])
    bob.invite(room)
    hidden = secret(scene, "wendelin", headers=[
        ("P-Asserted-Identity", f"<sip:wendelin@{scene.server.domain}>")])
    hidden.aor = "sip:anonymous@anonymous.invalid"
    hidden.invite(room)
    bob.wait_roster({"bob": "connected", unnamed(hidden): "connected"})
    assert_unknown(hidden, bob)
    hidden.aor = f"sip:wendelin@{scene.server.domain}"


@pytest.mark.server(params={"trusted_peers": "127.0.0.1"})
def test_S10_a_watcher_is_known_by_its_asserted_identity(scene, xdms):
    bob = scene.client("bob", options=Options(subscribe=False))
    room = put_public(scene, xdms)
    bob.invite(room)
    for asserted in ([bob.aor], []):
        watching = scene.client("carol", options=Options(subscribe=False))
        watching.aor = "sip:anonymous@anonymous.invalid"
        watching.subscribe(room, headers=[("Privacy", "id")] + [
            ("P-Asserted-Identity", f"<{uri}>") for uri in asserted])
        watching.wait_notify()
        assert watching.roster.yourown == asserted
        watching.aor = watching.uri_of("carol")


def test_N7_an_anonymous_invitee_is_shown_under_a_number(scene):
    hidden, bob, alice = scene.people("wendelin", "bob", "alice")
    session = alice.initiate_ad_hoc_conference([
        Entry(hidden.aor, "to", "Wendelin the Great", anonymize=True),
        Entry(bob.aor, "to")])
    theirs = hidden.wait_connected()
    bob.wait_connected()
    name = unnamed(hidden)
    bob.wait_roster({"alice": "connected", "bob": "connected",
                     name: "connected"})
    for one_of in (session, theirs):
        one_of.wait_bound()
    assert theirs.send_text("boo").wait() == 200
    bob.wait_message("boo", name)
    assert_unknown(hidden, bob)
