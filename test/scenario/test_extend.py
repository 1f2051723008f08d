# SPDX-License-Identifier: GPL-2.0-or-later
"""Extending a 1-to-1 session to a conference, and founding again a conference
that lives."""

import pytest

from imclient import Entry, Part, Refused, multipart, resource_list
from imclient.sip_message import SipMessage, address_uri

LOST = "87134@192.0.2.1;to-tag=24796;from-tag=x-1"
LOST_ESCAPED = "87134%40192.0.2.1%3Bto-tag%3D24796%3Bfrom-tag%3Dx-1"
LIST = resource_list.MEDIA_TYPE


def refusal(client, users, **options) -> int:
    with pytest.raises(Refused) as caught:
        client.initiate_ad_hoc_conference(users, **options)
    return caught.value.response.status


def invitation(client) -> SipMessage:
    return client.wait_connected().invite


def history(invite: SipMessage) -> list[str]:
    part: Part | None = multipart.find(invite, LIST)
    return [e.uri for e in resource_list.parse(part.body)] if part else []


# E1-E3

def test_E1_E3_a_chat_of_two_becomes_a_conference_and_ends(scene):
    alice, bob, carol = scene.people("alice", "bob", "carol")
    two = alice.invite("bob")
    theirs = bob.wait_connected()
    two.wait_bound()
    assert two.send_text("shall we ask carol?").wait() == 200
    value = two.replaces()
    mine = alice.extend_to_conference(two, ["carol"])
    bobs = bob.wait_connected(2)
    assert bobs.invite.get("Replaces") == value
    assert address_uri(bobs.invite.get("Referred-By")) == alice.aor
    assert bobs.invite.get_all("Require") == []
    assert history(bobs.invite) == [bob.aor, carol.aor]
    assert invitation(carol).get_all("Replaces") == []
    for old in (two, theirs):
        old.wait_state("ended")
    assert alice.requests("BYE")[0].call_id == two.dialog.call_id
    alice.wait_roster({u: "connected" for u in ("alice", "bob", "carol")})
    bobs.wait_bound()
    assert mine.send_text("the three of us").wait() == 200
    for client in (bob, carol):
        client.wait_message("the three of us")


@pytest.mark.server(params={"require_replaces": 1})
def test_E2_only_what_replaces_goes_into_the_invitation(scene):
    """The form of RCS too; the rest of the URI is the address."""
    alice, bob, carol = scene.people("alice", "bob", "carol")
    alice.initiate_ad_hoc_conference([
        Entry(f"{bob.aor};method=INVITE?Session-Replaces=0123abcd"
              "&Subject=buy&Route=%3Csip:evil.invalid%3E"),
        Entry(f"{carol.aor}?X-Other=1&Replaces={LOST_ESCAPED}")],
        subject="Lunch?")
    bobs, carols = invitation(bob), invitation(carol)
    assert bobs.get("Session-Replaces") == "0123abcd"
    assert bobs.get("Subject") == "Lunch?"
    assert bobs.get_all("Replaces") == bobs.get_all("Require") == []
    assert address_uri(bobs.get("To")) == bob.aor
    assert carols.get("Replaces") == LOST
    assert carols.get("Require") == "replaces"
    assert carols.get_all("X-Other") == []
    assert history(carols) == [bob.aor, carol.aor]
    alice.wait_roster({u: "connected" for u in ("alice", "bob", "carol")})


def test_E2_what_cannot_be_passed_on_is_refused(scene):
    """As a whole; nobody writes a line of our INVITEs."""
    alice, bob = scene.people("alice", "bob")
    for tail in ["?Replaces=a", "?Replaces=", ";method=BYE",
                 f"?Replaces={LOST_ESCAPED}&Replaces={LOST_ESCAPED}",
                 f"?Replaces={LOST_ESCAPED}%0d%0aX-Evil:%201",
                 "?Session-Replaces=1%0d%0aX-Evil:%201"]:
        assert refusal(alice, [Entry(bob.aor + tail)]) == 400, tail
    for headers in ([("Replaces", LOST), ("Replaces", LOST)],
                    [("Replaces", LOST), ("Join", LOST)],
                    [("Replaces", "nonsense")]):
        assert refusal(alice, ["bob"], headers=headers) == 400
    assert bob.requests("INVITE") == []
    assert scene.server.statistics()["created"] == 0


def test_E1_the_creators_own_replaces_is_meant_for_the_first(scene):
    alice, bob, carol = scene.people("alice", "bob", "carol")
    alice.initiate_ad_hoc_conference(
        ["bob", "carol"], headers=[("Replaces", LOST)])
    assert invitation(bob).get("Replaces") == LOST
    assert invitation(carol).get_all("Replaces") == []
    other = LOST.replace("x-1", "y")
    alice.initiate_ad_hoc_conference(
        ["bob", Entry(f"{carol.aor}?Replaces={LOST_ESCAPED}")],
        headers=[("Replaces", other)])
    assert bob.wait_connected(2).invite.get_all("Replaces") == []
    assert carol.wait_connected(2).invite.get("Replaces") == LOST


