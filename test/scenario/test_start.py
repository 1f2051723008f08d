# SPDX-License-Identifier: GPL-2.0-or-later
"""Starting: what is accepted, what is refused with a sentence, KEMI."""

import os
import re
import signal
import socket

import pytest

from kamailio import CONFIG, Kamailio, in_javascript, rpc, without_routes

SCRIPT = '''\
function ksr_request_route() {
    if (KSR.imconf.handle() > 0) {
        return;
    }
    if (KSR.is_method("REGISTER")) {
        KSR.registrar.save("location", 0);
        return;
    }
    if (KSR.is_method_in("IS")) {
        KSR.rr.record_route();
    }
    if (KSR.siputils.has_totag() > 0) {
        if (KSR.rr.loose_route() > 0) {
            KSR.tm.t_relay();
        }
        return;
    }
    if (KSR.registrar.lookup("location") > 0) {
        KSR.tm.t_relay();
    } else {
        KSR.sl.sl_send_reply(404, "Not Found");
    }
}
'''

SEPARATELY = '''\
request_route {
	if (imconf_create() || imconf_dialog() || imconf_cancel()
			|| imconf_subscribe() || imconf_refer() || imconf_options()) {
		exit;
	}
	if (is_method("REGISTER")) {
		save("location");
		exit;
	}
	if (has_totag()) {
		loose_route();
		t_relay();
		exit;
	}
	record_route();
	if (lookup("location")) {
		t_relay();
	} else {
		sl_send_reply("404", "Not Found");
	}
}
'''


def without(parameter: str) -> str:
    """The shipped configuration without one parameter."""
    return re.sub(rf'modparam\("imconf", "{parameter}".*\n', "",
                  CONFIG.read_text())


@pytest.fixture(name="refusal")
def refusal_fixture():
    """refusal(**options) -> what a Kamailio says that must not start."""
    servers: list[Kamailio] = []

    def refusal(**options) -> str:
        servers.append(Kamailio(**options))
        return servers[-1].run_to_refusal()
    yield refusal
    for server in servers:
        server.remove()


# Parameters

def test_START_a_typo_in_a_parameter_is_named(refusal):
    said = refusal(params={"max_particpants": 10})
    assert "max_particpants" in said
    assert "imconf" in said


@pytest.mark.parametrize("name, value", [
    ("max_participants", 1), ("max_participants", 1000000),
    ("msrp_port", 0), ("msrp_port", 70000), ("msrp_port", 65535),
    ("msrp_connections_max", 1 << 20), ("msrp_connections_max", 3),
    ("session_expires", 60), ("session_expires", -1), ("min_se", 0),
    ("min_se", 3601), ("session_refresher", "nobody"),
    ("msrp_unbound_max", 0), ("msrp_ws_ping", -1), ("msrps_port", 70000),
    ("msrp_ws_port", -1), ("msrp_wss_port", 65535), ("msrp_offer", "tls"),
    ("msrp_offer", "udp"), ("msrp_advertise", "a.example"),
    ("msrp_advertise", "192.0.2.1:70000"), ("msrp_address", "0.0.0.0"),
    ("msrp_connect_allow", "10.0.0.0/99"),
    ("trust_from", 2), ("invite_timeout", 0), ("mailbox_size", 2),
    ("conference_workers", -1), ("conference_workers", 65),
    ("size_refusal_code", 200), ("min_participants", -1),
    ("end_with_creator", 2), ("adhoc_invite", "nobody"), ("idle_timeout", -1), ("max_duration", -1),
    ("min_expires", 0),
    ("min_expires", 80000), ("message_max", 1024),
    ("msrp_address", "example.org"), ("msrp_address", ""),
    ("outbound_proxy", "sip:proxy.example.org"),
    ("outbound_proxy", "nonsense"), ("trusted_peers", "10.0.0.0/99"),
    ("trusted_peers", "peer.example.org"), ("trusted_flag", 32),
    ("outbound_route", "sip:core.example.org;lr"),
    ("outbound_route", "<sip:core.example.org>"),
    ("outbound_route", "<sip:a;lr>,"), ("outbound_route", "<tel:1;lr>"),
    ("feature_tags", ""), ("feature_tags", "a;;b"), ("feature_tags", "a,b"),
    ("accept_contact", ""), ("accept_contact", "+g.oma.sip-im"),
    ("accept_contact", "*;+a,"), ("charging_ioi", "a;b"),
    ("send_socket", "udp:192.0.2.1:5060"), ("factory_uri", "nobody"),
    ("factory_uri", "sip:example.org"), ("conference_domain", ""),
    ("conference_domain", "a b"), ("session_prefix", ""),
    ("message_timeout", 0), ("message_rate", -1), ("message_burst", 0),
    ("interleave", 2), ("nicknames", 2), ("announce", 2),
    ("announce_joined", "somebody"), ("announce_left", "%s %s"), ("private_messages", "perhaps"),
    ("max_conferences", -1), ("max_subscriptions", -1),
    ("user_conferences_per_minute", -1), ("user_refers_per_minute", -1),
    ("worker_memory_max", -1), ("overload_code", 500)])
