# SPDX-License-Identifier: GPL-2.0-or-later
"""Factory INVITEs: what the creator asks for and what the answer says."""

import re

import pytest

from imclient import (Entry, Options, Part, Refused, SdpTemplate, multipart,
                      resource_list, sdp)
from imclient.sip_message import params_of
from bodies import body_of, description, listing, refused
from kamailio import ADDRESS
from ports import free_ports

CPIM_LESS = SdpTemplate(accept_types="text/plain")
LISTS = resource_list.LISTS


def entities(scene, session) -> list[str]:
    """Who is on the conference's list, in any state."""
    shown = scene.server.show(session.identity)
    return sorted(p["entity"] for p in shown["participants"])


# A1

def test_A1_every_factory_uri_makes_a_conference(stage):
    scene = stage(params={"factory_uri": "sip:rooms@chat.example.org"})
    alice = scene.client("alice")
    for factory in (scene.server.factory, "sip:rooms@chat.example.org",
                    "sip:rooms@CHAT.example.org;user=ip"):
        session = alice.initiate_ad_hoc_conference([], factory=factory)
        assert session.is_focus


def test_A1_an_invite_to_somebody_else_is_not_ours(scene):
    alice, bob = scene.people("alice", "bob")
    session = alice.invite("bob")
    assert not session.is_focus
    assert scene.server.statistics()["created"] == 0
    bob.wait_connected()


# A2

def test_A2_duplicates_and_own_uris_are_dropped(scene):
    alice, bob = scene.people("alice", "bob")
    other = alice.initiate_ad_hoc_conference([])
    at = scene.server.domain
    session = alice.initiate_ad_hoc_conference([
        f"sip:bob@{at}", f"SIP:bob@{at}", f"sip:%62ob@{at}",
        f"sip:alice@{at}", scene.server.factory, other.identity])
    bob.wait_connected()
    alice.wait_roster({"alice": "connected", "bob": "connected"},
                      subscription=session.subscription)
    assert entities(scene, session) == [f"sip:alice@{at}", f"sip:bob@{at}"]
    assert len(bob.requests("INVITE")) == 1
    scene.wait_statistic("invites", 1)


def test_A2_nested_lists_count_as_one(scene):
    alice, bob, carol = scene.people("alice", "bob", "carol")
    at = scene.server.domain
    session = alice.initiate_ad_hoc_conference([], list_xml=f"""\
<?xml version="1.0" encoding="UTF-8"?>
<resource-lists xmlns="{LISTS}">
  <list name="friends">
    <entry uri="sip:bob@{at}"><display-name>Bob</display-name></entry>
    <list name="close"><list><entry uri="sip:carol@{at}"/></list></list>
  </list>
</resource-lists>""".encode())
    for one in (bob, carol):
        one.wait_connected()
    assert len(entities(scene, session)) == 3


def test_A2_tel_uris_are_invited(scene):
    alice = scene.client("alice")
    session = alice.initiate_ad_hoc_conference(
        ["tel:+4930123456", "tel:+49-30-123456"])
    scene.wait_statistic("invites_failed", 1)
    shown = scene.server.show(session.identity)["participants"]
    assert [(p["entity"], p["state"], p["code"]) for p in shown[1:]] == [
        ("tel:+4930123456", "gone", 403)]


def test_A2_history_tells_of_to_and_cc_only(scene):
    alice, bob = scene.people("alice", "bob")
    at = scene.server.domain
    alice.initiate_ad_hoc_conference([
        Entry(f"sip:bob@{at}", "to", "Bob"), Entry(f"sip:carol@{at}", "cc"),
        Entry(f"sip:dave@{at}", "bcc"), Entry(f"sip:erin@{at}", ""),
        Entry(f"sip:frank@{at}", "to", anonymize=True)])
    invite = bob.wait_connected().invite
    part = multipart.find(invite, resource_list.MEDIA_TYPE)
    disposition = dict(part.headers)["Content-Disposition"]
    assert disposition.split(";")[0] == "recipient-list-history"
    assert params_of(disposition)["handling"] == "optional"
    told = {(e.uri, e.copy, e.count) for e in resource_list.parse(part.body)}
    assert told == {(f"sip:bob@{at}", "to", 0), (f"sip:carol@{at}", "cc", 0),
                    ("sip:anonymous@anonymous.invalid", "to", 1)}


def test_A2_without_copy_control_nobody_is_told_of(scene):
    alice, bob = scene.people("alice", "bob")
    at = scene.server.domain
    alice.initiate_ad_hoc_conference([Entry(f"sip:bob@{at}", "")])
    invite = bob.wait_connected().invite
    assert multipart.find(invite, resource_list.MEDIA_TYPE) is None
    assert multipart.find(invite, "application/sdp") is not None


# A3

@pytest.mark.server(params={"max_participants": 3})
def test_A3_list_over_the_limit_is_refused_before_anyone_is_invited(scene):
    alice, bob = scene.people("alice", "bob")
    refusal = refused(alice, ["bob", "carol", "dave"])
    assert refusal.status == 486
    statistics = scene.server.statistics()
    assert (statistics["invites"], statistics["created"]) == (0, 0)
    assert bob.requests("INVITE") == []


