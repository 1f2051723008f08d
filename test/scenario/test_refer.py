# SPDX-License-Identifier: GPL-2.0-or-later
"""REFER: adding people to a conference and expelling them (7.1.1.7)."""

import pytest

from imclient import Answer, Entry, Options, Part, Refused, multipart
from imclient import resource_list
from imclient.sip_message import address_uri
from scene import Scene

WAIT = 15.0
CROWD = 50


def refused(status: int, refer, *arguments, **options) -> Refused:
    """The REFER gets just that answer."""
    with pytest.raises(Refused) as caught:
        refer(*arguments, **options)
    assert caught.value.status == status
    return caught.value


def invited(scene: Scene, session) -> dict[str, str]:
    """RPC: everybody who is or was in, and how."""
    shown = scene.server.show(session.identity)["participants"]
    return {p["entity"].split(":")[1].split("@")[0]: p["state"]
            for p in shown}


def subscriptions(scene: Scene, session) -> list[dict]:
    """RPC: those of the conference, then those that REFERs made."""
    return scene.server.rpc("imconf.subscriptions",
                            session.identity)[0]["subscriptions"]


# R1, R2: one user

def test_R1_R2_a_user_is_added_in_the_dialog_and_outside(scene):
    """And what the answer and the invitation say."""
    alice, bob, carol = scene.people("alice", "bob", "carol")
    session = alice.initiate_ad_hoc_conference(
        [], subject="Lunch?", contribution_id="c0ffee")
    answer = alice.add_user(session, "bob").response
    assert answer.status == 200
    assert answer.get("Refer-Sub") == "false"
    assert address_uri(answer.get("Contact")) == session.identity
    assert "isfocus" in answer.get("Contact")
    invite = bob.wait_connected(timeout=WAIT).invite
    assert address_uri(invite.get("Referred-By")) == alice.aor
    assert invite.get("Subject") == "Lunch?"
    assert invite.get("Contribution-ID") == "c0ffee"
    assert invite.get("Content-Type") == "application/sdp"
    outside = bob.add_user(session.identity, "carol")
    assert outside.response.get("Refer-Sub") == "false"
    invite = carol.wait_connected(timeout=WAIT).invite
    assert address_uri(invite.get("Referred-By")) == bob.aor
    alice.wait_roster(dict.fromkeys(("alice", "bob", "carol"), "connected"),
                      timeout=WAIT)
    assert [r.state for r in (*alice.referrals, *bob.referrals)] == \
        ["none", "none"]
    assert alice.requests("NOTIFY") and not alice.referrals[0].notifies


def test_R2_as_clients_write_it(scene):
    """Without angle brackets, compact, by telephone number, in an odd case;
    and the added can be heard."""
    alice, bob, carol = scene.people("alice", "bob", "carol")
    session = alice.initiate_ad_hoc_conference([])
    alice.refer(session, [("Refer-To", bob.aor), ("Refer-Sub", "false")])
    alice.refer(session, [("r", f"\"C\" <{carol.aor};method=INVITE>;text"),
                          ("Refer-Sub", "False;x=y")])
    theirs = [c.wait_connected(timeout=WAIT) for c in (bob, carol)]
    assert "method" not in theirs[1].invite.uri
    for one in theirs:
        one.leg.wait_bound(WAIT)
    session.send_text("hello").wait(WAIT)
    for client in (bob, carol):
        client.wait_message("hello", timeout=WAIT)
    alice.refer(session, [("Refer-To", "tel:+33-6-12"),
                          ("Refer-Sub", "false")])
    scene.poll(lambda: any("+33" in entity for entity in (
        p["entity"] for p in scene.server.show(session.identity)
        ["participants"])), WAIT, "the number invited")


def test_R1_who_is_in_already_is_left_alone(scene):
    """200 and nothing sent; who watches is told that all is well."""
    alice, bob = scene.people("alice", "bob")
    session, theirs = scene.conference(alice, bob)
    assert alice.add_user(session, "bob").response.status == 200
    told = alice.add_user(session, "alice", subscribe=True)
    assert told.wait_final() == 200
    assert told.statuses == [200]
    assert theirs.request("OPTIONS").wait(WAIT).status == 200
    assert len(bob.requests("INVITE")) == 1


