# SPDX-License-Identifier: GPL-2.0-or-later
"""Invitations: what they say and every way in which they may go."""

import pytest

from imclient import Answer, Options, SipMessage, multipart, sdp
from imclient.sip_message import address_uri
from scene import Scene

QUICK_TM = """\
modparam("tm", "fr_timer", 2000)
modparam("imconf", "xdms_root", "")
modparam("tm", "fr_inv_timer", 4000)
"""
# nobody would wait for one so shortly
NO_XDMS = {"xdms_root": ""}


def person(scene: Scene, session, user: str) -> dict:
    """RPC's view of one participant."""
    entity = f"sip:{user}@{scene.server.domain}"
    shown = scene.server.show(session.identity)["participants"]
    return next(p for p in shown if p["entity"] == entity)


def wait_person(scene: Scene, session, user: str, **wanted) -> None:
    def is_so() -> bool:
        found = person(scene, session, user)
        return all(found[name] == value for name, value in wanted.items())
    scene.poll(is_so, what=f"{user} {wanted}")


# What an invitation says

def test_A5_headers_are_passed_on(scene):
    alice, bob = scene.people("alice", "bob")
    session = alice.initiate_ad_hoc_conference(
        ["bob"], subject="Lunch?", contribution_id="0123456789abcdef",
        headers=[("Conversation-ID", "fedcba")])
    invite = bob.wait_connected().invite
    assert address_uri(invite.get("Referred-By")) == alice.aor
    assert invite.get("Subject") == "Lunch?"
    assert invite.get("Contribution-ID") == "0123456789abcdef"
    assert invite.get("Conversation-ID") == "fedcba"
    assert address_uri(invite.get("From")) == session.identity
    assert address_uri(invite.get("To")) == bob.aor
    assert invite.call_id != session.invite.call_id


def test_A5_absent_headers_stay_absent(scene):
    alice = scene.client("alice", options=Options(contribution_id=False))
    bob = scene.client("bob")
    alice.initiate_ad_hoc_conference(["bob"])
    invite = bob.wait_connected().invite
    for name in ("Subject", "Contribution-ID", "Conversation-ID"):
        assert invite.get_all(name) == []


def test_A5_max_forwards_goes_down_by_one(scene):
    """And once more in the proxy between."""
    alice, bob = scene.people("alice", "bob")
    alice.initiate_ad_hoc_conference(
        ["bob"], headers=[("Max-Forwards", "20")])
    assert bob.wait_connected().invite.get("Max-Forwards") == "18"


def test_A5_offer_is_part_of_the_invitation(scene):
    alice, bob = scene.people("alice", "bob")
    alice.initiate_ad_hoc_conference(["bob"])
    invite = bob.wait_connected().invite
    assert invite.get("Content-Type").startswith("multipart/mixed")
    media = sdp.parse(multipart.find(invite, "application/sdp").body)
    assert media.setup == "actpass"
    assert media.accepts("message/cpim")
    assert media.path.startswith(f"msrp://{media.host}:{media.port}/")


@pytest.mark.parametrize("setup", ["active", "passive"])
def test_A5_invitee_chooses_who_connects(scene, setup):
    alice = scene.client("alice")
    bob = scene.client("bob", options=Options(answer_setup=setup))
    mine, bobs = scene.conference(alice, bob)
    assert bobs.send_text("here I am").wait() == 200
    alice.wait_message("here I am", "bob")


@pytest.mark.server(params={"max_parallel_invites": 1})
def test_A5_invitations_nobody_answered_yet_are_bounded(scene):
    alice, bob, carol = scene.people("alice", "bob", "carol")
    bob.answer = Answer.silent()
    alice.initiate_ad_hoc_conference(["bob", "carol"])
    bob.wait_invited()
    scene.wait_statistic("invites", 1)
    bob.sessions[0].ring()
    carol.wait_connected()
    bob.sessions[0].accept()
    bob.wait_connected()


# Ringing, answering

