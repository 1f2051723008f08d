# SPDX-License-Identifier: GPL-2.0-or-later
"""re-INVITE and UPDATE from participants, and legs that come and go by them."""

import pytest

from imclient import PATIENCE, Answer, Options, SdpTemplate, SipMessage, sdp
from imclient.resource_list import MEDIA_TYPE as LIST_TYPE
from imclient.session import Session
from bodies import body_of, description, listing
from scene import Scene

NO_UPDATE = "INVITE, ACK, CANCEL, BYE, OPTIONS, NOTIFY"


def shown(scene: Scene, session: Session) -> dict:
    """RPC's view of one participant."""
    return next(p for p in scene.server.show(session.identity)["participants"]
                if p["entity"] == session.client.aor)


def turn(session: Session, direction: str, method: str = "INVITE") -> str:
    """A change of direction; what the server answers to it."""
    body = session.describe("active", direction)
    response = session.change(method, body).wait()
    assert response.status == 200
    media = sdp.parse(response.body)
    return next(name for name, _ in media.attributes
                if name in ("sendrecv", "sendonly", "recvonly", "inactive"))


def texts(session: Session) -> list[str]:
    return [message.text for message in session.client.messages]


def say(speaker: Session, text: str, *listeners: Session) -> None:
    assert speaker.send_text(text).wait() == 200
    for listener in listeners:
        listener.client.wait_message(text)


# Directions

def test_M1_hold_by_reinvite_or_update(scene):
    """sendonly, inactive, recvonly, and back: heard and hearing."""
    mine, bobs, carols = scene.conference(
        *scene.people("alice", "bob", "carol"))
    assert turn(bobs, "sendonly") == "recvonly"
    say(mine, "one", carols)
    say(bobs, "I speak", mine, carols)
    assert turn(bobs, "inactive", "UPDATE") == "inactive"
    assert bobs.send_text("psst").wait() == 403
    say(mine, "two", carols)
    assert texts(bobs) == []
    assert turn(bobs, "recvonly", "UPDATE") == "sendonly"
    bobs.client.wait_message("two")
    assert bobs.send_text("psst").wait() == 403
    assert turn(bobs, "sendrecv") == "sendrecv"
    say(bobs, "loud", mine, carols)
    say(mine, "three", bobs)
    assert texts(bobs) == ["one", "two", "three"]
    assert texts(mine) == ["I speak", "loud"]


# Another endpoint

def test_M1_another_path_moves_the_leg(scene):
    """What is said meanwhile follows to the new connection."""
    mine, bobs, carols = scene.conference(
        *scene.people("alice", "bob", "carol"))
    for setup in ("active", "passive", "actpass"):
        body = bobs.describe_anew(setup)
        say(mine, f"to {setup}", carols)
        assert bobs.change("INVITE", body).wait().status == 200
        bobs.client.wait_message(f"to {setup}")
        bobs.wait_bound()
        assert shown(scene, bobs)["leg"] == "bound"
        say(bobs, f"{setup} now", mine, carols)
    assert texts(bobs) == ["to active", "to passive", "to actpass"]


def test_M1_a_lost_leg_comes_back_by_reinvite(scene):
    mine, bobs = scene.conference(*scene.people("alice", "bob"))
    bobs.leg.abort()
    scene.poll(lambda: shown(scene, bobs)["leg"] == "lost", what="lost leg")
    say(mine, "who misses this?")
    assert bobs.change("INVITE", bobs.describe_anew()).wait().status == 200
    bobs.client.wait_message("who misses this?")
    say(bobs, "back", mine)


def test_M1_our_offer_is_answered_in_the_ack_or_not(scene):
    mine, bobs = scene.conference(*scene.people("alice", "bob"))

    def offered(answer: bytes) -> sdp.MsrpMedia:
        response = bobs.client.modify_session(bobs, b"", answer=answer).wait()
        # 491 while the ACK before is on its way to the worker
        assert response.status in (200, 491)
        return sdp.parse(response.body)

    for count, answered in enumerate((False, True, False)):
        answer = bobs.describe_anew("active") if answered else b""
        offer = scene.poll(lambda a=answer: offered(a), PATIENCE, "our offer")
        assert offer.setup == "actpass"
        assert offer.accepts("message/cpim")
        if answer:
            bobs.leg.start(offer.path, connect=True)
            bobs.wait_bound()
        say(mine, f"hello {count}", bobs)
        say(bobs, f"hi {count}", mine)