# R3: several

def test_R3_several_users_by_a_list(scene):
    """In one message; each learns who else was listed."""
    alice, bob, carol, dave = scene.people("alice", "bob", "carol", "dave")
    session = alice.initiate_ad_hoc_conference([])
    answer = alice.add_users(session, [
        Entry(bob.aor), Entry(carol.aor, "cc"), Entry(dave.aor, "bcc"),
        Entry(bob.aor), Entry(alice.aor), Entry(session.identity)]).response
    assert answer.get("Refer-Sub") == "false"
    invites = [c.wait_connected(timeout=WAIT).invite
               for c in (bob, carol, dave)]
    for invite in invites:
        part = multipart.find(invite, resource_list.MEDIA_TYPE)
        listed = {(e.uri, e.copy) for e in resource_list.parse(part.body)}
        assert (bob.aor, "to") in listed and (carol.aor, "cc") in listed
        assert dave.aor not in {uri for uri, _ in listed}
    alice.wait_roster(
        dict.fromkeys(("alice", "bob", "carol", "dave"), "connected"),
        timeout=WAIT)
    assert len(bob.requests("INVITE")) == 1


def test_R3_a_list_wherever_it_stands(scene):
    """In a part of the body; the tags in two headers; outside the dialog."""
    alice, bob, carol = scene.people("alice", "bob", "carol")
    session = alice.initiate_ad_hoc_conference([])
    content_type, body = multipart.build([
        Part("text/plain", b"for fun",
             [("Content-Disposition", "inline;handling=optional")]),
        Part(resource_list.MEDIA_TYPE,
             resource_list.build([Entry(bob.aor), Entry(carol.aor)]),
             [("Content-ID", "<list@example.com>")])])
    referral = alice.refer(
        session.identity, [
            ("Refer-To", "<cid:list%40example.com>"),
            ("Require", "multiple-refer"), ("Require", "norefersub")],
        body=body, content_type=content_type)
    assert referral.state == "none"
    for client in (bob, carol):
        client.wait_connected(timeout=WAIT)


def test_R3_fifty_at_once(scene):
    """One REFER, as many invitations; nobody is at home."""
    alice, bob = scene.people("alice", "bob")
    session = alice.initiate_ad_hoc_conference([])
    alice.add_users(session, [f"nobody{i}" for i in range(CROWD - 1)]
                    + ["bob"])
    bob.wait_connected(timeout=WAIT)
    scene.wait_statistic("invites_failed", CROWD - 1, WAIT)
    assert session.state == "connected"


# R4: the subscription

def test_R4_its_sender_is_told_how_far_it_got(scene):
    alice = scene.client("alice")
    bob = scene.client("bob", answer=Answer.ringing())
    session = alice.initiate_ad_hoc_conference([])
    referral = alice.add_user(session, "bob", subscribe=True)
    assert referral.response.get_all("Refer-Sub") == []
    referral.wait_status(180)
    first = referral.notifies[0]
    assert first.get("Event") == "refer"
    assert first.get("Subscription-State").startswith("active;expires=")
    assert first.get("Content-Type") == "message/sipfrag;version=2.0"
    shown = subscriptions(scene, session)
    assert [(s["event"], s["watcher"]) for s in shown] == [
        ("conference", alice.aor), ("refer", alice.aor)]
    assert (shown[1]["state"], shown[1]["code"]) == ("active", 180)
    assert 180 < shown[1]["expires"] <= 240
    assert "imclient" in shown[1]["user_agent"]
    bob.wait_invited().accept()
    assert referral.wait_final() == 200
    scene.wait_statistic("referrals", 0, WAIT)
    assert {s["event"] for s in subscriptions(scene, session)} \
        == {"conference"}
    assert referral.reason == "noresource"
    assert referral.statuses[0] == 100
    # a second one in the same dialog bears an id, and fails in its own way
    other = alice.add_user(session, "nobody", subscribe=True)
    assert other.wait_final() == 404
    assert other.notifies[-1].get("Event") == f"refer;id={other.cseq}"