@pytest.mark.server(params={"max_participants": 3})
def test_A3_only_different_users_count(scene):
    alice, bob, carol = scene.people("alice", "bob", "carol")
    at = scene.server.domain
    alice.initiate_ad_hoc_conference(
        ["bob", "carol", f"SIP:bob@{at}", f"sip:alice@{at}"])
    for one in (bob, carol):
        one.wait_connected()


@pytest.mark.server(params={"max_participants": 2, "size_refusal_code": 403})
def test_A3_the_code_is_a_parameter(scene):
    assert refused(scene.client("alice"), ["bob", "carol"]).status == 403


# A4

def test_A4_offer_without_cpim_gets_488(scene):
    alice = scene.client("alice", options=Options(sdp=CPIM_LESS))
    assert refused(alice, ["bob"]).status == 488


@pytest.mark.parametrize("types", [
    "message/CPIM", "Message/cpim text/plain", "*", "text/plain *"])
def test_A4_types_compare_without_case(scene, types):
    alice = scene.client("alice", options=Options(
        sdp=SdpTemplate(accept_types=types)))
    session = alice.initiate_ad_hoc_conference([])
    session.leg.wait_bound()


def test_A4_offer_without_msrp_gets_488(scene):
    audio = (b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n"
             b"c=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n")
    assert refused(scene.client("alice"), ["bob"], sdp=audio).status == 488


def test_A4_answer_carries_the_real_address(scene):
    alice = scene.client("alice")
    session = alice.initiate_ad_hoc_conference([])
    response = session.response
    assert response.get("Content-Type") == "application/sdp"
    media = sdp.parse(response.body)
    assert (media.host, media.protocol) == (ADDRESS, "TCP/MSRP")
    assert media.path.startswith(f"msrp://{ADDRESS}:{media.port}/")
    assert [t.lower() for t in media.accept_types] == ["message/cpim"]
    assert media.port >= scene.server.msrp_port


@pytest.mark.parametrize("offered, answered", [
    ("actpass", "passive"), ("active", "passive"), ("passive", "active"),
    ("", "passive")])
def test_A4_setup_is_answered(scene, offered, answered):
    alice, bob = (scene.client(user, options=Options(setup=offered))
                  for user in ("alice", "bob"))
    mine, _ = scene.conference(alice, bob)
    assert sdp.parse(mine.response.body).setup == answered
    assert mine.send_text("hello").wait() == 200
    bob.wait_message("hello")


def test_A4_clients_may_connect_to_the_media_line(scene):
    alice = scene.client("alice", options=Options(connect_to="media"))
    bob = scene.client("bob", options=Options(connect_to="media"))
    mine, _ = scene.conference(alice, bob)
    assert mine.send_text("hello").wait() == 200
    bob.wait_message("hello")


# A5 to A7

def test_A5_creator_is_answered_before_invitees(stage):
    """Both messages reach one socket, so their order is that of the wire."""
    port = free_ports(1)
    scene = stage(params={"outbound_proxy": f"sip:{ADDRESS}:{port}"})
    alice = scene.client("alice", port=port)
    alice.initiate_ad_hoc_conference(["bob"])
    alice.wait_connected()
    seen = [f"{entry.message.status or ''}{entry.message.method}"
            for entry in alice.log if entry.direction == "received"
            and hasattr(entry.message, "cseq")
            and entry.message.cseq[1] == "INVITE"
            and entry.message.status != 100]
    assert seen == ["200INVITE", "INVITE"]


def test_A5_invitees_are_called_in_parallel(scene):
    alice = scene.client("alice")
    others = scene.people("bob", "carol", "dave", "erin")
    for one in others:
        one.answer = one.answer.ringing()
    alice.initiate_ad_hoc_conference([one.user for one in others])
    for one in others:
        one.wait_invited()
    for one in others:
        one.sessions[0].accept()
        one.wait_connected()


def test_A6_session_identities_are_fresh(scene):
    alice = scene.client("alice")
    identities = [alice.initiate_ad_hoc_conference([]).identity
                  for _ in range(5)]
    assert len(set(identities)) == 5
    for identity in identities:
        user, _, host = identity.removeprefix("sip:").partition("@")
        assert host == scene.server.domain
        assert re.fullmatch(r"conf-\d[0-9a-f]{32}", user)


def test_A7_creator_can_send_before_anyone_answered(scene):
    alice, bob = scene.people("alice", "bob")
    bob.answer = bob.answer.ringing()
    session = alice.initiate_ad_hoc_conference(["bob"])
    bob.wait_invited()
    assert session.send_text("anybody there?").wait() == 200
    bob.sessions[0].accept()
    bob.wait_connected().leg.wait_bound()
    assert session.send_text("hello").wait() == 200
    bob.wait_message("hello")
    assert [m.text for m in bob.messages] == ["hello"]


# G

def test_G1_invitations_ask_for_im_phones(scene):
    alice, bob = scene.people("alice", "bob")
    scene.conference(alice, bob)
    invite = bob.requests("INVITE")[0]
    assert invite.get("Accept-Contact") == "*;+g.oma.sip-im"


