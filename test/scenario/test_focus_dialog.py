# SPDX-License-Identifier: GPL-2.0-or-later
"""Dialogs of participants: ACK, BYE, CANCEL and whatever else comes."""

import pytest

from imclient import IMClient, Options, SipMessage
from imclient.sip_message import tag_of
from kamailio import TM_DEFAULT, Frozen


def count_received(client: IMClient, method: str, status: int = 0) -> int:
    """Repetitions included."""
    return len([e for e in client.log if e.direction == "received"
                and isinstance(e.message, SipMessage)
                and e.message.status == status
                and e.message.cseq[1] == method])


def when_received(client: IMClient, method: str, status: int = 0) -> float:
    return next(e.time for e in client.log if e.direction == "received"
                and isinstance(e.message, SipMessage)
                and e.message.status == status
                and e.message.cseq[1] == method)


# Requests in the dialog

def test_A5_old_cseq_is_refused(scene):
    session = scene.client("alice").initiate_ad_hoc_conference([])
    cseq = session.dialog.local_cseq
    for old in (cseq, cseq - 1):
        response = session.request("OPTIONS", cseq=old).wait()
        assert response.status == 500
    assert session.request("OPTIONS").wait().status == 200


def test_A5_unknown_dialog_gets_481(scene):
    alice = scene.client("alice")
    session = alice.initiate_ad_hoc_conference([])
    for method in ("BYE", "INVITE", "OPTIONS", "SUBSCRIBE", "UPDATE"):
        response = alice.request(
            method, session.identity,
            to=f"<{session.identity}>;tag=nobody").wait()
        assert response.status == 481, method


def test_A5_somebody_elses_tag_gets_481(scene):
    """The dialog is known by both tags."""
    alice = scene.client("alice")
    session = alice.initiate_ad_hoc_conference([])
    response = alice.request(
        "BYE", session.identity, to=session.dialog.remote,
        headers=[("Call-ID", session.dialog.call_id),
                 ("From", f"<{alice.aor}>;tag=wrong"),
                 ("CSeq", "9 BYE")]).wait()
    assert response.status == 481
    assert session.request("OPTIONS").wait().status == 200


@pytest.mark.parametrize("method", ["INFO", "MESSAGE"])
def test_A5_methods_not_served_get_405_and_allow(scene, method):
    alice = scene.client("alice")
    session = alice.initiate_ad_hoc_conference([])
    inside = session.request(method).wait()
    outside = alice.request(method, session.identity).wait()
    for response in (inside, outside):
        assert response.status == 405
        assert method not in response.tokens("Allow")
        assert "BYE" in response.values("Allow")


def test_A5_options_in_the_dialog_are_answered(scene):
    session = scene.client("alice").initiate_ad_hoc_conference([])
    response = session.request("OPTIONS").wait()
    assert response.status == 200
    assert "isfocus" in response.get("Contact")


# BYE

def test_A5_repeated_bye_gets_its_200_again(scene):
    alice = scene.client("alice")
    session = alice.initiate_ad_hoc_conference([])
    exchange = session.bye()
    assert exchange.wait().status == 200
    exchange.resend()
    alice.wait_for(lambda: count_received(alice, "BYE", 200) == 2,
                   what="second 200 to BYE")


def test_A5_bye_that_tm_has_forgotten_gets_its_200_again(scene):
    """To us it is a transaction of its own, as after tm's wt_timer."""
    alice = scene.client("alice")
    session = alice.initiate_ad_hoc_conference([])
    assert session.bye().wait().status == 200
    again = session.request("BYE", cseq=session.dialog.local_cseq)
    assert again.wait().status == 200
    assert session.request("BYE").wait().status == 481


def test_A5_bye_after_the_end_gets_481(scene):
    session = scene.client("alice").initiate_ad_hoc_conference([])
    assert session.bye().wait().status == 200
    assert session.request("BYE").wait().status == 481


def test_A5_bye_before_the_ack_ends_the_session(scene):
    alice = scene.client("alice", options=Options(ack=False))
    session = alice.initiate_ad_hoc_conference([])
    assert session.bye().wait().status == 200
    scene.wait_statistic("conferences", 0)