def test_R4_outside_a_dialog_it_makes_one(scene):
    """In which a second REFER may come, and which ends with the last."""
    alice = scene.client("alice")
    bob = scene.client("bob", answer=Answer.ringing())
    session = alice.initiate_ad_hoc_conference([])
    referral = alice.add_user(session.identity, "bob", subscribe=True)
    referral.wait_status(180)
    assert scene.server.statistics()["referrals"] == 1
    again = referral.dialog.request("REFER")
    exchange = alice.send_in_dialog(referral.dialog, again, [
        ("Refer-To", "<sip:nobody@localhost>"), ("Refer-Sub", "false")])
    assert exchange.wait(WAIT).status == 200
    bye = alice.send_in_dialog(referral.dialog, referral.dialog.request("BYE"))
    assert bye.wait(WAIT).status == 405
    bob.wait_invited().refuse(486)
    assert referral.wait_final() == 486
    scene.poll(lambda: alice.send_in_dialog(
        referral.dialog, referral.dialog.request("OPTIONS"))
        .wait(WAIT).status == 481, WAIT, "end of its dialog")


def test_R4_a_481_ends_that_subscription_alone(scene):
    alice = scene.client("alice", options=Options(answer_refer_notify=481))
    bob = scene.client("bob")
    session = alice.initiate_ad_hoc_conference([])
    alice.add_user(session, "bob", subscribe=True)
    bob.wait_connected(timeout=WAIT)
    alice.wait_roster({"alice": "connected", "bob": "connected"},
                      timeout=WAIT)
    assert session.request("OPTIONS").wait(WAIT).status == 200
    sent = [m for m in alice.requests("NOTIFY")
            if m.get("Event").startswith("refer")]
    assert len(sent) == 1


def test_R4_the_subscription_can_be_prolonged_and_ended(scene):
    alice = scene.client("alice")
    bob = scene.client("bob", answer=Answer.ringing())
    session = alice.initiate_ad_hoc_conference([])
    referral = alice.add_user(session, "bob", subscribe=True)
    referral.wait_status(180)
    seen = len(referral.notifies)
    answer = alice.refresh_referral(referral, 30)
    assert (answer.status, answer.get("Expires")) == (200, "30")
    alice.wait_for(lambda: len(referral.notifies) > seen, WAIT, "a NOTIFY")
    assert referral.statuses[-1] == 180
    assert alice.refresh_referral(referral, 30, "4711").status == 481
    assert alice.refresh_referral(referral, 0).status == 200
    assert referral.wait_final() == 180
    assert referral.reason == "timeout"
    assert alice.refresh_referral(referral, 30).status == 481
    conference = session.request("SUBSCRIBE", [("Event", "conference")])
    assert conference.wait(WAIT).status == 489
    bob.wait_invited().refuse()
    alice.wait_roster({"alice": "connected"}, timeout=WAIT)


def test_R4_norefersub_may_be_required_of_one_user(scene):
    alice, bob = scene.people("alice", "bob")
    session = alice.initiate_ad_hoc_conference([])
    referral = alice.refer(session, [("Refer-To", f"<{bob.aor}>"),
                                     ("Require", "norefersub")])
    assert referral.state == "none"
    bob.wait_connected(timeout=WAIT)


# R5: the limit

@pytest.mark.server(params={"max_participants": 3})
def test_R5_over_the_limit_nobody_is_invited(scene):
    """Present and invited count together; who went does not."""
    alice = scene.client("alice")
    bob = scene.client("bob", answer=Answer.ringing())
    carol = scene.client("carol")
    session = alice.initiate_ad_hoc_conference(["bob"])
    bob.wait_invited()
    refused(486, alice.add_users, session, ["carol", "dave"])
    assert set(invited(scene, session)) == {"alice", "bob"}
    alice.add_users(session, ["carol", "bob", "alice"])
    carol.wait_connected(timeout=WAIT)
    refused(486, alice.add_user, session, "dave", subscribe=True)
    bob.wait_invited().refuse(603)
    scene.poll(lambda: invited(scene, session)["bob"] == "gone", WAIT,
               "bob gone")
    alice.add_user(session, "dave")
    assert "dave" in invited(scene, session)


# R6: privacy

