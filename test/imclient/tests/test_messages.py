# SPDX-License-Identifier: GPL-2.0-or-later
"""Tables for the parsers: SIP, multipart, SDP, CPIM, lists, digest."""

import pytest

from imclient import cpim, digest, multipart, resource_list, sdp
from imclient import sip_message
from imclient.dialog import Dialog, reply_address
from imclient.multipart import Part
from imclient.resource_list import Entry
from imclient.sip_message import SipMessage

INVITE = (b"INVITE sip:bob@example.com SIP/2.0\r\n"
          b"v: SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bK1;rport\r\n"
          b"Via: SIP/2.0/TCP 10.0.0.2;branch=z9hG4bK2, "
          b"SIP/2.0/UDP h;branch=z9hG4bK3\r\n"
          b'f: "A, \\"B\\" <x>" <sip:alice@example.com;tag=no>;tag=1\r\n'
          b"t: sip:bob@example.com;tag=2\r\n"
          b"Subject: folded\r\n\t text\r\n"
          b"i: abc\r\nCSeq: 7 INVITE\r\nl: 3\r\n\r\nxyzrest")


def test_parse_compact_folded_lists_and_length():
    message = sip_message.parse(INVITE)
    assert message.method == "INVITE" and message.uri == "sip:bob@example.com"
    assert [v.split()[0] for v in message.values("Via")] == [
        "SIP/2.0/UDP", "SIP/2.0/TCP", "SIP/2.0/UDP"]
    assert (message.from_tag, message.to_tag) == ("1", "2")
    assert message.get("Subject") == "folded text"
    assert message.body == b"xyz" and message.cseq == (7, "INVITE")
    assert message.branch == "z9hG4bK1"


@pytest.mark.parametrize("data", [
    b"", b"hello", b"INVITE sip:x SIP/2.0\r\nA: b\r\n",
    b"INVITE  SIP/2.0\r\nA: b\r\n\r\n", b"INVITE x SIP/2.0\r\nnocolon\r\n\r\n",
    b"SIP/2.0 abc OK\r\nA: b\r\n\r\n",
    b"BYE sip:x SIP/2.0\r\nContent-Length: 9\r\n\r\nshort",
])
def test_parse_refuses(data):
    with pytest.raises(sip_message.SipSyntaxError):
        sip_message.parse(data)


def test_stream_framing_takes_pieces_and_keepalives():
    frame = b"BYE sip:x SIP/2.0\r\nContent-Length: 2\r\n\r\nab"
    buffer, taken = bytearray(), []
    for octet in b"\r\n\r\n" + frame + b"\r\n" + frame:
        buffer.append(octet)
        while (found := sip_message.take_frame(buffer)) is not None:
            taken.append(found)
    assert taken == [frame, frame] and not buffer


def test_set_replaces_in_place_and_compact_encodes():
    message = SipMessage("BYE x SIP/2.0", [("i", "1"), ("To", "a"),
                                           ("TO", "b")])
    message.set("to", "c")
    message.set("Call-ID", None)
    assert message.headers == [("To", "c")]
    assert b"\r\nt: c\r\n" in message.encode(compact=True)


@pytest.mark.parametrize("uri,expected", [
    ("sip:a@1.2.3.4:99;transport=tcp?x=y", ("a", "1.2.3.4", 99, "tcp")),
    ("sip:example.com", ("", "example.com", 5060, "")),
    ("sips:a;b=c@[::1]:5", ("a;b=c", "[::1]", 5, "")),
])
def test_uri(uri, expected):
    parts = sip_message.parse_uri(uri)
    assert (parts.user, parts.host, parts.port,
            parts.params.get("transport", "")) == expected
    assert sip_message.parse_uri("tel:+1") is None


@pytest.mark.parametrize("via,expected", [
    ("SIP/2.0/UDP 9.9.9.9:7;branch=z;rport", ("1.1.1.1", 5)),
    ("SIP/2.0/UDP 9.9.9.9:7;branch=z", ("1.1.1.1", 7)),
    ("SIP/2.0/UDP 9.9.9.9;branch=z", ("1.1.1.1", 5060)),
])
def test_reply_address(via, expected):
    request = SipMessage("BYE x SIP/2.0", [("Via", via)])
    assert reply_address(request, ("1.1.1.1", 5)) == expected


