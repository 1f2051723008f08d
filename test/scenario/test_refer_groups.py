# SPDX-License-Identifier: GPL-2.0-or-later
"""REFER to a group's conference, whose rules decide (R6-R8), and the chat in
a terminal that sends it."""

import subprocess
import sys

from group_documents import ANONYMOUS, MEMBERS, USUAL, Rule, one
from group_scenes import put
from imclient import Entry
from imclient.sip_message import address_uri
from kamailio import ROOT
from test_refer import WAIT, refused

ADD = "allow-invite-users-dynamically"
EXPEL = "allow-expelling"
TEAM = ("alice", "bob", "carol")


def start(scene, xdms, *rules: Rule):
    """The team's clients, its URI and their sessions, the starter's first."""
    clients = scene.people(*TEAM)
    team = put(scene, xdms, "team", TEAM,
               rules=[Rule(MEMBERS, USUAL), *rules])
    mine = clients[0].invite(team)
    theirs = [c.wait_connected(timeout=WAIT) for c in clients[1:]]
    return clients, team, [mine, *theirs]


def rule(scene, user: str, *actions: str) -> Rule:
    return Rule(one(f"sip:{user}@{scene.server.domain}"), actions)


def test_R7_R8_a_groups_rules_say_who_adds_and_expels(scene, xdms):
    (alice, bob, carol), team, sessions = start(
        scene, xdms, rule(scene, "bob", ADD), rule(scene, "carol", EXPEL))
    dave = scene.client("dave")
    refused(403, alice.add_user, sessions[0], "dave")
    refused(403, carol.add_user, team, "dave")
    refused(403, bob.expel_user, team, "carol")
    bob.add_user(team, "dave")
    invite = dave.wait_connected(timeout=WAIT).invite
    assert address_uri(invite.get("Referred-By")) == bob.aor
    carol.expel_user(sessions[2], "bob")
    bob.wait_bye(timeout=WAIT)
    refused(403, bob.invite, team)
    # who started it may expel, and nobody may add the group to itself
    alice.expel_user(team, "carol")
    carol.wait_bye(timeout=WAIT)
    alice.wait_roster({"alice": "connected", "dave": "connected"},
                      timeout=WAIT)


def test_R6_anonymity_as_the_groups_rules_allow(scene, xdms):
    """Refused, or kept in what is sent."""
    (alice, bob, _), team, sessions = start(
        scene, xdms, rule(scene, "alice", ADD),
        rule(scene, "bob", ADD, ANONYMOUS))
    dave = scene.client("dave")
    refused(403, alice.add_user, sessions[0], "dave", privacy=True)
    refused(403, alice.add_user, team, "dave", privacy=True)
    bob.add_user(team, "dave", privacy=True)
    invite = dave.wait_connected(timeout=WAIT).invite
    assert b"bob" not in invite.encode()
    refused(403, bob.add_user, team, team)


def test_R1_a_group_without_a_conference(scene, xdms):
    alice = scene.client("alice")
    team = put(scene, xdms, "team", TEAM)
    refused(404, alice.add_user, team, "bob")


def test_R3_a_group_among_the_added_is_its_members(scene, xdms):
    """In a list, and alone: its sender is told that it was taken."""
    alice, bob, carol = scene.people(*TEAM)
    put(scene, xdms, "group-a", ("alice", "bob"))
    other = put(scene, xdms, "group-b", ("carol", "alice"))
    session = alice.initiate_ad_hoc_conference([])
    alice.add_users(session, [
        Entry(f"sip:group-a@{scene.server.domain}"), Entry(alice.aor)])
    bob.wait_connected(timeout=WAIT)
    referral = alice.add_user(session, other, subscribe=True)
    assert referral.wait_final() == 200
    carol.wait_connected(timeout=WAIT)
    alice.wait_roster(dict.fromkeys(TEAM, "connected"), timeout=WAIT)


def test_R1_R8_a_terminal_adds_and_removes(scene):
    """/invite and /kick of the chat."""
    bob, carol = scene.people("bob", "carol")
    host, port = scene.server.proxy
    chat = subprocess.Popen(
        [sys.executable, "-m", "imclient", "chat", "--user", "alice",
         "--invite", "bob", "--proxy", f"{host}:{port}"], text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        cwd=ROOT / "test")
    with chat:
        bob.wait_connected(timeout=WAIT)
        chat.stdin.write("/invite\n/invite carol\n")
        chat.stdin.flush()
        carol.wait_connected(timeout=WAIT)
        chat.stdin.write("/kick nobody\n/kick bob, carol\n")
        chat.stdin.flush()
        for client in (bob, carol):
            client.wait_bye(timeout=WAIT)
        said, _ = chat.communicate("/leave\n", timeout=30)
    assert chat.returncode == 0
    for line in ("Whom? /invite bob", "Invited: carol.", "404",
                 "Removed: bob, carol."):
        assert line in said
