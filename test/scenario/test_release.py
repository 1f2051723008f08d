# SPDX-License-Identifier: GPL-2.0-or-later
"""What ends a conference before its last participant leaves, and who may come
back: the rules are model/release's, here is what people see of them."""

import pytest

from group_documents import JOIN, MEMBERS, START, Rule, group, one
from imclient import PATIENCE, Answer, Options, Refused
from imclient.sip_message import SipMessage


def bye_of(session) -> SipMessage:
    bye = session.client.wait_bye(session)
    session.client.wait_for(lambda: session.state == "ended", PATIENCE,
                            "the end of the session")
    return bye


def time_of(client, message) -> float:
    return next(e.time for e in client.log if e.message is message)


def wait_ended(scene, why: str) -> None:
    scene.wait_statistic("conferences", 0)
    assert scene.server.statistics()[f"ended_{why}"] == 1
    scene.server.wait_log(r"sip:conf-\w+@\S+ ended after \d+ s: ")


@pytest.mark.server(params={"min_participants": 2})
def test_A5_who_remains_alone_is_told_that_the_chat_is_over(scene):
    alice, bob = scene.people("alice", "bob")
    mine, bobs = scene.conference(alice, bob)
    bobs.leave()
    assert 'SIP;cause=410;text="Gone"' in bye_of(mine).get("Reason")
    wait_ended(scene, "few")
    with pytest.raises(Refused) as caught:
        bob.rejoin(bobs.identity)
    assert caught.value.response.status == 404


@pytest.mark.server(params={"min_participants": 2})
def test_A5_as_long_as_somebody_may_come_it_is_not_too_small(scene):
    alice, bob, carol = scene.people("alice", "bob", "carol")
    bob.answer = carol.answer = Answer.ringing()
    mine = alice.initiate_ad_hoc_conference(["bob", "carol"])
    alice.wait_roster({"bob": "alerting", "carol": "alerting"}, exact=False)
    bob.sessions[0].refuse(603)
    alice.wait_for(
        lambda: alice.roster.users.get(bob.aor) in (None, "disconnected"),
        PATIENCE, "bob's refusal")
    assert mine.request("OPTIONS").wait().status == 200
    carol.sessions[0].refuse(486)
    assert "cause=410" in bye_of(mine).get("Reason")
    wait_ended(scene, "few")


@pytest.mark.server(params={"end_with_creator": 1})
def test_A5_the_creator_may_take_it_along(scene):
    alice, bob, carol = scene.people("alice", "bob", "carol")
    mine, bobs, carols = scene.conference(alice, bob, carol)
    carols.leave()
    assert bobs.send_text("two of us").wait() == 200
    alice.wait_message("two of us")
    mine.bye()
    assert "cause=480" in bye_of(bobs).get("Reason")
    wait_ended(scene, "creator")


@pytest.mark.server(params={"end_with_creator": 1, "min_participants": 3})
def test_P2_the_last_key_participant_takes_it_along(scene, xdms):
    """In a public conference, to which the parameters say nothing."""
    alice, bob, carol = scene.people("alice", "bob", "carol")
    room = f"sip:room-key@{scene.server.domain}"
    people = [c.aor for c in (alice, bob, carol)]
    xdms.put(room, group(room, people, [
        Rule(MEMBERS, (START, JOIN, "allow-conference-state")),
        Rule(one(bob.aor), ("is-key-participant",)),
        Rule(one(carol.aor), ("is-key-participant",))],
        invite_members=False))
    first, bobs, carols = (c.invite(room) for c in (alice, bob, carol))
    alice.wait_roster({u: "connected" for u in ("alice", "bob", "carol")})
    bobs.leave()
    alice.wait_roster({u: "connected" for u in ("alice", "carol")})
    carols.bye()
    assert "cause=480" in bye_of(first).get("Reason")
    wait_ended(scene, "key")


@pytest.mark.server(params={"idle_timeout": 3})
def test_A5_a_silent_chat_ends_and_may_be_taken_up_again(scene):
    """Three seconds after what was said last, not after it began."""
    alice, bob = (scene.client(user, options=Options(subscribe=False))
                  for user in ("alice", "bob"))
    mine, bobs = scene.conference(alice, bob)
    with pytest.raises(TimeoutError):
        alice.wait_bye(mine, timeout=1)
    message = mine.send_text("still there?")
    asked = alice.log[-1].time
    assert message.wait() == 200
    bob.wait_message("still there?")
    bye = bye_of(mine)
    assert time_of(alice, bye) - asked > 2.9
    assert bye.get_all("Reason") == []
    assert bye_of(bobs).get_all("Reason") == []
    wait_ended(scene, "idle")


@pytest.mark.server(params={"max_duration": 1})
def test_A5_a_chat_ends_when_its_time_is_over(scene):
    alice, bob = scene.people("alice", "bob")
    bob.answer = Answer.ringing()
    mine = alice.initiate_ad_hoc_conference(["bob"])
    assert "cause=480" in bye_of(mine).get("Reason")
    bob.wait_for(lambda: bob.sessions
                 and bob.sessions[0].state in ("failed", "ended"), PATIENCE,
                 "the end of the ringing")
    wait_ended(scene, "duration")


def test_J1_who_left_for_good_may_not_come_back(scene):
    """And who was made to leave, may: a BYE without a reason."""
    alice, bob, carol = scene.people("alice", "bob", "carol")
    _, bobs, carols = scene.conference(alice, bob, carol)
    carols.bye().wait()
    bobs.leave()
    alice.wait_roster({"alice": "connected"})
    carol.rejoin(carols.identity)
    alice.wait_roster({"alice": "connected", "carol": "connected"})
    with pytest.raises(Refused) as caught:
        bob.rejoin(bobs.identity)
    assert caught.value.response.status == 403
    with pytest.raises(Refused) as caught:
        bob.subscribe(bobs.identity)
    assert caught.value.response.status == 403