def test_E2_who_is_added_may_replace_a_session_too(scene):
    alice, bob, carol = scene.people("alice", "bob", "carol")
    session = alice.initiate_ad_hoc_conference([])
    said = session.request("REFER", [
        ("Refer-To", f"<{bob.aor}?Replaces={LOST_ESCAPED}&Subject=x>"),
        ("Refer-Sub", "false")]).wait()
    assert said.status == 200
    assert invitation(bob).get("Replaces") == LOST
    listed = resource_list.build([Entry(
        f"{carol.aor};method=INVITE?Session-Replaces=0123abcd")])
    said = session.request("REFER", [
        ("Refer-To", "<cid:x@y>"), ("Content-ID", "<x@y>"),
        ("Require", "multiple-refer, norefersub"),
        ("Content-Disposition", "recipient-list")], listed, LIST).wait()
    assert said.status == 200
    assert invitation(carol).get("Session-Replaces") == "0123abcd"
    for tail in ("?Replaces=a", "?Session-Replaces=1%0d%0aX:1"):
        said = session.request(
            "REFER", [("Refer-To", f"<{bob.aor}{tail}>")]).wait()
        assert said.status == 400


@pytest.mark.server(workers=1)
def test_E4_the_factory_replaces_a_dialog_of_ours(scene):
    """Its user leaves that conference for the new one."""
    alice, bob = scene.people("alice", "bob")
    mine, bobs = scene.conference(alice, bob)
    assert refusal(alice, [], headers=[("Replaces", bobs.replaces())]) == 403
    value = bobs.replaces()
    other = bob.initiate_ad_hoc_conference(
        ["alice"], headers=[("Replaces", value)])
    assert other.identity != mine.identity
    assert "cause=200" in bob.wait_bye(bobs).get("Reason")
    alice.wait_roster({"alice": "connected"},
                      subscription=mine.subscription)
    assert alice.wait_connected().invite.get_all("Replaces") == []
    assert refusal(bob, [], headers=[("Replaces", value)]) == 603


# Founding again

def test_J1_after_the_end_it_is_founded_anew(scene):
    alice, bob = scene.people("alice", "bob")
    first, bobs = scene.conference(alice, bob, contribution_id="c0ffee")
    bobs.bye().wait()
    first.bye().wait()
    scene.wait_statistic("conferences", 0)
    with pytest.raises(Refused) as caught:
        alice.rejoin(first.identity)
    assert caught.value.response.status == 404
    second = alice.initiate_ad_hoc_conference(
        ["bob"], contribution_id="c0ffee")
    assert second.identity != first.identity
    assert bob.wait_connected(2).invite.get("Contribution-ID") == "c0ffee"


def test_J1_what_lives_is_not_founded_twice(scene):
    """Whoever was in it comes back there, and its list is invited there."""
    alice, bob, carol = scene.people("alice", "bob", "carol")
    mine, bobs = scene.conference(alice, bob, contribution_id="c0ffee")
    bobs.bye().wait()
    again = bob.initiate_ad_hoc_conference(
        ["alice", "carol"], contribution_id="c0ffee")
    assert again.identity == mine.identity
    assert address_uri(invitation(carol).get("Referred-By")) == bob.aor
    alice.wait_roster({u: "connected" for u in ("alice", "bob", "carol")})
    again.wait_bound()
    carol.sessions[0].wait_bound()
    assert again.send_text("back").wait() == 200
    for client in (alice, carol):
        client.wait_message("back")
    assert alice.requests("INVITE") == []
    scene.wait_statistic("created", 1)


def test_J1_a_stranger_neither_learns_nor_enters(scene):
    alice, bob, mallory = scene.people("alice", "bob", "mallory")
    mine, bobs = scene.conference(alice, bob, contribution_id="c0ffee")
    theirs = mallory.initiate_ad_hoc_conference(
        [], contribution_id="c0ffee")
    assert theirs.identity != mine.identity
    # and does not stand between the others and their conference
    bobs.bye().wait()
    assert bob.initiate_ad_hoc_conference(
        [], contribution_id="c0ffee").identity == mine.identity
    alice.wait_roster({"alice": "connected", "bob": "connected"})


@pytest.mark.server(params={"max_participants": 3})
def test_J1_who_may_not_come_back_founds_nothing_either(scene):
    alice, bob, carol = scene.people("alice", "bob", "carol")
    mine, bobs, carols = scene.conference(
        alice, bob, carol, contribution_id="c0ffee")
    bobs.leave()
    assert refusal(bob, [], contribution_id="c0ffee") == 403
    carols.bye().wait()
    assert refusal(carol, ["dave", "erin"], contribution_id="c0ffee") == 486
    alice.wait_roster({"alice": "connected"})
    shown = scene.server.show(mine.identity)["participants"]
    assert [p["state"] for p in shown] == ["connected", "gone", "gone"]
