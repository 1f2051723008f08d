# SPDX-License-Identifier: GPL-2.0-or-later
"""Conferences of groups: who starts, joins, watches."""

from __future__ import annotations

import subprocess
import sys

import pytest

import group_documents
from group_documents import (ANYBODY, JOIN, MEMBERS, START, USUAL, WATCH, Rule,
                             one)
from group_scenes import (MEMBERS_RULE, TEAM, entities, everybody,
                          not_watching, put, put_public, refused)
from imclient import (Answer, Entry, IMClient, Options, Part, SdpTemplate,
                      multipart, resource_list)
from kamailio import ROOT, Kamailio


# P1: the group document comes from the XDMS

def test_P1_the_document_decides_and_is_fetched_once(scene, xdms):
    alice, bob, carol = scene.people(*TEAM)
    team = put(scene, xdms, "team", TEAM)
    session = alice.invite(team)
    for one_of in (bob, carol):
        one_of.wait_connected()
    alice.wait_roster(everybody(*TEAM))
    bob.sessions[0].leave()
    bob.invite(team)
    alice.wait_roster(everybody(*TEAM))
    assert xdms.asked(team) == [200]
    assert session.is_focus
    scene.wait_statistic("created", 1)


@pytest.mark.server(params={"xdms_ttl": 1})
def test_P1_an_unchanged_document_is_not_sent_again(scene, xdms):
    alice = scene.client("alice")
    team = put(scene, xdms, "team", ("alice",))
    scene.poll(lambda: _visit(alice, team) and 304 in xdms.asked(team),
               timeout=10, what="304 to a question with an ETag")
    assert xdms.asked(team).count(200) == 1


@pytest.mark.server(params={"xdms_ttl": 0})
def test_P1_a_changed_document_counts_for_the_next_join(scene, xdms):
    alice, bob = scene.people("alice", "bob")
    team = put(scene, xdms, "group-a", ("alice",))
    assert refused(bob, team).status == 403
    put(scene, xdms, "group-a", ("alice", "bob"))
    bob.invite(team)
    bob.wait_roster(everybody("alice", "bob"))


def _visit(client: IMClient, uri: str) -> bool:
    client.invite(uri).leave()
    return True


# P2: who may start, and who is invited then

def test_P2_unknown_group_gets_404(scene, xdms):
    alice = scene.client("alice")
    nobody = f"sip:group-none@{scene.server.domain}"
    assert refused(alice, nobody).status == 404
    assert refused(alice, nobody).status == 404
    assert xdms.asked(nobody) == [404]


@pytest.mark.server(params={"xdms_negative_ttl": 0})
def test_P2_a_group_may_appear_and_vanish(stage, xdms):
    scene = stage(params={"xdms_negative_ttl": 0, "xdms_ttl": 0},
                  xdms_port=xdms.port)
    alice = scene.client("alice")
    assert refused(alice, f"sip:team@{scene.server.domain}").status == 404
    team = put(scene, xdms, "team", ("alice",))
    alice.invite(team).leave()
    xdms.delete(team)
    assert refused(alice, team).status == 404


@pytest.mark.parametrize("user, actions", [
    ("mallory", USUAL), ("alice", (JOIN, WATCH)), ("alice", ("-" + START,)),
])
def test_P2_who_may_not_start_gets_403(scene, xdms, user, actions):
    alice, bob = scene.client(user), scene.client("bob")
    team = put(scene, xdms, "team", TEAM, rules=[Rule(MEMBERS, actions)])
    assert refused(alice, team).status == 403
    assert bob.requests("INVITE") == []
    assert scene.server.statistics()["created"] == 0


def test_P2_all_other_members_are_invited_and_talk(scene, xdms):
    alice, bob, carol = scene.people(*TEAM)
    team = put(scene, xdms, "team", TEAM, display="The Team")
    mine = alice.invite(team)
    theirs = [c.wait_connected() for c in (bob, carol)]
    for session in (mine, *theirs):
        session.wait_bound()
    alice.wait_roster(everybody(*TEAM))
    assert alice.requests("INVITE") == []
    assert {s.identity for s in theirs} == {mine.identity}
    assert mine.send_text("hello team").wait() == 200
    for one_of in (bob, carol):
        one_of.wait_message("hello team", "alice")
        assert one_of.wait_request("INVITE").get("Referred-By").count(
            alice.aor) == 1


