# SPDX-License-Identifier: GPL-2.0-or-later
"""How a client behaves: its settings, and what it does when invited."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable

from .msrp import MsrpSettings
from .multipart import Part
from .sdp import SdpTemplate

Headers = list[tuple[str, str]]
FEATURE = "+g.oma.sip-im"
METHODS = ("INVITE, ACK, CANCEL, BYE, OPTIONS, NOTIFY, UPDATE, REFER, "
           "SUBSCRIBE")


@dataclass
class Options:
    """Everything odd or ordinary that a test may want of a client."""

    t1: float = 0.5                     # RFC 3261 T1 in seconds
    user_agent: str = "IM-client/OMA1.0 imclient/1.0"
    allow: str = METHODS
    timer: bool = True                  # Supported: timer, and what it means
    session_expires: int = 1800         # asked for, 0: nothing
    refresher: str = "uac"              # asked for with it
    min_se: int = 0                     # below it: 422 to an INVITE
    refresh: str = "INVITE"             # or "UPDATE"; "": never refresh
    refresh_offer: bool = True          # False: body-less re-INVITE
    # to re-INVITE and UPDATE, perhaps by session; 0: silence
    answer_change: int | Callable = 200
    expire: bool = True                 # BYE when nobody refreshes
    change_sdp: bool = True             # False: 200 to them without SDP
    change_headers: Headers = field(default_factory=list)   # of refusals
    privacy: bool = False               # Privacy: id
    compact: bool = False               # short header names on the wire
    headers: Headers = field(default_factory=list)   # on initial requests
    asserted: tuple[str, ...] = ()      # URIs of P-Asserted-Identity there
    charging_vector: str = ""           # P-Charging-Vector there

    setup: str = "actpass"              # a=setup in offers
    answer_setup: str = "active"        # our choice when offered actpass
    connect_to: str = "path"            # or "media": c= host and m= port
    connect_at: str = "ack"             # invited: or "answer", before ACK
    sdp: SdpTemplate = field(default_factory=SdpTemplate)
    msrp: MsrpSettings = field(default_factory=MsrpSettings)

    ack: bool = True                    # False: 2xx are not acknowledged
    boundary: str = "boundary1"
    part_lengths: bool = True           # Content-Length inside each part
    list_first: bool = False            # resource list before the SDP
    extra_parts: list[Part] = field(default_factory=list)
    require_list: bool = True           # Require: recipient-list-invite
    contribution_id: bool = True
    max_adhoc: int = 0                  # MAX-ADHOC-GROUP-SIZE, 0: not set

    subscribe: bool = True              # 7.1.1.1 item 2, when in a group
    expires: int = 3600                 # asked for in SUBSCRIBE, REGISTER
    blocked: frozenset[str] = frozenset()   # URIs of the block list
    answer_notify: int = 200            # 0: leave NOTIFY unanswered
    answer_refer_notify: int = 200      # likewise, of a REFER
    contact_params: str = f";{FEATURE}"


@dataclass
class Answer:
    """What happens to an invitation."""

    status: int = 200         # 0: no final answer by itself
    delay: float = 0.0        # seconds between ringing and the answer
    trying: bool = True
    ring: bool = True
    sdp: bool = True
    ignore_cancel: bool = False
    headers: Headers = field(default_factory=list)

    @classmethod
    def accept(cls, delay: float = 0.0) -> "Answer":
        return cls(delay=delay)

    @classmethod
    def ringing(cls) -> "Answer":
        """Rings; session.accept() or refuse() decides."""
        return cls(status=0)

    @classmethod
    def refuse(cls, status: int = 603, delay: float = 0.0,
               ring: bool = False) -> "Answer":
        return cls(status=status, delay=delay, ring=ring)

    @classmethod
    def without_sdp(cls) -> "Answer":
        """200 with neither answer nor offer."""
        return cls(sdp=False)

    @classmethod
    def silent(cls) -> "Answer":
        """100 and then nothing, not even after CANCEL."""
        return cls(status=0, ring=False, ignore_cancel=True)

    @classmethod
    def mute(cls) -> "Answer":
        """Nothing at all."""
        return cls(status=0, trying=False, ring=False, ignore_cancel=True)

    @classmethod
    def late(cls) -> "Answer":
        """Rings, and answers 200 when CANCEL comes."""
        return cls(status=0, ignore_cancel=True)

    @property
    def answers_cancel_with_200(self) -> bool:
        return self.ring and self.ignore_cancel and self.status == 0
