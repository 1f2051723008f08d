# SPDX-License-Identifier: GPL-2.0-or-later
"""What an operator limits, drains and sets while the server runs."""

import pytest

from imclient import IMClient
from kamailio import rpc
from scene import Scene


def refused(client: IMClient, users: list[str] | None = None):
    """The answer to an INVITE to the factory that makes no conference."""
    session = client.initiate_ad_hoc_conference(users or [], wait=False)
    answer = session.exchange.wait()
    assert answer.status >= 400
    return answer


def set_now(scene: Scene, name: str, value: int) -> None:
    """In the process of RPC and, once imconf.params says so, in force."""
    scene.server.rpc("cfg.set_now_int", "imconf", name, str(value))
    assert scene.server.rpc("imconf.params", name) == [{name: value}]


@pytest.mark.server(params={"max_conferences": 2}, workers=2)
def test_LIMIT_conferences_of_all_workers(scene):
    alice = scene.client("alice")
    first, _ = (alice.initiate_ad_hoc_conference([]) for _ in range(2))
    answer = refused(alice)
    assert answer.status == 480
    assert int(answer.get("Retry-After")) > 0
    scene.server.wait_log("refused with 480 .*max_conferences")
    first.leave()
    scene.wait_statistic("conferences", 1)
    alice.initiate_ad_hoc_conference([])
    counted = scene.server.statistics()
    assert counted["limited_conferences"] == 1
    assert counted["refused_unavailable"] == counted["refused"] == 1


@pytest.mark.server(params={"max_conferences": 3, "max_participants": 2},
                    workers=2)
def test_LIMIT_conferences_are_never_more_whoever_decides_at_once(scene):
    """And what was refused for another reason takes nobody's place."""
    people = scene.people("alice", "bob", "carol", "dave")
    for _ in range(3):
        assert refused(people[0], ["bob", "carol"]).status == 486
        with pytest.raises(rpc.RpcError, match="486"):
            scene.server.rpc("imconf.create", "s:", "s:",
                             *(c.aor for c in people[:3]))
    asked = [c.initiate_ad_hoc_conference([], wait=False)
             for _ in range(6) for c in people]
    said = [session.exchange.wait(15).status for session in asked]
    assert sorted(said) == [200] * 3 + [480] * 21
    assert len(scene.server.conferences()) == 3
    scene.server.rpc("imconf.drain", "end")
    scene.wait_statistic("conferences", 0, 15)
    scene.server.rpc("imconf.drain", "off")
    people[0].initiate_ad_hoc_conference([])


@pytest.mark.server(params={"max_subscriptions": 1, "overload_code": 503})
def test_LIMIT_subscriptions_of_all_workers(scene):
    alice, bob = scene.people("alice", "bob")
    mine = alice.initiate_ad_hoc_conference(["bob"])
    theirs = bob.wait_connected()
    scene.poll(lambda: scene.server.statistics()["limited_subscriptions"] == 1,
               15, "a refused subscription")
    scene.server.wait_log("refused with 503 .*max_subscriptions")
    scene.wait_statistic("subscriptions", 1)
    theirs.leg.wait_bound()
    mine.leg.wait_bound()
    assert mine.send_text("heard all the same").wait() == 200
    bob.wait_message("heard all the same")


@pytest.mark.server(params={"user_conferences_per_minute": 2}, workers=2)
def test_LIMIT_conferences_of_one_user_within_a_minute(scene):
    alice, bob = scene.people("alice", "bob")
    for _ in range(2):
        alice.initiate_ad_hoc_conference([])
    answer = refused(alice)
    assert answer.status == 480
    assert 1 <= int(answer.get("Retry-After")) <= 60
    scene.server.wait_log("refused with 480 .*user_conferences_per_minute")
    bob.initiate_ad_hoc_conference([])
    scene.wait_statistic("limited_rate", 1)


@pytest.mark.server(params={"worker_memory_max": 1})
def test_LIMIT_memory_of_a_worker(scene):
    """No worker lives on a MiB: nothing new, until there may be more."""
    alice, bob = scene.people("alice", "bob")
    answer = refused(alice)
    assert (answer.status, "Retry-After" in str(answer)) == (480, True)
    scene.server.wait_log("refused with 480 .*worker_memory_max")
    scene.wait_statistic("limited_memory", 1)
    set_now(scene, "worker_memory_max", 0)
    mine = alice.initiate_ad_hoc_conference(["bob"])
    theirs = bob.wait_connected()
    set_now(scene, "worker_memory_max", 1)
    again = bob.rejoin(mine.identity, wait=False)
    assert again.exchange.wait().status == 480
    assert theirs.state == "connected"


