# SPDX-License-Identifier: GPL-2.0-or-later
"""The place of the server in a network: what a script maps to it, whom it
believes, what it tells whom, where its requests go (G12).

A client at ADDRESS is outside the trust domain, one at INSIDE within.
"""

from __future__ import annotations

import socket

import pytest

import group_documents
from group_documents import ANYBODY, USUAL, Rule
from imclient import Answer, Options, Refused, asserted, charging, leaked
from kamailio import ADDRESS, CONFIG, TIMERS, Frozen, Kamailio
from ports import free_ports

INSIDE = "127.0.0.3"
TEL = "tel:+33612345678"
VECTOR = ('icid-value="Ayret=yU0dm+6;O2";icid-generated-at=[2001:db8::1];'
          'orig-ioi="home1.net";transit-ioi="a.1,void"')
ICID = "Ayret=yU0dm+6;O2"
TRUSTING = pytest.mark.server(params={"trusted_peers": INSIDE})
# our own script is the next hop of invitations: here it is trusted, too
CORE = pytest.mark.server(params={
    "trusted_peers": [INSIDE, ADDRESS], "charging_ioi": "im.example.org"})
MAPPING = '''\
	if (is_method("INVITE|SUBSCRIBE") && !has_totag()) {
		if ($rU == "chat") $ru = "sip:conference-factory@" + $fd;
		if ($rU == "77") $ru = "sip:group-short@" + $rd + ":" + $rp;
	}
	route(IMCONF);
'''


def script(replaced: str, by: str) -> str:
    """The shipped configuration with one line of its script changed."""
    text = CONFIG.read_text()
    assert replaced in text
    return text.replace(replaced, by, 1) + TIMERS


def user(scene, name: str) -> str:
    return f"sip:{name}@{scene.server.domain}"


def inside(scene, name: str, *also: str, **options):
    """A client in the trust domain that asserts its name and `also`."""
    return scene.client(name, local_ip=INSIDE, options=Options(
        asserted=(user(scene, name), *also), **options))


def meet(creator, invited, shown: str = "", users=None, **options):
    """A conference of two in which nothing is under way any more; `shown` is
    the creator's name there."""
    before = sum(s.incoming for s in invited.sessions)
    mine = creator.initiate_ad_hoc_conference(
        users or [invited.user], **options)
    theirs = invited.wait_connected(before + 1, timeout=15)
    seen = {shown or creator.user: "connected", invited.user: "connected"}
    for session in (mine, theirs):
        session.leg.wait_bound(15)
        if session.subscription is not None:
            session.client.wait_roster(
                seen, timeout=15, subscription=session.subscription)
    return mine, theirs


# The Request-URI is what the script made of it

def test_G12_a_script_maps_addresses_to_factory_and_group(stage, xdms):
    scene = stage(base=script("\troute(IMCONF);\n", MAPPING),
                  xdms_port=xdms.port)
    alice, bob = scene.people("alice", "bob")
    _, theirs = meet(
        alice, bob, factory=f"sip:chat@{scene.server.domain}")
    assert theirs.send_text("hello").wait() == 200
    alice.wait_message("hello")
    group = f"sip:group-short@{scene.server.domain}"
    xdms.put(group, group_documents.group(
        group, [user(scene, "bob")], rules=[Rule(ANYBODY, USUAL)]))
    alice.options.subscribe = bob.options.subscribe = False
    legs = [alice.invite("77").leg, bob.wait_connected(2, timeout=15).leg]
    for leg in legs:
        leg.wait_bound(15)
    watching = alice.subscribe("77")
    alice.wait_roster({"alice": "connected", "bob": "connected"}, timeout=15,
                      subscription=watching)
    assert {c["group"] for c in scene.server.conferences()} == {"", group}


def test_G12_a_mapped_invite_is_cancelled(stage):
    scene = stage(base=script("\troute(IMCONF);\n", MAPPING))
    alice = scene.client("alice")
    with Frozen(scene.server):
        pending = alice.initiate_ad_hoc_conference(
            ["bob"], factory=f"sip:chat@{scene.server.domain}", wait=False)
        pending.exchange.wait_status(100)
        cancel = pending.cancel()
    assert "imconf/" in cancel.wait().get("Server")     # not tm alone
    assert pending.exchange.wait().status in (200, 487)