def test_M1_the_target_is_refreshed_by_contact(stage):
    """By a re-INVITE and by an UPDATE that were accepted, by no other."""
    scene = stage(params={"leg_lost_timeout": 1})
    alice = scene.client("alice")
    session = alice.initiate_ad_hoc_conference([])
    session.wait_bound()
    for method, user, status, more in (
            ("INVITE", "one", 200, []), ("UPDATE", "two", 200, []),
            ("UPDATE", "three", 422, [("Session-Expires", "1")])):
        contact = f"<sip:{user}@{alice.ip}:{alice.port}>"
        body = session.describe("active") if method == "INVITE" else b""
        response = session.change(method, body, [
            ("Contact", contact), *more]).wait()
        assert response.status == status
    session.leg.abort()
    bye = alice.wait_bye(session)
    assert bye.uri == f"sip:two@{alice.ip}:{alice.port}"


# Refused, and nothing changed

def test_M1_what_is_of_no_use_changes_nothing(scene):
    alice, bob = scene.people("alice", "bob")
    mine, bobs = scene.conference(alice, bob)
    good = mine.describe("active")
    bad = good.replace(b"message/cpim", b"text/html")
    refused = (
        (good.replace(b"v=0", b"v=9"), 400, []), (bad, 488, []),
        (good.replace(b"TCP/MSRP", b"RTP/AVP"), 488, []),
        (good, 422, [("Session-Expires", "10")]),
        (good, 420, [("Require", "precondition")]))
    for method in ("INVITE", "UPDATE"):
        for body, status, headers in refused:
            assert mine.change(method, body, headers).wait().status == status
        response = mine.request(method, [], b"<p>", "text/html").wait()
        assert response.status == 415
    say(mine, "as before", bobs)
    say(bobs, "indeed", mine)


def test_M1_a_list_in_a_reinvite_gets_420(scene):
    alice, bob = scene.people("alice", "bob")
    mine, bobs = scene.conference(alice, bob)
    kind, body = body_of(description(alice), listing("sip:carol@x"))
    response = mine.request("INVITE", [], body, kind).wait()
    assert response.status == 420
    assert response.tokens("Unsupported") == {"recipient-list-invite"}
    part = listing("sip:carol@x")
    response = mine.request("INVITE", [
        ("Content-Disposition", "recipient-list")], part.body,
        LIST_TYPE).wait()
    assert response.status == 420
    # the tag alone, as some repeat it everywhere
    response = mine.change("INVITE", b"", [
        ("Require", "recipient-list-invite")]).wait()
    assert response.status == 200
    say(mine, "as before", bobs)


# Subject

def test_M1_the_creator_changes_the_subject(scene):
    """As liblinphone does it; who may not is served all the same."""
    alice, bob = scene.people("alice", "bob")
    mine, bobs = scene.conference(alice, bob, subject="Lunch?")
    assert bobs.change("INVITE", b"", [
        ("Subject", "Mutiny!")]).wait().status == 200
    assert mine.change("INVITE", b"", [
        ("Subject", "Dinner?")]).wait().status == 200
    for client in (alice, bob):
        client.wait_for(lambda c=client: c.roster.subject == "Dinner?",
                        PATIENCE, "the new subject")
    assert scene.server.show(mine.identity)["subject"] == "Dinner?"
    assert b"Mutiny" not in b"".join(bob.roster.documents)
    say(mine, "at eight", bobs)


# Crossing each other

def test_M1_an_offer_that_was_not_answered_gets_491(scene):
    alice, bob = scene.people("alice", "bob")
    mine, bobs = scene.conference(alice, bob)
    alice.options.ack = False
    first = mine.change("INVITE")
    assert first.wait().status == 200
    offer = mine.describe("active")
    assert mine.change("INVITE", offer).wait().status == 491
    assert mine.change("UPDATE", offer).wait().status == 491
    assert mine.change("UPDATE").wait().status == 200
    mine.acknowledge_change(first)
    # the ACK overtakes nothing that is sent after it, but may be read later
    scene.poll(lambda: mine.change("UPDATE", offer).wait().status == 200,
               what="UPDATE that is taken")
    say(mine, "in peace", bobs)


@pytest.mark.server(params={
    "session_expires": 4, "min_se": 1, "session_refresher": "focus"})
def test_M1_a_reinvite_that_crosses_ours_gets_491(scene):
    alice, bob = (scene.client(user, options=Options(
        refresher="uas", expire=False)) for user in ("alice", "bob"))
    alice.options.allow = NO_UPDATE
    alice.options.answer_change = 0
    mine, bobs = scene.conference(alice, bob)
    alice.wait_for(lambda: mine.changes, PATIENCE, "our re-INVITE")
    assert mine.change("INVITE", mine.describe("active")).wait().status == 491
    assert mine.change("UPDATE").wait().status == 200
    alice.respond(mine.change_transactions[0], 200, [
        ("Contact", alice.contact)])
    alice.options.answer_change = 200
    alice.wait_for(lambda: mine.acks, PATIENCE, "ACK to our 200")
    say(mine, "in peace", bobs)


