# SPDX-License-Identifier: GPL-2.0-or-later
"""Event routes: what an operator's script is told, and what it decides."""

import json
import re
import sqlite3
import threading
import time
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from imclient import Answer, IMClient
from kamailio import ROOT, Kamailio, in_javascript, rpc
from scene import Scene

KINDS = ("created", "joined", "left", "refused", "message", "ended")
EVENT = "EVENT "
ALL = "\n".join(
    f'event_route[imconf:{kind}] {{ xlog("L_NOTICE", '
    f'"{EVENT}$imconf(json)\\n"); }}' for kind in KINDS)
DENY = '''
event_route[imconf:join] {
	xlog("L_NOTICE", "JOIN $imconf(target) $fU $imconf(uri)\\n");
	if ($fU == "mallory") {
		imconf_refuse("433", "Not $fU");
	} else if ($fU == "eve") {
		drop;
	} else if ($fU == "trent" && !imconf_refuse("200", "Nonsense")) {
		xlog("L_NOTICE", "no such refusal\\n");
	}
}
'''
# one event takes longer than the scenario
SLOW = '''
loadmodule "cfgutils.so"
event_route[imconf:joined] {
	xlog("L_NOTICE", "SLEEPS\\n");
	sleep("60");
}
'''
CALLBACK = 'modparam("imconf", "event_callback", "on_imconf")'
SCRIPT = '''
function ksr_request_route() {
    if (KSR.imconf.handle() > 0) {
        return;
    }
    if (KSR.is_method("REGISTER")) {
        KSR.registrar.save("location", 0);
    } else if (KSR.registrar.lookup("location") > 0) {
        KSR.tm.t_relay();
    } else {
        KSR.sl.sl_send_reply(404, "Not Found");
    }
}

function on_imconf(name) {
    if (name != "imconf:join") {
        KSR.notice("EVENT " + KSR.pv.get("$imconf(json)") + "\\n");
    } else if (KSR.pv.get("$fU") == "mallory") {
        KSR.imconf.refuse(433, "Not you");
    } else if (KSR.pv.get("$fU") == "eve") {
        KSR.set_drop();
    }
}
'''


def told(scene: Scene) -> list[dict[str, Any]]:
    return [json.loads(line.partition(EVENT)[2])
            for line in scene.server.log_lines() if EVENT in line]


def wait_told(scene: Scene, kind: str, count: int = 1) -> list[dict]:
    """The first so many events of a kind."""
    def some() -> list[dict]:
        found = [e for e in told(scene) if e["event"] == kind]
        return found if len(found) >= count else []
    return scene.poll(some, 15, f"{count} events {kind}")


def refusal(client: IMClient) -> tuple[int, str]:
    pending = client.initiate_ad_hoc_conference([], wait=False)
    answer = pending.exchange.wait()
    return answer.status, answer.reason


@pytest.mark.server(config=ALL)
def test_EVENT_the_story_of_a_conference(scene):
    alice, bob, carol = scene.people("alice", "bob", "carol")
    carol.answer = Answer.refuse(603)
    began = time.time() * 1000
    mine = alice.initiate_ad_hoc_conference(["bob", "carol"], subject="Käse")
    theirs = bob.wait_connected()
    for session in (mine, theirs):
        session.leg.wait_bound()
    mine.send_text("hello").wait()
    wait_told(scene, "joined", 2)
    theirs.leave()
    wait_told(scene, "left")
    mine.leave()
    wait_told(scene, "ended")
    events = told(scene)
    assert [e["event"] for e in events] \
        == ["created", "joined", "joined", "left", "left", "ended"]
    for event in events:
        assert event["version"] == 1
        assert event["identity"] == mine.identity
        assert event["subject"] == "Käse"
        assert event["worker"] == int(mine.identity[9])
        assert began - 1 <= event["time"] <= time.time() * 1000
    created, first, second, went, _, ended = events
    assert created["user"] == first["user"] == alice.aor
    assert (second["participant"], second["anonymous"]) == (bob.aor, 0)
    assert "imclient" in second["user_agent"]
    assert (went["user"], went["how"]) == (bob.aor, "departed")
    assert [e["present"] for e in events] == [1, 1, 2, 1, 0, 0]
    assert ended["participants"] == 3
    scene.wait_statistic("events", 6)


