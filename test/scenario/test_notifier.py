# SPDX-License-Identifier: GPL-2.0-or-later
"""Conference state: who may watch, what is told, and how watching ends."""

import xml.etree.ElementTree as ElementTree

import pytest

from imclient import Answer, Entry, IMClient, Options, Refused, SipMessage
from imclient.roster import NS
from imclient.sip_message import params_of
from scene import Scene

QUICK_TM = 'modparam("tm", "fr_timer", 1500)'
SLOW_TM = 'modparam("tm", "fr_timer", 5000)'
# nobody would wait for one so shortly
NO_XDMS = {"xdms_root": ""}


def watcher(scene: Scene, user: str, **options) -> IMClient:
    """A client that subscribes only when told to."""
    return scene.client(user, options=Options(subscribe=False, **options))


def refused(client: IMClient, target, **options) -> SipMessage:
    with pytest.raises(Refused) as caught:
        client.subscribe(target, **options)
    return caught.value.response


def users_of(notify: SipMessage) -> list[ElementTree.Element]:
    root = ElementTree.fromstring(notify.body)
    return root.findall(f"{NS}users/{NS}user")


def state_of(notify: SipMessage) -> tuple[str, dict[str, str]]:
    value = notify.get("Subscription-State")
    return value.split(";")[0], params_of(value)


# S1 to S4

def test_G11_S1_a_dialog_of_its_own(scene):
    alice = watcher(scene, "alice")
    session = alice.initiate_ad_hoc_conference([])
    subscription = alice.subscribe(session)
    notify = alice.wait_notify()
    assert notify.call_id != session.dialog.call_id
    assert notify.get("Event") == "conference"
    assert notify.get("Content-Type") == "application/conference-info+xml"
    assert subscription.dialog.remote_tag == notify.from_tag


@pytest.mark.parametrize("event", ["presence", "conference-x", "refer"])
def test_S1_other_events_get_489(scene, event):
    alice = watcher(scene, "alice")
    session = alice.initiate_ad_hoc_conference([])
    response = refused(alice, session, headers=[("Event", event)])
    assert response.status == 489
    assert response.tokens("Allow-Events") == {"conference"}


def test_S1_no_event_gets_489(scene):
    alice = watcher(scene, "alice")
    session = alice.initiate_ad_hoc_conference([])
    assert refused(alice, session, headers=[("Event", None)]).status == 489


def test_S1_accept_may_be_absent_but_not_foreign(scene):
    alice = watcher(scene, "alice")
    session = alice.initiate_ad_hoc_conference([])
    alice.subscribe(session, headers=[("Accept", None)])
    alice.wait_notify()
    response = refused(alice, session, headers=[("Accept", "text/plain")])
    assert response.status == 406
    assert response.tokens("Accept") == {"application/conference-info+xml"}


def test_S2_the_port_and_parameters_do_not_matter(scene):
    """Some clients subscribe to the Contact without its port."""
    alice = watcher(scene, "alice")
    session = alice.initiate_ad_hoc_conference([])
    bare = session.identity.rpartition(":")[0]
    for uri in (bare, session.identity + ";transport=udp"):
        alice.subscribe(uri)
        alice.wait_notify()


def test_S2_unknown_conference_gets_404(scene):
    alice = watcher(scene, "alice")
    unknown = f"sip:conf-1{'a' * 32}@{scene.server.domain}"
    assert refused(alice, unknown).status == 404


def test_S3_the_answer_is_200_with_what_a_dialog_needs(scene):
    alice = watcher(scene, "alice")
    session = alice.initiate_ad_hoc_conference([])
    subscription = alice.subscribe(session, expires=600)
    response = subscription.exchange.final
    assert response.status == 200
    assert response.get("Expires") == "600"
    assert "isfocus" in params_of(response.get("Contact"))
    assert response.to_tag


def test_S3_the_answer_comes_before_the_notify(scene):
    alice = watcher(scene, "alice")
    session = alice.initiate_ad_hoc_conference([])
    alice.subscribe(session)
    alice.wait_notify()
    order = [e.message.method for e in alice.log if e.direction == "received"
             and isinstance(e.message, SipMessage)
             and e.message.method in ("SUBSCRIBE", "NOTIFY")]
    assert order == ["SUBSCRIBE", "NOTIFY"]


@pytest.mark.server(params={"max_expires": 1200})
def test_S3_expires_is_cut_to_the_maximum(scene):
    alice = watcher(scene, "alice")
    session = alice.initiate_ad_hoc_conference([])
    assert alice.subscribe(session, expires=9999).expires == 1200


@pytest.mark.server(params={"default_expires": 777})
def test_S3_expires_has_a_default(scene):
    alice = watcher(scene, "alice")
    session = alice.initiate_ad_hoc_conference([])
    subscription = alice.subscribe(session, headers=[("Expires", None)])
    assert subscription.exchange.final.get("Expires") == "777"


