# SPDX-License-Identifier: GPL-2.0-or-later
"""Bad input, lost packets and overload: refused in time, and nothing stays."""

import socket
import subprocess
import sys
import time

import pytest

from imclient import IMClient, Options, Part, SipMessage, resource_list, sdp
from imclient.resource_list import LISTS
from bodies import body_of, description, listing, refused
from kamailio import ADDRESS, PATIENCE, ROOT, TM_DEFAULT, Frozen

AT_ONCE = 10.0      # seconds: sooner than any timer of tm or ours
LIST_TYPE = resource_list.MEDIA_TYPE


def factory_body(creator: IMClient, list_xml: bytes) -> tuple[str, bytes]:
    return body_of(description(creator), Part(LIST_TYPE, list_xml))


def refused_at_once(creator: IMClient, **options) -> SipMessage:
    began = time.monotonic()
    refusal = refused(creator, [], **options)
    assert time.monotonic() - began < AT_ONCE
    return refusal.response


def still_works(scene, creator: IMClient) -> None:
    """What was refused left nothing behind, and a good one passes."""
    assert scene.server.statistics()["conferences"] == 0
    creator.initiate_ad_hoc_conference([]).leg.wait_bound()


# Multipart

@pytest.mark.parametrize("damage", [
    lambda kind, body: (kind, body.replace(b"--boundary1--", b"")),
    lambda kind, body: (kind, body.replace(b"--boundary1\r\n", b"")),
    lambda kind, body: ("multipart/mixed", body),
    lambda kind, body: ("multipart/mixed;boundary=another", body),
    lambda kind, body: (kind, body[:200]),
    lambda kind, body: (kind, body.replace(b"Content-Type: ", b"Content")),
    lambda kind, body: (kind, b"")],
    ids=["no end", "no delimiters", "no boundary", "wrong boundary",
         "cut", "bad header", "empty"])
def test_G8_broken_multipart_gets_400(scene, damage):
    alice = scene.client("alice")
    body = damage(*body_of(description(alice), listing("sip:bob@x")))
    if body[1]:
        assert refused_at_once(alice, body=body).status == 400
    else:
        # as if there were none: our 200 makes the offer
        assert alice.initiate_ad_hoc_conference([], body=body).is_focus
        alice.sessions[0].leave()
        scene.wait_statistic("conferences", 0)
    still_works(scene, alice)


def test_G8_deeply_nested_multipart_gets_400_in_time(scene):
    alice = scene.client("alice", "tcp")
    body = body_of(description(alice))
    for level in range(300):
        body = body_of(Part(*body), boundary=f"level{level}")
    assert refused_at_once(alice, body=body).status == 400
    still_works(scene, alice)


def test_G8_a_thousand_parts_get_400_in_time(scene):
    alice = scene.client("alice", "tcp")
    parts = [Part("text/plain", b"x", [
        ("Content-Disposition", "render;handling=optional")])] * 500
    body = body_of(description(alice), *parts)
    assert refused_at_once(alice, body=body).status == 400
    still_works(scene, alice)


def test_G8_a_required_part_we_lack_gets_415_and_accept(scene):
    alice = scene.client("alice", options=Options(
        extra_parts=[Part("application/x-unknown", b"?")]))
    response = refused_at_once(alice)
    assert response.status == 415
    assert response.tokens("Accept") >= {
        "application/sdp", LIST_TYPE, "multipart/mixed"}


def test_G8_another_body_gets_415(scene):
    alice = scene.client("alice")
    response = refused_at_once(alice, body=("text/html", b"<p>"))
    assert response.status == 415
    assert "application/sdp" in response.tokens("Accept")


def test_G8_an_encoded_body_gets_415(scene):
    alice = scene.client("alice")
    response = refused_at_once(
        alice, headers=[("Content-Encoding", "deflate")])
    assert response.status == 415
    assert response.tokens("Accept-Encoding") == {"identity"}


# SDP

