# SPDX-License-Identifier: GPL-2.0-or-later
"""The IM Client of the source document: SIP, MSRP and RFC 4575 in one package.

It is the oracle of the scenario tests, a terminal chat and a demonstration.
It shares nothing with the server's code and needs only the standard library.

    from imclient import Answer, IMClient, Options, Refused, WaitTimeout

    alice = IMClient("alice", "127.0.0.1:5060", ("127.0.0.1", 5060))
    bob = IMClient("bob", "127.0.0.1:5060", ("127.0.0.1", 5060),
                   transport="tcp", answer=Answer.accept())
    for client in (alice, bob):
        client.register()
    session = alice.initiate_ad_hoc_conference(["bob"], subject="Lunch?")
    theirs = bob.wait_connected()
    alice.wait_roster({"alice": "connected", "bob": "connected"})
    session.send_text("hello").wait()         # waits for the 200s
    bob.wait_message("hello")
    theirs.leave()
    alice.wait_roster({"alice": "connected"})
    alice.close(); bob.close()                # or: with IMClient(...) as alice

IMClient(user, domain, proxy, transport="udp", local_ip="127.0.0.1", port=0,
         password=None, options=Options(...), answer=Answer.accept())

Waiting never sleeps: everything runs in one thread per client, and all
`wait_*` methods take `timeout` (seconds, default PATIENCE) and raise WaitTimeout,
which says what was seen instead. Users are given as "bob" or as a full URI.

Procedures (each names its clause; imclient.CLAUSES maps "7.1.1.3" to it)
    register(expires=3600), unregister()
    query(uri) -> final response              OPTIONS (RFC 4579 5.13)
    initiate_ad_hoc_conference(users, ...)    7.1.1.3: -> Session once the
        final answer is in; raises Refused (.status, .response) otherwise.
        subject=, contribution_id=, list_xml= (bytes, instead of users),
        sdp= (bytes), headers= [(name, value)...] (added, or replacing),
        body= (content_type, bytes) replaces the whole body,
        wait=False returns while calling. On 200 it ACKs, connects MSRP and
        subscribes (Options.ack, Options.subscribe switch that off).
    extend_to_conference(session, users, ...) 7.1.1.6: the 1-to-1 session's
        peer is listed with Replaces; replacing(session) is its Entry
    rejoin(identity, ...)                     7.1.1.9: raises NotStored for
        an identity that no session of this client had
    subscribe(uri_or_session, expires=3600)   7.1.1.11 -> Subscription
        unsubscribe(subscription), refresh_subscription(subscription)
    modify_session(session, sdp=None)         7.1.1.5 -> Exchange; b"" leaves
        the offer to the server, answer= is what its ACK then carries
    refresh_session(session, "INVITE")        7.1.1.8, or by "UPDATE"
    add_user(target, user, subscribe=False)   7.1.1.7 -> Referral; target is
        a Session (in its dialog) or a URI (outside dialogs); privacy=,
        headers=, wait=. subscribe leaves Refer-Sub: false out
    add_users(target, users), expel_user(target, user, form="uri"|"header"|
        "query"|"bare"), expel_users(target, users), refer(target, headers,
        body=, content_type=), refresh_referral(referral, expires)
    leave(session)                            un-SUBSCRIBE, then BYE
    cancel(session), invite(uri, ...) -> Session (1-to-1, rejoin, group)

Raw access
    request(method, uri, headers=(), body=b"", content_type=None, ...)
        -> Exchange: .request, .responses, .wait(timeout) -> final response,
        .wait_status(180), .resend() (the same bytes once more).
        An Exchange never raises on refusals; no answer is a local 408.
    send_raw(bytes, address=None)             to the proxy as is
    log: list of LogEntry(time, direction "sent"|"received", message, peer);
        message is SipMessage or MsrpFrame
    hooks: list of callables (direction, message); one that returns False
        has the message dropped (loss), before sending or after receiving
    requests(method), responses(method, status), received(predicate)

Session: one INVITE dialog (sessions, incoming and outgoing, are in
client.sessions)
    state: calling | invited | ringing | answered (200 sent, no ACK yet) |
    connected | failed | ended; .response (last),
    .identity (IM Session Identity), .dialog, .leg, .subscription, .incoming,
    .invite (request), .end_reason (Reason header of the BYE)
    send_text(text, to=room, ...) -> OutgoingMessage, messages; a private
        message names one participant in `to` (RFC 7701 section 6.2)
    set_nickname(name) -> MsrpExchange, .wait() -> status
    accept(), refuse(code), ring()            by hand after ringing()
    ack() when Options.ack is False; bye(), leave(), cancel()
    request(method, ...) -> Exchange          in the dialog, full control
    change(method, body, headers) -> Exchange re-INVITE or UPDATE; its 2xx is
        acknowledged and taken; describe(setup, direction) and
        describe_anew(setup) (a fresh leg) make bodies
    changes: re-INVITE and UPDATE received, answered as Options.answer_change,
        change_sdp and change_headers say (0: silence). Options.timer,
        session_expires, refresher, refresh, min_se, expire: RFC 4028
    wait_state(state), wait_bound()           leg bound

Answer: what happens to an invitation
    accept(delay=0), ringing() (then session.accept() or refuse() decides),
    refuse(status, delay, ring), without_sdp(), silent() (100 only),
    mute() (nothing at all), late() (answers 200 in spite of CANCEL).
    client.answer may be changed at any time, or be a callable(session).

MsrpLeg (session.leg): .bound, .remote_path, .local_path, .problems
    send(content_type, body, chunk_size=, success_report=, failure_report=,
         byte_range="exact"|"star") -> OutgoingMessage
    send_chunk(message_id, first, last, total, data, flag, content_type)
    send_request(method, headers, body) -> MsrpExchange; send_bytes(raw)
    pause_reading(), resume_reading(), abort() (reset), close(), reconnect()
    responder: callable(frame) -> status code or None, decides the answers
OutgoingMessage: .message_id, .statuses, .reports, .wait() -> worst status,
    .wait_report()

Received messages (client.messages, session.messages): Message with .text,
    .sender (CPIM From), .to, .content_type, .cpim, .raw, .frames, .session
Roster (subscription.roster, client.roster): .users {entity: status},
    .versions, .documents, .yourown, .problems (gaps, schema errors ...),
    .subject, .maximum, .detail(entity, "disconnection-method")
Subscription: .state, .reason, .notifies, .roster, .own_entity, .blocked
Referral: one REFER: .response, .state (pending, active, terminated, none:
    no subscription, failed), .statuses told by NOTIFY, .notifies, .reason,
    wait_final() -> status, wait_status(180)

client.all_problems lists whatever the client, its legs and its rosters
complain about (wrong Byte-Ranges, version gaps, CSeq out of order, faults of
its own); a scenario ends well when it is empty.

Inside an IMS core: Options.asserted and .charging_vector are sent with initial
requests; asserted(message), charging(message) and leaked(message) read what
came; after register() a Service-Route leads initial requests.

Waiting
    wait_for(predicate, timeout, what), wait_message(text, sender=None),
    wait_roster({...}, exact=True), wait_invited(), wait_connected(),
    wait_bye(session=None), wait_response(method, status),
    wait_request(method), wait_notify(count)
"""

from .client import IMClient, LogEntry
from .cpim import Cpim
from .exchange import Exchange, Refused
from .ims import asserted, charging, leaked
from .loop import PATIENCE, WaitTimeout
from .msrp import MsrpSettings
from .msrp_frame import MsrpFrame
from .multipart import Part
from .options import Answer, Options
from .procedures import CLAUSES, NotStored, TooManyUsers
from .relay import MsrpRelay
from .resource_list import Entry
from .roster import Roster
from .sdp import SdpTemplate
from .sip_message import SipMessage
from .tls import TlsIdentity

__all__ = [
    "Answer", "CLAUSES", "Cpim", "Entry", "Exchange", "IMClient", "LogEntry",
    "MsrpFrame", "MsrpRelay", "MsrpSettings", "NotStored", "Options",
    "PATIENCE", "Part", "Refused", "Roster", "SdpTemplate", "SipMessage",
    "TlsIdentity", "TooManyUsers", "WaitTimeout", "asserted", "charging",
    "leaked",
]
