# SPDX-License-Identifier: GPL-2.0-or-later
"""Invitees that are lists: groups hosted here and on another server."""

from __future__ import annotations

import pytest

import group_documents
from group_documents import ANYBODY, USUAL, Rule
from kamailio import ADDRESS
from scene import Scene
from xdms import Xdms

OTHER_ADDRESS = "127.0.0.2"
OPEN = [Rule(ANYBODY, USUAL)]
CLOSED = [Rule(group_documents.MEMBERS, USUAL)]
PEERS = pytest.mark.server(defines=("WITH_PEERS",))


def put(scene: Scene, xdms: Xdms, name: str, members: list[str],
        rules: list[Rule]) -> str:
    uri = f"sip:{name}@{scene.server.domain}"
    xdms.put(uri, group_documents.group(uri, members, rules=rules))
    return uri


def user(scene: Scene, name: str) -> str:
    return f"sip:{name}@{scene.server.domain}"


@pytest.fixture(name="other")
def other_fixture(scene, xdms, stage):
    """A second server with groups of its own in the same XDMS."""
    return stage(address=OTHER_ADDRESS, defines=("WITH_PEERS",), params={
        "xdms_root": f"http://{ADDRESS}:{xdms.port}"})


def entities(scene: Scene, session) -> set[str]:
    return {participant["entity"] for participant
            in scene.server.show(session.identity)["participants"]
            if participant["state"] == "connected"}


def test_A2_a_hosted_group_in_a_list_is_expanded(scene, xdms):
    alice, bob, carol = scene.people("alice", "bob", "carol")
    group = put(scene, xdms, "group-two",
                [user(scene, "bob"), user(scene, "carol")], OPEN)
    session = alice.initiate_ad_hoc_conference([group, user(scene, "bob")])
    for invited in (bob, carol):
        invited.wait_connected()
    alice.wait_roster({name: "connected" for name in ("alice", "bob", "carol")})
    assert len(bob.sessions) == 1
    assert entities(scene, session) == {
        user(scene, name) for name in ("alice", "bob", "carol")}


def test_A2_a_group_that_hides_its_members_is_not_expanded(scene, xdms):
    alice, bob = scene.people("alice", "bob")
    group = put(scene, xdms, "group-closed", [user(scene, "bob")], CLOSED)
    session = alice.initiate_ad_hoc_conference([group])
    scene.wait_statistic("invites_failed", 1)
    assert bob.sessions == []
    assert entities(scene, session) == {user(scene, "alice")}


def test_P2_groups_in_a_ring_end(scene, xdms):
    alice, bob = scene.people("alice", "bob")
    name = f"sip:group-%s@{scene.server.domain}"
    put(scene, xdms, "group-a", [name % "b"], OPEN)
    put(scene, xdms, "group-b", [name % "c", user(scene, "bob")], OPEN)
    put(scene, xdms, "group-c", [name % "a", name % "b"], OPEN)
    session = alice.invite(name % "a")
    bob.wait_connected()
    alice.wait_roster({"alice": "connected", "bob": "connected"})
    assert len(bob.sessions) == 1
    assert entities(scene, session) == {
        user(scene, "alice"), user(scene, "bob")}


@PEERS
def test_P2_two_servers_whose_groups_name_each_other_do_not_loop(
        scene, xdms, other):
    alice, bob = scene.people("alice", "bob")
    carol = other.client("carol")
    ours = f"sip:group-ours@{scene.server.domain}"
    theirs = f"sip:group-theirs@{other.server.domain}"
    put(scene, xdms, "group-ours", [user(scene, "bob"), theirs], OPEN)
    put(other, xdms, "group-theirs", [user(other, "carol"), ours], OPEN)
    session = alice.invite(ours)
    for invited in (bob, carol):
        invited.wait_connected()
    everybody = {
        user(scene, "alice"), user(scene, "bob"), user(other, "carol")}
    alice.wait_roster({uri: "connected" for uri in everybody})
    assert entities(scene, session) == everybody
    assert other.server.statistics()["created"] == 0
    carol.leave(carol.sessions[0])


@PEERS
def test_P2_another_server_keeps_its_members_to_itself(scene, xdms, other):
    alice, = scene.people("alice")
    carol = other.client("carol")
    put(other, xdms, "group-closed", [user(other, "carol")], CLOSED)
    session = alice.initiate_ad_hoc_conference(
        [f"sip:group-closed@{other.server.domain}"])
    scene.wait_statistic("invites_failed", 1)
    assert carol.sessions == []
    assert entities(scene, session) == {user(scene, "alice")}