@pytest.mark.server(config=ALL, params={"event_message": 1})
def test_EVENT_a_message_and_a_refusal(scene):
    alice, bob = scene.people("alice", "bob")
    mine, _ = scene.conference(alice, bob)
    assert mine.send_text("hello").wait() == 200
    message, = wait_told(scene, "message")
    assert message["participant"] == alice.aor
    assert (message["to"], message["recipients"]) == ("", 1)
    assert message["content_type"] == "text/plain"
    assert message["bytes"] > len("hello")
    assert message["message_id"]
    assert bob.query("sip:conf-0" + "0" * 32 + f"@{scene.server.domain}"
                     ).status == 404
    refused, = wait_told(scene, "refused")
    assert (refused["code"], refused["method"]) == (404, "OPTIONS")
    assert refused["user"] == bob.aor
    assert refused["why"] == "no such conference"
    scene.server.rpc("imconf.kick", mine.identity, bob.aor)
    left, = wait_told(scene, "left")
    assert (left["user"], left["how"]) == (bob.aor, "booted")


@pytest.mark.server(config=ALL)
def test_EVENT_another_session_of_the_same_user_is_no_coming(scene):
    alice, bob = scene.people("alice", "bob")
    mine, _ = scene.conference(alice, bob)
    wait_told(scene, "joined", 2)
    bob.rejoin(mine.identity).leg.wait_bound()
    scene.wait_statistic("participants", 2)
    mine.leave()
    wait_told(scene, "left")
    assert [e["event"] for e in told(scene)] \
        == ["created", "joined", "joined", "left"]


@pytest.mark.server(config=SLOW, params={"event_queue_size": 16})
def test_EVENT_a_slow_script_holds_up_no_chat(scene):
    alice, bob = scene.people("alice", "bob")
    mine, _ = scene.conference(alice, bob)
    scene.server.wait_log("SLEEPS", 15)
    for _ in range(20):
        alice.initiate_ad_hoc_conference([])
    assert mine.send_text("quick").wait() == 200
    bob.wait_message("quick")
    lost = scene.poll(lambda: scene.server.statistics()["events_dropped"],
                      15, "events that found no room")
    assert 1 <= lost <= 22
    scene.server.wait_log("events process is too slow")
    assert len([line for line in scene.server.log_lines()
                if "too slow" in line]) <= len(scene.server.processes)
    free_queue(scene)


def free_queue(scene: Scene) -> None:
    """What waits for a script that sleeps is no leak."""
    waiting = scene.server.statistics()["events"]
    scene.server.baseline += waiting * 1024


@pytest.mark.server(config="")
def test_EVENT_without_a_route_there_is_no_process(scene):
    assert "imconf events" not in scene.server.processes.values()
    scene.client("alice").initiate_ad_hoc_conference([])
    assert scene.server.statistics()["events"] == 0


@pytest.mark.server(config=DENY)
def test_JOIN_the_script_refuses_with_its_own_code(scene):
    alice, mallory, eve, trent = scene.people(
        "alice", "mallory", "eve", "trent")
    assert refusal(mallory) == (433, "Not mallory")
    assert refusal(eve) == (403, "Forbidden")
    scene.expect_log("imconf_refuse.200.: a refusal is")
    trent.initiate_ad_hoc_conference([])
    mine = alice.initiate_ad_hoc_conference(["mallory"])
    mallory.wait_connected().leave()
    again = mallory.rejoin(mine.identity, wait=False)
    assert again.exchange.wait().status == 433
    scene.server.wait_log("JOIN factory alice")
    scene.server.wait_log(f"JOIN conference mallory {mine.identity}")
    scene.server.wait_log("no such refusal")
    counted = scene.server.statistics()
    assert counted["refused_forbidden"] == counted["refused"] == 3
    assert counted["created"] == 2


def test_EVENT_a_script_that_asks_for_nonsense_does_not_start():
    server = Kamailio(config='event_route[imconf:joined] {'
                      ' xlog("$imconf(nonsense)\\n"); }')
    try:
        assert "imconf(nonsense)" in server.run_to_refusal()
    finally:
        server.remove()


def test_KEMI_events_and_the_word_of_a_script(stage, tmp_path):
    script = tmp_path / "route.js"
    script.write_text(SCRIPT)
    scene = stage(base=in_javascript(script, CALLBACK))
    alice, mallory, eve = scene.people("alice", "mallory", "eve")
    assert refusal(mallory) == (433, "Not you")
    assert refusal(eve) == (403, "Forbidden")
    refused = wait_told(scene, "refused", 2)
    assert [e["code"] for e in refused] == [433, 403]
    alice.initiate_ad_hoc_conference([]).leave()
    wait_told(scene, "ended")
    assert [e["event"] for e in told(scene)] \
        == ["refused"] * 2 + ["created", "joined", "left", "ended"]


# The examples of the documentation