def test_N9_alerting_then_connected(scene):
    alice, bob = scene.people("alice", "bob")
    bob.answer = Answer.ringing()
    session = alice.initiate_ad_hoc_conference(["bob"])
    alice.wait_roster({"alice": "connected", "bob": "alerting"})
    assert person(scene, session, "bob")["state"] == "alerting"
    bob.sessions[0].accept()
    alice.wait_roster({"alice": "connected", "bob": "connected"})
    assert person(scene, session, "bob")["state"] == "connected"


def test_N9_who_does_not_ring_yet_is_not_shown(scene):
    alice, bob = scene.people("alice", "bob")
    bob.answer = Answer.silent()
    session = alice.initiate_ad_hoc_conference(["bob"])
    bob.wait_invited()
    wait_person(scene, session, "bob", state="invited")
    alice.wait_roster({"alice": "connected"})
    assert bob.aor not in alice.roster.users
    bob.sessions[0].refuse(480)
    wait_person(scene, session, "bob", state="gone", code=480)


def test_N9_who_refuses_at_once_is_shown_as_gone(scene):
    alice, bob = scene.people("alice", "bob")
    bob.answer = Answer.silent()
    alice.initiate_ad_hoc_conference(["bob"])
    alice.wait_roster({"alice": "connected"})
    bob.wait_invited().refuse(603)
    alice.wait_for(lambda: alice.roster.users.get(bob.aor) == "disconnected",
                   what="disconnected bob")
    assert "alerting" not in b"".join(alice.roster.documents).decode()


@pytest.mark.parametrize("status, method", [
    (603, "failed"), (486, "busy"), (404, "failed"), (500, "failed"),
    (302, "failed")])
def test_A5_refusals_are_kept(scene, status, method):
    alice, bob = scene.people("alice", "bob")
    bob.answer = Answer.ringing()
    session = alice.initiate_ad_hoc_conference(["bob"])
    alice.wait_roster({"alice": "connected", "bob": "alerting"})
    bob.sessions[0].refuse(status)
    wait_person(scene, session, "bob", state="gone", code=status)
    alice.wait_for(
        lambda: alice.roster.detail(bob.aor, "disconnection-method")
        == method, what=f"bob's {method}")
    assert session.send_text("alone").wait() == 200


def test_A5_a_user_who_is_nowhere_gets_404(scene):
    alice = scene.client("alice")
    session = alice.initiate_ad_hoc_conference(["bob"])
    wait_person(scene, session, "bob", state="gone", code=404)


@pytest.mark.server(params={"invite_timeout": 1})
def test_A5_ring_timeout_cancels(scene):
    alice, bob = scene.people("alice", "bob")
    bob.answer = Answer.ringing()
    session = alice.initiate_ad_hoc_conference(["bob"])
    bob.wait_request("CANCEL")
    wait_person(scene, session, "bob", state="gone", code=408)
    bob.wait_for(lambda: bob.sessions[0].transaction.acknowledged,
                 what="ACK to our 487")


@pytest.mark.server(config=QUICK_TM, params=NO_XDMS)
def test_A5_a_phone_that_says_nothing_times_out(scene):
    alice, bob = scene.people("alice", "bob")
    bob.answer = Answer.mute()
    session = alice.initiate_ad_hoc_conference(["bob"])
    bob.wait_request("INVITE", count=2)
    wait_person(scene, session, "bob", state="gone", code=408)
    alice.wait_roster({"alice": "connected"})


@pytest.mark.server(config=QUICK_TM,
                    params={**NO_XDMS, "invite_timeout": 1})
def test_A5_a_phone_that_ignores_cancel_is_given_up(scene):
    alice, bob = scene.people("alice", "bob")
    bob.answer = Answer.silent()
    session = alice.initiate_ad_hoc_conference(["bob"])
    bob.wait_request("CANCEL")
    wait_person(scene, session, "bob", state="gone", code=408)