# Who is believed

@TRUSTING
def test_G12_a_sip_and_a_tel_name_are_one_person(scene):
    alice = inside(scene, "alice", TEL, subscribe=False)
    bob, = scene.people("bob")
    session, _ = meet(alice, bob, users=["bob", TEL])
    alice.options.asserted = (TEL,)
    watching = alice.subscribe(session)
    alice.wait_roster({"alice": "connected", "bob": "connected"}, timeout=15,
                      subscription=watching)
    assert watching.roster.yourown == [user(scene, "alice")]


@TRUSTING
def test_G12_what_strangers_assert_is_ignored(scene):
    alice, bob = scene.people("alice", "bob")
    alice.options.asserted = (user(scene, "boss"), TEL)
    alice.options.charging_vector = VECTOR
    session, _ = meet(alice, bob)
    assert charging(session.response) == {}
    assert not any(leaked(m) for client in (alice, bob)
                   for m in client.received(lambda message: True))


def test_G12_the_script_says_who_is_trusted(stage):
    scene = stage(
        base=script("\troute(IMCONF);\n", '\tif ($ua =~ "^Trusted")'
                    ' setflag(7);\n\troute(IMCONF);\n'),
        params={"trusted_flag": 7, "trust_from": 0})
    alice = scene.client("alice", options=Options(
        asserted=(user(scene, "boss"),), user_agent="Trusted 1"))
    session = alice.initiate_ad_hoc_conference([])
    alice.wait_roster({"boss": "connected"}, timeout=15)
    assert asserted(session.response) == [session.identity]
    # where it is trusted, it is also told
    assert asserted(alice.wait_request("NOTIFY")) == [session.identity]


# Our own names and ways out

CPM = '+g.3gpp.icsi-ref="urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.session"'


@pytest.mark.server(params={
    "feature_tags": "+g.oma.sip-im;" + CPM.replace('"', '\\"'),
    "accept_contact": ("*;" + CPM + ";require;explicit").replace('"', '\\"')})
def test_G12_other_services_have_other_feature_tags(scene):
    alice, bob = scene.people("alice", "bob")
    mine, theirs = meet(alice, bob)
    notify = alice.wait_request("NOTIFY", timeout=15)
    options = alice.query(mine.identity)
    for message in (mine.response, theirs.invite, notify, options):
        assert message.get("Contact") == \
            f"<{mine.identity}>;isfocus;+g.oma.sip-im;{CPM}"
    assert theirs.invite.get("Accept-Contact") == f"*;{CPM};require;explicit"


def test_G12_requests_leave_from_the_named_socket(stage):
    port = free_ports(1)
    scene = stage(
        config=f"listen=udp:{ADDRESS}:{port}\nlisten=tcp:{ADDRESS}:{port}\n",
        params={"send_socket": f"udp:{ADDRESS}:{port}"})
    alice, bob = scene.people("alice", "bob")
    invite = meet(alice, bob)[1].invite
    assert f"{ADDRESS}:{port};" in invite.values("Via")[-1]


@pytest.mark.parametrize("given", [
    "udp:127.0.0.1:9", "tcp:127.0.0.1:MY_PORT", "nonsense"])
def test_START_a_socket_that_is_none_of_ours_is_refused(given):
    server = Kamailio(params={"send_socket": given}, base=(
        CONFIG.read_text().replace("listen=tcp:MY_ADDRESS:MY_PORT", "")))
    try:
        assert "parameter send_socket is" in server.run_to_refusal()
    finally:
        server.remove()


# What goes out

@CORE
def test_G12_the_charging_vector_goes_through_the_dialogs(scene):
    alice = inside(scene, "alice", charging_vector=VECTOR)
    bob, = scene.people("bob")
    mine, theirs = meet(alice, bob)
    answer = charging(mine.response)
    assert answer == {
        "icid-value": ICID, "icid-generated-at": "[2001:db8::1]",
        "orig-ioi": "home1.net", "term-ioi": "im.example.org"}
    assert charging(bob.requests("INVITE")[0]) == {
        "icid-value": ICID, "icid-generated-at": "[2001:db8::1]",
        "orig-ioi": "im.example.org"}
    for notify in alice.requests("NOTIFY"):
        assert charging(notify)["icid-value"] == ICID
        assert "orig-ioi" not in charging(notify)
        assert asserted(notify) == [mine.identity]
    for invite in bob.requests("INVITE"):
        assert asserted(invite) == [mine.identity]
        assert user(scene, "alice") in invite.get("Referred-By")
    scene.server.rpc("imconf.end", mine.identity)
    for session in (mine, theirs):
        bye = session.client.wait_bye(session, timeout=15)
        assert charging(bye)["icid-value"] == ICID
        assert asserted(bye) == [mine.identity]
    assert not any(leaked(ack) for ack in bob.requests("ACK"))