def test_P2_the_subject_of_the_invite_is_passed_on(scene, xdms):
    alice, bob = scene.people("alice", "bob")
    team = put(scene, xdms, "team", ("alice", "bob"), display="The Team")
    alice.invite(team, headers=[("Subject", "Lunch?")])
    assert bob.wait_connected().invite.get("Subject") == "Lunch?"


def test_P2_who_refuses_is_not_there(scene, xdms):
    alice = scene.client("alice")
    scene.client("bob", answer=Answer.refuse(486))
    carol = scene.client("carol")
    team = put(scene, xdms, "team", TEAM)
    alice.invite(team)
    carol.wait_connected()
    alice.wait_roster(everybody("alice", "carol"))
    scene.wait_statistic("invites_failed", 1)


@pytest.mark.parametrize("user, status", [("alice", 200), ("bob", 403)])
def test_P2_contradicting_rules_add_up(scene, xdms, user, status):
    """RFC 4745: permissions only add; one that says false takes nothing."""
    client = scene.client(user)
    at = scene.server.domain
    no = Rule(ANYBODY, ("-" + START, "-" + JOIN, "-" + WATCH))
    yes = Rule(one(f"sip:alice@{at}"), USUAL)
    unknown = Rule('<x:moon xmlns:x="urn:example:x"/>', USUAL)
    team = put(scene, xdms, "team", rules=[no, yes, unknown, no])
    if status == 200:
        assert client.invite(team).response.status == 200
    else:
        assert refused(client, team).status == status


@pytest.mark.parametrize("choice, user, status", [
    ("members", "alice", 200), ("members", "mallory", 403),
    ("everybody", "mallory", 200), ("nobody", "alice", 403)])
def test_P2_without_rules_the_parameter_decides(stage, xdms, choice, user,
                                                status):
    scene = stage(params={"no_ruleset": choice}, xdms_port=xdms.port)
    client = scene.client(user)
    team = put(scene, xdms, "team", ("alice",), rules=None)
    if status == 200:
        assert client.invite(team).response.status == 200
    else:
        assert refused(client, team).status == status


# P3: the same rules for SDP

def test_P3_without_cpim_488(scene, xdms):
    alice = scene.client("alice", options=Options(
        sdp=SdpTemplate(accept_types="text/plain")))
    bob = scene.client("bob")
    team = put(scene, xdms, "team", ("alice", "bob"))
    assert refused(alice, team).status == 488
    assert bob.requests("INVITE") == []


def test_P3_sdp_in_multipart_is_understood(scene, xdms):
    alice = scene.client("alice")
    team = put(scene, xdms, "team", ("alice",))
    offer = alice.msrp.new_leg(lambda message: None)
    sdp = (f"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n"
           f"c=IN IP4 127.0.0.1\r\nt=0 0\r\n"
           f"m=message {alice.msrp.port} TCP/MSRP *\r\n"
           f"a=accept-types:message/cpim text/plain\r\n"
           f"a=path:{offer.local_path}\r\n").encode()
    kind, body = multipart.build([Part("application/sdp", sdp)])
    session = alice.invite(team, headers=[("Content-Type", kind)], sdp=body)
    assert b"a=path:msrp://" in session.response.body


# The list's order and its bound

@pytest.mark.server(params={"max_participants": 100})
def test_P2_max_participant_count_bounds_who_is_invited(scene, xdms):
    alice = scene.client("alice")
    team = put(scene, xdms, "team",
               ("alice", *(f"user{n}" for n in range(20))), maximum=5)
    session = alice.invite(team)
    at = scene.server.domain
    scene.wait_statistic("invites_failed", 4)
    assert entities(scene, session) == [
        f"sip:alice@{at}", *(f"sip:user{n}@{at}" for n in range(4))]
    assert alice.wait_notify() and alice.roster.maximum == 5