def test_A5_200_without_sdp_takes_part_without_messages(scene):
    alice, bob, carol = scene.people("alice", "bob", "carol")
    bob.answer = Answer.without_sdp()
    session = alice.initiate_ad_hoc_conference(["bob", "carol"])
    bob.wait_connected()
    carol.wait_connected().leg.wait_bound()
    alice.wait_roster({u: "connected" for u in ("alice", "bob", "carol")})
    assert session.send_text("hello").wait() == 200
    carol.wait_message("hello")
    bob.sessions[0].leave()
    alice.wait_roster({"alice": "connected", "carol": "connected"})


@pytest.mark.server(params={"invite_timeout": 1})
def test_A5_200_after_cancel_gets_ack_and_bye(scene):
    # it may try to open its session before the BYE comes
    scene.expect_problem("bob: bind refused with 481")
    alice, bob = scene.people("alice", "bob")
    bob.answer = Answer.late()
    session = alice.initiate_ad_hoc_conference(["bob"])
    bob.wait_request("CANCEL")
    bob.wait_bye()
    bob.wait_for(lambda: bob.sessions[0].acks, what="ACK")
    wait_person(scene, session, "bob", state="gone", code=408)


def test_A5_second_phone_gets_ack_and_bye(scene):
    # it may try to open its session before the BYE comes
    scene.expect_problem("bob: bind refused with (481|506)")
    alice = scene.client("alice")
    desk = scene.client("bob", answer=Answer.late())
    mobile = scene.client("bob", answer=Answer.ringing())
    session = alice.initiate_ad_hoc_conference(["bob"])
    for phone in (desk, mobile):
        phone.wait_invited()
        phone.wait_for(lambda p=phone: p.sessions[0].state == "ringing")
    mobile.sessions[0].accept()
    mobile.wait_connected().leg.wait_bound()
    bye = desk.wait_bye()
    desk.wait_for(lambda: desk.sessions[0].acks, what="ACK")
    assert bye.to_tag == desk.sessions[0].dialog.local_tag
    assert mobile.requests("BYE") == []
    assert session.send_text("hello").wait() == 200
    mobile.wait_message("hello")
    assert person(scene, session, "bob")["state"] == "connected"


def test_A5_one_phone_answers_and_the_other_stops_ringing(scene):
    alice = scene.client("alice")
    desk = scene.client("bob", answer=Answer.ringing())
    mobile = scene.client("bob", answer=Answer.ringing())
    alice.initiate_ad_hoc_conference(["bob"])
    for phone in (desk, mobile):
        phone.wait_invited()
    mobile.sessions[0].accept()
    mobile.wait_connected()
    desk.wait_request("CANCEL")
    alice.wait_roster({"alice": "connected", "bob": "connected"})


def test_A5_200_repeated_gets_its_ack_again(scene):
    alice = scene.client("alice")
    bob = scene.client("bob")
    lost = []

    def lose_the_first_ack(direction, message):
        if direction == "received" and not lost \
                and isinstance(message, SipMessage) \
                and message.start.startswith("ACK "):
            lost.append(message)
            return False
        return True
    bob.hooks.append(lose_the_first_ack)
    alice.initiate_ad_hoc_conference(["bob"])
    session = bob.wait_connected()
    assert lost and session.acks[0].cseq == lost[0].cseq


# The end

def test_A5_end_of_the_conference_cancels_who_rings(scene):
    alice, bob = scene.people("alice", "bob")
    bob.answer = Answer.ringing()
    session = alice.initiate_ad_hoc_conference(["bob"])
    alice.wait_roster({"alice": "connected", "bob": "alerting"})
    session.leave()
    bob.wait_request("CANCEL")
    scene.wait_statistic("conferences", 0)


def test_A5_the_conference_goes_on_without_its_creator(scene):
    alice, bob, carol = scene.people("alice", "bob", "carol")
    mine, bobs, _ = scene.conference(alice, bob, carol)
    mine.leave()
    bob.wait_roster({"bob": "connected", "carol": "connected"})
    assert bobs.send_text("still here").wait() == 200
    carol.wait_message("still here")
    scene.wait_statistic("conferences", 1)
