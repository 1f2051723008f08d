# SPDX-License-Identifier: GPL-2.0-or-later
"""JSON-RPC and Prometheus: the example configuration's WITH_HTTP."""

import json
import os
import re
import socket
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from kamailio import ROOT
from scene import Scene

DASHBOARD = ROOT / "etc" / "grafana-imconf.json"
METRIC = re.compile(r"kamailio_imconf_\w+")


def question(method: str, *params: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "method": method,
                       "params": list(params), "id": 1}).encode()


def fetch(scene: Scene, path: str, data: bytes | None = None) -> str:
    request = urllib.request.Request(
        f"http://{scene.server.domain}{path}", data,
        {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.read().decode()


def by_http(scene: Scene, method: str, *params: Any) -> dict[str, Any]:
    return json.loads(fetch(scene, "/RPC", question(method, *params)))


def by_socket(scene: Scene, folder: Path, method: str,
              *params: Any) -> dict[str, Any]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as mine:
        mine.bind(str(folder / "rpc"))
        mine.settimeout(10)
        mine.sendto(question(method, *params),
                    str(scene.server.folder / "kamailio_rpc.sock"))
        return json.loads(mine.recv(65536))


def by_fifo(scene: Scene, method: str, *params: Any) -> dict[str, Any]:
    name = f"imconf-{os.getpid()}"
    reply = Path("/tmp") / name
    os.mkfifo(reply)
    try:
        reader = os.open(reply, os.O_RDWR)
        whole = json.loads(question(method, *params))
        with open(scene.server.folder / "kamailio_rpc.fifo", "wb",
                  buffering=0) as fifo:
            fifo.write(json.dumps({**whole, "reply_name": name}).encode()
                       + b"\n")
        answer = os.read(reader, 65536)
        os.close(reader)
        return json.loads(answer)
    finally:
        reply.unlink()


@pytest.mark.server(defines=("WITH_HTTP",), workers=1)
def test_RPC_by_json_over_http_socket_and_fifo(scene, tmp_path):
    alice = scene.client("alice")
    mine = alice.initiate_ad_hoc_conference([], subject="Käse")
    shown = by_http(scene, "imconf.show", mine.identity)["result"]
    assert (shown["subject"], shown["present"]) == ("Käse", 1)
    assert shown["participants"][0]["entity"] == alice.aor
    assert isinstance(shown["since"], int)
    worker, = by_http(scene, "imconf.list", 10)["result"]
    assert worker["conferences"][0]["identity"] == mine.identity
    error = by_http(scene, "imconf.show", "sip:nobody@x")["error"]
    assert (error["code"], error["message"]) == (404, "No such conference")
    for said in ("", " \t"):
        error = by_http(scene, "imconf.announce", mine.identity, said)["error"]
        assert error["code"] == 400
    params = by_http(scene, "imconf.params")["result"]
    assert params["max_participants"] == 100
    for answer in (by_socket(scene, tmp_path, "imconf.list", 10),
                   by_fifo(scene, "imconf.list", 10)):
        assert answer["result"][0]["total"] == 1
    started = by_http(scene, "imconf.create", "", "by JSON",
                      "sip:nobody@" + scene.server.domain)["result"]
    assert started["subject"] == "by JSON"
    scene.wait_statistic("ended", 1)


@pytest.mark.server(defines=("WITH_HTTP",))
def test_STATISTICS_the_dashboard_shows_what_is_exported(scene):
    session = scene.client("alice").initiate_ad_hoc_conference([])
    lines = fetch(scene, "/metrics").splitlines()
    exported = {line.split()[0]: float(line.split()[1]) for line in lines
                if line.startswith("kamailio_imconf_")}
    assert exported["kamailio_imconf_conferences"] == 1
    assert set(exported) == {f"kamailio_imconf_{name}"
                             for name in scene.server.statistics()}
    dashboard = json.loads(DASHBOARD.read_text())
    drawn = [target["expr"] for panel in dashboard["panels"]
             for target in panel["targets"]]
    named = {name for expression in drawn
             for name in METRIC.findall(expression)}
    assert named - set(exported) == set()
    assert {"kamailio_imconf_participants", "kamailio_imconf_deliveries",
            "kamailio_imconf_refused_forbidden"} <= named
    session.leave()


@pytest.mark.server(defines=("WITH_HTTP",))
def test_STATISTICS_http_knows_nothing_else(scene):
    assert "Not Found" in fetch(scene, "/anything")