def test_DRAIN_no_new_conferences_and_the_running_ones_go_on(scene):
    alice, bob = scene.people("alice", "bob")
    mine, theirs = scene.conference(alice, bob)
    told = scene.server.rpc("imconf.drain")
    assert all(worker["draining"] == 1 for worker in told)
    assert sum(worker["conferences"] for worker in told) == 1
    answer = refused(alice, ["bob"])
    assert (answer.status, int(answer.get("Retry-After")) > 0) == (480, True)
    scene.server.wait_log("refused with 480 .*drained")
    assert theirs.bye().wait().status == 200
    bob.rejoin(mine.identity).leg.wait_bound()
    assert mine.send_text("still here").wait() == 200
    bob.wait_message("still here")
    scene.server.rpc("imconf.drain", "off")
    alice.initiate_ad_hoc_conference([])
    scene.wait_statistic("limited_draining", 1)
    with pytest.raises(rpc.RpcError, match="error: 400"):
        scene.server.rpc("imconf.drain", "sideways")


def test_DRAIN_end_says_goodbye_to_everybody(scene):
    alice, bob = scene.people("alice", "bob")
    for _ in range(3):
        scene.conference(alice, bob)
    scene.server.rpc("imconf.drain", "end")
    for member in (alice, bob):
        member.wait_for(
            lambda m=member: all(s.state == "ended" for s in m.sessions),
            15, "BYE in every session")
    scene.wait_statistic("ended", 3)
    told = scene.server.rpc("imconf.drain", "status")
    assert sum(worker["conferences"] for worker in told) == 0
    assert all(worker["draining"] for worker in told)
    scene.server.rpc("imconf.drain", "off")


# Kamailio's cfg framework

def test_CFG_a_limit_set_at_run_time_counts_for_the_next_request(scene):
    alice = scene.client("alice")
    alice.initiate_ad_hoc_conference(["bob", "carol"])
    set_now(scene, "max_participants", 2)
    assert refused(alice, ["bob", "carol"]).status == 486
    scene.wait_statistic("refused_full", 1)
    set_now(scene, "max_participants", 3)
    set_now(scene, "invite_timeout", 1)
    alice.initiate_ad_hoc_conference(["bob", "carol"])
    listed = rpc.call(str(scene.server.socket), "cfg.list", "imconf")
    assert "invite_timeout" in listed


def test_CFG_what_people_notice_changes_for_what_begins_from_then_on(scene):
    alice, bob = scene.people("alice", "bob")
    mine, bobs = scene.conference(alice, bob)
    assert [mine.send_text(f"no. {n}").wait() for n in range(3)] == [200] * 3
    set_now(scene, "message_burst", 1)
    set_now(scene, "message_rate", 1)
    scene.server.show(mine.identity)    # its worker has seen them then
    said = [mine.send_text(f"hasty {n}") for n in range(3)]
    assert 413 in [message.wait() for message in said]
    set_now(scene, "message_rate", 0)
    set_now(scene, "idle_timeout", 1)
    set_now(scene, "announce", 1)
    later = alice.initiate_ad_hoc_conference(["bob"])
    later.leg.wait_bound()
    second = bob.wait_connected(2)
    alice.wait_message(f"{bob.aor.removeprefix('sip:')} has joined")
    scene.poll(lambda: scene.server.statistics()["ended_idle"] == 1, 15,
               "the end of the silent one")
    alice.wait_for(lambda: later.state == second.state == "ended", 15, "BYE")
    assert mine.send_text("the older one goes on").wait() == 200
    bob.wait_message("the older one goes on")
    assert [s.state for s in (mine, bobs)] == ["connected"] * 2


@pytest.mark.parametrize("name, value, sentence", [
    ("overload_code", 500, "it must be 480 or 503"),
    ("anonymity_refusal_code", 404, "it must be 403 or 433"),
    ("xdms_down_code", 481, "it must be 480, 500 or 503"),
    ("xdms_timeout", 30000, "must be below tm's fr_timer"),
    ("max_participants", 1, "out of range"),
    ("min_expires", 80000, "min_expires is above max_expires"),
    ("collect_max", 16777216, "message_max is below collect_max"),
    ("msrp_port", 5000, "")])
def test_CFG_wrong_values_are_refused(scene, name, value, sentence):
    before = scene.server.rpc("imconf.params", name)
    scene.expect_log("check_pairs|check_codes|check_xdms_timeout|cfg_")
    with pytest.raises(rpc.RpcError):
        scene.server.rpc("cfg.set_now_int", "imconf", name, str(value))
    scene.server.wait_log(sentence)
    assert scene.server.rpc("imconf.params", name) == before