def test_P2_ten_thousand_members_and_room_for_fifty(scene, xdms):
    """The first 49 others in the order of the document."""
    last = scene.client("user9999")
    team = put(scene, xdms, "group-big",
               tuple(f"user{n}" for n in range(10000)), maximum=50)
    session = last.invite(team)
    scene.wait_statistic("invites_failed", 49, timeout=15)
    at = scene.server.domain
    assert entities(scene, session) == [
        last.aor, *(f"sip:user{n}@{at}" for n in range(49))]


def test_U1_a_full_public_conference_refuses(scene, xdms):
    alice, bob, carol = scene.people(*TEAM)
    room = put_public(scene, xdms, maximum=2)
    alice.invite(room)
    bob.invite(room)
    assert refused(carol, room).status == 486
    alice.wait_roster(everybody("alice", "bob"))


# U1, U2: public conferences

def test_U1_made_on_first_join_and_joined_afterwards(scene, xdms):
    alice, bob = scene.people("alice", "bob")
    room = put_public(scene, xdms, users=("carol",))
    carol = scene.client("carol")
    mine = alice.invite(room)
    theirs = bob.invite(room)
    assert mine.identity == theirs.identity
    alice.wait_roster(everybody("alice", "bob"))
    for session in (mine, theirs):
        session.wait_bound()
    assert theirs.send_text("anybody here?").wait() == 200
    alice.wait_message("anybody here?", "bob")
    assert carol.requests("INVITE") == []


def test_U1_gone_when_empty(scene, xdms):
    alice = scene.client("alice")
    room = put_public(scene, xdms)
    first = alice.invite(room)
    first.leave()
    scene.wait_statistic("conferences", 0)
    second = alice.invite(room)
    assert second.identity != first.identity


@pytest.mark.slow
@pytest.mark.server(params={"public_linger": 3})
def test_U1_public_linger_keeps_it_for_a_while(scene, xdms):
    alice = scene.client("alice")
    room = put_public(scene, xdms)
    first = alice.invite(room)
    first.leave()
    second = alice.invite(room)
    assert second.identity == first.identity
    second.leave()
    scene.wait_statistic("conferences", 1)
    scene.wait_statistic("conferences", 0)


def test_U1_who_may_not_join_gets_403(scene, xdms):
    alice, mallory = scene.people("alice", "mallory")
    room = put_public(scene, xdms, users=("alice",), rules=[MEMBERS_RULE])
    assert refused(mallory, room).status == 403
    alice.invite(room)
    assert refused(mallory, room).status == 403


def test_U2_bare_sdp_is_all_it_takes(scene, xdms):
    alice = scene.client("alice", options=Options(session_expires=0))
    room = put_public(scene, xdms)
    session = alice.invite(room)
    assert session.invite.get("Content-Type") == "application/sdp"
    assert session.is_focus
    session.wait_bound()


# One conference for one group

@pytest.mark.parametrize("public", [True, False])
def test_U1_one_conference_however_many_join_at_once(scene, xdms, public):
    users = tuple(f"user{n}" for n in range(12))
    clients = [scene.client(u, "tcp" if n % 2 else "udp", register=False)
               for n, u in enumerate(users)]
    group = put(scene, xdms, "group-many", users, invite_members=not public,
                rules=[MEMBERS_RULE])
    sessions = [c.invite(group, wait=False) for c in clients]
    for session in sessions:
        session.wait_state("connected", timeout=15)
    assert len({s.identity for s in sessions}) == 1
    scene.wait_statistic("created", 1)
    assert xdms.asked(group) == [200]
    assert len(scene.server.conferences()) == 1


# J1, J2: the Session Identity and the Group Identity of a running conference

def test_J1_both_identities_lead_to_the_running_conference(scene, xdms):
    alice, bob, carol = scene.people(*TEAM)
    room = put_public(scene, xdms)
    mine = alice.invite(room)
    assert bob.invite(mine.identity).identity == mine.identity
    assert carol.invite(room).identity == mine.identity
    alice.wait_roster(everybody(*TEAM))


def test_J1_the_groups_rules_decide_about_the_session_identity(scene, xdms):
    alice, bob, mallory = scene.people("alice", "bob", "mallory")
    team = put(scene, xdms, "team", ("alice",), rules=[
        MEMBERS_RULE, Rule(one(bob.aor), (JOIN,))])
    mine = alice.invite(team)
    assert refused(mallory, mine.identity).status == 403
    assert bob.invite(mine.identity).identity == mine.identity