def example(name: str) -> str:
    """A tested block of docs/events.md."""
    text = (ROOT / "docs" / "events.md").read_text()
    block = text.partition(f"<!-- tested: {name} -->\n```\n")[2]
    return block.partition("```")[0]


def test_EVENT_the_example_that_denies(stage):
    scene = stage(config='''
loadmodule "htable.so"
modparam("htable", "htable", "barred=>size=8;")
event_route[htable:mod-init] { $sht(barred=>mallory) = 1; }
''' + example("deny"))
    alice, mallory = scene.people("alice", "mallory")
    assert refusal(mallory) == (433, "Barred")
    alice.initiate_ad_hoc_conference([])


def test_EVENT_the_example_that_writes_to_a_database(stage, tmp_path):
    file = tmp_path / "events.sqlite"
    with closing(sqlite3.connect(file)) as database:
        # who looks at it keeps nobody from writing
        database.execute("pragma journal_mode = wal")
        database.execute("create table imconf_events (happened integer, "
                         "event text, identity text, participant text)")
    scene = stage(config=f'''
loadmodule "db_sqlite.so"
loadmodule "sqlops.so"
modparam("sqlops", "sqlcon", "events=>sqlite:///{file}")
''' + example("database"))
    alice = scene.client("alice")
    mine = alice.initiate_ad_hoc_conference([])
    mine.leave()

    def rows() -> list[tuple]:
        with closing(sqlite3.connect(file)) as database:
            return database.execute("select * from imconf_events").fetchall()
    scene.poll(lambda: len(rows()) == 2, 15, "two rows")
    assert [row[1:] for row in rows()] == [
        (event, mine.identity, alice.aor) for event in ("joined", "left")]


def test_EVENT_the_example_that_pushes_to_http(stage):
    taken: list[dict[str, Any]] = []

    class Taker(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            taken.append(json.loads(self.rfile.read(length)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Taker) as taker:
        threading.Thread(target=taker.serve_forever, daemon=True).start()
        place = f"http://127.0.0.1:{taker.server_port}/imconf"
        scene = stage(config='loadmodule "http_client.so"\n' + example(
            "http").replace("https://events.example.com/imconf", place))
        mine = scene.client("alice").initiate_ad_hoc_conference([])
        mine.leave()
        scene.poll(lambda: len(taken) == 2, 15, "two events by HTTP")
        taker.shutdown()
    assert [(e["event"], e["identity"]) for e in taken] \
        == [("created", mine.identity), ("ended", mine.identity)]


# KEMI: every function

EACH = '''
var PARTS = ["create", "join", "dialog", "cancel", "subscribe", "refer",
             "options"];

function ksr_request_route() {
    if (KSR.is_method("REGISTER")) {
        KSR.registrar.save("location", 0);
        return;
    }
    var parts = KSR.pv.get("$fU") == "dave" ? ["handle"] : PARTS;
    for (var i = 0; i < parts.length; i++) {
        if (KSR.imconf[parts[i]]() > 0) {
            KSR.notice("TOOK " + parts[i] + " " + KSR.pv.get("$rm") + "\\n");
            return;
        }
    }
    if (KSR.registrar.lookup("location") > 0) {
        KSR.tm.t_relay();
    } else {
        KSR.sl.sl_send_reply(404, "Not Found");
    }
}

function on_imconf(name) {
    if (name == "imconf:join" && KSR.pv.get("$fU") == "mallory") {
        KSR.notice("TOOK refuse " + KSR.imconf.refuse(403, "Not you") + "\\n");
    }
}
'''


def test_KEMI_every_function(stage, tmp_path):
    script = tmp_path / "route.js"
    script.write_text(EACH)
    scene = stage(base=in_javascript(script, CALLBACK))
    alice, bob, dave, mallory = scene.people("alice", "bob", "dave",
                                             "mallory")
    mine, _ = scene.conference(alice, bob)
    bob.rejoin(mine.identity).leg.wait_bound()
    assert alice.add_user(mine.identity, "dave").response.status == 200
    dave.wait_connected()
    assert alice.query(scene.server.factory).status == 200
    pending = alice.initiate_ad_hoc_conference([], wait=False)
    pending.exchange.wait()
    assert pending.cancel().wait().status == 200
    dave.initiate_ad_hoc_conference([])
    assert refusal(mallory)[0] == 403
    exported = set(re.findall(
        r"imconf\s+name: (\w+)",
        rpc.call(str(scene.server.socket), "app_jsdt.api_list")))
    took = {line.partition("TOOK ")[2].split()[0]
            for line in scene.server.log_lines() if "TOOK " in line}
    assert took == exported
    assert "TOOK refuse 1" in scene.server.log_tail(1000)
