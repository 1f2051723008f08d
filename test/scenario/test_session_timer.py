# SPDX-License-Identifier: GPL-2.0-or-later
"""Session timers (RFC 4028): who refreshes, with what, and what if not."""

import pytest

from imclient import PATIENCE, Answer, IMClient, Options, SipMessage, sdp
from imclient.changes import timer_of
from scene import Scene

# shorter than the RFC allows, so that something happens
QUICK = {"session_expires": 4, "min_se": 1}
OURS = {**QUICK, "session_refresher": "focus"}
NO_UPDATE = "INVITE, ACK, CANCEL, BYE, OPTIONS, NOTIFY"
QUICK_TM = 'modparam("tm", "fr_timer", 1500)\n'
NO_XDMS = {"xdms_root": ""}


def participant(scene: Scene, session, client: IMClient) -> dict:
    """RPC's view of somebody in the session's conference."""
    return next(p for p in scene.server.show(session.identity)["participants"]
                if p["entity"] == client.aor)


def shown(scene: Scene, session) -> dict:
    return participant(scene, session, session.client)


def wait_changes(session, count: int = 1) -> SipMessage:
    """The count-th re-INVITE or UPDATE that came in the dialog."""
    session.client.wait_for(lambda: len(session.changes) >= count, PATIENCE,
                            f"{count} re-INVITEs or UPDATEs")
    return session.changes[count - 1]


def first_then(status: int):
    """Options.answer_change: this, and 200 from the second on."""
    return lambda session: status if len(session.changes) == 1 else 200


def wait_gone(scene: Scene, watcher: IMClient, user: str) -> None:
    watcher.wait_for(
        lambda: watcher.roster.users.get(watcher.uri_of(user))
        == "disconnected", PATIENCE, f"{user} disconnected")


# Agreeing

# headers of the INVITE, and what the 200 makes of them
AGREED = (
    ([("Session-Expires", "600;refresher=uac")], "600;refresher=uac"),
    ([("Session-Expires", "600;refresher=uas")], "600;refresher=uas"),
    ([("Session-Expires", "600")], "600;refresher=uac"),
    ([("Session-Expires", None), ("x", "700")], "700;refresher=uac"),
    ([("Session-Expires", "1800000")], "1800;refresher=uac"),
    ([("Session-Expires", "7200"), ("Min-SE", "3600")],
     "3600;refresher=uac"),
    ([("Session-Expires", None)], "1800;refresher=uac"),
    ([("Session-Expires", None), ("Supported", None)],
     "1800;refresher=uas"))


def test_G10_the_200_tells_what_is_enforced(scene):
    alice = scene.client("alice", options=Options(subscribe=False))
    for headers, expires in AGREED:
        session = alice.initiate_ad_hoc_conference([], headers=headers)
        response = session.response
        assert response.get("Session-Expires") == expires
        assert "timer" in response.tokens("Supported")
        assert "UPDATE" in response.values("Allow")
        supports = ("Supported", None) not in headers
        assert (response.get("Require") == "timer") == supports
        seconds = timer_of(response)[0]
        # from the ACK on
        scene.poll(lambda s=session, n=seconds: shown(scene, s).get(
            "session_expires") == n, what="session timer in RPC")
        seen = shown(scene, session)
        assert seen["refresher"] == ("client" if "uac" in expires
                                     else "focus")
        assert 0 < seen["session_left"] <= seconds


def test_G7_too_short_an_interval_gets_422_and_min_se(scene):
    alice = scene.client("alice", options=Options(session_expires=60))
    session = alice.initiate_ad_hoc_conference([], wait=False)
    response = session.exchange.wait()
    assert response.status == 422
    assert response.get("Min-SE") == "90"
    again = alice.initiate_ad_hoc_conference(
        [], headers=[("Session-Expires", "90"), ("Min-SE", "90")])
    assert again.response.get("Session-Expires") == "90;refresher=uac"
    # the same inside the dialog, which goes on
    for method in ("INVITE", "UPDATE"):
        response = again.change(method, headers=[
            ("Session-Expires", "89")]).wait()
        assert (response.status, response.get("Min-SE")) == (422, "90")
    assert again.send_text("still here").wait() == 200


def test_G7_an_interval_that_is_none_gets_400(scene):
    alice = scene.client("alice")
    for name, value in (("Session-Expires", "soon"), ("Min-SE", "-1"),
                        ("Session-Expires", "1 2")):
        session = alice.initiate_ad_hoc_conference(
            [], wait=False, headers=[(name, value)])
        assert session.exchange.wait().status == 400


def test_G7_without_a_timer_of_ours_the_clients_is_kept(stage):
    scene = stage(params={"session_expires": 0})
    alice, bob = scene.people("alice", "bob")
    session, bobs = scene.conference(alice, bob)
    assert session.response.get("Session-Expires") == "1800;refresher=uac"
    assert not bobs.invite.get("Session-Expires")
    assert "timer" in bobs.invite.tokens("Supported")
    assert "session_expires" not in shown(scene, bobs)


