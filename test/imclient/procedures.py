# SPDX-License-Identifier: GPL-2.0-or-later
"""The procedures of the source document, one method per clause.

A mixin of IMClient; uses what client.py offers and nothing below it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, TypeVar
from urllib.parse import quote

from . import multipart, resource_list
from .dialog import Dialog
from .exchange import Exchange, Refused
from .ims import ASSERTED, CHARGING, SERVICE_ROUTE
from .loop import PATIENCE
from .multipart import Part
from .options import FEATURE, Headers
from .resource_list import Entry
from .roster import MEDIA_TYPE
from .session import SDP_TYPE, Session
from .sip_message import SipMessage, address_uri, new_token
from .subscription import Subscription

if TYPE_CHECKING:
    from .client import IMClient

CLAUSES: dict[str, str] = {}
Method = TypeVar("Method", bound=Callable)
LEAVE_REASON = 'SIP;cause=200;text="Call completed"'


class TooManyUsers(ValueError):
    """MAX-ADHOC-GROUP-SIZE would be exceeded; nothing was sent."""


class NotStored(ValueError):
    """No session of this client had that identity; nothing was sent."""


def clause(number: str) -> Callable[[Method], Method]:
    """Enter a method into CLAUSES under its clause number."""
    def register(method: Method) -> Method:
        CLAUSES[number] = method.__name__
        return method
    return register


class Procedures:
    """What an IM Client does; self is an IMClient."""

    @clause("7.1.1.1")
    def general(self: "IMClient", method: str) -> Headers:
        """7.1.1.1 General: the headers of every initial request.

        Items 1 (Accept-Contact), 3 (Allow), 5 (Privacy), 6 (Supported) and
        7 (Session-Expires); User-Agent and Contact with the feature tag
        (2, 4) are on every request of this client.
        """
        options = self.options
        headers = [("Accept-Contact", f"*;{FEATURE}"),
                   ("Allow", options.allow)]
        if options.privacy:
            headers.append(("Privacy", "id"))
        if method == "INVITE" and options.timer:
            headers.append(("Supported", "timer"))
            if options.session_expires:
                headers.append((
                    "Session-Expires", f"{options.session_expires};"
                    f"refresher={options.refresher}"))
        headers += [(ASSERTED, f"<{uri}>") for uri in options.asserted]
        if options.charging_vector:
            headers.append((CHARGING, options.charging_vector))
        return headers + options.headers

    @clause("7.1.1.3")
    def initiate_ad_hoc_conference(
            self: "IMClient", users: "list[str | Entry]", subject: str = "",
            contribution_id: str | None = None, list_xml: bytes | None = None,
            sdp: bytes | None = None, headers: Headers | None = None,
            body: tuple[str, bytes] | None = None, factory: str = "",
            wait: bool = True, timeout: float = PATIENCE) -> Session:
        """7.1.1.3 IM Client initiates an Ad-hoc IM Conference."""
        limit = self.options.max_adhoc
        if limit and len(users) + 1 > limit:
            raise TooManyUsers(f"{len(users)} invited, {limit} allowed")
        entries = [u if isinstance(u, Entry) else Entry(self.uri_of(u))
                   for u in users]
        extra: Headers = []
        if self.options.require_list:
            extra.append(("Require", "recipient-list-invite"))
        if subject:
            extra.append(("Subject", subject))
        if contribution_id is None and self.options.contribution_id:
            contribution_id = new_token(16)
        if contribution_id:
            extra.append(("Contribution-ID", contribution_id))

        def make_body(session: Session) -> tuple[str, bytes]:
            offer = session.describe(self.options.setup)
            if body is not None:
                return body
            return self._conference_body(
                offer if sdp is None else sdp,
                resource_list.build(entries) if list_xml is None
                else list_xml)
        target = factory or f"sip:conference-factory@{self.domain}"
        return self._invite(target, make_body, extra + (headers or []),
                            wait, timeout)

    @clause("7.1.1.5")
    def modify_session(self: "IMClient", session: Session,
                       sdp: bytes | None = None,
                       headers: Headers | None = None,
                       answer: bytes = b"") -> Exchange:
        """7.1.1.5 IM Session modification: a re-INVITE.

        With our description as it is, or `sdp`; b"" leaves the offer to the
        server, which finds `answer` in the ACK.
        """
        body = session.describe(self.options.setup) if sdp is None else sdp
        return session.change("INVITE", body, headers, answer)

    @clause("7.1.1.6")
    def extend_to_conference(
            self: "IMClient", session: Session, users: "list[str | Entry]",
            **options) -> Session:
        """7.1.1.6 Extends a 1-to-1 session to an Ad-hoc conference.

        The peer is listed besides `users`, and its entry says that the new
        session replaces the old one, which the peer then ends by BYE.
        """
        return self.initiate_ad_hoc_conference(
            [self.replacing(session), *users], **options)

    @staticmethod
    def replacing(session: Session) -> Entry:
        """The peer's entry with the session to replace (item 8)."""
        peer = address_uri(session.dialog.remote)
        return Entry(f"{peer}?Replaces={quote(session.replaces(), safe='')}")

    @clause("7.1.1.8")
    def refresh_session(self: "IMClient", session: Session,
                        method: str = "INVITE") -> Exchange:
        """7.1.1.8 SIP Session refresh, in the dialog."""
        return session.refresh(method, offer=self.options.refresh_offer)

    @clause("7.1.1.9")
    def rejoin(self: "IMClient", identity: str, **options) -> Session:
        """7.1.1.9 Rejoin: INVITE with SDP only to a stored identity.

        Item 1: an identity that is not stored sends nothing; stored are those
        of this client's sessions, as the Contact of a 200 or INVITE gave them.
        """
        if identity not in {s.identity for s in self.sessions}:
            raise NotStored(identity)
        return self.invite(identity, **options)

    @clause("7.1.1.11")
    def subscribe(self: "IMClient", target: "str | Session",
                  expires: int | None = None, headers: Headers | None = None,
                  timeout: float = PATIENCE) -> Subscription:
        """7.1.1.11 Subscription to the conference state event package.

        A new dialog to the IM Session Identity. Raises Refused.
        """
        session = target if isinstance(target, Session) else None
        uri = session.identity if session else self.uri_of(str(target))
        subscription = self.start_subscription(uri, session, expires,
                                               headers)
        response = self.wait_for(
            lambda: subscription.exchange.final
            if subscription.state != "pending" else None,
            timeout, "final answer to SUBSCRIBE")
        if subscription.state == "failed":
            raise Refused(response, f"SUBSCRIBE {uri}")
        return subscription

    def unsubscribe(self: "IMClient", subscription: Subscription,
                    timeout: float = PATIENCE) -> SipMessage:
        """7.1.1.11, end: SUBSCRIBE with Expires 0; the final answer."""
        return self.send_subscribe(subscription, 0).wait(timeout)

    def refresh_subscription(self: "IMClient", subscription: Subscription,
                             expires: int | None = None,
                             timeout: float = PATIENCE) -> SipMessage:
        """RFC 6665 4.1.2.2: SUBSCRIBE in the dialog; the final answer."""
        seconds = self.options.expires if expires is None else expires
        return self.send_subscribe(subscription, seconds).wait(timeout)

    def leave(self: "IMClient", session: Session,
              timeout: float = PATIENCE) -> SipMessage:
        """Leave: un-SUBSCRIBE, then BYE; the answer to the BYE."""
        subscription = session.subscription
        if subscription is not None and subscription.alive:
            self.unsubscribe(subscription, timeout)
        return session.bye(LEAVE_REASON).wait(timeout)

    def invite(self: "IMClient", uri: str, headers: Headers | None = None,
               sdp: bytes | None = None, wait: bool = True,
               timeout: float = PATIENCE) -> Session:
        """INVITE with bare SDP: 1-to-1, a group, a Session Identity."""
        def make_body(session: Session) -> tuple[str, bytes]:
            offer = session.describe(self.options.setup)
            return SDP_TYPE, offer if sdp is None else sdp
        return self._invite(self.uri_of(uri), make_body, headers or [],
                            wait, timeout)

    def cancel(self: "IMClient", session: Session) -> Exchange:
        """CANCEL of an outgoing INVITE (RFC 3261 9.1)."""
        with self.loop.changed:
            assert session.exchange is not None
            session.cancelled = True
            return self.cancel_transaction(session.exchange)

    def query(self: "IMClient", uri: str,
              timeout: float = PATIENCE) -> SipMessage:
        """OPTIONS (RFC 4579 5.13); the final answer."""
        headers = self.general("OPTIONS") + [
            ("Accept", f"application/sdp, {MEDIA_TYPE}")]
        return self.request("OPTIONS", self.uri_of(uri),
                            headers).wait(timeout)

    def register(self: "IMClient", expires: int | None = None,
                 timeout: float = PATIENCE) -> SipMessage:
        """REGISTER, with digest where asked for. Raises Refused."""
        seconds = self.options.expires if expires is None else expires
        exchange = self.request(
            "REGISTER", f"sip:{self.domain}",
            [("Allow", self.options.allow), ("Expires", str(seconds))],
            to=f"<{self.aor}>")
        response = exchange.wait(timeout)
        if response.status >= 300:
            raise Refused(response, "REGISTER")
        self.service_route = response.values(SERVICE_ROUTE)
        return response

    def unregister(self: "IMClient", timeout: float = PATIENCE) -> SipMessage:
        return self.register(0, timeout)

    # What the procedures share

    def start_subscription(self: "IMClient", uri: str,
                           session: Session | None = None,
                           expires: int | None = None,
                           headers: Headers | None = None) -> Subscription:
        """Send the SUBSCRIBE of 7.1.1.11 without waiting."""
        with self.loop.changed:
            message = self.new_request("SUBSCRIBE", uri)
            subscription = Subscription(self, message, session)
            self.subscriptions.append(subscription)
            seconds = self.options.expires if expires is None else expires
            fields = self.general("SUBSCRIBE") + self._event_headers(seconds)
            self.complete(message, fields)
            self._apply(message, headers or [])
            subscription.exchange = self.transmit(
                message, self.proxy, self.protocol,
                subscription.receive_response)
            return subscription

    def send_subscribe(self: "IMClient", subscription: Subscription,
                       expires: int) -> Exchange:
        """SUBSCRIBE again: in the dialog, or anew where there is none."""
        with self.loop.changed:
            dialog = subscription.dialog
            exchange = self.send_in_dialog(
                dialog, dialog.request("SUBSCRIBE"),
                self.general("SUBSCRIBE") + self._event_headers(expires),
                on_response=subscription.receive_response)
            subscription.exchange = exchange
            return exchange

    @staticmethod
    def _event_headers(expires: int) -> Headers:
        return [("Event", "conference"), ("Accept", MEDIA_TYPE),
                ("Expires", str(expires))]

    def _conference_body(self: "IMClient", sdp: bytes,
                         list_xml: bytes) -> tuple[str, bytes]:
        """7.1.1.1 item 8: multipart/mixed of SDP and resource list."""
        options = self.options
        parts = [Part(SDP_TYPE, sdp),
                 Part(resource_list.MEDIA_TYPE, list_xml,
                      [("Content-Disposition", "recipient-list")])]
        if options.list_first:
            parts.reverse()
        return multipart.build(parts + options.extra_parts,
                               options.boundary, options.part_lengths)

    def _invite(self: "IMClient", uri: str,
                make_body: Callable[[Session], tuple[str, bytes]],
                headers: Headers, wait: bool, timeout: float) -> Session:
        """Send an initial INVITE; its session follows the answers."""
        with self.loop.changed:
            message = self.new_request("INVITE", uri)
            session = Session(self, message, Dialog.from_request(message),
                              incoming=False)
            self.sessions.append(session)
            content_type, body = make_body(session)
            self.complete(message, self.general("INVITE"), body,
                          content_type)
            self._apply(message, headers)
            session.exchange = self.transmit(
                message, self.proxy, self.protocol,
                session.receive_response)
        if wait:
            response = session.exchange.wait(timeout)
            if response.status >= 300:
                raise Refused(response, f"INVITE {uri}", session)
        return session