def test_S4_full_state_at_once(scene):
    alice, bob = scene.people("alice", "bob")
    mine, _ = scene.conference(alice, bob)
    carol = watcher(scene, "bob")
    carol.subscribe(mine.identity)
    notify = carol.wait_notify()
    root = ElementTree.fromstring(notify.body)
    assert root.get("state", "full") == "full"
    assert {u.get("entity") for u in users_of(notify)} == {
        alice.aor, bob.aor}
    state, params = state_of(notify)
    assert state == "active" and 3590 <= int(params["expires"]) <= 3600


def test_S4_S5_every_change_is_told_to_everybody(scene):
    names = ("alice", "bob", "carol")
    alice, bob, carol = scene.people(*names)
    _, bobs, _ = scene.conference(alice, bob, carol)
    bobs.leave()
    for one in (alice, carol):
        one.wait_roster({"alice": "connected", "carol": "connected"})
        assert one.roster.versions == list(
            range(1, len(one.roster.versions) + 1))


# Refresh and end

def test_S4_refresh_brings_full_state_with_the_next_version(scene):
    alice = watcher(scene, "alice")
    session = alice.initiate_ad_hoc_conference([])
    subscription = alice.subscribe(session)
    alice.wait_notify(1)
    response = alice.refresh_subscription(subscription, 900)
    assert (response.status, response.get("Expires")) == (200, "900")
    alice.wait_notify(2)
    assert subscription.roster.versions == [1, 2]
    assert b'state="partial"' not in subscription.roster.documents[1]


def test_S4_refresh_with_an_old_cseq_is_refused(scene):
    alice = watcher(scene, "alice")
    session = alice.initiate_ad_hoc_conference([])
    subscription = alice.subscribe(session)
    alice.wait_notify()
    dialog = subscription.dialog
    old = dialog.request("SUBSCRIBE", dialog.local_cseq)
    exchange = alice.send_in_dialog(dialog, old, [
        ("Event", "conference"), ("Expires", "600")])
    assert exchange.wait().status == 500


def test_S8_expires_0_ends_it_with_a_last_notify(scene):
    alice = watcher(scene, "alice")
    session = alice.initiate_ad_hoc_conference([])
    subscription = alice.subscribe(session)
    alice.wait_notify()
    response = alice.unsubscribe(subscription)
    assert (response.status, response.get("Expires")) == (200, "0")
    subscription.wait_state("terminated")
    assert subscription.reason == "timeout"
    scene.wait_statistic("subscriptions", 0)
    assert alice.refresh_subscription(subscription).status == 481


def test_S8_a_subscription_for_0_s_is_a_question(scene):
    """RFC 6665 4.4.3: one NOTIFY, and that is it."""
    alice = watcher(scene, "alice")
    session = alice.initiate_ad_hoc_conference([])
    subscription = alice.subscribe(session, expires=0)
    subscription.wait_state("terminated")
    assert subscription.roster.users == {alice.aor: "connected"}
    scene.wait_statistic("subscriptions", 0)


@pytest.mark.server(params={"min_expires": 1})
def test_S8_an_expired_subscription_ends(scene):
    alice = watcher(scene, "alice")
    alice.auto_refresh = False
    session = alice.initiate_ad_hoc_conference([])
    subscription = alice.subscribe(session, expires=1)
    subscription.wait_state("terminated")
    assert subscription.reason == "timeout"
    scene.wait_statistic("subscriptions", 0)


@pytest.mark.server(params={"min_expires": 1})
def test_S8_a_refresh_in_time_keeps_it(scene):
    alice = watcher(scene, "alice", expires=2)
    session = alice.initiate_ad_hoc_conference([])
    subscription = alice.subscribe(session, expires=2)
    alice.wait_notify(4, timeout=8)
    assert subscription.state == "active"


@pytest.mark.server(params={"min_expires": 120})
def test_S3_too_brief_gets_423_with_the_minimum(scene):
    alice = watcher(scene, "alice")
    session = alice.initiate_ad_hoc_conference([])
    subscription = alice.subscribe(session, expires=119)
    assert alice.wait_response("SUBSCRIBE", 423).get("Min-Expires") == "120"
    # the client asks again, as it should
    assert subscription.expires == 120


def test_S8_noresource_when_the_conference_ends(scene):
    alice, bob = scene.people("alice", "bob")
    mine, bobs = scene.conference(alice, bob)
    bob.wait_notify()
    bobs.bye().wait()
    mine.bye().wait()
    for one in (alice, bob):
        one.subscriptions[0].wait_state("terminated")
        assert one.subscriptions[0].reason == "noresource"
        assert one.roster.users == {}
    response = refused(alice, mine.identity)
    assert response.status == 404


