# SPDX-License-Identifier: GPL-2.0-or-later
"""The roster against RFC 4575 section 4.6, and what it complains about."""

import pytest

from imclient.roster import Roster

FULL = '<conference-description/>'


def user(name, status="connected", state="full", extra=""):
    return (f'<user entity="sip:{name}" state="{state}"{extra}>'
            f'<endpoint entity="sip:{name}"><status>{status}</status>'
            f'</endpoint></user>')


def plain(name, status="connected", extra=""):
    return user(name, status, "full", extra).replace(' state="full"', "")


def document(version, content, state="full", entity="sip:c"):
    return (f'<conference-info xmlns="urn:ietf:params:xml:ns:conference-info"'
            f' entity="{entity}" state="{state}" version="{version}">'
            f'{content}</conference-info>').encode()


def full(version, *users):
    return document(version, f"{FULL}<users>{''.join(users)}</users>")


def partial(version, *users):
    return document(version, '<users state="partial">'
                    f"{''.join(users)}</users>", "partial")


def fed(*documents):
    roster = Roster()
    for item in documents:
        roster.feed(item)
    return roster


def test_full_then_partials():
    roster = fed(full(1, plain("a"), plain("b", "alerting")),
                 partial(2, user("b", "connected"), user("c", "alerting")),
                 partial(3, user("a", "disconnected")),
                 partial(4, '<user entity="sip:a" state="deleted"/>'))
    assert roster.users == {"sip:b": "connected", "sip:c": "alerting"}
    assert roster.versions == [1, 2, 3, 4] and roster.problems == []


def test_partial_user_merges_endpoint_and_keeps_the_rest():
    roster = fed(full(1, plain("a", "alerting", ' yourown="true"').replace(
        "<endpoint", "<display-text>Al</display-text><endpoint")),
        partial(2, '<user entity="sip:a" state="partial"><endpoint '
                'entity="sip:a" state="partial"><status>connected</status>'
                '</endpoint></user>'))
    assert roster.users == {"sip:a": "connected"}
    assert roster.display_names == {"sip:a": "Al"}
    assert roster.yourown == ["sip:a"] and roster.problems == []


def test_full_user_replaces_the_whole_row():
    roster = fed(full(1, plain("a").replace(
        "<endpoint", "<display-text>Al</display-text><endpoint")),
        partial(2, user("a", "disconnected")))
    assert roster.display_names == {"sip:a": ""}


def test_gap_is_reported_and_not_applied():
    roster = fed(full(1, plain("a")), partial(3, user("b")))
    assert roster.users == {"sip:a": "connected"} and roster.needs_full
    assert any("gap: version 3 after 1" in p for p in roster.problems)
    roster.feed(full(4, plain("b")))
    assert roster.users == {"sip:b": "connected"} and not roster.needs_full


def test_a_full_document_may_jump():
    assert fed(full(1, plain("a")), full(9, plain("b"))).problems == []


@pytest.mark.parametrize("version", [1, 2])
def test_old_versions_are_dropped(version):
    roster = fed(full(2, plain("a")), full(version, plain("b")))
    assert roster.users == {"sip:a": "connected"}
    assert any(f"version {version} after 2" in p for p in roster.problems)


def test_partial_before_full():
    roster = fed(partial(1, user("a")))
    assert roster.users == {} and roster.needs_full and roster.problems


def test_deleted_conference():
    roster = fed(full(1, plain("a")), document(2, "", "deleted"))
    assert roster.deleted and roster.users == {}


def test_full_users_in_partial_document_wipe_and_are_reported():
    content = f"<users>{plain('b')}</users>"
    roster = fed(full(1, plain("a")), document(2, content, "partial"))
    assert roster.users == {"sip:b": "connected"}
    assert any("full <users> in a partial" in p for p in roster.problems)


@pytest.mark.parametrize("content,problem", [
    (f"{FULL}<users><user entity='sip:a'><endpoint entity='e'><status>here"
     "</status></endpoint></user></users>", "status 'here'"),
    (f"<users/>{FULL}", "too late inside"),
    (f"{FULL}{FULL}<users/>", "second <conference-description>"),
    (f"{FULL}<users/><nonsense/>", "<nonsense> inside"),
    (f"{FULL}<x:e xmlns:x='urn:x'/><users/>", "too late inside"),
    ("<users/>", "without <conference-description>"),
    (FULL, "without <users>"),
    (f"{FULL}<users state='partial'/>", "in a full document"),
    (f"{FULL}<users state='some'/>", "state='some'"),
    (f"{FULL}<users><user/></users>", "<user> without entity"),
    (f"{FULL}<conference-state><user-count>x</user-count></conference-state>"
     "<users/>", "user-count 'x'"),
    (f"{FULL}<users>{plain('a')}{plain('a')}</users>", "twice in one"),
])
def test_schema_and_state_errors_are_reported(content, problem):
    roster = fed(document(1, content))
    assert any(problem in text for text in roster.problems), roster.problems


def test_not_xml_and_entity_change():
    roster = fed(b"<conference-info", full(1, plain("a")),
                 document(2, f"{FULL}<users/>", entity="sip:other"))
    assert "not well-formed" in roster.problems[0]
    assert "entity changed" in roster.problems[1]


def test_details_of_a_full_document():
    roster = fed(document(1, (
        "<conference-description><subject>Lunch</subject>"
        "<maximum-user-count>7</maximum-user-count></conference-description>"
        "<users><user entity='sip:a'><endpoint entity='sip:a'>"
        "<status>disconnected</status><disconnection-method>departed"
        "</disconnection-method></endpoint></user></users>")))
    assert (roster.subject, roster.maximum) == ("Lunch", 7)
    assert roster.detail("sip:a", "disconnection-method") == "departed"
    assert roster.problems == []