@CORE
@pytest.mark.parametrize("vector", [
    "", 'icid-value=a;icid-value=b', "icid-value=" + 300 * "a"])
def test_G12_without_a_usable_vector_there_is_an_own_one(scene, vector):
    alice = inside(scene, "alice", charging_vector=vector, subscribe=False)
    bob, = scene.people("bob")
    mine, theirs = meet(alice, bob)
    assert charging(mine.response) == {}
    made = charging(theirs.invite)
    assert made["icid-generated-at"] == ADDRESS
    assert len(made["icid-value"]) == 32
    again = meet(alice, bob)[1].invite
    assert charging(again)["icid-value"] != made["icid-value"]


@TRUSTING
def test_G12_what_is_for_the_trust_domain_stays_there(scene):
    """The creator is inside; its conference's invitations leave."""
    alice = inside(scene, "alice", TEL, charging_vector=VECTOR,
                   headers=[("P-Preferred-Identity", f"<{TEL}>")])
    bob, = scene.people("bob")
    mine, theirs = meet(alice, bob)
    assert asserted(mine.response) == [mine.identity]
    assert charging(mine.response)["icid-value"] == ICID
    assert "term-ioi" not in charging(mine.response)
    scene.server.rpc("imconf.end", mine.identity)
    bob.wait_bye(theirs, timeout=15)
    for message in bob.received(lambda message: True):
        assert leaked(message) == []
        assert "+336" not in str(message)


@CORE
def test_N12_privacy_is_kept_inside_the_domain_too(scene):
    alice = inside(scene, "alice", TEL, privacy=True)
    bob, = scene.people("bob")
    meet(alice, bob, "sip:anonymous1@anonymous.invalid")
    for message in bob.received(lambda m: m.is_request):
        assert "alice" not in str(message) and "+336" not in str(message)


@CORE
def test_G12_a_refusal_says_what_charging_needs(scene):
    alice = inside(scene, "alice", charging_vector=VECTOR)
    with pytest.raises(Refused) as refusal:
        alice.invite(f"sip:conf-0{32 * 'a'}@{scene.server.domain}")
    assert refusal.value.status == 404
    assert charging(refusal.value.response)["term-ioi"] == "im.example.org"
    assert asserted(refusal.value.response) == []


# Routes

ROUTE = "<sip:scscf.example.org;lr;orig>,<sip:next.example.org:5070;lr>"


@pytest.mark.parametrize("route, trusted, served", [
    (ROUTE, ADDRESS, True), (ROUTE, "192.0.2.1", False),
    (ROUTE.replace(";orig", ""), ADDRESS, False)],
    ids=["originating", "untrusted", "terminating"])
def test_G12_invitations_carry_the_route_of_their_way_out(
        stage, route, trusted, served):
    """With orig in it the user served is told, to the trusted only; without,
    the way is the terminating one, to the user of the Request-URI."""
    scene = stage(base=script('\tremove_hf("Route");\n', ""), params={
        "outbound_route": route, "trusted_peers": trusted})
    alice, bob = scene.people("alice", "bob")
    mine, theirs = meet(alice, bob)
    invite = theirs.invite
    assert ",".join(invite.values("Route")) == route
    assert invite.get("P-Served-User") == (
        f"<{mine.identity}>;sescase=orig" if served else "")
    scene.server.rpc("imconf.end", mine.identity)
    bye = bob.wait_bye(timeout=15)
    assert bye.get("P-Served-User") == ""
    assert not any("example.org" in route for route in bye.values("Route"))