def test_dialog_routes_are_reversed_for_the_caller():
    invite = SipMessage("INVITE sip:f SIP/2.0", [
        ("From", "<sip:a>;tag=1"), ("To", "<sip:f>"), ("Call-ID", "c"),
        ("CSeq", "4 INVITE")])
    dialog = Dialog.from_request(invite)
    dialog.confirm(SipMessage("SIP/2.0 200 OK", [
        ("To", "<sip:f>;tag=9"), ("Contact", "<sip:x@h:1>;isfocus"),
        ("Record-Route", "<sip:p2;lr>, <sip:p1;lr>")]))
    bye = dialog.request("BYE")
    assert bye.uri == "sip:x@h:1" and bye.cseq == (5, "BYE")
    assert bye.get_all("Route") == ["<sip:p1;lr>", "<sip:p2;lr>"]
    assert dialog.next_hop() == "sip:p1;lr"
    assert dialog.request("ACK", 4).cseq == (4, "ACK")
    assert dialog.local_cseq == 5


def test_multipart_round_trip_and_nesting():
    inner_type, inner = multipart.build([Part("text/plain", b"deep")], "in")
    content_type, body = multipart.build(
        [Part("application/sdp", b"v=0\r\n"), Part(inner_type, inner),
         Part("application/xml;charset=x", b"<a/>",
              [("Content-Disposition", "recipient-list")])],
        lengths=False)
    message = SipMessage("INVITE x SIP/2.0", [("c", content_type)], body)
    parts = multipart.parts_of(message)
    assert [p.body for p in parts] == [b"v=0\r\n", b"deep", b"<a/>"]
    assert multipart.find(message, "application/xml").headers[1][1] == \
        "recipient-list"
    assert multipart.find(message, "image/png") is None


SDP = (b"v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\n"
       b"m=audio 4000 RTP/AVP 0\r\n")
MSRP_LINES = (b"m=message 9 TCP/MSRP *\r\nc=IN IP4 10.0.0.2\r\n"
              b"a=accept-types:Message/CPIM text/plain\r\n"
              b"a=setup:active\r\na=path:msrp://10.0.0.2:7/s;tcp\r\n")


def test_sdp_parse_and_build():
    built = sdp.parse(sdp.build(sdp.SdpTemplate(), "1.2.3.4", 99,
                                "msrp://1.2.3.4:99/x;tcp", "actpass"))
    assert (built.host, built.port, built.setup) == ("1.2.3.4", 99, "actpass")
    assert built.accepts("message/CPIM") and not built.accepts("text/plain")
    active = sdp.build(sdp.SdpTemplate(), "1.2.3.4", 99, "p", "active")
    assert b"m=message 9 " in active
    media = sdp.parse(MSRP_LINES + MSRP_LINES)
    assert (media.host, media.port, media.path) == (
        "10.0.0.2", 9, "msrp://10.0.0.2:7/s;tcp")
    assert sdp.parse(SDP) is None


@pytest.mark.parametrize("offered,answer", [
    ("actpass", "active"), ("active", "passive"), ("passive", "active"),
    ("", "active")])
def test_answer_setup(offered, answer):
    assert sdp.answer_setup(offered) == answer


@pytest.mark.parametrize("local,remote,offerer,connects", [
    ("actpass", "passive", True, True), ("actpass", "active", True, False),
    ("actpass", "", True, True), ("active", "actpass", False, True),
    ("passive", "active", False, False), ("passive", "actpass", False, False),
    ("active", "", False, False)])
def test_who_connects(local, remote, offerer, connects):
    assert sdp.connects(local, remote, offerer) is connects


def test_cpim():
    message = cpim.text_message("hé\r\n\r\nllo", "sip:a@b")
    parsed = cpim.parse(message.encode())
    assert parsed == message
    assert parsed.content_type == "text/plain;charset=utf-8"
    assert cpim.parse(b"From: <sip:a>\r\n\r\nonly one block") is None


def test_resource_list_round_trip():
    entries = [Entry("sip:a@b?x=1&y=\"q\""), Entry("tel:+1", "", "<D> \"n\""),
               Entry("sip:c", "bcc", anonymize=True)]
    assert resource_list.parse(resource_list.build(entries)) == entries


def test_digest_of_rfc_2617():
    request = SipMessage("GET /dir/index.html SIP/2.0")
    challenge = SipMessage("SIP/2.0 401 U", [(
        "WWW-Authenticate", 'Digest realm="testrealm@host.com", '
        'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5c,c"')])
    assert digest.authorize(request, challenge, "Mufasa", "Circle Of Life")
    value = request.get("Authorization")
    assert 'response="670fd8c2df070c60b045671b8b24ff02"' in value
    assert 'opaque="5c,c"' in value
    challenge.set("WWW-Authenticate", "Basic realm=x")
    assert not digest.authorize(request, challenge, "a", "b")
