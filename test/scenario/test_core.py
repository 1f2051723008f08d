# SPDX-License-Identifier: GPL-2.0-or-later
"""An IMS core and its application server: two Kamailios with the shipped
configurations. Clients know the core alone (G12, N12).
"""

from __future__ import annotations

import pytest

import group_documents
from core import CORE_ADDRESS, IMCONF_ADDRESS, Core
from group_documents import Rule
from imclient import IMClient, Options, Refused, asserted, leaked
from kamailio import ADDRESS
from scene import Scene

ALICE_TEL, BOB_TEL = "tel:+33100000001", "tel:+33100000002"


def with_imconf(stage, core: Core, **params) -> Scene:
    """The core's scene; its imconf is .server.imconf."""
    core.imconf = stage(**core.imconf_options(**params)).server
    return stage(core)


@pytest.fixture(name="net")
def net_fixture(stage, request):
    params = {}
    if "xdms" in request.fixturenames:
        port = request.getfixturevalue("xdms").port
        params["xdms_root"] = f"http://{ADDRESS}:{port}"
    return with_imconf(stage, Core(), **params)


@pytest.fixture(name="net_via_self")
def net_via_self_fixture(stage):
    core = Core()
    return with_imconf(
        stage, core, send_socket=f"udp:{IMCONF_ADDRESS}:MY_PORT",
        outbound_proxy=f"sip:{IMCONF_ADDRESS}:MY_PORT",
        trusted_peers=IMCONF_ADDRESS)


def conference(net: Scene, alice: IMClient, bob: IMClient):
    mine, theirs = net.conference(alice, bob)
    assert mine.send_text("hello").wait() == 200
    bob.wait_message("hello")
    return mine, theirs


def test_G12_a_conference_through_the_core(net):
    """Creation by the asserted name, invitation, state, chat, BYE: all along
    the routes of the core, one client by UDP, one by TCP."""
    alice = net.client("alice")
    bob = net.client("bob", "tcp")
    mine, theirs = conference(net, alice, bob)
    assert alice.service_route == [
        f"<sip:orig@{net.server.domain};lr>"]
    show = net.server.imconf.show(mine.identity)
    assert {p["entity"] for p in show["participants"]} == {
        alice.aor, bob.aor}
    # from UDP to TCP the core is in the route twice
    assert len(theirs.invite.values("Record-Route")) == 2
    assert all(CORE_ADDRESS in r for r in theirs.dialog.routes)
    assert asserted(theirs.invite) == [mine.identity]
    assert alice.aor in theirs.invite.get("Referred-By")
    theirs.leave()
    alice.wait_roster({"alice": "connected"}, timeout=15)
    net.server.imconf.rpc("imconf.end", mine.identity)
    alice.wait_bye(mine, timeout=15)
    assert not any("P-Charging-Vector" in leaked(m) for m in
                   alice.received(lambda m: True) + bob.received(
                       lambda m: True))


def test_G12_one_icid_from_the_creation_to_the_last_bye(net):
    alice, bob = net.people("alice", "bob")
    mine, _ = conference(net, alice, bob)
    net.server.imconf.rpc("imconf.end", mine.identity)
    bob.wait_bye(timeout=15)
    alice.wait_bye(timeout=15)
    created = net.server.charging(f"INVITE of {alice.aor}: ")
    assert len(created) == 1
    records = (f"INVITE for <{mine.identity}>;sescase=orig: .*orig-ioi=",
               "200 to INVITE: .*term-ioi=",
               "NOTIFY in a dialog", "BYE in a dialog")
    assert [net.server.charging(r) for r in records] == [created] * 4


def test_G12_a_number_is_another_name_of_its_user(net):
    alice, bob = net.people("alice", "bob")
    mine = alice.initiate_ad_hoc_conference(["bob", ALICE_TEL])
    for client in (alice, bob):
        client.wait_roster(
            {"alice": "connected", "bob": "connected"}, timeout=15)
    show = net.server.imconf.show(mine.identity)
    assert len(show["participants"]) == 2
    # so it is of who was invited: his answer says it
    theirs = bob.wait_connected()
    assert theirs.send_text("number", sender=BOB_TEL).wait() == 200
    assert theirs.send_text("lie", sender=ALICE_TEL).wait() == 403
    alice.wait_message("number")
    # a client that prefers its other name, or hides its From, is known
    assert theirs.bye().wait().status == 200
    name, bob.aor = bob.aor, "sip:anonymous@anonymous.invalid"
    with pytest.raises(Refused) as refusal:
        bob.rejoin(mine.identity)
    assert refusal.value.status == 403
    bob.options.subscribe = False
    session = bob.rejoin(mine.identity, headers=[
        ("P-Preferred-Identity", f"<{name}>")])
    session.leg.wait_bound(15)
    bob.aor = name