# S9

def test_S9_strangers_may_not_watch(scene):
    alice = watcher(scene, "alice")
    session = alice.initiate_ad_hoc_conference([])
    assert refused(watcher(scene, "mallory"), session.identity).status == 403


def test_S9_who_is_invited_may_watch(scene):
    alice = watcher(scene, "alice")
    bob = scene.client("bob", answer=Answer.ringing())
    session = alice.initiate_ad_hoc_conference(["bob"])
    bob.wait_invited()
    bob.subscribe(session.identity)
    bob.wait_roster({"alice": "connected", "bob": "alerting"})


def test_S9_a_participant_is_known_by_any_of_its_names(scene):
    alice = watcher(scene, "alice")
    session = alice.initiate_ad_hoc_conference([])
    entity = alice.aor
    alice.aor = f"SIP:%61lice@{scene.server.domain}"
    alice.subscribe(session)
    notify = alice.wait_notify()
    assert users_of(notify)[0].get("entity") == entity


@pytest.mark.server(params={"trust_from": 0})
def test_S9_who_cannot_be_known_may_not_watch(scene):
    """Not even who says in From that it is invited."""
    alice = scene.client("alice", answer=Answer.ringing())
    running, = scene.server.rpc("imconf.create", "s:", "s:", alice.aor)
    alice.wait_invited()
    assert refused(alice, running["identity"]).status == 403
    scene.server.rpc("imconf.end", running["identity"])


# The document

def test_N3_entity_is_the_session_identity(scene):
    alice = scene.client("alice")
    session = alice.initiate_ad_hoc_conference([])
    alice.wait_notify()
    assert alice.roster.entity == session.identity


def test_N4_one_user_each_as_in_from_and_as_in_the_list(scene):
    at = scene.server.domain
    alice, bob = scene.people("alice", "bob")
    alice.aor = f"sip:alice@{at};user=ip"
    alice.initiate_ad_hoc_conference([f"sip:%62ob@{at}"])
    bob.wait_connected()
    wanted = {f"sip:alice@{at};user=ip": "connected",
              f"sip:%62ob@{at}": "connected"}
    alice.wait_roster(wanted)
    bob.wait_roster(wanted)
    assert len(users_of(bob.subscriptions[0].notifies[-1])) == 2


def test_N8_display_names_come_from_the_list(scene):
    alice, bob = scene.people("alice", "bob")
    alice.initiate_ad_hoc_conference(
        [Entry(bob.aor, "to", 'Bob <"B&B">')])
    alice.wait_roster({"alice": "connected", "bob": "connected"})
    assert alice.roster.display_names[bob.aor] == 'Bob <"B&B">'


def test_N9_one_endpoint_with_the_users_entity(scene):
    alice, bob = scene.people("alice", "bob")
    scene.conference(alice, bob)
    for user in users_of(alice.subscriptions[0].notifies[-1]):
        endpoints = user.findall(f"{NS}endpoint")
        assert [e.get("entity") for e in endpoints] == [user.get("entity")]
        assert endpoints[0].findtext(f"{NS}status") == "connected"
        assert endpoints[0].find(f"{NS}media") is None


def test_N9_disconnected_once_and_then_gone(scene):
    alice, bob, carol = scene.people("alice", "bob", "carol")
    _, bobs, carols = scene.conference(alice, bob, carol)
    bobs.leave()
    alice.wait_for(lambda: alice.roster.users.get(bob.aor) == "disconnected",
                   what="disconnected bob")
    assert alice.roster.detail(bob.aor, "disconnection-method") == "departed"
    carols.leave()
    alice.wait_roster({"alice": "connected"})
    assert bob.aor not in alice.roster.users
    users = {user.get("entity"): user.get("state")
             for user in users_of(alice.subscriptions[0].notifies[-1])}
    assert users[bob.aor] == "deleted"
    told = [user.findtext(f"{NS}endpoint/{NS}disconnection-method")
            for notify in alice.subscriptions[0].notifies
            for user in users_of(notify) if user.get("entity") == bob.aor]
    assert told.count("departed") == 1


def test_S6_N10_the_watcher_finds_itself(scene):
    alice, bob = scene.people("alice", "bob")
    scene.conference(alice, bob)
    for one in (alice, bob):
        assert one.roster.yourown == [one.aor]
        assert one.subscriptions[0].own_entity == one.aor


