# SPDX-License-Identifier: GPL-2.0-or-later
"""INVITE with Replaces that names a dialog of ours: a participant moves to
another session (RFC 3891)."""

import pytest

from imclient import Answer, Options, Refused
from scene import Scene


def put_off(scene: Scene):
    """alice and bob in a conference; bob's second phone."""
    alice, bob = scene.people("alice", "bob")
    mine, bobs = scene.conference(alice, bob)
    return mine, bobs, scene.client("bob")


def refusal(client, uri: str, *headers: tuple[str, str], **options) -> int:
    with pytest.raises(Refused) as caught:
        client.invite(uri, headers=list(headers), **options)
    return caught.value.response.status


def test_E4_a_participant_moves_to_another_phone(scene):
    mine, bobs, mobile = put_off(scene)
    moved = mobile.invite(bobs.identity, headers=[
        ("Replaces", bobs.replaces()), ("Require", "replaces")])
    moved.leg.wait_bound()
    bye = bobs.client.wait_bye(bobs)
    assert "cause=200" in bye.get("Reason")
    assert "replaces" in moved.response.tokens("Supported")
    assert mine.send_text("on your mobile?").wait() == 200
    mobile.wait_message("on your mobile?")
    assert moved.send_text("yes").wait() == 200
    mine.client.wait_message("yes", "bob")
    shown = scene.server.show(mine.identity)["participants"]
    assert [p["state"] for p in shown] == ["connected", "connected"]


def test_E4_what_is_refused_leaves_the_session_as_it_is(scene):
    """No dialog, not a dialog of this conference, not an INVITE's, not its
    own; too many, none at all, and a description that we cannot use."""
    mine, bobs, mobile = put_off(scene)
    here, other = bobs.identity, mobile.initiate_ad_hoc_conference([])
    good = bobs.replaces()
    call_id, to_tag, from_tag = good.split(";")
    subscription = bobs.subscription.dialog
    for status, value in [
            (481, f"nobody;{to_tag};{from_tag}"),
            (481, f"{call_id};{to_tag};from-tag=x"),
            (481, f"{call_id};{to_tag.replace('to', 'from', 1)};"
                  f"{from_tag.replace('from', 'to', 1)}"),
            (481, f"{subscription.call_id};to-tag={subscription.remote_tag};"
                  f"from-tag={subscription.local_tag}"),
            (481, other.replaces()), (403, mine.replaces()),
            (486, f"{good};early-only"), (400, f"{good};to-tag=1"),
            (400, call_id), (400, f"{good}, {good}")]:
        assert refusal(mobile, here, ("Replaces", value)) == status, value
    assert refusal(mobile, here, ("Replaces", good),
                   ("Join", good)) == 400
    assert refusal(mobile, here, ("Replaces", good),
                   sdp=b"v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
                   ) == 488
    assert bobs.client.requests("BYE") == []
    assert bobs.send_text("still here").wait() == 200
    mine.client.wait_message("still here")


def test_E4_replaces_is_for_initial_invites(scene):
    _, bobs, mobile = put_off(scene)
    value = [("Replaces", bobs.replaces())]
    for exchange in (mobile.request("OPTIONS", bobs.identity, value),
                     bobs.request("OPTIONS", value),
                     mobile.request("SUBSCRIBE", bobs.identity, value)):
        assert exchange.wait().status == 400


def test_E4_nobody_wants_to_replace_what_has_just_ended(scene):
    _, bobs, mobile = put_off(scene)
    value = bobs.replaces()
    bobs.bye().wait()
    assert refusal(mobile, bobs.identity, ("Replaces", value)) == 603


def test_E4_a_ringing_phone_is_replaced(scene):
    """An early dialog of ours: the INVITE is cancelled."""
    alice = scene.client("alice")
    desk = scene.client("bob", answer=Answer.ringing())
    mobile = scene.client("bob", register=False,
                          options=Options(subscribe=False))
    session = alice.initiate_ad_hoc_conference(["bob"])
    alice.wait_roster({"alice": "connected", "bob": "alerting"})
    value = desk.sessions[0].replaces()
    assert refusal(mobile, session.identity,
                   ("Replaces", value.replace("from-tag=", "from-tag=x"))
                   ) == 481
    mobile.invite(session.identity,
                  headers=[("Replaces", f"{value};early-only")])
    desk.wait_request("CANCEL")
    alice.wait_roster({"alice": "connected", "bob": "connected"})
