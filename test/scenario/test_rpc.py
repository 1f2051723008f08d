# SPDX-License-Identifier: GPL-2.0-or-later
"""RPC and statistics: what an operator sees from outside."""

import re
import time

import pytest

from imclient import Answer, Options
from kamailio import Frozen, poll, rpc
from scene import Scene


def test_RPC_list_shows_running_conferences(scene):
    alice = scene.client("alice")
    assert scene.server.conferences() == []
    sessions = [alice.initiate_ad_hoc_conference([], subject=f"no. {n}")
                for n in range(5)]
    shown = {c["identity"]: c for c in scene.server.conferences()}
    assert set(shown) == {s.identity for s in sessions}
    for number, session in enumerate(sessions):
        conference = shown[session.identity]
        assert conference["subject"] == f"no. {number}"
        assert conference["present"] == 1
        assert conference["worker"] == int(session.identity[9])


@pytest.mark.server(workers=1)
def test_RPC_list_has_a_limit(scene):
    alice = scene.client("alice")
    for _ in range(3):
        alice.initiate_ad_hoc_conference([])
    worker, = scene.server.rpc("imconf.list", "2")
    assert worker["total"] == 3
    assert len(worker["conferences"]) == 2
    for wrong in ("0", "501"):
        with pytest.raises(rpc.RpcError, match="error: 400"):
            scene.server.rpc("imconf.list", wrong)


@pytest.mark.server(workers=2)
def test_RPC_list_goes_on_page_by_page_and_filters(scene):
    alice, bob = scene.people("alice", "bob")
    sessions = [alice.initiate_ad_hoc_conference(
        ["bob"] if n == 3 else [], subject=f"no. {n}") for n in range(7)]
    bob.wait_connected()
    seen: list[str] = []
    following: tuple[str, ...] = ()
    while True:
        workers = scene.server.rpc("imconf.list", "2", "s:", *following)
        page = [c["identity"] for w in workers for c in w["conferences"]]
        assert len(page) <= 2
        seen += page
        if "next" not in workers[-1]:
            break
        following = (f"s:{workers[-1]['next']}",)
    assert sorted(seen) == sorted(s.identity for s in sessions)

    def found(text: str) -> list[str]:
        return [c["subject"]
                for w in scene.server.rpc("imconf.list", "10", text)
                for c in w["conferences"]]
    assert found("no. 5") == ["no. 5"]
    assert found(bob.aor) == ["no. 3"]
    assert sorted(found(alice.aor)) == sorted(found("no. "))
    assert found("nothing like it") == []
    with pytest.raises(rpc.RpcError, match="error: 400"):
        scene.server.rpc("imconf.list", "2", "s:", "s:nonsense")


def test_RPC_show_says_who_is_in_and_in_which_state(scene):
    alice, bob, carol, dave = scene.people("alice", "bob", "carol", "dave")
    carol.answer = Answer.ringing()
    dave.answer = Answer.refuse(486)
    session = alice.initiate_ad_hoc_conference(["bob", "carol", "dave"])
    bob.wait_connected().leg.wait_bound()
    alice.wait_roster({"alice": "connected", "bob": "connected",
                       "carol": "alerting"})
    session.leg.wait_bound()
    scene.wait_statistic("invites_failed", 1)
    shown = scene.server.show(session.identity)
    assert shown["identity"] == session.identity
    assert shown["present"] == 2
    people = [(p["entity"], p["state"], p["code"], p["leg"])
              for p in shown["participants"]]
    assert people[:2] == [(alice.aor, "connected", 0, "bound"),
                          (bob.aor, "connected", 0, "bound")]
    assert [p[1:3] for p in people[2:]] == [("alerting", 0), ("gone", 486)]


def test_RPC_show_lists_subscriptions(scene):
    alice, bob = scene.people("alice", "bob")
    mine, _ = scene.conference(alice, bob)
    shown = scene.server.show(mine.identity)["subscriptions"]
    assert {s["watcher"] for s in shown} == {alice.aor, bob.aor}
    for subscription in shown:
        assert 3500 < subscription["expires"] <= 3600
        assert subscription["version"] >= 1