def test_G7_invitations_ask_for_a_timer(scene):
    alice, bob = scene.people("alice", "bob")
    _, bobs = scene.conference(alice, bob)
    assert bobs.invite.get("Session-Expires") == "1800;refresher=uas"
    assert bobs.invite.get("Min-SE") == "90"
    assert "timer" in bobs.invite.tokens("Supported")
    assert shown(scene, bobs)["refresher"] == "client"


def test_G7_a_422_to_an_invitation_is_obeyed(scene):
    alice = scene.client("alice")
    bob = scene.client("bob", options=Options(min_se=3600))
    # asks for ever more, and is given up
    carol = scene.client("carol", options=Options(min_se=10 ** 6))
    dave = scene.client("dave", options=Options(min_se=2000))

    def more(_session) -> Answer:
        dave.options.min_se += 1000
        return Answer.accept()
    dave.answer = more
    alice.initiate_ad_hoc_conference(["bob", "carol", "dave"])
    bobs = bob.wait_connected(2)
    first, second = bob.requests("INVITE")
    assert first.call_id == second.call_id
    assert second.cseq[0] == first.cseq[0] + 1
    assert second.get("Min-SE") == "3600"
    assert second.get("Session-Expires") == "3600;refresher=uas"
    bobs.leg.wait_bound()
    for client, count in ((carol, 1), (dave, 4)):
        scene.poll(lambda c=client: participant(scene, bobs, c)["code"] == 422,
                   PATIENCE, f"{client.user} given up")
        assert len(client.requests("INVITE")) == count


# Refreshing

@pytest.mark.server(params=QUICK)
def test_M2_M3_a_client_that_refreshes_stays(scene):
    """7.1.1.8, twice: the first interval is over by the second."""
    methods = {"alice": "INVITE", "bob": "UPDATE"}
    alice, bob = (scene.client(user, options=Options(refresh=method))
                  for user, method in methods.items())
    mine, bobs = scene.conference(alice, bob)
    for client, first in ((alice, 2), (bob, 1)):
        method = methods[client.user]
        answers = [client.wait_response(method, 200, count)
                   for count in (first, first + 1)]
        assert {a.get("Session-Expires") for a in answers} == {
            "4;refresher=uac"}
        assert {bool(a.body) for a in answers} == {method == "INVITE"}
    assert mine.send_text("still here").wait() == 200
    assert bobs.send_text("and here").wait() == 200
    alice.wait_message("and here")


@pytest.mark.server(params=QUICK)
def test_M3_a_body_less_refresh_needs_no_answer_in_its_ack(scene):
    """As the RCS reference client does it."""
    alice = scene.client("alice", options=Options(refresh_offer=False))
    bob = scene.client("bob", options=Options(refresh="UPDATE"))
    mine, bobs = scene.conference(alice, bob)
    offer = alice.wait_response("INVITE", 200, 2)
    media = sdp.parse(offer.body)
    assert media.setup == "actpass" and media.path == mine.leg.remote_path
    assert bobs.send_text("hello").wait() == 200
    alice.wait_message("hello")


@pytest.mark.server(params={"session_expires": 3, "min_se": 1})
def test_M3_who_does_not_refresh_is_disconnected(scene):
    alice = scene.client("alice", options=Options(refresh="UPDATE"))
    bob = scene.client("bob", options=Options(refresh=""))
    _, bobs = scene.conference(alice, bob)
    bye = bob.wait_bye(bobs)
    assert "cause=408" in bye.get("Reason")
    wait_gone(scene, alice, "bob")
    assert alice.roster.detail(bob.aor, "disconnection-method") == "failed"


@pytest.mark.server(params=OURS)
def test_M3_we_refresh_by_update_where_it_is_allowed(scene):
    """Twice; whether the client knows of session timers or not."""
    alice = scene.client("alice", options=Options(refresher="uas"))
    bob = scene.client("bob", options=Options(timer=False))
    mine, bobs = scene.conference(alice, bob)
    for session in (mine, bobs):
        for count in (1, 2):
            request = wait_changes(session, count)
            assert request.method == "UPDATE" and not request.body
            assert request.get("Session-Expires") == "4;refresher=uac"
            assert "timer" in request.tokens("Supported")
        assert shown(scene, session)["refresher"] == "focus"
    assert bobs.send_text("hello").wait() == 200
    alice.wait_message("hello")


@pytest.mark.server(params=OURS)
def test_M3_else_by_reinvite_with_the_same_description(scene):
    """A client that answers it without SDP keeps its leg."""
    alice = scene.client("alice", options=Options(
        refresher="uas", allow=NO_UPDATE))
    bob = scene.client("bob", options=Options(
        allow=NO_UPDATE, change_sdp=False))
    mine, bobs = scene.conference(alice, bob)
    before = {mine: mine.response.body, bobs: None}
    for session in (mine, bobs):
        first, second = (wait_changes(session, n) for n in (1, 2))
        assert first.method == second.method == "INVITE"
        assert first.body == second.body
        assert first.body == (before[session] or first.body)
        assert sdp.parse(first.body).path == session.leg.remote_path
        session.client.wait_for(
            lambda s=session: len(s.acks) >= 1 + s.incoming, PATIENCE,
            "ACK to our 200")
    assert mine.send_text("hello").wait() == 200
    bob.wait_message("hello")
    assert bobs.send_text("hi").wait() == 200
    alice.wait_message("hi")