def test_M1_another_reinvite_stands_for_the_ack(scene):
    """Its sender has got our 200, wherever the ACK is."""
    alice = scene.client("alice", options=Options(ack=False))
    session = alice.initiate_ad_hoc_conference([])
    for _ in range(3):
        assert session.change(
            "INVITE", session.describe("active")).wait().status == 200
    session.ack()
    assert session.request("OPTIONS").wait().status == 200
    assert session.state == "connected"


# The 200 and its ACK

def test_M1_a_reinvite_that_tm_forgot_gets_the_same_200(scene):
    alice, bob = scene.people("alice", "bob")
    mine, bobs = scene.conference(alice, bob)
    body = mine.describe("active")
    exchange = mine.change("INVITE", body)
    first = exchange.wait()

    def answers() -> list[SipMessage]:
        return alice.received(lambda m: m.status == 200
                              and m.cseq == first.cseq)

    def again() -> bool:
        exchange.resend()
        return len(answers()) > 1
    scene.poll(again, PATIENCE, "another 200")
    assert {a.body for a in answers()} == {first.body}
    assert {a.get("Session-Expires") for a in answers()} == {
        first.get("Session-Expires")}
    say(mine, "once", bobs)


@pytest.mark.slow
def test_M1_without_ack_the_200_is_repeated_for_32_s_then_bye(scene):
    alice, bob = scene.people("alice", "bob")
    mine, bobs = scene.conference(alice, bob)
    alice.options.ack = False
    first = mine.change("INVITE", mine.describe("active")).wait()
    bye = alice.wait_bye(mine, 45)
    assert "cause=408" in bye.get("Reason")
    assert len(alice.received(lambda m: m.status == 200
                              and m.cseq == first.cseq)) > 8
    bob.wait_for(lambda: bob.roster.users[alice.aor] == "disconnected",
                 PATIENCE, "alice disconnected")


# Without MSRP

@pytest.mark.server(params={"media_timeout": 3})
def test_A4_who_has_no_msrp_is_given_up_after_media_timeout(scene):
    """No answer in the ACK, none in the 200, one of no use, no connection."""
    scene.expect_problem("bind refused with 481")
    part = listing()
    carol, dave, erin = scene.people("carol", "dave", "erin")
    alice = scene.client("alice", options=Options(refresh="UPDATE"))
    carol.answer = Answer.without_sdp()
    dave.options.sdp = SdpTemplate(accept_types="text/plain")

    def unconnected(session: Session) -> Answer:
        session.leg.start = lambda *_arguments: None
        return Answer.accept()
    erin.answer = unconnected
    bob = scene.client("bob")
    mine = alice.initiate_ad_hoc_conference(["carol", "dave", "erin"])
    for client in (carol, dave, erin):
        theirs = client.wait_connected()
        bye = client.wait_bye(theirs)
        assert "cause=480" in bye.get("Reason")
    alice.wait_roster({"alice": "connected"})
    assert mine.send_text("still here").wait() == 200
    other = bob.initiate_ad_hoc_conference(
        [], body=(part.content_type, part.body),
        headers=[("Content-Disposition", "recipient-list")])
    assert "cause=480" in bob.wait_bye(other).get("Reason")


@pytest.mark.server(params={"media_timeout": 12})
def test_A4_who_comes_without_msrp_may_get_it_by_reinvite(scene):
    alice, bob = scene.people("alice", "bob")
    bob.answer = Answer.without_sdp()
    mine = alice.initiate_ad_hoc_conference(["bob"])
    bobs = bob.wait_connected()
    alice.wait_roster({"alice": "connected", "bob": "connected"})
    assert shown(scene, bobs)["leg"] == "none"
    say(mine, "nobody hears this")
    bobs.leg.remote_path = ""
    assert bobs.change("INVITE", bobs.describe("active")).wait().status == 200
    bobs.wait_bound()
    say(mine, "now", bobs)
    say(bobs, "me too", mine)
    assert texts(bobs) == ["now"]


@pytest.mark.server(params={
    "session_expires": 4, "min_se": 1, "session_refresher": "focus"})
def test_A4_who_has_no_msrp_is_refreshed_and_stays_without(scene):
    """Each re-INVITE offers it anew, and is answered without SDP."""
    alice = scene.client("alice", options=Options(timer=False))
    bob = scene.client("bob", options=Options(
        timer=False, allow=NO_UPDATE, change_sdp=False),
        answer=Answer.without_sdp())
    mine = alice.initiate_ad_hoc_conference(["bob"])
    bobs = bob.wait_connected()
    bob.wait_for(lambda: len(bobs.changes) > 1, what="2 refreshes")
    assert all(sdp.parse(m.body) for m in bobs.changes)
    scene.poll(lambda: shown(scene, bobs)["leg"] == "none",
               what="no leg again")
    assert mine.send_text("still here").wait() == 200
