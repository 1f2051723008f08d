# SPDX-License-Identifier: GPL-2.0-or-later
"""What RFC 3261 and its kin say in a subordinate clause."""

from __future__ import annotations

import pytest

from bodies import body_of, description, listing, refused
from imclient import Options
from imclient.sip_message import params_of
from scene import Scene

PATIENCE = 15.0
NO_SUBSCRIPTION = Options(subscribe=False)
OURS = {"session_expires": 4, "min_se": 1, "session_refresher": "focus"}


def leg_of(scene: Scene, session) -> str:
    return next(p["leg"] for p in
                scene.server.show(session.identity)["participants"]
                if p["entity"] == session.client.aor)


@pytest.mark.parametrize("name, value", [
    ("CSeq", "4294967296 INVITE"),
    ("Contact", "*"),
    ("Contact", "<http://alice.example.com>"),
])
def test_A1_an_invite_that_cannot_be_read_gets_400_at_once(scene, name, value):
    """Not 408 when tm has lost its patience, nor 500: we are well."""
    alice = scene.client("alice")
    assert refused(alice, [], headers=[(name, value)],
                   timeout=PATIENCE).response.status == 400


def test_A1_escaped_or_not_it_is_the_factory(scene):
    """RFC 3261 19.1.4"""
    alice = scene.client("alice", options=NO_SUBSCRIPTION)
    for user in ("%63onference-factory", "conference%2Dfactory"):
        session = alice.initiate_ad_hoc_conference(
            [], factory=f"sip:{user}@{scene.server.domain}")
        assert session.is_focus


def test_G6_a_required_option_may_be_of_any_length(scene):
    alice = scene.client("alice", "tcp", options=NO_SUBSCRIPTION)
    assert refused(alice, [], headers=[("Require", "x" * 5000)]
                   ).response.status == 420


def test_M1_the_ack_of_another_invite_acknowledges_nothing(scene):
    """A re-INVITE crosses the ACK with the answer, and loses."""
    alice = scene.client("alice", options=Options(subscribe=False, ack=False))
    session = alice.initiate_ad_hoc_conference([], body=("", b""))
    answer = session.describe(alice.options.setup)
    change = session.change("INVITE", answer)
    assert change.wait().status == 491
    # the ACK to the 491 has gone before
    ack = session.dialog.request("ACK", session.invite.cseq[0])
    ack.add("Content-Type", "application/sdp")
    alice.send_ack(session.dialog, ack, answer)
    scene.poll(lambda: leg_of(scene, session) in ("waiting", "bound"),
               PATIENCE, "its answer taken")


def test_S1_in_a_sessions_dialog_489_names_what_it_has(scene):
    alice = scene.client("alice", options=NO_SUBSCRIPTION)
    session = alice.initiate_ad_hoc_conference([])
    response = session.request(
        "SUBSCRIBE", [("Event", "conference"), ("Expires", "60")]).wait()
    assert response.status == 489
    assert response.tokens("Allow-Events") == {"refer"}


def test_G13_options_in_a_session_say_as_much_as_outside(scene):
    alice = scene.client("alice", options=NO_SUBSCRIPTION)
    session = alice.initiate_ad_hoc_conference([])
    outside = alice.query(session.identity)
    inside = session.request("OPTIONS").wait()
    for response in (outside, inside):
        assert response.status == 200
        assert "isfocus" in params_of(response.get("Contact"))
    for name in ("Accept", "Allow", "Allow-Events", "Supported"):
        assert inside.tokens(name) == outside.tokens(name) != set()


def test_S8_a_question_ends_no_subscription(scene):
    """A fetch (RFC 6665 4.4.3) from the phone that watches already."""
    alice = scene.client("alice", options=NO_SUBSCRIPTION)
    session = alice.initiate_ad_hoc_conference([])
    watching = alice.subscribe(session)
    alice.wait_notify(subscription=watching)
    question = alice.subscribe(session, expires=0)
    question.wait_state("terminated")
    assert alice.refresh_subscription(watching).status == 200
    alice.wait_notify(2, subscription=watching)


def test_A2_a_history_is_nobodys_wish(scene):
    """Two servers that take each other's histories (RFC 5364) for lists
    would found conferences for ever."""
    alice, bob = scene.people("alice", "bob")
    history = listing(bob.aor)
    history.headers[:] = [
        ("Content-Disposition", "recipient-list-history; handling=optional")]
    made = alice.initiate_ad_hoc_conference(
        [], body=body_of(description(alice), history))
    show = scene.server.show(made.identity)
    assert [p["entity"] for p in show["participants"]] == [alice.aor]
    assert scene.server.statistics()["invites"] == 0
    assert bob.sessions == []


@pytest.mark.server(params=OURS)
def test_M3_retry_after_nothing_is_no_invitation_to_hurry(scene):
    alice = scene.client("alice")
    bob = scene.client("bob", options=Options(
        answer_change=500, change_headers=[("Retry-After", "0")],
        expire=False))
    alice.initiate_ad_hoc_conference(["bob"])
    bobs = bob.wait_connected()
    bob.wait_bye(bobs, PATIENCE)
    assert 1 <= len(bobs.changes) <= 4