def test_R6_who_wants_privacy_is_named_in_no_invitation(scene):
    alice, bob, carol, dave = scene.people("alice", "bob", "carol", "dave")
    session = alice.initiate_ad_hoc_conference([])
    alice.add_user(session, "bob", privacy=True)
    alice.add_users(session.identity, ["carol", "dave"], privacy=True,
                    headers=[("Referred-By", f"<{alice.aor}>")])
    for client in (bob, carol, dave):
        invite = client.wait_connected(timeout=WAIT).invite
        assert b"alice" not in invite.encode()
        assert invite.get_all("Referred-By") == []


def test_R1_a_Referred_By_is_taken_from_its_owner_alone(scene):
    alice, bob, carol = scene.people("alice", "bob", "carol")
    session, _ = scene.conference(alice, bob)
    spelled = f"sip:alice@{scene.server.domain.upper()};x=1"
    alice.add_user(session, "carol", headers=[
        ("Referred-By", f"\"A\" <{spelled}>;cid=\"1@x\"")])
    invite = carol.wait_connected(timeout=WAIT).invite
    assert address_uri(invite.get("Referred-By")) == spelled
    dave = scene.client("dave")
    alice.add_user(session, "dave",
                   headers=[("Referred-By", f"<{bob.aor}>")])
    invite = dave.wait_connected(timeout=WAIT).invite
    assert address_uri(invite.get("Referred-By")) == alice.aor


# R7: who may add

def test_R7_only_participants_add(scene):
    """Neither strangers, nor who rings, nor who has left."""
    alice, eve = scene.people("alice", "eve")
    bob = scene.client("bob", answer=Answer.ringing())
    session = alice.initiate_ad_hoc_conference(["bob"])
    refused(403, eve.add_user, session.identity, "eve")
    bob.wait_invited()
    refused(403, bob.add_user, session.identity, "eve")
    bob.wait_invited().accept()
    theirs = bob.wait_connected(timeout=WAIT)
    bob.add_user(session.identity, "nobody")
    bob.leave(theirs)
    refused(403, bob.add_user, session.identity, "eve")
    assert eve.requests("INVITE") == []


@pytest.mark.server(params={"adhoc_invite": "creator"})
def test_R7_adding_may_be_left_to_the_creator(scene):
    alice, bob, carol = scene.people("alice", "bob", "carol")
    session, theirs = scene.conference(alice, bob)
    refused(403, bob.add_user, theirs, "carol")
    alice.add_user(session, "carol")
    carol.wait_connected(timeout=WAIT)


@pytest.mark.server(params={"user_refers_per_minute": 1})
def test_R7_so_many_a_minute_and_no_more(scene):
    """Of one user; what is refused for other reasons does not count."""
    alice, bob = scene.people("alice", "bob")
    session = alice.initiate_ad_hoc_conference([])
    refused(404, alice.expel_user, session, "nobody")
    alice.add_user(session, "bob")
    caught = refused(480, alice.add_user, session.identity, "carol")
    assert caught.response.get("Retry-After")
    theirs = bob.wait_connected(timeout=WAIT)
    bob.add_user(theirs, "carol")


# R8: expelling

@pytest.mark.parametrize("form", ["uri", "header", "query", "bare"])
def test_R8_a_participant_is_expelled(scene, form):
    """It gets a BYE and may not return until it is invited again."""
    alice, bob = scene.people("alice", "bob")
    session, theirs = scene.conference(alice, bob)
    alice.expel_user(session, "bob", form)
    bob.wait_bye(timeout=WAIT)
    assert "Removed" in theirs.end_reason
    alice.wait_roster({"alice": "connected"}, timeout=WAIT)
    assert alice.roster.detail(bob.aor, "disconnection-method") in (
        "booted", "")
    refused(403, bob.rejoin, session.identity)
    alice.add_user(session, "bob")
    bob.wait_connected(2, timeout=WAIT)
    alice.wait_roster({"alice": "connected", "bob": "connected"},
                      timeout=WAIT)