def test_J1_who_may_only_join_comes_in_by_the_group_identity(scene, xdms):
    alice, bob = scene.people("alice", "bob")
    team = put(scene, xdms, "team", ("alice",), rules=[
        MEMBERS_RULE, Rule(one(bob.aor), (JOIN,))])
    assert refused(bob, team).status == 403
    alice.invite(team)
    assert bob.invite(team).response.status == 200


def test_J1_an_ended_conference_is_404_and_the_group_is_not(scene, xdms):
    alice = scene.client("alice")
    team = put(scene, xdms, "team", ("alice",))
    first = alice.invite(team)
    first.leave()
    scene.wait_statistic("conferences", 0)
    assert refused(alice, first.identity).status == 404
    assert alice.invite(team).identity != first.identity


@pytest.mark.parametrize("through", ["group", "session"])
def test_M2_J2_a_second_invite_replaces_the_first_session(scene, xdms, through):
    alice = scene.client("alice")
    bob = scene.client("bob", options=Options(subscribe=False))
    room = put_public(scene, xdms)
    mine = alice.invite(room)
    first = bob.invite(room)
    second = bob.invite(room if through == "group" else mine.identity)
    bob.wait_bye(first)
    assert second.state == "connected"
    alice.wait_roster(everybody("alice", "bob"))
    second.wait_bound()
    assert second.send_text("still here").wait() == 200
    alice.wait_message("still here", "bob")


def test_J2_a_list_is_refused(scene, xdms):
    alice = scene.client("alice")
    room = put_public(scene, xdms)
    mine = alice.invite(room)
    at = scene.server.domain
    offer = Part("application/sdp", mine.invite.body)
    listed = Part(resource_list.MEDIA_TYPE, resource_list.build(
        [Entry(f"sip:bob@{at}")]),
        [("Content-Disposition", "recipient-list")])
    kind, body = multipart.build([offer, listed])
    bob = scene.client("bob")
    assert refused(bob, mine.identity, sdp=body,
                   headers=[("Content-Type", kind)]).status == 420


# S2, S9: watching

def test_S2_the_group_identity_can_be_watched_while_it_runs(scene, xdms):
    alice = scene.client("alice")
    bob = scene.client("bob", options=Options(subscribe=False))
    room = put_public(scene, xdms)
    assert not_watching(bob, room) == 404
    mine = alice.invite(room)
    for identity in (room, mine.identity, room + ";transport=udp"):
        bob.subscribe(identity)
        bob.wait_roster(everybody("alice"))


def test_S9_others_may_watch_where_the_group_says_so(scene, xdms):
    alice = scene.client("alice")
    bob, mallory = (scene.client(u, options=Options(subscribe=False))
                    for u in ("bob", "mallory"))
    team = put(scene, xdms, "team", ("alice",), rules=[
        MEMBERS_RULE, Rule(one(bob.aor), (WATCH,))])
    alice.invite(team)
    bob.subscribe(team)
    bob.wait_roster(everybody("alice"))
    assert not_watching(mallory, team) == 403


# N3, N6: names in the roster

def test_N3_entity_is_the_group_identity(scene, xdms):
    alice, bob = scene.people("alice", "bob")
    team = put(scene, xdms, "team", ("alice", "bob"))
    # how to get there is no part of its name
    alice.invite(f"{team};transport=udp")
    bob.wait_connected()
    for client in (alice, bob):
        client.wait_roster(everybody("alice", "bob"))
        assert client.roster.entity == team


def test_N6_entities_are_as_the_document_writes_them(scene, xdms):
    alice, bob = scene.people("alice", "bob")
    at = scene.server.domain
    written = f"SIP:%62ob@{at};user=ip"
    team = put(scene, xdms, "team", ("alice", written))
    alice.invite(team)
    bob.wait_connected()
    alice.wait_for(lambda: written in alice.roster.users,
                   what="bob as he is written")
    assert bob.wait_notify() and bob.roster.yourown == [written]


def test_N6_tel_members_are_invited_as_written(scene, xdms):
    alice = scene.client("alice")
    team = put(scene, xdms, "team", ("alice", "tel:+49-30-12345"))
    session = alice.invite(team)
    scene.wait_statistic("invites_failed", 1)
    assert entities(scene, session) == [alice.aor, "tel:+49-30-12345"]