@pytest.mark.parametrize("text, status", [
    (b"hello", 400), (b"\0\1\2\3", 400), (b"v=0\r\n", (400, 488)),
    (b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
     b"m=message 0 TCP/MSRP *\r\nc=IN IP4 127.0.0.1\r\n"
     b"a=accept-types:message/cpim\r\na=path:msrp://127.0.0.1:9/x;tcp\r\n",
     488),
    (b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\n"
     b"t=0 0\r\nm=message 9 TCP/MSRP *\r\na=accept-types:message/cpim\r\n",
     488)], ids=["text", "binary", "short", "port 0", "no path"])
def test_A4_unusable_sdp_is_refused(scene, text, status):
    alice = scene.client("alice")
    expected = status if isinstance(status, tuple) else (status,)
    assert refused_at_once(alice, sdp=text).status in expected
    still_works(scene, alice)


def test_A4_without_offer_ours_comes_in_the_200(scene):
    alice, bob, carol = scene.people("alice", "bob", "carol")
    part = listing(bob.aor, carol.aor)
    session = alice.initiate_ad_hoc_conference(
        [], body=(part.content_type, part.body),
        headers=[("Content-Disposition", "recipient-list")])
    assert sdp.parse(session.response.body).setup == "actpass"
    # the client's ACK has no answer: it takes part without messages
    bobs, carols = bob.wait_connected(), carol.wait_connected()
    for one in (bobs, carols):
        one.leg.wait_bound()
    alice.wait_roster({u: "connected" for u in ("alice", "bob", "carol")})
    assert bobs.send_text("hello").wait() == 200
    carol.wait_message("hello")


def test_A4_the_answer_may_come_in_the_ack(scene):
    alice, bob = scene.people("alice", "bob")
    alice.options.ack = False
    part = listing(bob.aor)
    session = alice.initiate_ad_hoc_conference(
        [], body=(part.content_type, part.body))
    offer = sdp.parse(session.response.body)
    ack = session.dialog.request("ACK", session.invite.cseq[0])
    ack.add("Via", f"SIP/2.0/UDP {alice.ip}:{alice.port}"
            ";branch=z9hG4bKack;rport")
    ack.add("Max-Forwards", "70")
    ack.add("Content-Type", "application/sdp")
    ack.body = session.describe("active")
    ack.add("Content-Length", str(len(ack.body)))
    alice.send_raw(ack.encode())
    session.leg.start(offer.path, connect=True)
    session.leg.wait_bound()
    bob.wait_connected().leg.wait_bound()
    assert session.send_text("hello").wait() == 200
    bob.wait_message("hello")


# The list

BOMB = ('<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{"&" + chr(97 + n) + ";"}{"&" + chr(97 + n)};'
    f'{"&" + chr(97 + n) + ";"}{"&" + chr(97 + n)};">' for n in range(20))
    + f']><resource-lists xmlns="{LISTS}"><list>'
    '<entry uri="sip:&u;@x"/></list></resource-lists>').encode()


@pytest.mark.parametrize("xml", [
    b"", b"hello", b"<resource-lists>", b"<a/>",
    b'<resource-lists xmlns="' + LISTS.encode() + b'"><list>'
    b'<entry/></list></resource-lists>',
    b'<resource-lists xmlns="' + LISTS.encode() + b'"><list>'
    b'<entry uri="bob"/></list></resource-lists>',
    b'<resource-lists xmlns="' + LISTS.encode() + b'"><list>'
    b'<entry uri="sip:bob@x\0"/></list></resource-lists>',
    b'\xff\xfe<\0a\0/\0>\0', BOMB],
    ids=["empty", "text", "unclosed", "foreign", "no uri", "no such uri",
         "nul", "utf-16", "bomb"])
def test_A2_broken_lists_get_400_in_time(scene, xml):
    alice = scene.client("alice")
    response = refused_at_once(alice, body=factory_body(alice, xml))
    assert response.status == 400
    still_works(scene, alice)


def test_A2_deeply_nested_lists_get_400_in_time(scene):
    alice = scene.client("alice", "tcp")
    xml = (f'<resource-lists xmlns="{LISTS}">' + "<list>" * 4000
           + "</list>" * 4000 + "</resource-lists>").encode()
    response = refused_at_once(alice, body=factory_body(alice, xml))
    assert response.status == 400
    still_works(scene, alice)


