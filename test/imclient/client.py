# SPDX-License-Identifier: GPL-2.0-or-later
"""IMClient: the user agent that sessions and subscriptions live in.

Here are its sockets, the dispatch of what arrives, raw sending, the log and
the waiting. The procedures of the source document are in procedures.py.
"""

from __future__ import annotations

import ipaddress
import time
from typing import Any, Callable, NamedTuple

from . import digest
from .dialog import Dialog, reply_address, via_header
from .exchange import Exchange
from .loop import PATIENCE, Loop, WaitTimeout
from .msrp import MsrpEndpoint, RawMsrp
from .msrp_frame import MsrpFrame
from .msrp_messages import Message
from .options import Answer, Headers, Options
from .procedures import Procedures
from .referral import Referral
from .referring import Referring
from .roster import Roster
from .session import Session
from .sip_message import (SipMessage, canonical, host_of, make_response,
                          new_token, parse_uri)
from .sip_transaction import (ClientTransaction, Path, ServerTransaction,
                              server_key)
from .sip_transport import SipTransport, Source
from .stream import Address
from .subscription import Subscription

Hook = Callable[[str, "SipMessage | MsrpFrame"], "bool | None"]


class LogEntry(NamedTuple):
    """One message that crossed the wire (or was dropped by a hook)."""

    time: float
    direction: str
    message: Any
    peer: Any

    @property
    def line(self) -> str:
        if isinstance(self.message, SipMessage):
            return f"{self.direction} {self.message.start}"
        frame = self.message
        return (f"{self.direction} MSRP {frame.transaction} "
                f"{frame.method or frame.status} {frame.get('Byte-Range')}")


