# SPDX-License-Identifier: GPL-2.0-or-later
"""An IMS core and its application server: two Kamailios with the shipped
configurations. Clients know the core alone (G12, N12).
"""

from __future__ import annotations

import pytest

from core import CORE_ADDRESS, Core
from imclient import IMClient, Options, Refused, asserted, leaked
from imclient.ims import SERVICE_ROUTE
from imclient.sip_message import address_uri
from scene import Scene

ALICE_TEL, BOB_TEL = "tel:+33100000001", "tel:+33100000002"


@pytest.fixture(name="net")
def net_fixture(stage, request):
    """The core's scene; its imconf is .server.imconf."""
    marker = request.node.get_closest_marker("imconf")
    core = Core()
    options = core.imconf_options(**(marker.kwargs if marker else {}))
    core.imconf = stage(**options).server
    return stage(core)


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
    bob.wait_roster({"alice": "connected", "bob": "connected"}, timeout=15)
    show = net.server.imconf.show(mine.identity)
    assert len(show["participants"]) == 2
    # a client that prefers its other name, or hides its From, is known
    bob.leave(bob.wait_connected())
    name, bob.aor = bob.aor, "sip:anonymous@anonymous.invalid"
    with pytest.raises(Refused) as refusal:
        bob.rejoin(mine.identity)
    assert refusal.value.status == 403
    session = bob.rejoin(mine.identity, headers=[
        ("P-Preferred-Identity", f"<{name}>")])
    assert session.response.status == 200
    bob.aor = name


def test_G12_nobody_goes_around_the_core(net):
    """A stranger that asserts a name gets no further than a From does."""
    server = net.server.imconf
    alice, = net.people("alice")
    mine = alice.initiate_ad_hoc_conference([])
    alice.leave(mine)
    mine = alice.initiate_ad_hoc_conference([])
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
    bob.wait_connected(timeout=15)
    bob.wait_roster({"sip:anonymous1@anonymous.invalid": "connected",
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
    assert theirs.invite.values("Route") == [path]
    bob.wait_roster({"alice": "connected", "bob": "connected"}, timeout=15)
    assert mine.state == "connected"