def test_RPC_show_tells_what_a_participant_uses_and_what_is_in_force(scene):
    alice, bob = scene.people("alice", "bob")
    mine, _ = scene.conference(alice, bob)
    shown = scene.server.show(mine.identity)
    assert shown["policy"]["kind"] == "ad-hoc"
    assert shown["policy"]["max_participants"] == 100
    for person in shown["participants"]:
        assert "imclient" in person["user_agent"]
        assert shown["since"] <= person["since"] <= time.time()
        assert person["queued"] == person["held"] == 0
    page = scene.server.rpc("imconf.show", mine.identity, "1")[0]
    assert page["next"] == page["participants"][0]["number"]
    rest = scene.server.rpc("imconf.show", mine.identity, "10",
                            str(page["next"]))[0]
    assert [p["entity"] for p in rest["participants"]] == [bob.aor]
    assert "next" not in rest
    watchers = scene.server.rpc("imconf.subscriptions", mine.identity,
                                "1", "1")[0]
    assert watchers["subscriptions_total"] == 2
    watcher, = watchers["subscriptions"]
    assert "imclient" in watcher["user_agent"]


@pytest.mark.server(workers=1)
def test_RPC_a_hundred_conferences_are_shown_in_pieces(scene):
    """More than one piece of an answer, and more than one answer."""
    alice = scene.client("alice", options=Options(subscribe=False))
    for n in range(130):
        alice.initiate_ad_hoc_conference([], subject=f"no. {n}")
    worker, = scene.server.rpc("imconf.list", "120")
    names = [c["subject"] for c in worker["conferences"]]
    assert names == [f"no. {n}" for n in range(120)]
    rest, = scene.server.rpc("imconf.list", "500", "s:",
                             f"s:{worker['next']}")
    assert [c["subject"] for c in rest["conferences"]] \
        == [f"no. {n}" for n in range(120, 130)]
    assert "next" not in rest


def test_RPC_create_and_invite_by_an_operator(scene):
    alice, bob, carol = scene.people("alice", "bob", "carol")
    host = "sip:operations@example.org"
    started, = scene.server.rpc("imconf.create", host, "incident 42",
                                alice.aor, bob.aor)
    assert (started["subject"], started["invited_or_in"]) == ("incident 42", 2)
    first = alice.wait_connected()
    invite = alice.wait_request("INVITE")
    assert host in invite.get("Referred-By")
    assert invite.get("Subject") == "incident 42"
    bob.wait_connected().leg.wait_bound()
    first.leg.wait_bound()
    identity = started["identity"]
    told, = scene.server.rpc("imconf.invite", identity, carol.aor)
    assert told["invited_or_in"] == 3
    carol.wait_connected().leg.wait_bound()
    assert first.send_text("who is there?").wait() == 200
    for member in (bob, carol):
        member.wait_message("who is there?")
    scene.server.rpc("imconf.kick", identity, carol.aor)
    carol.wait_bye()
    scene.server.rpc("imconf.invite", identity, carol.aor)
    carol.wait_connected(2)
    for wrong in (("imconf.invite", identity), ("imconf.create", host, "x"),
                  ("imconf.create", "nobody", "x", bob.aor),
                  ("imconf.invite", identity, "nobody"),
                  ("imconf.invite", identity, scene.server.factory)):
        with pytest.raises(rpc.RpcError, match="error: 400"):
            scene.server.rpc(*wrong)


def test_RPC_create_lasts_while_somebody_is_invited(scene):
    alice, bob = scene.people("alice", "bob")
    alice.answer = Answer.refuse(603)
    bob.answer = Answer.ringing()
    scene.server.rpc("imconf.create", "s:", "s:", alice.aor, bob.aor)
    bob.wait_request("INVITE")
    scene.wait_statistic("invites_declined", 1)
    scene.wait_statistic("conferences", 1)
    bob.sessions[-1].refuse(486)
    scene.wait_statistic("ended", 1)
    counted = scene.server.statistics()
    assert (counted["invites_busy"], counted["conferences"]) == (1, 0)


def test_RPC_kick_removes_one_for_good(scene):
    alice, bob, carol = scene.people("alice", "bob", "carol")
    carol.answer = Answer.ringing()
    session = alice.initiate_ad_hoc_conference(["bob", "carol"])
    bob.wait_connected()
    carol.wait_request("INVITE")
    scene.server.rpc("imconf.kick", session.identity, bob.aor)
    assert "Reason" in str(bob.wait_bye())
    scene.server.rpc("imconf.kick", session.identity, carol.aor)
    carol.wait_request("CANCEL")
    alice.wait_roster({"alice": "connected"})
    pending = bob.rejoin(session.identity, wait=False)
    assert pending.exchange.wait().status == 403
    for user in (bob.aor, "sip:nobody@example.org"):
        with pytest.raises(rpc.RpcError, match="error: 404"):
            scene.server.rpc("imconf.kick", session.identity, user)
    with pytest.raises(rpc.RpcError, match="error: 400"):
        scene.server.rpc("imconf.kick", session.identity)


