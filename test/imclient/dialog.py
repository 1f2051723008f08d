# SPDX-License-Identifier: GPL-2.0-or-later
"""A SIP dialog (RFC 3261 section 12): tags, targets, routes, CSeq."""

from __future__ import annotations

from dataclasses import dataclass, field

from .sip_message import (SipMessage, address_uri, new_branch, new_token,
                          params_of, parse_uri, tag_of)


@dataclass
class Dialog:
    """One side's view. `local` and `remote` are From/To header values."""

    call_id: str
    local: str
    remote: str
    target: str
    local_cseq: int = 0
    remote_cseq: int = -1
    routes: list[str] = field(default_factory=list)

    @property
    def local_tag(self) -> str:
        return tag_of(self.local)

    @property
    def remote_tag(self) -> str:
        return tag_of(self.remote)

    @classmethod
    def from_request(cls, request: SipMessage) -> "Dialog":
        """As UAC, before any answer."""
        return cls(request.call_id, request.get("From"), request.get("To"),
                   request.uri, request.cseq[0])

    @classmethod
    def from_invitation(cls, request: SipMessage) -> "Dialog":
        """As UAS, with a fresh local tag."""
        local = f"{request.get('To')};tag={new_token()}"
        return cls(request.call_id, local, request.get("From"),
                   address_uri(request.get("Contact")),
                   remote_cseq=request.cseq[0],
                   routes=request.values("Record-Route"))

    def confirm(self, response: SipMessage) -> None:
        """As UAC, by a response with a To tag (12.1.2)."""
        self.remote = response.get("To")
        self.routes = list(reversed(response.values("Record-Route")))
        self.refresh_target(response)

    def refresh_target(self, message: SipMessage) -> None:
        contact = message.get("Contact")
        if contact:
            self.target = address_uri(contact)

    def request(self, method: str, cseq: int | None = None) -> SipMessage:
        """A request inside the dialog; the caller adds Via and the rest.

        ACK takes the CSeq of its INVITE as `cseq`.
        """
        if cseq is None:
            self.local_cseq += 1
            cseq = self.local_cseq
        message = SipMessage(f"{method} {self.target} SIP/2.0")
        message.add("From", self.local)
        message.add("To", self.remote)
        message.add("Call-ID", self.call_id)
        message.add("CSeq", f"{cseq} {method}")
        for route in self.routes:
            message.add("Route", route)
        return message

    def next_hop(self) -> str:
        """The URI that decides where requests go."""
        return address_uri(self.routes[0]) if self.routes else self.target

    def accepts_cseq(self, request: SipMessage) -> bool:
        """CSeq must grow (12.2.2); remembers the new one."""
        if request.cseq[0] <= self.remote_cseq:
            return False
        self.remote_cseq = request.cseq[0]
        return True


def via_header(protocol: str, host: str, port: int) -> str:
    return (f"SIP/2.0/{protocol.upper()} {host}:{port}"
            f";branch={new_branch()};rport")


def reply_address(request: SipMessage, source: tuple[str, int]
                  ) -> tuple[str, int]:
    """Where a UDP response goes: rport asked for, else the sent-by port."""
    via = request.values("Via")[0]
    if "rport" in params_of(via):
        return source
    sent_by = parse_uri("sip:" + via.split(";")[0].split(" ")[-1])
    return (source[0], sent_by.port if sent_by else source[1])