@pytest.mark.server(params={"server_token": "IM-serv/OMA2.0"})
def test_G2_server_and_user_agent_name_the_release(scene):
    alice, bob = scene.people("alice", "bob")
    mine, _ = scene.conference(alice, bob)
    name = r"IM-serv/OMA2\.0 imconf/\S+"
    assert re.fullmatch(name, mine.response.get("Server"))
    for method in ("INVITE", "NOTIFY"):
        request = bob.wait_request(method)
        assert re.fullmatch(name, request.get("User-Agent"))
        assert not request.get("Server")


def test_G3_allow_says_what_is_served(scene):
    alice, bob = scene.people("alice", "bob")
    mine, _ = scene.conference(alice, bob)
    for message in (mine.response, bob.requests("INVITE")[0]):
        methods = {m.upper() for m in message.tokens("Allow")}
        assert methods >= {"INVITE", "ACK", "BYE", "CANCEL", "OPTIONS",
                           "SUBSCRIBE"}


def test_G4_G9_contact_is_the_session_identity(scene):
    alice, bob = scene.people("alice", "bob")
    mine, _ = scene.conference(alice, bob)
    contact = f"<{mine.identity}>;isfocus;+g.oma.sip-im"
    # what forms no dialog names none
    for message in alice.responses("INVITE", 100):
        assert (message.get("Contact"), message.to_tag) == ("", "")
    assert not alice.received(lambda m: not m.is_request
                              and 100 < m.status < 200)
    for message in (mine.response, bob.requests("INVITE")[0],
                    alice.wait_response("SUBSCRIBE", 200),
                    bob.wait_request("NOTIFY")):
        assert message.get_all("Contact") == [contact]


def test_G6_unknown_require_gets_420(scene):
    alice = scene.client("alice")
    refusal = refused(alice, ["bob"], headers=[
        ("Require", "recipient-list-invite, teleport"),
        ("Require", "foo")])
    assert refusal.status == 420
    assert refusal.response.tokens("Unsupported") == {"teleport", "foo"}


def test_G6_supported_lists_what_may_be_required(scene):
    alice = scene.client("alice")
    session = alice.initiate_ad_hoc_conference([])
    supported = session.response.tokens("Supported")
    assert "recipient-list-invite" in supported
    alice.initiate_ad_hoc_conference(
        [], headers=[("Require", ", ".join(supported))])


def test_G8_bare_sdp_makes_a_conference_of_one(scene):
    alice = scene.client("alice")
    part = description(alice)
    session = alice.initiate_ad_hoc_conference(
        [], body=(part.content_type, part.body),
        headers=[("Require", None)])
    assert entities(scene, session) == [alice.aor]


def test_G8_nested_multipart_is_read(scene):
    alice, bob = scene.people("alice", "bob")
    inner = body_of(description(alice), Part("text/plain", b"hi", [
        ("Content-Disposition", "render;handling=optional")]),
        boundary="inner")
    outer = body_of(Part(*inner), listing(bob.aor), boundary="outer")
    alice.initiate_ad_hoc_conference([], body=outer)
    bob.wait_connected()


@pytest.mark.parametrize("options", [
    Options(list_first=True), Options(part_lengths=False),
    Options(compact=True)])
def test_G8_multipart_in_any_form(scene, options):
    alice = scene.client("alice", options=options)
    bob = scene.client("bob")
    scene.conference(alice, bob)


def test_G8_boundaries_may_be_quoted(scene):
    alice, bob = scene.people("alice", "bob")
    _, body = body_of(description(alice), listing(bob.aor),
                      boundary="a b:c")
    alice.initiate_ad_hoc_conference(
        [], body=('multipart/mixed; boundary="a b:c"', body))
    bob.wait_connected()


def test_G8_optional_parts_are_ignored(scene):
    extra = Part("application/x-unknown", b"\0\1\2", [
        ("Content-Disposition", "icon;handling=optional")])
    alice = scene.client("alice", options=Options(extra_parts=[extra]))
    bob = scene.client("bob")
    scene.conference(alice, bob)


def test_G13_options_are_answered(scene):
    alice = scene.client("alice")
    session = alice.initiate_ad_hoc_conference([])
    for uri in (scene.server.factory, session.identity):
        response = alice.query(uri)
        assert response.status == 200
        assert "isfocus" in params_of(response.get("Contact"))
        assert "INVITE" in response.values("Allow")
        assert "recipient-list-invite" in response.tokens("Supported")
        assert "application/resource-lists+xml" in response.tokens("Accept")
        assert "multipart/mixed" in response.tokens("Accept")
        assert response.to_tag


def test_G13_options_to_nobody_get_404(scene):
    nobody = f"sip:conf-0{'0' * 32}@{scene.server.domain}"
    assert scene.client("alice").query(nobody).status == 404


def test_J1_invite_to_an_unknown_session_identity_gets_404(scene):
    alice = scene.client("alice")
    with pytest.raises(Refused) as caught:
        alice.invite(f"sip:conf-0{'0' * 32}@{scene.server.domain}")
    assert caught.value.status == 404
