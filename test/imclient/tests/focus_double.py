# SPDX-License-Identifier: GPL-2.0-or-later
"""A registrar and conference server in miniature, for testing the client.

Built from the client's own parts: it can show that procedures, chat and
demonstration hang together, not that they are right. The server's tests are
the scenarios.
"""

from __future__ import annotations

from imclient import Answer, IMClient, Options
from imclient.dialog import Dialog
from imclient.msrp_messages import Message
from imclient.multipart import find
from imclient.resource_list import MEDIA_TYPE as LIST_TYPE
from imclient.resource_list import parse as parse_list
from imclient.roster import MEDIA_TYPE
from imclient.session import Session
from imclient.sip_message import (SipMessage, address_uri, new_token,
                                  parse_uri)
from imclient.sip_transaction import ServerTransaction

NAMESPACE = "urn:ietf:params:xml:ns:conference-info"


class FocusDouble(IMClient):
    """One conference at a time; every client has it as its proxy."""

    def __init__(self, transport: str = "udp") -> None:
        super().__init__(
            "conference-factory", "", ("127.0.0.1", 9), transport,
            answer=Answer.accept(),
            options=Options(subscribe=False, setup="passive",
                            answer_setup="passive",
                            contact_params=";isfocus;+g.oma.sip-im"))
        self.domain = f"{self.ip}:{self.port}"
        self.contacts: dict[str, str] = {}
        self.members: dict[str, Session] = {}
        self.watchers: list[tuple[Dialog, list[int]]] = []
        self.sent_states: dict[str, str] = {}
        self.on_message = self._fan_out

    @property
    def identity(self) -> str:
        return f"sip:conference-factory@{self.domain}"

    def _initial(self, request: SipMessage,
                 transaction: ServerTransaction) -> None:
        aor = address_uri(request.get("To"))
        if request.method == "REGISTER":
            self.contacts[aor] = address_uri(request.get("Contact"))
            self.respond(transaction, 200, to_tag=new_token())
        elif request.method == "SUBSCRIBE":
            self._subscribed(request, transaction)
        else:
            super()._initial(request, transaction)

    def _invited(self, request: SipMessage,
                 transaction: ServerTransaction) -> None:
        super()._invited(request, transaction)
        session = self.sessions[-1]
        creator = address_uri(request.get("From"))
        self.members[creator] = session
        part = find(request, LIST_TYPE)
        for entry in parse_list(part.body) if part else []:
            self._dial_out(entry.uri, creator, request)

    def _dial_out(self, user: str, creator: str, cause: SipMessage) -> None:
        contact = self.contacts.get(user)
        if contact is None:
            return
        uri = parse_uri(contact)
        self.proxy = (uri.host, uri.port)
        self.protocol = uri.params.get("transport", "udp")
        self.members[user] = self.invite(
            contact, [("Referred-By", f"<{creator}>"),
                      ("Subject", cause.get("Subject"))], wait=False)

    def _in_dialog(self, request: SipMessage,
                   transaction: ServerTransaction) -> None:
        if request.method != "SUBSCRIBE":
            super()._in_dialog(request, transaction)
            return
        self.respond(transaction, 200, [("Expires", request.get("Expires"))])
        for watcher in list(self.watchers):
            if watcher[0].call_id == request.call_id:
                self.watchers.remove(watcher)
                self._notify(watcher, "terminated;reason=timeout")

    def _subscribed(self, request: SipMessage,
                    transaction: ServerTransaction) -> None:
        dialog = Dialog.from_invitation(request)
        self.respond(transaction, 200, [
            ("Expires", request.get("Expires")), ("Contact", self.contact)],
            to_tag=dialog.local_tag)
        watcher = (dialog, [0])
        self.watchers.append(watcher)
        self._notify(watcher, "active;expires=3600")

    def _receive(self, message: SipMessage, source) -> None:
        super()._receive(message, source)
        states = self._states()
        if states != self.sent_states:
            self.sent_states = states
            over = not states
            for watcher in self.watchers:
                self._notify(watcher, "terminated;reason=noresource" if over
                             else "active;expires=3600")
            if over:
                self.watchers.clear()

    def _states(self) -> dict[str, str]:
        names = {"connected": "connected", "answered": "connected",
                 "ringing": "alerting"}
        return {user: names[s.state] for user, s in self.members.items()
                if s.state in names}

    def _notify(self, watcher: tuple[Dialog, list[int]], state: str) -> None:
        dialog, version = watcher
        version[0] += 1
        users = "".join(
            f'<user entity="{user}"><endpoint entity="{user}"><status>'
            f'{status}</status></endpoint></user>'
            for user, status in self._states().items())
        body = (f'<conference-info xmlns="{NAMESPACE}" version="{version[0]}"'
                f' entity="{self.identity}" state="full">'
                f'<conference-description/><users>{users}</users>'
                f'</conference-info>')
        self.send_in_dialog(dialog, dialog.request("NOTIFY"), [
            ("Event", "conference"), ("Subscription-State", state)],
            body.encode(), MEDIA_TYPE)

    def _fan_out(self, message: Message) -> None:
        for session in self.members.values():
            if session is not message.session and \
                    session.state == "connected":
                session.leg.send(message.content_type, message.raw,
                                 failure_report="no")


def client(focus: FocusDouble, name: str, transport: str = "udp",
           **settings) -> IMClient:
    """A client that has the focus as its proxy."""
    return IMClient(name, focus.domain, ("127.0.0.1", focus.port), transport,
                    **settings)