def test_A5_bye_goes_where_the_requests_came_from(stage):
    """A client behind NAT: its Contact leads nowhere."""
    scene = stage(params={"leg_lost_timeout": 1})
    alice = scene.client("alice")
    session = alice.initiate_ad_hoc_conference(
        [], headers=[("Contact", "<sip:alice@192.0.2.1:9>")])
    session.leg.wait_bound()
    session.leg.abort()
    assert alice.wait_bye(session).uri == "sip:alice@192.0.2.1:9"


def test_A5_bye_to_a_tcp_client_takes_its_connection(stage):
    scene = stage(params={"leg_lost_timeout": 1})
    alice = scene.client("alice", "tcp")
    session = alice.initiate_ad_hoc_conference([])
    session.leg.wait_bound()
    session.leg.abort()
    bye = alice.wait_bye(session)
    entry = next(e for e in alice.log if e.message is bye)
    assert entry.peer == scene.server.proxy
    assert "SIP/2.0/TCP" in bye.get("Via")


# ACK

@pytest.mark.slow
def test_A5_without_ack_the_200_is_repeated_for_32_s_then_bye(scene):
    alice = scene.client("alice", options=Options(ack=False))
    session = alice.initiate_ad_hoc_conference([])
    bye = alice.wait_bye(session, timeout=40)
    began = when_received(alice, "INVITE", 200)
    assert 31 < when_received(alice, "BYE") - began < 34
    # T1, doubled up to T2: 0.5 + 1 + 2 + 4 * 7 = 31.5
    assert count_received(alice, "INVITE", 200) == 11
    assert "cause=408" in bye.get("Reason")
    scene.wait_statistic("conferences", 0)


def test_A5_the_ack_stops_the_200(scene):
    alice = scene.client("alice", options=Options(ack=False))
    session = alice.initiate_ad_hoc_conference([])
    alice.wait_for(lambda: count_received(alice, "INVITE", 200) == 3,
                   what="200 twice more")
    session.ack()
    assert session.request("OPTIONS").wait().status == 200
    with pytest.raises(TimeoutError):
        alice.wait_for(lambda: count_received(alice, "INVITE", 200) > 3,
                       timeout=3)


@pytest.mark.server(config=TM_DEFAULT)
@pytest.mark.parametrize("acknowledged", [False, True])
def test_A5_invite_again_after_7_s_gets_the_same_200(scene, acknowledged):
    alice = scene.client("alice", options=Options(ack=acknowledged))
    session = alice.initiate_ad_hoc_conference([])
    first = session.response
    with pytest.raises(TimeoutError):
        alice.wait_bye(session, timeout=7)
    before = count_received(alice, "INVITE", 200)
    session.exchange.resend()
    alice.wait_for(
        lambda: count_received(alice, "INVITE", 200) > before,
        what="another 200")
    again = [e.message for e in alice.log if e.direction == "received"
             and isinstance(e.message, SipMessage)
             and e.message.status == 200
             and e.message.cseq[1] == "INVITE"][-1]
    assert again.to_tag == first.to_tag
    assert again.get("Contact") == first.get("Contact")
    assert again.body == first.body
    scene.wait_statistic("created", 1)
    session.ack()
    assert session.request("OPTIONS").wait().status == 200


# CANCEL

def test_A5_cancel_right_behind_its_invite_leaves_nothing(scene):
    """Both wait for the worker. Whichever it answers first, both get their
    answer and nobody stays in the conference. The CANCEL comes behind the 100,
    as RFC 3261 9.1 has it; without, see test_races.py."""
    alice = scene.client("alice")
    with Frozen(scene.server):
        session = alice.initiate_ad_hoc_conference(["bob"], wait=False)
        alice.wait_response("INVITE", 100)
        cancel = session.cancel()
    assert cancel.wait().status == 200
    response = session.exchange.wait()
    assert response.status in (200, 487)
    if response.status == 200:
        session.bye().wait()
    scene.wait_statistic("conferences", 0)