def test_R8_several_are_expelled_and_others_added_in_one_list(scene):
    alice, bob, carol, dave = scene.people("alice", "bob", "carol", "dave")
    session, *theirs = scene.conference(alice, bob, carol)
    alice.refer_list(session, [
        Entry(f"{bob.aor}?method=BYE"), Entry(f"{carol.aor};method=BYE"),
        Entry("sip:nobody@localhost;method=BYE"), Entry(dave.aor)])
    for client in (bob, carol):
        client.wait_bye(timeout=WAIT)
    dave.wait_connected(timeout=WAIT)
    alice.wait_roster({"alice": "connected", "dave": "connected"},
                      timeout=WAIT)


def test_R8_who_may_not_expel(scene):
    """And nobody expels by naming someone who is not there."""
    alice, bob, carol = scene.people("alice", "bob", "carol")
    session, theirs, _ = scene.conference(alice, bob, carol)
    refused(403, bob.expel_user, theirs, "carol")
    refused(403, bob.expel_users, session.identity, ["carol"])
    refused(404, alice.expel_user, session, "nobody")
    refused(404, alice.expel_users, session, ["nobody", "no-one"])
    told = alice.refer(session, [("Refer-To", f"<{carol.aor};method=BYE>")])
    assert told.wait_final() == 200
    refused(404, alice.expel_user, session, "carol")
    assert theirs.state == "connected"


def test_R8_the_expelled_do_not_watch_on(scene):
    """Their subscription ends, and no new one is made."""
    alice, bob = scene.people("alice", "bob")
    session, _ = scene.conference(alice, bob)
    alice.expel_user(session, "bob")
    watching = bob.subscriptions[-1]
    watching.wait_state("terminated", timeout=WAIT)
    assert watching.reason == "rejected"
    refused(403, bob.subscribe, session.identity)


@pytest.mark.parametrize("answer", [Answer.ringing(), Answer.late()],
                         ids=["cancelled", "crossed"])
def test_R8_who_rings_is_expelled(scene, answer):
    """CANCEL, and a BYE for the 200 that crossed it."""
    alice = scene.client("alice")
    bob = scene.client("bob", answer=answer)
    session = alice.initiate_ad_hoc_conference([])
    told = alice.add_user(session, "bob", subscribe=True)
    told.wait_status(180)
    alice.expel_user(session, "bob")
    bob.wait_request("CANCEL", timeout=WAIT)
    assert told.wait_final() == 487
    theirs = bob.wait_invited()
    if answer.answers_cancel_with_200:
        # its leg was closed before it came
        scene.expect_problem("bind refused with 481")
        bob.wait_bye(theirs, timeout=WAIT)
    else:
        theirs.wait_state("failed", timeout=WAIT)
    alice.wait_roster({"alice": "connected"}, timeout=WAIT)


# Faults

def test_R4_the_conference_ends_while_a_REFER_is_under_way(scene):
    """Inside and outside the dialog its sender is told, once."""
    alice = scene.client("alice")
    bob = scene.client("bob", answer=Answer.ringing())
    session = alice.initiate_ad_hoc_conference([])
    inside = alice.add_user(session, "bob", subscribe=True)
    outside = alice.add_user(session.identity, "bob", subscribe=True)
    for referral in (inside, outside):
        referral.wait_status(180)
    scene.server.rpc("imconf.end", session.identity)
    assert inside.wait_final() in (180, 487)
    assert outside.wait_final() == 487
    bob.wait_invited().wait_state("failed", timeout=WAIT)
    refused(404, alice.add_user, session.identity, "bob")


def test_R4_its_sender_leaves_while_it_is_under_way(scene):
    alice, carol = scene.people("alice", "carol")
    bob = scene.client("bob", answer=Answer.ringing())
    session, _ = scene.conference(alice, carol)
    referral = alice.add_user(session, "bob", subscribe=True)
    referral.wait_status(180)
    alice.leave(session)
    bob.wait_invited().accept()
    carol.wait_roster({"carol": "connected", "bob": "connected"},
                      timeout=WAIT)