@pytest.mark.server(params={"xdms_password": "secret"})
def test_RPC_params_shows_what_is_in_force(scene):
    shown, = scene.server.rpc("imconf.params")
    assert shown["factory_uri"] is not None
    assert (shown["max_participants"], shown["notify_min_interval"]) \
        == (100, 1000)
    assert shown["msrp_port"] == scene.server.msrp_port
    assert shown["xdms_password"] == "(set)"
    one, = scene.server.rpc("imconf.params", "invite_timeout")
    assert one == {"invite_timeout": 180}
    with pytest.raises(rpc.RpcError, match="error: 404"):
        scene.server.rpc("imconf.params", "no_such_thing")


def test_RPC_show_takes_the_user_part_too(scene):
    session = scene.client("alice").initiate_ad_hoc_conference([])
    token = session.identity.removeprefix("sip:").partition("@")[0]
    assert scene.server.show(token)["identity"] == session.identity


@pytest.mark.parametrize("name", [
    "nobody", "sip:nobody@x", f"conf-0{'0' * 32}", f"conf-9{'0' * 32}"])
def test_RPC_show_of_nothing_is_a_fault(scene, name):
    with pytest.raises(rpc.RpcError, match="error: 404"):
        scene.server.rpc("imconf.show", name)


def test_RPC_show_without_a_name_is_a_fault(scene):
    with pytest.raises(rpc.RpcError, match="error: 400"):
        scene.server.rpc("imconf.show")


def test_RPC_a_stuck_worker_does_not_hold_up_rpc(scene):
    session = scene.client("alice").initiate_ad_hoc_conference([])
    with Frozen(scene.server):
        began = time.monotonic()
        with pytest.raises(rpc.RpcError, match="error: 504"):
            scene.server.rpc("imconf.list")
        assert time.monotonic() - began > 0.9
        with pytest.raises(rpc.RpcError, match="error: 504"):
            scene.server.rpc("imconf.show", session.identity)
    assert scene.server.show(session.identity)["present"] == 1


def test_RPC_statistics_tell_the_story(scene):
    alice, bob, carol = scene.people("alice", "bob", "carol")
    carol.answer = Answer.refuse(603)
    mine = alice.initiate_ad_hoc_conference(["bob", "carol"])
    bobs = bob.wait_connected()
    for session in (mine, bobs):
        session.leg.wait_bound()
    scene.wait_statistic("invites_failed", 1)
    now = scene.server.statistics()
    assert (now["conferences"], now["participants"], now["legs"]) == (1, 2, 2)
    assert (now["invites"], now["invites_answered"]) == (2, 1)
    assert now["subscriptions"] == 2
    assert mine.send_text("hello").wait() == 200
    bob.wait_message("hello")
    alice.initiate_ad_hoc_conference(
        [], wait=False, headers=[("Require", "x")]).exchange.wait()
    for session in (bobs, mine):
        session.leave()
    scene.wait_statistic("ended", 1)
    end = scene.server.statistics()
    assert (end["created"], end["refused"], end["messages"]) == (1, 1, 1)
    assert (end["conferences"], end["participants"], end["legs"]) == (0, 0, 0)


@pytest.mark.server(workers=1)
def test_RPC_memory_is_the_same_after_fifty_conferences(scene):
    """Shared and the worker's own: what every test leaves is not added up."""
    alice = scene.client("alice")
    bob = scene.client("bob", "tcp")

    def play(count: int) -> None:
        for _ in range(count):
            sessions = scene.conference(alice, bob)
            sessions[0].send_text("x" * 1000).wait()
            for session in reversed(sessions):
                session.leave()
        scene.wait_statistic("conferences", 0)

    def settled() -> int:
        """tm lets go of the last transactions some time after wt_timer."""
        values = [0, 1, 2]
        while len(set(values[-3:])) > 1:
            time.sleep(0.5)
            values.append(scene.server.shared_used())
        return values[-1]
    play(5)
    before = settled()
    play(50)
    poll(lambda: scene.server.shared_used() - before < 1024, 40,
         "shared memory back")


def test_RPC_end_ends_a_conference_for_everybody(scene):
    alice, bob, carol = scene.people("alice", "bob", "carol")
    carol.answer = Answer.ringing()
    session = alice.initiate_ad_hoc_conference(["bob", "carol"])
    bob.wait_connected()
    carol.wait_request("INVITE")
    alice.wait_roster({"alice": "connected", "bob": "connected",
                       "carol": "alerting"})
    told = scene.server.rpc("imconf.end", session.identity)
    assert told[0]["present"] == 2
    for member in (alice, bob):
        bye = member.wait_bye()
        assert "Ended by operator" in bye.get("Reason")
        member.wait_for(
            lambda m=member: m.subscriptions[-1].state == "terminated",
            5, "the last NOTIFY")
        assert member.subscriptions[-1].reason == "noresource"
    carol.wait_request("CANCEL")
    scene.wait_statistic("ended", 1)
    with pytest.raises(rpc.RpcError, match="error: 404"):
        scene.server.rpc("imconf.end", session.identity)