@pytest.mark.server(params=OURS)
def test_M3_an_update_that_is_not_known_becomes_a_reinvite(scene):
    alice = scene.client("alice", options=Options(
        refresher="uas", answer_change=first_then(405)))
    session = alice.initiate_ad_hoc_conference([])
    assert wait_changes(session).method == "UPDATE"
    assert wait_changes(session, 2).method == "INVITE"
    assert session.state == "connected"


@pytest.mark.server(params=OURS)
def test_M3_who_answers_a_refresh_by_481_or_408_is_gone(scene):
    alice, bob, carol = (scene.client(user, options=Options(refresher="uas"))
                         for user in ("alice", "bob", "carol"))
    sessions = scene.conference(alice, bob, carol)
    bob.options.answer_change, carol.options.answer_change = 481, 408
    for session in sessions[1:]:
        session.client.wait_bye(session)
    alice.wait_roster({"alice": "connected"})
    assert sessions[0].state == "connected"


@pytest.mark.server(params={**OURS, "session_expires": 3})
def test_M3_who_never_takes_a_refresh_is_gone_at_the_end(scene):
    """500, again and again: neither refreshed nor gone before its time."""
    alice, bob = (scene.client(user, options=Options(
        refresher="uas", expire=False)) for user in ("alice", "bob"))
    _, bobs = scene.conference(alice, bob)
    bob.options.answer_change = 500
    assert "cause=408" in bob.wait_bye(bobs).get("Reason")
    assert len(bobs.changes) >= 1
    wait_gone(scene, alice, "bob")


@pytest.mark.server(params={**OURS, "session_expires": 3})
def test_M3_who_knows_no_timers_and_no_refresh_stays(scene):
    """488 shows that somebody is there."""
    options = {"timer": False, "answer_change": 488}
    alice = scene.client("alice", options=Options(**options))
    session = alice.initiate_ad_hoc_conference([])
    wait_changes(session, 2)
    assert session.state == "connected"
    assert session.send_text("still here").wait() == 200


@pytest.mark.server(params=OURS)
def test_M3_a_422_to_our_refresh_is_obeyed(scene):
    alice = scene.client("alice", options=Options(
        refresher="uas", answer_change=first_then(422),
        change_headers=[("Min-SE", "100")]))
    session = alice.initiate_ad_hoc_conference([])
    again = wait_changes(session, 2)
    assert again.get("Session-Expires") == "100;refresher=uac"
    assert again.get("Min-SE") == "100"
    scene.poll(lambda: shown(scene, session)["session_expires"] == 100,
               what="the longer interval")


@pytest.mark.server(params={**OURS, "session_expires": 6})
def test_M3_glare_is_tried_again(scene):
    alice = scene.client("alice", options=Options(
        refresher="uas", allow=NO_UPDATE, expire=False,
        answer_change=first_then(491)))
    session = alice.initiate_ad_hoc_conference([])
    first = wait_changes(session)
    again = wait_changes(session, 2)
    assert again.cseq[0] > first.cseq[0] and again.body == first.body
    assert session.state == "connected"


@pytest.mark.slow
@pytest.mark.server(config=QUICK_TM, params={**OURS, **NO_XDMS})
def test_M3_everybody_vanishes_and_nothing_stays(scene):
    """No BYE from anyone: timers find out, and all memory comes back."""
    people = scene.people(*(f"user{n}" for n in range(10)))
    for n, client in enumerate(people):
        client.options = Options(
            timer=n % 2 == 0, refresher=("uas", "uac")[n // 2 % 2],
            allow=NO_UPDATE if n % 3 else Options.allow)
    scene.conference(*people)
    for client in people:
        client.unregister()
        scene.forget(client)
    scene.wait_statistic("conferences", 0, timeout=4 * PATIENCE)


# Crossing each other

@pytest.mark.server(params={**OURS, "session_expires": 6})
def test_M1_bye_crosses_our_reinvite(scene):
    """Its 200 wants an ACK all the same; both ends are in peace."""
    alice = scene.client("alice")
    bob = scene.client("bob", options=Options(
        refresher="uas", allow=NO_UPDATE, answer_change=0))
    _, bobs = scene.conference(alice, bob)
    request = wait_changes(bobs)
    assert bobs.bye().wait().status == 200
    wait_gone(scene, alice, "bob")
    # and nothing is served there any more
    assert bobs.request("UPDATE").wait().status == 481
    bob.respond(bobs.change_transactions[0], 200, [("Contact", bob.contact)])
    bob.wait_for(lambda: request.cseq[0] in [a.cseq[0] for a in bobs.acks],
                 PATIENCE, "ACK to the late 200")