# By hand

def test_U1_the_terminal_chat_joins_a_group(scene, xdms):
    alice = scene.client("alice")
    room = put_public(scene, xdms)
    alice.invite(room)
    chat = subprocess.run(
        [sys.executable, "-m", "imclient", "chat", "--user", "bob",
         "--group", "room-lobby", "--proxy", scene.server.domain],
        input="good evening\n", capture_output=True, text=True, timeout=20,
        check=False, cwd=ROOT / "test")
    assert (chat.returncode, chat.stderr) == (0, "")
    assert "You are in the conference of room-lobby." in chat.stdout
    alice.wait_message("good evening", "bob")
    alice.wait_roster(everybody("alice"))


# Names of groups

@pytest.mark.parametrize("name", ["group-a%20b", "group-%C3%BC", "group-a&b",
                                  "group-a+b=c", "group-(x)!*'"])
def test_P1_group_uris_with_characters_that_need_escaping(scene, xdms, name):
    alice = scene.client("alice")
    team = put(scene, xdms, name, ("alice",))
    alice.invite(team)
    alice.wait_roster(everybody("alice"))
    assert alice.roster.entity == team


@pytest.mark.server(params={"group_uri": r"^tel:\\+49800[0-9-]+$"})
def test_P1_groups_may_have_telephone_numbers(scene, xdms):
    alice, bob = scene.people("alice", "bob")
    uri = "tel:+49800-1234"
    at = scene.server.domain
    xdms.put(uri, group_documents.group(
        uri, [f"sip:{user}@{at}" for user in ("alice", "bob")],
        rules=[MEMBERS_RULE]))
    session = alice.invite(uri)
    bob.wait_connected()
    alice.wait_roster(everybody("alice", "bob"))
    assert alice.roster.entity == uri
    assert bob.invite(uri).identity == session.identity


# Lists that a group's document refers to

def test_P2_members_of_an_external_list_are_invited(scene, xdms):
    alice, bob, carol = scene.people(*TEAM)
    at = scene.server.domain
    path = f"/resource-lists/users/sip:alice@{at}/friends"
    xdms.put_at(path, group_documents.resource_list(
        [f"sip:carol@{at}", f"sip:bob@{at}"]))
    team = put(scene, xdms, "team", ("alice", "bob"), externals=[path])
    alice.invite(team)
    for client in (bob, carol):
        client.wait_connected()
    alice.wait_roster(everybody(*TEAM))
    assert len(bob.requests("INVITE")) == 1


def test_P2_external_lists_that_name_each_other_end(scene, xdms):
    alice, bob, carol = scene.people(*TEAM)
    at = scene.server.domain
    paths = [f"/resource-lists/users/sip:alice@{at}/{n}" for n in "ab"]
    for user, path, other in zip(("bob", "carol"), paths, paths[::-1]):
        xdms.put_at(path, group_documents.resource_list(
            [f"sip:{user}@{at}"], [other, path]))
    team = put(scene, xdms, "team", ("alice",), externals=paths)
    alice.invite(team)
    alice.wait_roster(everybody(*TEAM))


def test_P2_a_list_elsewhere_is_not_fetched(scene, xdms):
    alice = scene.client("alice")
    team = put(scene, xdms, "team", ("alice",),
               externals=["http://127.0.0.2:1/resource-lists/x"])
    scene.expect_log(r"group sip:team@\S+: document \S+ it refers to")
    scene.expect_log(r"refers to a list that is not allowed")
    assert refused(alice, team).status == 502


# Parameters

@pytest.mark.parametrize("name, value", [
    ("no_ruleset", "friends"), ("anonymity_refusal_code", 404),
    ("anonymity_warning", "w" * 600), ("public_linger", -1),
    ("xdms_down_code", 404), ("xdms_parallel", 0), ("xdms_root", "nowhere"),
    ("group_uri", "sip:(team"),
])
def test_START_wrong_values_about_groups_are_named(name, value):
    server = Kamailio(params={name: value})
    try:
        assert f"parameter {name} is " in server.run_to_refusal()
    finally:
        server.remove()