def test_RPC_end_without_a_name_is_a_fault(scene):
    with pytest.raises(rpc.RpcError, match="error: 400"):
        scene.server.rpc("imconf.end")


# Each command with arguments that are missing, empty ("s:"; kamcmd makes the
# number 0 of ""), too long or of another type: {} is a conference that runs,
# and the code is the fault's
LONG = "x" * 5000
WRONG = [
    (["imconf.list", "many"], 400), (["imconf.list", "s:10x"], 400),
    (["imconf.list", "s:-1"], 400), (["imconf.list", "99999999999"], 400),
    (["imconf.list", "10", LONG], 413), (["imconf.list", "10", "", "9:0"], 400),
    (["imconf.list", "10", "", "s:0:x"], 400),
    (["imconf.list", "10", "", LONG], 413),
    (["imconf.show"], 400), (["imconf.show", "s:"], 400),
    (["imconf.show", ""], 404), (["imconf.show", LONG], 413),
    (["imconf.show", "{}", "none"], 400), (["imconf.show", "{}", "0"], 400),
    (["imconf.show", "{}", "10", "s:-1"], 400),
    (["imconf.show", "{}", "10", "me"], 400),
    (["imconf.subscriptions"], 400), (["imconf.subscriptions", "s:"], 400),
    (["imconf.subscriptions", "{}", "501"], 400),
    (["imconf.end"], 400), (["imconf.end", "s:"], 400),
    (["imconf.end", ""], 404), (["imconf.end", LONG], 413),
    (["imconf.kick"], 400), (["imconf.kick", "{}"], 400),
    (["imconf.kick", "s:", "sip:a@b"], 400),
    (["imconf.kick", "{}", "s:"], 400), (["imconf.kick", "{}", "17"], 404),
    (["imconf.kick", "{}", LONG], 413),
    (["imconf.announce"], 400), (["imconf.announce", "{}"], 400),
    (["imconf.announce", "{}", ""], 400),
    (["imconf.announce", "{}", "s:"], 400),
    (["imconf.announce", "{}", "   "], 400),
    (["imconf.announce", "{}", "17"], 400),
    (["imconf.announce", "{}", LONG], 413),
    (["imconf.create"], 400), (["imconf.create", "s:"], 400),
    (["imconf.create", "s:", "s:"], 400),
    (["imconf.create", "s:", "s:", "s:"], 400),
    (["imconf.create", "s:", "s:", "17"], 400),
    (["imconf.create", "x", "s:", "sip:a@b"], 400),
    (["imconf.create", "s:", LONG, "sip:a@b"], 413),
    (["imconf.invite"], 400), (["imconf.invite", "{}"], 400),
    (["imconf.invite", "{}", "s:"], 400),
    (["imconf.invite", "{}", "sip:a@b", ""], 400),
    (["imconf.invite", "{}", f"sip:{LONG}@b"], 413),
    (["imconf.drain", "perhaps"], 400), (["imconf.drain", "17"], 400),
    (["imconf.drain", LONG], 413),
    (["imconf.groups", "all"], 400), (["imconf.groups", "0"], 400),
    (["imconf.reload_group"], 400), (["imconf.reload_group", "s:"], 400),
    (["imconf.reload_group", "team"], 400),
    (["imconf.reload_group", f"sip:{LONG}@b"], 413),
    (["imconf.params", "17"], 404), (["imconf.params", LONG], 413),
    (["imconf.reload_tls"], 404)]


def fault(scene: Scene, command: list[str]) -> str:
    try:
        scene.server.rpc(*command)
    except rpc.RpcError as error:
        return str(error).partition("error: ")[2]
    return "none"


def test_RPC_wrong_arguments_are_faults_with_a_sentence(scene):
    session = scene.client("alice").initiate_ad_hoc_conference([])
    wrong = []
    for command, code in WRONG:
        given = [session.identity if w == "{}" else w for w in command]
        said = fault(scene, given)
        if not re.match(rf"{code} - [A-Z]\w* .*\w+ \w+", said):
            wrong.append(([word[:20] for word in command], code, said))
    assert wrong == []
    assert scene.server.show(session.identity)["present"] == 1
    assert scene.server.rpc("imconf.drain", "status")[0]["draining"] == 0
    assert scene.server.statistics()["ended"] == 0
    told, = scene.server.rpc("imconf.announce", session.identity, "s:17")
    assert told["recipients"] == 1
    session.client.wait_message("17")
