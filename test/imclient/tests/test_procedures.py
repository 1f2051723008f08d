# SPDX-License-Identifier: GPL-2.0-or-later
"""Procedures against a conference in miniature."""

import pytest

from focus_double import client
from imclient import Options, TooManyUsers, multipart
from imclient import resource_list


@pytest.fixture(name="people", params=["udp", "tcp"])
def people_fixture(request, focus):
    clients = [client(focus, name, request.param)
               for name in ("alice", "bob", "carol")]
    for one in clients:
        one.register()
    yield clients
    for one in clients:
        one.close()
        assert one.loop.errors == []


def test_7_1_1_3_request(focus, people):
    alice = people[0]
    session = alice.initiate_ad_hoc_conference(["bob", "tel:+1"], "Lunch")
    invite = session.invite
    assert invite.uri == f"sip:conference-factory@{focus.domain}"
    assert invite.get("Content-Type").startswith("multipart/mixed;")
    assert invite.get("Require") == "recipient-list-invite"
    assert len(invite.get("Contribution-ID")) == 32
    sdp, listed = multipart.parts_of(invite)
    assert sdp.media_type == "application/sdp"
    assert b"a=accept-types:message/cpim\r\n" in sdp.body
    assert dict(listed.headers)["Content-Disposition"] == "recipient-list"
    assert [e.uri for e in resource_list.parse(listed.body)] == [
        f"sip:bob@{focus.domain}", "tel:+1"]


def test_7_1_1_3_conference(focus, people):
    alice, bob, carol = people
    session = alice.initiate_ad_hoc_conference(["bob", "carol"])
    assert session.identity.startswith("sip:conference-factory@")
    assert session.is_focus
    everybody = {name: "connected" for name in ("alice", "bob", "carol")}
    for one in people:
        one.wait_roster(everybody)
    assert session.send_text("hello").wait() == 200
    for one in (bob, carol):
        one.wait_message("hello", "alice")
    bob.leave(bob.sessions[0])
    alice.wait_roster({"alice": "connected", "carol": "connected"})
    assert bob.subscriptions[0].reason == "timeout"
    assert not alice.roster.problems


def test_7_1_1_3_limit_is_checked_before_sending(focus):
    with client(focus, "alice", options=Options(max_adhoc=3)) as alice:
        with pytest.raises(TooManyUsers):
            alice.initiate_ad_hoc_conference(["a", "b", "c"])
        assert alice.log == []


def test_7_1_1_11_subscribe_in_a_new_dialog(focus, people):
    alice = people[0]
    alice.options.subscribe = False
    session = alice.initiate_ad_hoc_conference([])
    subscription = alice.subscribe(session)
    request = alice.subscriptions[0].exchange.request
    assert request.uri == session.identity
    assert request.call_id != session.dialog.call_id
    assert request.get("Event") == "conference"
    assert request.get("Accept-Contact") == "*;+g.oma.sip-im"
    alice.wait_notify(1)
    assert alice.unsubscribe(subscription).status == 200
    subscription.wait_state("terminated")


def test_notify_out_of_order_is_refused(focus, people):
    alice = people[0]
    alice.initiate_ad_hoc_conference([])
    alice.wait_roster({"alice": "connected"})
    dialog = focus.watchers[0][0]
    exchange = focus.send_in_dialog(dialog, dialog.request("NOTIFY", 1))
    assert exchange.wait().status == 500
    assert "out of order" in alice.roster.problems[0]


def test_gap_asks_for_full_state(focus, people):
    alice = people[0]
    alice.initiate_ad_hoc_conference([])
    alice.wait_roster({"alice": "connected"})
    dialog = focus.watchers[0][0]
    body = (f'<conference-info xmlns="urn:ietf:params:xml:ns:conference-info"'
            f' entity="{focus.identity}" state="partial" version="99"/>')
    focus.send_in_dialog(
        dialog, dialog.request("NOTIFY"),
        [("Event", "conference"), ("Subscription-State", "active")],
        body.encode(), "application/conference-info+xml")
    alice.wait_response("SUBSCRIBE", 200, count=2)
    assert "gap: version 99" in alice.roster.problems[0]


def test_7_1_1_11_own_entry_and_block_list(focus, people):
    alice, bob, _ = people
    alice.options.blocked = frozenset({bob.aor})
    alice.initiate_ad_hoc_conference(["bob", "carol"])
    alice.wait_roster({"bob": "connected", "carol": "connected"},
                      exact=False)
    watching = alice.subscriptions[0]
    assert watching.blocked == [bob.aor]
    assert watching.own_entity == alice.aor


def test_resend_repeats_the_same_request(focus, people):
    alice = people[0]
    session = alice.initiate_ad_hoc_conference([])
    focus.wait_connected()
    session.exchange.resend()
    focus.wait_request("INVITE", 2)
    first, second = focus.requests("INVITE")[:2]
    assert first.encode() == second.encode()