def test_S7_who_is_blocked_is_recognised_whenever_it_comes(scene):
    """Entities are compared octet by octet: in differences, in full, when
    somebody comes back by another spelling."""
    alice = scene.client("alice", options=Options(
        blocked=frozenset({f"sip:bob@{scene.server.domain}"})))
    bob, = scene.people("bob")
    mine, bobs = scene.conference(alice, bob)
    watching = alice.subscriptions[0]
    assert watching.blocked == [bob.aor]
    bobs.bye()
    alice.wait_roster({"alice": "connected"})
    assert watching.blocked == []
    bob.aor = f"sip:%62ob@{scene.server.domain};user=ip"
    bob.rejoin(mine.identity)
    bob.aor = f"sip:bob@{scene.server.domain}"
    alice.wait_roster({"alice": "connected", "bob": "connected"})
    assert watching.blocked == [bob.aor]
    seen = len(watching.notifies)
    alice.refresh_subscription(watching)
    alice.wait_notify(seen + 1, subscription=watching)
    assert watching.blocked == [bob.aor]


@pytest.mark.server(params={"max_participants": 7})
def test_N11_description_has_subject_and_maximum_only(scene):
    alice = scene.client("alice")
    alice.initiate_ad_hoc_conference([], subject='Tea <&> "cake" \u00fc')
    notify = alice.wait_notify()
    assert alice.roster.subject == 'Tea <&> "cake" \u00fc'
    assert alice.roster.maximum == 7
    root = ElementTree.fromstring(notify.body)
    described = root.find(f"{NS}conference-description")
    assert [child.tag for child in described] == [
        f"{NS}subject", f"{NS}maximum-user-count"]


# Watchers that fail

def test_N9_a_watcher_that_says_481_is_forgotten(scene):
    alice, bob = scene.people("alice", "bob")
    mine, _ = scene.conference(alice, bob)
    bob.options.answer_notify = 481
    mine.leave()
    scene.wait_statistic("subscriptions", 0)
    scene.wait_statistic("notifies_failed", 1)
    assert bob.sessions[0].state == "connected"


@pytest.mark.server(params=NO_XDMS, config=QUICK_TM)
def test_N9_a_watcher_that_says_nothing_is_forgotten(scene):
    alice, bob = scene.people("alice", "bob")
    mine, _ = scene.conference(alice, bob)
    bob.options.answer_notify = 0
    mine.leave()
    scene.wait_statistic("subscriptions", 0, timeout=10)
    assert bob.sessions[0].state == "connected"


@pytest.mark.server(params=NO_XDMS, config=SLOW_TM)
def test_N9_one_slow_watcher_delays_nobody(scene):
    """alice knows before bob is given up."""
    alice, bob, carol = scene.people("alice", "bob", "carol")
    _, _, carols = scene.conference(alice, bob, carol)
    bob.options.answer_notify = 0
    carols.leave()
    alice.wait_roster({"alice": "connected", "bob": "connected"})
    assert scene.server.statistics()["subscriptions"] == 2
    bob.options.answer_notify = 200


def test_N9_changes_while_a_notify_is_under_way_are_told_together(scene):
    """One NOTIFY in flight; what happens meanwhile comes with the next."""
    names = ("bob", "carol", "dave", "erin")
    alice = scene.client("alice")
    others = scene.people(*names)
    sessions = scene.conference(alice, *others)
    lost, losing = [], [True]

    def lose(direction, message):
        if direction == "received" and losing[0] \
                and isinstance(message, SipMessage) \
                and message.start.startswith("NOTIFY"):
            lost.append(message)
            return False
        return True
    before = len(alice.subscriptions[0].notifies)
    alice.hooks.append(lose)
    sessions[1].leave()
    alice.wait_for(lambda: lost, what="a NOTIFY to lose")
    for session in sessions[2:]:
        session.leave()
    losing[0] = False
    alice.wait_roster({"alice": "connected"})
    assert len(alice.subscriptions[0].notifies) - before < 4
    assert {alice.roster.users.get(o.aor) for o in others} \
        <= {"disconnected", None}


@pytest.mark.server(params={"max_participants": 1000})
def test_N9_what_no_datagram_holds_comes_in_parts(scene):
    """Hundreds fail to come while a NOTIFY is under way."""
    alice = scene.client("alice")
    mine = alice.initiate_ad_hoc_conference([])
    alice.wait_roster({"alice": "connected"})
    holding = [True]

    def lose_notify(direction, message):
        return not (holding[0] and direction == "received"
                    and isinstance(message, SipMessage)
                    and message.start.startswith("NOTIFY"))
    alice.hooks.append(lose_notify)
    alice.add_users(mine, [f"nobody{n}" for n in range(700)])
    scene.wait_statistic("invites_failed", 700, timeout=30)
    holding[0] = False
    told = alice.subscriptions[0].notifies

    def failed() -> set[str]:
        return {user.get("entity") for notify in list(told)
                for user in users_of(notify)
                if b"failed" in ElementTree.tostring(user)}
    everybody = {f"sip:nobody{n}@{scene.server.domain}" for n in range(700)}
    alice.wait_for(lambda: everybody <= failed(), 30, "those who failed")
    assert max(len(notify.body) for notify in told) <= 3000