def test_G12_strict_routers_are_obeyed(scene):
    """RFC 3261 12.2.1.1, the route set reversed from the answer."""
    alice, bob = scene.people("alice", "bob")
    strict = f"sip:strict@{bob.ip}:{bob.port}"
    bob.answer = Answer(headers=[
        ("Record-Route", f"<sip:far.example.org;lr>, <{strict}>")])
    mine, theirs = meet(alice, bob)
    scene.server.rpc("imconf.end", mine.identity)
    for request in (bob.requests("ACK")[0], bob.wait_bye(theirs, timeout=15)):
        assert request.uri == strict
        assert request.values("Route") == [
            "<sip:far.example.org;lr>", f"<sip:bob@{bob.ip}:{bob.port}>"]


def test_G12_routes_with_names_lead_where_requests_came_from(scene):
    alice = scene.client("alice", options=Options(subscribe=False))
    edges = "<sip:edge.example.org;lr>, <sip:core.example.org;lr>"
    mine = alice.initiate_ad_hoc_conference(
        [], headers=[("Record-Route", edges)])
    mine.dialog.routes = []         # no edge is there that would follow them
    scene.server.rpc("imconf.end", mine.identity)
    bye = alice.wait_bye(mine, timeout=15)
    assert ", ".join(bye.values("Route")) == edges
    assert bye.uri == f"sip:alice@{alice.ip}:{alice.port}"


# Reliable provisional answers and preconditions are neither had nor offered

@pytest.mark.parametrize("tag", ["100rel", "precondition"])
def test_G12_what_we_lack_is_tolerated_but_not_required(scene, tag):
    alice, bob = scene.people("alice", "bob")
    with pytest.raises(Refused) as refusal:
        alice.initiate_ad_hoc_conference(["bob"], headers=[
            ("Require", f"recipient-list-invite, {tag}")])
    assert refusal.value.status == 420
    assert refusal.value.response.get("Unsupported") == tag
    _, theirs = meet(alice, bob, headers=[("Supported", f"timer, {tag}")])
    for name in ("Supported", "Require"):
        assert tag not in theirs.invite.tokens(name)


def test_G12_an_invitee_that_wants_prack_is_heard_all_the_same(scene):
    """RFC 3262 3 forbids it to, as we said nothing of 100rel."""
    alice, bob = scene.people("alice", "bob")
    bob.answer = Answer.ringing()
    bob.answer.headers = [("Require", "100rel"), ("RSeq", "1")]
    alice.initiate_ad_hoc_conference(["bob"])
    alice.wait_roster({"alice": "connected", "bob": "alerting"}, timeout=15)
    session = bob.wait_invited()
    session.answer.headers = []
    session.ring()
    session.accept()
    for client in (alice, bob):
        client.wait_roster(
            {"alice": "connected", "bob": "connected"}, timeout=15)
    session.leg.wait_bound(15)
    assert bob.requests("PRACK") == []


# IPv6

LOOPBACK6 = "[::1]"


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_ipv6(), reason="no IPv6 here")
@pytest.mark.server(address=LOOPBACK6, params={"trusted_peers": "::1"})
def test_G12_all_of_it_over_ipv6(scene):
    """SIP by UDP and TCP, state, MSRP both ways, the trust domain."""
    alice = scene.client("alice", local_ip="::1", options=Options(
        charging_vector=VECTOR))
    alice.options.asserted = (alice.aor,)
    bob = scene.client("bob", "tcp", local_ip="::1",
                       options=Options(answer_setup="passive"))
    mine, theirs = meet(alice, bob)
    port = scene.server.port
    assert mine.identity.endswith(f"@{LOOPBACK6}:{port}")
    assert asserted(theirs.invite) == [mine.identity]
    assert charging(theirs.invite)["icid-value"] == ICID
    for session in (mine, theirs):
        assert session.leg.remote_path.startswith(f"msrp://{LOOPBACK6}:")
    assert b"c=IN IP6 ::1\r\n" in mine.response.body
    assert mine.send_text("over IPv6").wait() == 200
    bob.wait_message("over IPv6")
    assert theirs.send_text("back").wait() == 200
    alice.wait_message("back")
    theirs.leave()
    alice.wait_roster({"alice": "connected"}, timeout=15)
    again = bob.invite(mine.identity, wait=False).exchange.wait()
    assert again.status == 403      # it left for good
    assert alice.query(scene.server.factory).get("Contact").startswith(
        f"<{scene.server.factory}>")
    scene.server.rpc("imconf.end", mine.identity)
    alice.wait_bye(mine, timeout=15)