@pytest.mark.parametrize("doctype", [
    '<!DOCTYPE r SYSTEM "{url}">',
    '<!DOCTYPE r [<!ENTITY x SYSTEM "{url}">]>',
    '<!DOCTYPE r [<!ENTITY % x SYSTEM "{url}"> %x;]>'])
def test_A2_external_entities_are_never_fetched(scene, doctype):
    alice = scene.client("alice")
    with socket.create_server((ADDRESS, 0)) as web:
        web.setblocking(False)
        url = "http://{}:{}/list.xml".format(*web.getsockname())
        xml = (doctype.format(url=url)
               + f'<resource-lists xmlns="{LISTS}"><list>'
               '<entry uri="sip:bob@x"><display-name>&x;</display-name>'
               '</entry></list></resource-lists>').encode()
        response = refused_at_once(alice, body=factory_body(alice, xml))
        assert response.status == 400
        with pytest.raises(BlockingIOError):
            web.accept()


def test_A2_references_are_not_followed(scene):
    alice, bob = scene.people("alice", "bob")
    with socket.create_server((ADDRESS, 0)) as web:
        web.setblocking(False)
        url = "http://{}:{}/list.xml".format(*web.getsockname())
        alice.initiate_ad_hoc_conference([], list_xml=(
            f'<resource-lists xmlns="{LISTS}"><list>'
            f'<external anchor="{url}"/><entry-ref ref="x/y"/>'
            f'<entry uri="{bob.aor}"/></list></resource-lists>').encode())
        bob.wait_connected()
        with pytest.raises(BlockingIOError):
            web.accept()


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_A3_a_list_of_60_KB_is_refused_at_once(scene, transport):
    alice = scene.client("alice", transport)
    uris = [f"sip:user{n:04}@conference.example.org" for n in range(860)]
    body = body_of(description(alice), listing(*uris))
    assert 58000 < len(body[1]) < 64000
    assert refused_at_once(alice, body=body).status == 486
    assert scene.server.statistics()["invites"] == 0
    still_works(scene, alice)


@pytest.mark.server(params={"max_participants": 1000})
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_A3_a_list_of_60_KB_within_the_limit_is_invited(scene, transport):
    alice, bob = scene.people("alice", "bob", transport=transport)
    at = scene.server.domain
    uris = [f"sip:user{n:04}@{at};x=yyyyyyyyyyyy" for n in range(760)]
    body = body_of(description(alice), listing(bob.aor, *uris))
    assert 58000 < len(body[1]) < 65000
    session = alice.initiate_ad_hoc_conference([], body=body)
    scene.wait_statistic("invites_failed", 760, timeout=20)
    shown = scene.server.show(session.identity)
    assert shown["present"] == 2
    assert {p["code"] for p in shown["participants"][2:]} == {404}
    # the list is too long to be repeated in every invitation
    invite = bob.wait_connected().invite
    assert invite.get("Content-Type") == "application/sdp"


def test_A5_endless_headers_are_cut_before_they_are_passed_on(scene):
    """Between characters, and short enough for any invitation."""
    alice, bob = scene.people("alice", "bob", transport="tcp")
    session = alice.initiate_ad_hoc_conference(
        ["bob"], subject="\u20ac" * 6000, contribution_id="a" * 6000,
        headers=[("Conversation-ID", "c" * 6000)])
    invite = bob.wait_connected().invite
    for name, letter in (("Subject", "\u20ac"), ("Contribution-ID", "a"),
                         ("Conversation-ID", "c")):
        value = invite.get(name)
        assert value == letter * len(value) and 100 < len(value) < 600
    alice.wait_roster({"alice": "connected", "bob": "connected"})
    assert alice.roster.subject == invite.get("Subject")
    assert scene.server.show(session.identity)["subject"] \
        == invite.get("Subject")


# Headers

def test_A5_no_contact_gets_400(scene):
    alice = scene.client("alice")
    response = refused_at_once(alice, headers=[("Contact", None)])
    assert response.status == 400
    still_works(scene, alice)


def test_A5_max_forwards_used_up_gets_483(scene):
    alice = scene.client("alice")
    response = refused_at_once(alice, headers=[("Max-Forwards", "0")])
    assert response.status == 483


