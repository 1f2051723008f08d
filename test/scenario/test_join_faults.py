# SPDX-License-Identifier: GPL-2.0-or-later
"""Joins and invitations that cross, fork, or meet nobody."""

import socket
import threading

import pytest

from imclient import PATIENCE, Entry, Options, SipMessage
from imclient.sip_message import parse
from kamailio import ADDRESS, Frozen
from scene import Scene

MANY = 1000
DISPATCHER = """\
loadmodule "dispatcher.so"
modparam("dispatcher", "list_file", "{path}")
modparam("dispatcher", "reload_delta", 0)
"""


def test_J2_one_user_by_two_phones_at_once(scene):
    """Both INVITEs wait for the worker: the later one has the place."""
    # the earlier one's MSRP may come when its place is taken already
    scene.expect_problem("bob: bind refused with 481")
    alice, desk = scene.people("alice", "bob")
    mobile = scene.client("bob", register=False)
    mine, first = scene.conference(alice, desk)
    first.bye().wait()
    alice.wait_roster({"alice": "connected"})
    with Frozen(scene.server):
        pending = [phone.invite(mine.identity, wait=False)
                   for phone in (desk, mobile)]
        for session in pending:
            session.client.wait_response("INVITE", 100)
    for session in pending:
        assert session.exchange.wait().status == 200
    ended = scene.poll(
        lambda: [s for s in pending if s.state == "ended"], PATIENCE,
        "the end of one")
    stays = next(s for s in pending if s not in ended)
    assert "cause=200" in ended[0].end_reason
    stays.wait_bound()
    assert mine.send_text("which one?").wait() == 200
    stays.client.wait_message("which one?")
    shown = scene.server.show(mine.identity)["participants"]
    assert [p["state"] for p in shown] == ["connected", "connected"]


def test_A5_invitees_whose_contact_leads_nowhere(scene):
    """Behind NAT, by UDP and by TCP: what is for them takes the way by which
    they came."""
    alice = scene.client("alice")
    phones = [scene.client("bob"), scene.client("carol", "tcp")]
    mine = alice.initiate_ad_hoc_conference([])
    sessions = []
    for phone in phones:
        assert mine.request("REFER", [
            ("Refer-To", f"<{phone.aor}>"), ("Refer-Sub", "false"),
        ]).wait().status == 200
        invited = phone.wait_connected()
        invited.wait_bound()
        invited.bye().wait()
        session = phone.invite(mine.identity, headers=[
            ("Contact", f"<sip:{phone.user}@192.0.2.1:9>")])
        session.wait_bound()
        sessions.append(session)
    assert mine.send_text("reached?").wait() == 200
    for phone in phones:
        phone.wait_message("reached?")
    scene.server.rpc("imconf.end", mine.identity)
    for session in sessions:
        bye = session.client.wait_bye(session)
        assert bye.uri == f"sip:{session.client.user}@192.0.2.1:9"


class Crowd:
    """Phones at one port: those with an even number answer, the others never
    say a word."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 23)
        self.socket.bind((ADDRESS, 0))
        self.port = self.socket.getsockname()[1]
        self.left: set[str] = set()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def uri(self, number: int) -> str:
        return f"sip:u{number}@{ADDRESS}:{self.port}"

    def close(self) -> None:
        self.socket.sendto(b"", (ADDRESS, self.port))
        self.thread.join(PATIENCE)
        self.socket.close()

    def _run(self) -> None:
        while True:
            data, sender = self.socket.recvfrom(65535)
            if not data:
                return
            request = parse(data)
            user = request.uri.partition(":")[2].partition("@")[0]
            if request.method == "ACK" or int(user[1:]) % 2:
                continue
            if request.method == "BYE":
                self.left.add(user)
            self.socket.sendto(self._answer(request, user).encode(), sender)

    def _answer(self, request: SipMessage, user: str) -> SipMessage:
        kept = [(name, value) for name, value in request.headers
                if name in ("Via", "Record-Route", "From", "Call-ID", "CSeq")]
        to = request.get("To")
        if "tag=" not in to:
            to += ";tag=" + user
        return SipMessage("SIP/2.0 200 OK", kept + [
            ("To", to), ("Contact", f"<{self.uri(int(user[1:]))}>"),
            ("Content-Length", "0")])


@pytest.fixture(name="crowd")
def crowd_fixture():
    crowd = Crowd()
    yield crowd
    crowd.close()


def test_A5_of_a_thousand_invitees_half_never_answer(stage, crowd):
    """Those who came are in, the others are given up, and all memory comes
    back."""
    scene = stage(params={
        "outbound_proxy": f"sip:{ADDRESS}:{crowd.port}", "invite_timeout": 6,
        "max_participants": MANY + 1, "max_parallel_invites": MANY,
        "xdms_root": ""}, config='modparam("tm", "fr_timer", 9000)')
    alice = scene.client("alice", "tcp", options=Options(subscribe=False))
    session = alice.initiate_ad_hoc_conference(
        [Entry(crowd.uri(number)) for number in range(MANY)], timeout=30)
    scene.wait_statistic("invites_answered", MANY // 2, 60)
    scene.wait_statistic("invites_unanswered", MANY // 2, 60)
    scene.wait_statistic("participants", MANY // 2 + 1)
    session.wait_bound()
    assert session.send_text("hello").wait(30) == 200
    scene.server.rpc("imconf.end", session.identity)
    scene.wait_statistic("conferences", 0, 30)
    scene.poll(lambda: len(crowd.left) == MANY // 2, 30, "everybody's BYE")


def reload(scene: Scene, step: int) -> None:
    scene.server.rpc("dispatcher.reload")
    for group, name, value in (("core", "debug", 1 + step),
                               ("tm", "fr_timer", 20000 + step),
                               ("tm", "fr_inv_timer", 60000 + step)):
        scene.server.rpc("cfg.set_now_int", group, name, str(value))


def test_A5_the_dispatcher_is_reloaded_meanwhile(stage, tmp_path):
    """And values of the core and of tm change: conferences go on."""
    path = tmp_path / "dispatcher.list"
    path.write_text("1 sip:127.0.0.1:9\n")
    scene = stage(config=DISPATCHER.format(path=path))
    reload(scene, 1)
    # a second list, and values in every process, are kept from now on
    scene.server.baseline = scene.server.shared_used()
    alice, bob = scene.people("alice", "bob")
    mine, _ = scene.conference(alice, bob)
    path.write_text("1 sip:127.0.0.2:9\n")
    reload(scene, 2)
    assert mine.send_text("still here").wait() == 200
    bob.wait_message("still here")
    carol = scene.client("carol")
    other = alice.initiate_ad_hoc_conference(["carol"])
    carol.wait_connected().wait_bound()
    assert other.request("OPTIONS").wait().status == 200