def test_START_wrong_values_are_refused_by_name(refusal, name, value):
    said = refusal(params={name: value})
    assert f"parameter {name} " in said


def test_START_a_text_where_a_number_belongs_is_refused(refusal):
    assert "max_participants" in refusal(params={"max_participants": "ten"})


@pytest.mark.parametrize("name", ["factory_uri", "conference_domain"])
def test_START_what_must_be_said_is_missed_by_name(refusal, name):
    lines = [line for line in without_routes().splitlines()
             if f'"imconf", "{name}"' not in line]
    base = "\n".join(lines) + "\nrequest_route { exit; }\n"
    assert f"parameter {name} is missing" in refusal(base=base)


def test_START_without_tm_it_is_refused(refusal):
    said = refusal(base='''\
listen=udp:MY_ADDRESS:MY_PORT
loadmodule "imconf.so"
modparam("imconf", "factory_uri", "sip:f@MY_ADDRESS")
modparam("imconf", "conference_domain", "MY_ADDRESS")
request_route { imconf_handle(); }
''')
    assert "tm" in said


def test_START_a_taken_msrp_port_is_refused(refusal):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refusal(params={"msrp_port": port})
    assert str(port) in said


def test_START_certificates_are_checked(refusal, certificates):
    good = certificates.params()
    wrong = {
        "tls_certificate is missing": {"tls_certificate": ""},
        "tls_certificate is /nowhere": {"tls_certificate": "/nowhere"},
        "tls_key is": {"tls_key": certificates.path("authority", "key")},
        "tls_ca is": {"tls_ca": good["tls_key"]},
    }
    for sentence, params in wrong.items():
        params = {k: v for k, v in {**good, **params}.items() if v}
        assert sentence in refusal(transports=("tls",), params=params)


def test_START_port_ranges_must_not_overlap(refusal):
    said = refusal(workers=3, params={"msrp_port": 20000,
                                      "msrp_ws_port": 20002})
    assert "parameter msrp_ws_port is 20002" in said and "msrp_port" in said


@pytest.mark.parametrize("workers", [1, 3])
def test_START_as_many_workers_as_asked_for(stage, workers):
    scene = stage(workers=workers)
    names = [n for n in scene.server.processes.values()
             if n.startswith("imconf worker")]
    assert len(names) == workers
    alice = scene.client("alice")
    ports = set()
    for _ in range(30):
        session = alice.initiate_ad_hoc_conference([])
        worker = int(session.identity[9])
        ports.add((worker, session.leg.remote_path.split("/")[2]))
    assert ports == {(n, f"127.0.0.1:{scene.server.msrp_port + n}")
                     for n in range(workers)}


def test_START_local_request_route_is_warned_of(stage):
    scene = stage(config='event_route[tm:local-request] { exit; }')
    scene.server.wait_log("WARNING.*event_route.tm:local-request")


def test_START_a_dead_worker_takes_kamailio_down():
    """Rather than half a server that loses its conferences silently."""
    server = Kamailio()
    try:
        server.start()
        os.kill(server.worker_pid(0), signal.SIGKILL)
        assert server.process.wait(10) is not None
        assert len(server.dead()) == len(server.processes)
    finally:
        server.stop()
        server.remove()


def test_START_it_stops_in_order():
    server = Kamailio()
    try:
        server.start()
        assert server.stop() == 0
        assert [line for line in server.log_lines() if "imconf [" in line
                and "INFO" not in line] == []
    finally:
        server.remove()


# Script functions and KEMI

def test_START_every_script_function_is_exported_to_kemi(stage):
    scene = stage(config='loadmodule "app_jsdt.so"')
    listed = rpc.call(str(scene.server.socket), "app_jsdt.api_list")
    for name in ("handle", "create", "dialog", "cancel", "subscribe",
                 "options"):
        assert f"KSR.imconf.{name}" in listed or \
            ("imconf" in listed and f"name: {name}" in listed)


def test_START_a_script_in_javascript_serves_a_conference(stage, tmp_path):
    script = tmp_path / "route.js"
    script.write_text(SCRIPT)
    scene = stage(base=in_javascript(script))
    alice, bob = scene.people("alice", "bob")
    mine, _ = scene.conference(alice, bob)
    assert mine.send_text("hello").wait() == 200
    bob.wait_message("hello")


def test_START_the_separate_functions_serve_a_conference(stage):
    scene = stage(base=without_routes()
                  + 'modparam("tm", "wt_timer", 300)\n' + SEPARATELY)
    alice, bob = scene.people("alice", "bob")
    mine, _ = scene.conference(alice, bob)
    assert mine.send_text("hello").wait() == 200
    bob.wait_message("hello")
    assert alice.query(scene.server.factory).status == 200
    assert alice.add_user(mine.identity, "bob").response.status == 200
    pending = alice.initiate_ad_hoc_conference([], wait=False)
    pending.exchange.wait()
    assert pending.cancel().wait().status == 200


def test_START_msrp_is_where_sip_is_unless_told(stage):
    scene = stage(base=without("msrp_address"))
    alice, bob = scene.people("alice", "bob")
    scene.conference(alice, bob)[0].send_text("here")
    bob.wait_message("here")