class IMClient(Procedures, Referring):
    """One user on one device."""

    def __init__(self, user: str, domain: str, proxy: Address,
                 transport: str = "udp", local_ip: str = "127.0.0.1",
                 port: int = 0, password: str | None = None,
                 options: Options | None = None,
                 answer: "Answer | Callable[[Session], Answer] | None" = None):
        self.user, self.domain, self.proxy = user, domain, proxy
        self.protocol, self.password = transport, password
        self.options = options or Options()
        self.answer = answer or Answer.accept()
        self.aor = f"sip:{user}@{domain}"
        self.log: list[LogEntry] = []
        self.hooks: list[Hook] = []
        self.problems: list[str] = []
        self.sessions: list[Session] = []
        self.subscriptions: list[Subscription] = []
        self.referrals: list[Referral] = []
        self.messages: list[Message] = []
        self.auto_refresh = True
        self.service_route: list[str] = []
        self.on_message: Callable[[Message], None] = lambda message: None
        self._clients: dict[tuple[str, str], ClientTransaction] = {}
        self._servers: dict[Any, ServerTransaction] = {}
        self._sources: dict[int, Source] = {}
        self._closed = False
        self.loop = Loop(user)
        with self.loop.changed:
            self._transport = SipTransport(
                self.loop, local_ip, port, self._receive,
                self._connection_lost, self.problems.append)
            self.msrp = MsrpEndpoint(self.loop, local_ip, self.options.msrp,
                                     self._msrp_frame)
        self.ip, self.port = local_ip, self._transport.port

    def __enter__(self) -> "IMClient":
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back sockets, timers and the thread; sends nothing."""
        with self.loop.changed:
            if self._closed:
                return
            self._closed = True
            for item in (*self.sessions, *self.subscriptions):
                item.close()
            for transaction in (*self._clients.values(),
                                *self._servers.values()):
                transaction.stop()
            self.msrp.close()
            self._transport.close()
        self.loop.close()

    @property
    def contact(self) -> str:
        """Contact header value with the IM feature tag (7.1.1.1)."""
        transport = ";transport=tcp" if self.protocol == "tcp" else ""
        host = host_of(self.ip)
        return (f"<sip:{self.user}@{host}:{self.port}{transport}>"
                f"{self.options.contact_params}")

    def uri_of(self, user: str) -> str:
        """A full URI as given, or the AOR of a user of our domain."""
        return user if ":" in user else f"sip:{user}@{self.domain}"

    @property
    def roster(self) -> Roster | None:
        """That of the newest subscription."""
        return self.subscriptions[-1].roster if self.subscriptions else None

    # Raw access

    def send_raw(self, data: bytes, address: Address | None = None,
                 protocol: str = "") -> None:
        """Bytes as they are, to the proxy unless told otherwise."""
        with self.loop.changed:
            self._transport.send(data, protocol or self.protocol,
                                 address or self.proxy)

    def drop_connections(self) -> None:
        """Reset all SIP connections over TCP."""
        with self.loop.changed:
            self._transport.drop_connections()

    def msrp_connection(self, address: Address,
                        transport: str = "tcp") -> RawMsrp:
        """A bare MSRP connection for hostile frames; close it yourself."""
        return RawMsrp(self.loop, address, self.ip, transport,
                       self.options.msrp)

    def request(self, method: str, uri: str, headers: Headers | None = None,
                body: bytes = b"", content_type: str = "",
                to: str = "", on_response: Callable | None = None
                ) -> Exchange:
        """A request outside any dialog, through the proxy.

        `headers` replace those of the same name, or are added; the value
        None leaves a header out. Answers of any kind end in the Exchange.
        """
        with self.loop.changed:
            message = self.new_request(method, uri, to)
            self.complete(message, headers, body, content_type)
            return self.transmit(message, self.proxy, self.protocol,
                                 on_response)

    def new_request(self, method: str, uri: str, to: str = "") -> SipMessage:
        """Start line and the headers that make a request (8.1.1)."""
        message = SipMessage(f"{method} {uri} SIP/2.0")
        message.add("From", f"<{self.aor}>;tag={new_token()}")
        message.add("To", to or f"<{uri}>")
        message.add("Call-ID", f"{new_token(12)}@{self.ip}")
        message.add("CSeq", f"1 {method}")
        if method != "REGISTER":
            for route in self.service_route:
                message.add("Route", route)
        return message

    def complete(self, message: SipMessage, headers: Headers | None = None,
                 body: bytes = b"", content_type: str = "") -> None:
        """Add what every request has, then the caller's own headers."""
        message.add("Max-Forwards", "70")
        if message.method not in ("BYE", "CANCEL"):
            message.add("Contact", self.contact)
        message.add("User-Agent", self.options.user_agent)
        if content_type:
            message.add("Content-Type", content_type)
        message.body = body
        self._apply(message, headers or [])

    def send_in_dialog(self, dialog: Dialog, message: SipMessage,
                       headers: Headers | None = None, body: bytes = b"",
                       content_type: str = "",
                       on_response: Callable | None = None) -> Exchange:
        with self.loop.changed:
            self.complete(message, headers, body, content_type)
            address, protocol = self.next_hop(dialog)
            return self.transmit(message, address, protocol, on_response)

    def send_ack(self, dialog: Dialog, ack: SipMessage,
                 body: bytes = b"") -> None:
        """ACK to a 2xx: no transaction."""
        self.complete(ack, body=body)
        address, protocol = self.next_hop(dialog)
        self._add_via(ack, protocol)
        self._send(ack, protocol, address)

    def next_hop(self, dialog: Dialog) -> tuple[Address, str]:
        """Route set first; unresolvable hosts and our proxy: the proxy."""
        uri = parse_uri(dialog.next_hop())
        if uri is None or not _is_numeric(uri.host):
            return self.proxy, self.protocol
        address = (uri.host.strip("[]"), uri.port)
        default = self.protocol if address == self.proxy else "udp"
        return address, uri.params.get("transport", default).lower()

    def transmit(self, message: SipMessage, address: Address, protocol: str,
                 on_response: Callable | None = None) -> Exchange:
        """Begin a client transaction; answers digest challenges."""
        exchange = Exchange(self.loop, message, on_response)
        self._begin(exchange, message, address, protocol)
        exchange.resend = lambda: self._send(exchange.request, protocol,
                                             address)
        return exchange

    def respond(self, transaction: ServerTransaction, status: int,
                headers: Headers | None = None, body: bytes = b"",
                content_type: str = "", to_tag: str = "") -> None:
        """A response with any headers and body."""
        with self.loop.changed:
            response = make_response(transaction.request, status,
                                     to_tag=to_tag)
            response.add("User-Agent", self.options.user_agent)
            if content_type:
                response.add("Content-Type", content_type)
            response.body = body
            self._apply(response, headers or [])
            transaction.respond(response)

    def cancel_transaction(self, exchange: Exchange) -> Exchange:
        """CANCEL with the branch of its INVITE (9.1)."""
        invite = exchange.request
        cancel = SipMessage(f"CANCEL {invite.uri} SIP/2.0")
        cancel.add("Via", invite.values("Via")[0])
        for name in ("From", "To", "Call-ID"):
            cancel.add(name, invite.get(name))
        cancel.add("CSeq", f"{invite.cseq[0]} CANCEL")
        self.complete(cancel)
        return self.transmit(cancel, self.proxy, self.protocol)

    # Waiting

    def wait_for(self, predicate: Callable[[], Any], timeout: float = PATIENCE,
                 what: str = "condition") -> Any:
        """The predicate's first true value; WaitTimeout otherwise."""
        return self.loop.wait_for(
            predicate, timeout, lambda: f"{self.user}: no {what} within "
            f"{timeout} s\n{self.describe()}")

    def wait_message(self, text: str | None = None, sender: str = "",
                     timeout: float = PATIENCE, count: int = 1) -> Message:
        """The count-th message with that text (and from that user)."""
        wanted = self.uri_of(sender) if sender else ""

        def found() -> Message | None:
            matching = [m for m in self.messages
                        if (text is None or m.text == text)
                        and (not wanted or m.sender == wanted)]
            return matching[count - 1] if len(matching) >= count else None
        shown = repr(text[:60]) if text is not None else "any"
        return self.wait_for(found, timeout, f"message {shown} {sender}")

    def wait_roster(self, expected: dict[str, str], exact: bool = True,
                    timeout: float = PATIENCE,
                    subscription: Subscription | None = None) -> Roster:
        """Users with these states; with `exact`, nobody else is present.

        Users that are `disconnected` and not expected count as absent.
        """
        wanted = {self.uri_of(u): state for u, state in expected.items()}

        def matches() -> Roster | None:
            roster = (subscription.roster if subscription is not None
                      else self.roster)
            users = roster.users if roster else {}
            shown = {u: s for u, s in users.items()
                     if u in wanted or (exact and s != "disconnected")}
            return roster if roster and shown == wanted else None
        return self.wait_for(matches, timeout, f"roster {expected}")

    def wait_invited(self, count: int = 1, timeout: float = PATIENCE) -> Session:
        """The count-th invitation received."""
        return self.wait_for(lambda: self._incoming(count), timeout,
                             f"invitation {count}")

    def wait_connected(self, count: int = 1,
                       timeout: float = PATIENCE) -> Session:
        """The count-th invitation, answered and acknowledged."""
        def connected() -> Session | None:
            session = self._incoming(count)
            return session if session and session.acks and \
                session.state != "answered" else None
        return self.wait_for(connected, timeout, f"invitation {count} "
                             "answered and acknowledged")

    def wait_bye(self, session: Session | None = None,
                 timeout: float = PATIENCE) -> SipMessage:
        """The BYE received, in that session or in any."""
        call_id = session.dialog.call_id if session else ""
        return self.wait_for(
            lambda: next((m for m in self.requests("BYE")
                          if call_id in ("", m.call_id)), None),
            timeout, "BYE")

    def wait_request(self, method: str, count: int = 1,
                     timeout: float = PATIENCE) -> SipMessage:
        """The count-th request of that method received."""
        self.wait_for(lambda: len(self.requests(method)) >= count, timeout,
                      f"{count} {method}")
        return self.requests(method)[count - 1]

    def wait_response(self, method: str, status: int, count: int = 1,
                      timeout: float = PATIENCE) -> SipMessage:
        """The count-th such response received."""
        self.wait_for(lambda: len(self.responses(method, status)) >= count,
                      timeout, f"{count} x {status} to {method}")
        return self.responses(method, status)[count - 1]

    def wait_notify(self, count: int = 1, timeout: float = PATIENCE,
                    subscription: Subscription | None = None) -> SipMessage:
        """The count-th accepted NOTIFY of a (the newest) subscription."""
        def found() -> SipMessage | None:
            chosen = subscription or (self.subscriptions or [None])[-1]
            if chosen is None or len(chosen.notifies) < count:
                return None
            return chosen.notifies[count - 1]
        return self.wait_for(found, timeout, f"NOTIFY {count}")

    # What was seen

    def received(self, predicate: Callable[[SipMessage], bool]
                 ) -> list[SipMessage]:
        """SIP messages received, repetitions included."""
        with self.loop.changed:
            return [e.message for e in self.log if e.direction == "received"
                    and isinstance(e.message, SipMessage)
                    and predicate(e.message)]

    def requests(self, method: str) -> list[SipMessage]:
        return self.received(lambda m: m.is_request and m.method == method)

    def responses(self, method: str, status: int) -> list[SipMessage]:
        return self.received(lambda m: not m.is_request
                             and (m.status, m.method) == (status, method))

    @property
    def all_problems(self) -> list[str]:
        """Whatever this client, its legs and rosters complain about."""
        noted = self.problems + self.msrp.problems + self.loop.errors
        for session in self.sessions:
            noted += session.problems
        for subscription in self.subscriptions:
            noted += subscription.roster.problems
        return noted

    def describe(self) -> str:
        """State and the latest traffic, for error messages."""
        roster = self.roster
        lines = [f"  sessions: {[s.state for s in self.sessions]}",
                 "  subscriptions: "
                 f"{[(s.state, s.reason) for s in self.subscriptions]}",
                 f"  messages: {[m.text[:40] for m in self.messages[-5:]]}",
                 f"  roster: {roster.users if roster else None}",
                 f"  problems: {self.all_problems}"]
        lines += [f"  {entry.line}" for entry in self.log[-20:]]
        return "\n".join(lines)

    def message_arrived(self, message: Message) -> None:
        """Called by sessions."""
        message.received_at = time.time()
        self.messages.append(message)
        self.on_message(message)

    # Sending

    def _begin(self, exchange: Exchange, message: SipMessage,
               address: Address, protocol: str) -> None:
        if message.method != "CANCEL":
            self._add_via(message, protocol)
        self._set_length(message)
        exchange.request = message
        path = Path(lambda m: self._send(m, protocol, address),
                    protocol == "tcp", self.options.t1, address)

        def answered(response: SipMessage) -> None:
            if self._repeat_with_credentials(exchange, response, address,
                                             protocol):
                exchange.challenges.append(response)
            else:
                exchange.receive(response)
        transaction = ClientTransaction(
            self.loop, message, path, answered, exchange.fail,
            lambda t: self._clients.pop(t.key, None))
        self._clients[transaction.key] = transaction

    def _repeat_with_credentials(self, exchange: Exchange,
                                 response: SipMessage, address: Address,
                                 protocol: str) -> bool:
        if response.status not in (401, 407) or exchange.challenges \
                or self.password is None:
            return False
        again = SipMessage(exchange.request.start,
                           list(exchange.request.headers),
                           exchange.request.body)
        if not digest.authorize(again, response, self.user, self.password):
            return False
        number, method = again.cseq
        again.set("CSeq", f"{number + 1} {method}")
        again.headers = [h for h in again.headers
                         if canonical(h[0]) != "via"]
        self._advance_dialogs(again)
        self._begin(exchange, again, address, protocol)
        return True

    def _advance_dialogs(self, message: SipMessage) -> None:
        """Dialogs count the repeated request's CSeq too."""
        for owner in (*self.sessions, *self.subscriptions, *self.referrals):
            dialog = owner.dialog
            if (dialog.call_id, dialog.local_tag) == (
                    message.call_id, message.from_tag):
                dialog.local_cseq = max(dialog.local_cseq, message.cseq[0])
                if isinstance(owner, Session) and message.method == "INVITE" \
                        and owner.state == "calling":
                    owner.invite = message

    def _add_via(self, message: SipMessage, protocol: str) -> None:
        message.headers.insert(
            0, ("Via", via_header(protocol, host_of(self.ip), self.port)))

    @staticmethod
    def _set_length(message: SipMessage) -> None:
        if not message.get("Content-Length"):
            message.add("Content-Length", str(len(message.body)))

    @staticmethod
    def _apply(message: SipMessage, headers: Headers) -> None:
        for name in {canonical(name) for name, _ in headers}:
            message.set(name, None)
        message.headers += [(n, v) for n, v in headers if v is not None]

    def _send(self, message: SipMessage, protocol: str,
              address: Address) -> None:
        if self._note("sent", message, address):
            self._transport.send(self._encode(message), protocol, address)

    def _reply(self, message: SipMessage, source: Source) -> None:
        if self._note("sent", message, source.address):
            self._transport.reply(self._encode(message), source)

    def _encode(self, message: SipMessage) -> bytes:
        self._set_length(message)
        return message.encode(self.options.compact)

    def _note(self, direction: str, message: Any, peer: Any) -> bool:
        """Log it and ask the hooks; False: it shall be lost."""
        self.log.append(LogEntry(time.time(), direction, message, peer))
        return all(hook(direction, message) is not False
                   for hook in self.hooks)

    def _msrp_frame(self, direction: str, frame: MsrpFrame,
                    peer: object) -> bool:
        return self._note(direction, frame, peer)

    # Receiving

    def _connection_lost(self, peer: Address) -> None:
        """No answer will come over a TCP connection that is gone."""
        for transaction in list(self._clients.values()):
            path = transaction.path
            if path.reliable and path.peer == peer:
                transaction.fail(503)

    def _receive(self, message: SipMessage, source: Source) -> None:
        if not self._note("received", message, source.address):
            return
        if not message.is_request:
            self._receive_response(message)
        elif message.method == "ACK":
            self._receive_ack(message)
        elif message.method == "CANCEL":
            self._receive_cancel(message, source)
        else:
            self._receive_request(message, source)

    def _receive_response(self, response: SipMessage) -> None:
        transaction = self._clients.get((response.branch, response.method))
        if transaction is not None:
            transaction.receive(response)

    def _receive_ack(self, ack: SipMessage) -> None:
        transaction = self._servers.get(server_key(ack))
        if transaction is not None and transaction.final is not None \
                and transaction.final.status >= 300:
            transaction.acknowledge()
            return
        session = self._find(self.sessions, ack)
        if session is not None:
            session.receive_request(ack, session.transaction)

    def _receive_cancel(self, cancel: SipMessage, source: Source) -> None:
        invite = self._servers.get(server_key(cancel))
        found = invite is not None
        self._reply(make_response(cancel, 200 if found else 481,
                                  to_tag=new_token()), source)
        for session in self.sessions:
            if found and session.transaction is invite:
                session.handle_cancel()

    def _receive_request(self, request: SipMessage, source: Source) -> None:
        known = self._servers.get(server_key(request))
        if known is not None:
            known.repeated()
            return
        if source.protocol == "udp":
            source.address = reply_address(request, source.address)
        path = Path(lambda m: self._reply(m, source),
                    source.protocol == "tcp", self.options.t1)
        transaction = ServerTransaction(
            self.loop, request, path,
            lambda t: self._servers.pop(t.key, None))
        self._servers[transaction.key] = transaction
        if request.to_tag:
            self._in_dialog(request, transaction)
        else:
            self._initial(request, transaction)

    def _in_dialog(self, request: SipMessage,
                   transaction: ServerTransaction) -> None:
        subscription = self._find(self.subscriptions, request)
        if request.method == "NOTIFY" and subscription is not None:
            subscription.receive_notify(request, transaction)
            return
        session = self._find(self.sessions, request)
        if session is not None and session.state not in ("ended", "failed"):
            session.receive_request(request, transaction)
            return
        referral = self.find_referral(request)
        if request.method == "NOTIFY" and referral is not None \
                and referral.outside:
            referral.receive_notify(request, transaction)
        else:
            self.respond(transaction, 481)

    def find_referral(self, request: SipMessage) -> Referral | None:
        """The REFER that a NOTIFY in its dialog is about."""
        if request.get("Event").split(";")[0].strip() != "refer":
            return None
        return self._find([r for r in self.referrals if r.takes(request)],
                          request)

    def _initial(self, request: SipMessage,
                 transaction: ServerTransaction) -> None:
        if request.method == "INVITE":
            self._invited(request, transaction)
        elif request.method == "OPTIONS":
            self.respond(transaction, 200, [
                ("Contact", self.contact), ("Allow", self.options.allow),
                ("Accept", "application/sdp, message/cpim")],
                to_tag=new_token())
        elif request.method == "NOTIFY":
            self.respond(transaction, 481, to_tag=new_token())
        else:
            self.respond(transaction, 405, [("Allow", self.options.allow)],
                         to_tag=new_token())

    def _invited(self, request: SipMessage,
                 transaction: ServerTransaction) -> None:
        """Receiving an invitation: ring and answer as `answer` says."""
        session = Session(self, request, Dialog.from_invitation(request),
                          incoming=True)
        session.transaction = transaction
        self.sessions.append(session)
        answer = self.answer
        session.handle_invitation(
            answer(session) if callable(answer) else answer)

    def _incoming(self, count: int) -> Session | None:
        incoming = [s for s in self.sessions if s.incoming]
        return incoming[count - 1] if len(incoming) >= count else None

    @staticmethod
    def _find(owners: list, request: SipMessage) -> Any:
        """The owner of the dialog that a request belongs to."""
        for owner in owners:
            dialog = owner.dialog
            if dialog.call_id != request.call_id \
                    or dialog.local_tag != request.to_tag:
                continue
            if dialog.remote_tag in ("", request.from_tag):
                return owner
        return None


def _is_numeric(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


__all__ = ["IMClient", "LogEntry", "WaitTimeout"]