def test_A5_cancel_after_the_answer_changes_nothing(scene):
    alice = scene.client("alice", options=Options(ack=False))
    session = alice.initiate_ad_hoc_conference([])
    assert session.cancel().wait().status == 200
    session.ack()
    assert session.request("OPTIONS").wait().status == 200
    scene.wait_statistic("conferences", 1)


def test_A5_cancel_of_nothing_gets_481(scene):
    alice = scene.client("alice")
    session = alice.initiate_ad_hoc_conference([])
    branch = "z9hG4bKnothing"
    cancel = SipMessage(f"CANCEL {scene.server.factory} SIP/2.0", [
        ("Via", f"SIP/2.0/UDP {alice.ip}:{alice.port};branch={branch};rport"),
        ("From", f"<{alice.aor}>;tag=x"), ("To", scene.server.factory),
        ("Call-ID", "nothing"), ("CSeq", "1 CANCEL"), ("Max-Forwards", "70"),
        ("Content-Length", "0")])
    alice.send_raw(cancel.encode())
    assert tag_of(alice.wait_response("CANCEL", 481).get("To"))
    assert session.request("OPTIONS").wait().status == 200


# Over TCP

def test_A5_sip_connection_lost_and_made_anew(scene):
    scene.expect_log(r"tcp_read_(data|req)\(\).*error reading")
    alice = scene.client("alice", "tcp")
    bob = scene.client("bob")
    mine, bobs = scene.conference(alice, bob)
    alice.drop_connections()
    assert bobs.send_text("still there?").wait() == 200
    alice.wait_message("still there?")
    assert mine.request("OPTIONS").wait().status == 200


# Who asks: the identity rules

@pytest.mark.server(params={"trusted_peers": "127.0.0.2"})
def test_G12_a_trusted_peer_says_who_it_is(scene):
    alice = scene.client("alice", local_ip="127.0.0.2", register=False)
    at = scene.server.domain
    session = alice.initiate_ad_hoc_conference([], headers=[
        ("P-Asserted-Identity", f'"Al" <sip:al@{at}>, <tel:+491234>')])
    shown = scene.server.show(session.identity)["participants"]
    assert [p["entity"] for p in shown] == [f"sip:al@{at}"]


@pytest.mark.server(params={"trusted_peers": "127.0.0.2"})
def test_G12_others_assert_in_vain(scene):
    alice = scene.client("alice")
    session = alice.initiate_ad_hoc_conference([], headers=[
        ("P-Asserted-Identity", f"<sip:boss@{scene.server.domain}>")])
    shown = scene.server.show(session.identity)["participants"]
    assert [p["entity"] for p in shown] == [alice.aor]


@pytest.mark.server(params={"trust_from": 0})
def test_G12_without_a_trusted_identity_nobody_comes_in(scene):
    alice = scene.client("alice")
    session = alice.initiate_ad_hoc_conference([], wait=False)
    assert session.exchange.wait().status == 403


@pytest.mark.server(defines=("WITH_AUTH",))
def test_G12_digest_users_are_who_they_prove_to_be(scene):
    alice, bob = (scene.client(user, password=f"{user}-secret")
                  for user in ("alice", "bob"))
    mine, _ = scene.conference(alice, bob)
    assert mine.exchange.challenges
    assert mine.send_text("hello").wait() == 200
    bob.wait_message("hello", "alice")
    shown = scene.server.show(mine.identity)["participants"]
    assert [p["entity"] for p in shown] == [alice.aor, bob.aor]


@pytest.mark.server(defines=("WITH_AUTH",))
def test_G12_a_digest_user_may_not_be_somebody_else(scene):
    mallory = scene.client("mallory", register=False, password="bad")
    session = mallory.initiate_ad_hoc_conference([], wait=False)
    assert session.exchange.wait().status == 407
    alice = scene.client("alice", password="alice-secret")
    session = alice.initiate_ad_hoc_conference(
        [], wait=False,
        headers=[("From", f"<sip:bob@{scene.server.domain}>;tag=x")])
    assert session.exchange.wait().status == 403