def test_G12_nobody_goes_around_the_core(net):
    """A stranger that asserts a name gets no further than a From does."""
    server = net.server.imconf
    alice, = net.people("alice")
    mine = alice.initiate_ad_hoc_conference([])
    alice.wait_roster({"alice": "connected"}, timeout=15)
    stranger = IMClient("mallory", server.domain, server.proxy,
                        options=Options(asserted=(alice.aor,)))
    net.clients.append(stranger)
    for uri in (f"sip:conference-factory@{net.server.domain}", mine.identity):
        with pytest.raises(Refused) as refusal:
            stranger.invite(uri)
        assert refusal.value.status == 403
    with pytest.raises(Refused) as refusal:
        stranger.subscribe(mine.identity)
    assert refusal.value.status == 403
    # through the core it is who it is: nobody
    mallory = net.client("mallory", register=False, options=Options(
        asserted=(alice.aor,)))
    mallory.service_route = alice.service_route
    with pytest.raises(Refused) as refusal:
        mallory.invite(mine.identity)
    assert refusal.value.status == 403


def test_G12_privacy_holds_at_the_boundary(net):
    alice, bob = net.people("alice", "bob")
    alice.options.privacy = True
    alice.initiate_ad_hoc_conference(["bob"])
    bob.wait_connected(timeout=15).leg.wait_bound(15)
    for client in (alice, bob):
        client.wait_roster({"sip:anonymous1@anonymous.invalid": "connected",
                            "bob": "connected"}, timeout=15)
    for message in bob.received(lambda m: m.is_request):
        assert "alice" not in str(message)
        assert ALICE_TEL not in str(message)


def test_G12_invitations_follow_the_path_of_a_registration(net):
    """RFC 3327: bob registered through an edge, here his own address."""
    alice = net.client("alice")
    bob = net.client("bob", register=False)
    path = f"<sip:edge@{bob.ip}:{bob.port};lr>"
    bob.request("REGISTER", f"sip:{bob.domain}", [
        ("Path", path), ("Supported", "path"), ("Expires", "60")],
        to=f"<{bob.aor}>").wait()
    bob.service_route = alice.service_route
    mine = alice.initiate_ad_hoc_conference(["bob"])
    theirs = bob.wait_connected(timeout=15)
    theirs.leg.wait_bound(15)
    assert theirs.invite.values("Route") == [path]
    for client in (alice, bob):
        client.wait_roster(
            {"alice": "connected", "bob": "connected"}, timeout=15)
    assert mine.state == "connected"


def test_G12_both_servers_stand_in_the_route(net_via_self):
    """Invitations leave through the script beside imconf, which is trusted."""
    net = net_via_self
    alice, bob = net.people("alice", "bob")
    mine, theirs = conference(net, alice, bob)
    core, imconf = net.server, net.server.imconf
    assert theirs.invite.values("Record-Route") == [
        f"<sip:{core.domain};lr>", f"<sip:{imconf.domain};lr>"]
    assert asserted(theirs.invite) == [mine.identity]
    imconf.rpc("imconf.end", mine.identity)
    bob.wait_bye(theirs, timeout=15)
    alice.wait_bye(mine, timeout=15)
    assert core.charging("INVITE for <") == core.charging("INVITE of ") == \
        core.charging("BYE in a dialog")


def test_G12_groups_of_the_home_domain_are_conferences(net, xdms):
    alice, bob = net.people("alice", "bob")
    uri = f"sip:group-home@{net.server.domain}"
    xdms.put(uri, group_documents.group(
        uri, [alice.aor, BOB_TEL], rules=[Rule()]))
    mine = bob.invite(uri)      # is a member by his number (N4: known by name)
    alice.wait_connected(timeout=15).leg.wait_bound(15)
    for client in (alice, bob):
        client.wait_roster(
            {"alice": "connected", "bob": "connected"}, timeout=15)
    assert net.server.imconf.show(mine.identity)["group"] == uri