BAD_REFER_TO = [
    [], [("Refer-To", "<sip:a@x>"), ("Refer-To", "<sip:b@x>")],
    [("Refer-To", "<sip:a@x>, <sip:b@x>")],
    [("Refer-To", "<sip:a@x>"), ("r", "<sip:b@x>")],
    [("Refer-To", "<http://example.com/>")], [("Refer-To", "<sip:>")],
    [("Refer-To", "<sip:bob@x")], [("Refer-To", "")],
    [("Refer-To", "<sip:bob@localhost;method=MESSAGE>")],
    [("Refer-To", "<cid:nothing@x>")], [("Refer-To", "<cid:>")],
    [("Refer-To", "<cid:%0d%0aX:y>")],
    [("Refer-To", f"<cid:{'x' * 4000}>")],
    [("Refer-To", f"<sip:{'x' * 4000}@x>")],
]


def test_R1_what_nobody_can_do_is_a_bad_request(scene):
    """Refer-To missing, twice, malformed; pointers to nothing."""
    alice = scene.client("alice")
    session = alice.initiate_ad_hoc_conference([])
    for headers in BAD_REFER_TO:
        refused(400, alice.refer, session, headers)
    refused(403, alice.add_user, session, session.identity)
    assert session.request("OPTIONS").wait(WAIT).status == 200
    assert list(invited(scene, session)) == ["alice"]


def test_R3_hostile_lists(scene):
    alice, bob = scene.people("alice", "bob")
    session = alice.initiate_ad_hoc_conference([])
    xml = resource_list.build([Entry(bob.aor)])
    here = [("Refer-To", "<cid:a@x>"), ("Require", "multiple-refer")]
    named = [*here, ("Content-ID", "<a@x>")]
    kind = resource_list.MEDIA_TYPE
    for status, headers, body, content_type in [
            (400, named, b"<resource-lists", kind),
            (400, named, resource_list.build([]), kind),
            (400, named, b"", ""),
            (400, here, xml, kind),
            (400, [*here, ("Content-ID", "<A@x>")], xml, kind),
            (400, named, xml.replace(b"sip:", b"http:"), kind),
            (400, named, b"v=0\r\n", "application/sdp"),
            (415, named, xml, "application/octet-stream"),
            (415, [*named, ("Content-Encoding", "gzip")], xml, kind),
            (400, named, xml, "multipart/mixed;boundary=none"),
            (420, [*named, ("Require", "telepathy")], xml, kind)]:
        refused(status, alice.refer, session, headers, body=body,
                content_type=content_type)
    assert bob.requests("INVITE") == []
    alice.refer(session, named, body=xml, content_type=kind)
    bob.wait_connected(timeout=WAIT)


def test_R1_a_REFER_in_the_wrong_dialog(scene):
    """In that of a subscription 405, in none that we know 481."""
    alice, bob = scene.people("alice", "bob")
    session = alice.initiate_ad_hoc_conference([])
    alice.wait_roster({"alice": "connected"}, timeout=WAIT)
    headers = [("Refer-To", f"<{bob.aor}>")]
    dialog = session.subscription.dialog
    wrong = alice.send_in_dialog(dialog, dialog.request("REFER"), headers)
    assert wrong.wait(WAIT).status == 405
    unknown = alice.request("REFER", session.identity, headers,
                            to=f"<{session.identity}>;tag=nobody")
    assert unknown.wait(WAIT).status == 481
    factory = f"sip:conference-factory@{scene.server.domain}"
    refused(404, alice.add_user, factory, "bob")
    assert bob.requests("INVITE") == []


def test_R4_so_many_subscriptions_and_no_more(scene):
    """A dialog has a bounded number of them."""
    alice = scene.client("alice")
    bob = scene.client("bob", answer=Answer.ringing())
    session = alice.initiate_ad_hoc_conference([])
    for _ in range(16):
        alice.add_user(session, "bob", subscribe=True)
    caught = refused(480, alice.add_user, session, "bob", subscribe=True)
    assert caught.response.get("Retry-After")
    alice.expel_user(session, "bob")
    for referral in alice.referrals[:16]:
        assert referral.wait_final() == 487
    assert len({r.notifies[-1].get("Event")
                for r in alice.referrals[:16]}) == 16
    bob.wait_invited().wait_state("failed", timeout=WAIT)


def test_R1_allowed_and_supported_are_said(scene):
    alice = scene.client("alice")
    session = alice.initiate_ad_hoc_conference([])
    answer = session.response
    assert "refer" in answer.tokens("Allow")
    assert {"multiple-refer", "norefersub"} <= set(answer.tokens("Supported"))
