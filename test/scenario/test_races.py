# SPDX-License-Identifier: GPL-2.0-or-later
"""Things that happen at the same time, and conferences side by side."""

from imclient import Answer, Options, SdpTemplate


def test_A6_conferences_do_not_mix(scene):
    """Both workers, the same users in several rooms."""
    alice, bob = scene.people("alice", "bob")
    rooms = [scene.conference(alice, bob) for _ in range(4)]
    while {room[0].identity[9] for room in rooms} != {"0", "1"}:
        assert len(rooms) < 40
        rooms.append(scene.conference(alice, bob))
    for number, (mine, _) in enumerate(rooms):
        assert mine.send_text(f"room {number}").wait() == 200
    for number, (_, bobs) in enumerate(rooms):
        bob.wait_message(f"room {number}")
        assert [m.text for m in bobs.messages] == [f"room {number}"]


def test_A5_creator_leaves_at_once(scene):
    """Invitations under way are cancelled, or answered and ended. The proxy
    between logs those that are cancelled before it passes them on."""
    scene.expect_log("Transaction canceled")
    scene.expect_problem("bind refused with 481")
    alice, bob, carol = scene.people("alice", "bob", "carol")
    alice.options.subscribe = bob.options.subscribe = False
    carol.answer = Answer.ringing()
    for _ in range(20):
        session = alice.initiate_ad_hoc_conference(["bob", "carol"])
        session.bye().wait()
    for session in bob.sessions:
        bob.wait_for(lambda s=session: s.state != "answered", what="ACK")
        if session.state == "connected":
            session.bye()
    for session in bob.sessions + carol.sessions:
        session.client.wait_for(
            lambda s=session: s.state in ("failed", "ended"), what="the end")
    scene.wait_statistic("conferences", 0)


def test_A5_everybody_leaves_at_once(scene):
    people = scene.people("alice", "bob", "carol", "dave", "erin")
    sessions = scene.conference(*people)
    byes = [session.bye() for session in sessions]
    assert {bye.wait().status for bye in byes} <= {200, 481}
    for session in sessions:
        session.client.wait_for(
            lambda s=session: not s.subscription.alive,
            what="end of the subscription")


def test_A5_cancel_right_behind_many_invites(scene):
    """481: the CANCEL was read before its INVITE, which then is answered as
    if there were none (RFC 3261 9.1 has the client wait for a 100). One that
    comes while tm still builds the INVITE's transaction leaves a line in the
    log; the INVITE's next copy is answered."""
    scene.expect_log("no resolved dst to send reply to|cannot answer Call-ID")
    alice = scene.client("alice", options=Options(subscribe=False))
    pairs = []
    for _ in range(40):
        session = alice.initiate_ad_hoc_conference(["bob"], wait=False)
        pairs.append((session, session.cancel()))
    for session, cancel in pairs:
        assert cancel.wait().status in (200, 481)
        assert session.exchange.wait().status in (200, 487)
        if session.exchange.final.status == 200:
            assert session.bye().wait().status == 200
    scene.wait_statistic("conferences", 0)


def test_A5_many_conferences_at_once(scene):
    alice, bob = scene.people("alice", "bob")
    alice.options.subscribe = bob.options.subscribe = False
    sessions = [alice.initiate_ad_hoc_conference(["bob"], wait=False)
                for _ in range(60)]
    assert {s.exchange.wait().status for s in sessions} == {200}
    bob.wait_connected(60, timeout=20)
    assert len({s.identity for s in sessions}) == 60
    for session in bob.sessions:
        session.leg.wait_bound()
    scene.wait_statistic("legs", 120)
    for session in bob.sessions + sessions:
        session.bye()
    scene.wait_statistic("conferences", 0)
    for session in bob.sessions + sessions:
        session.client.wait_for(lambda s=session: s.state == "ended",
                                what="answer to BYE")


def test_A4_an_answer_without_cpim_takes_part_without_messages(scene):
    scene.expect_problem("bob: bind refused with 481")
    alice, carol = scene.people("alice", "carol")
    bob = scene.client("bob", options=Options(
        sdp=SdpTemplate(accept_types="text/plain")))
    mine = alice.initiate_ad_hoc_conference(["bob", "carol"])
    bob.wait_connected()
    carol.wait_connected().leg.wait_bound()
    alice.wait_roster({u: "connected" for u in ("alice", "bob", "carol")})
    assert mine.send_text("hello").wait() == 200
    carol.wait_message("hello")
    assert bob.messages == []