@pytest.mark.parametrize("length", [-1, 1, 1000])
def test_A5_a_wrong_content_length_makes_no_conference(scene, length):
    alice = scene.client("alice")
    body = factory_body(alice, listing("sip:bob@x").body)
    session = alice.initiate_ad_hoc_conference(
        [], body=body, wait=False,
        headers=[("Content-Length", str(len(body[1]) + length))])
    response = session.exchange.wait()
    if length < 0:
        # RFC 3261 18.3: what lies behind the body is ignored; so the closing
        # delimiter is one hyphen short
        assert response.status in (200, 400)
    else:
        assert response.status == 400


def test_A5_line_breaks_in_headers_are_not_passed_on(scene):
    """A folded Subject is one line again in the invitation."""
    alice, bob = scene.people("alice", "bob")
    alice.initiate_ad_hoc_conference(
        ["bob"], headers=[("Subject", "one\r\n\tX-Evil: two")])
    invite = bob.wait_connected().invite
    assert invite.get_all("X-Evil") == []
    assert invite.get("Subject").startswith("one")


@pytest.mark.parametrize("data", [
    b"", b"\r\n\r\n", b"INVITE", b"\0" * 500, b"INVITE sip: SIP/2.0\r\n\r\n",
    b"INVITE {factory} SIP/2.0\r\n\r\n",
    b"INVITE {factory} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9\r\n"
    b"From: x\r\nTo: y\r\nCall-ID: z\r\nCSeq: 1 INVITE\r\n\r\n",
    b"ACK {factory} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK1"
    b"\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: z\r\n"
    b"CSeq: 99999999999 ACK\r\n\r\n"],
    ids=["nothing", "lines", "word", "zeros", "no uri", "no headers",
         "no tags", "wild ACK"])
def test_A5_datagrams_that_are_no_sip_do_no_harm(scene, data):
    scene.expect_log("")        # the core complains of them as it likes
    alice = scene.client("alice")
    raw = data.replace(b"{factory}", scene.server.factory.encode())
    for _ in range(10):
        alice.send_raw(raw)
    still_works(scene, alice)


# Overload

@pytest.mark.server(workers=1, params={"mailbox_size": 16})
def test_A5_a_full_mailbox_is_answered_at_once(scene):
    alice = scene.client("alice", options=Options(subscribe=False))
    with Frozen(scene.server):
        sessions = [alice.initiate_ad_hoc_conference([], wait=False)
                    for _ in range(40)]
        alice.wait_for(
            lambda: sum(s.exchange.final is not None
                        for s in sessions) >= 24,
            timeout=AT_ONCE, what="24 answers")
        refusals = [s.exchange.final for s in sessions if s.exchange.final]
    assert {r.status for r in refusals} == {480}
    assert all(int(r.get("Retry-After")) > 0 for r in refusals)
    answers = [s.exchange.wait().status for s in sessions]
    assert answers.count(200) == 40 - len(refusals)
    assert scene.server.statistics()["mailbox_full"] >= len(refusals)
    for session in sessions:
        if session.exchange.final.status == 200:
            # it may be full once more, of copies of the ACKs that it refused
            scene.poll(lambda s=session: s.bye().wait().status == 200,
                       PATIENCE, "the end of a session")


# Loss

@pytest.mark.slow
def test_A5_every_third_sip_datagram_is_lost(scene):
    alice, bob, carol = scene.people("alice", "bob", "carol")
    for client in (alice, bob, carol):
        client.hooks.append(lossy())
    mine, bobs, carols = scene.conference(alice, bob, carol)
    for session in (bobs, carols, mine):
        session.leave()
        session.client.hooks.clear()


def lossy():
    """A hook that loses every third SIP message, in either direction."""
    seen = [0]

    def hook(_direction, message) -> bool:
        if not isinstance(message, SipMessage):
            return True
        seen[0] += 1
        return seen[0] % 3 != 0
    return hook


@pytest.mark.slow
@pytest.mark.server(config=TM_DEFAULT)
def test_A5_conferences_with_30_percent_packet_loss(scene):
    """SIPp's creators and invited users; see test/sipp/loss.py."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "test" / "sipp" / "loss.py"),
         ADDRESS, str(scene.server.port)],
        capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    scene.wait_statistic("created", 200)
    scene.wait_statistic("conferences", 0, timeout=40)
