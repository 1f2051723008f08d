# SPDX-License-Identifier: GPL-2.0-or-later
"""A second Kamailio, the IMS core of the shipped configuration, whose
application server is a Kamailio with imconf.
"""

from __future__ import annotations

import re

import rpc
from kamailio import ROOT, TIMERS, Kamailio
from scene import COUNTERS

CORE_ADDRESS = "127.0.0.4"
IMCONF_ADDRESS = "127.0.0.5"
CORE_CONFIG = ROOT / "etc" / "kamailio-core.cfg"


class Core(Kamailio):
    """Its ports are known before it starts; `imconf` is told then."""

    def __init__(self, config: str = ""):
        super().__init__(base=f'include_file "{CORE_CONFIG}"\n{TIMERS}',
                         config=config, address=CORE_ADDRESS)
        self.imconf: Kamailio | None = None

    def imconf_options(self, **params) -> dict:
        """Of the Kamailio that is this core's application server."""
        return {"address": IMCONF_ADDRESS, "defines": ("WITH_IMS",),
                "params": params, "places": {"CORE_ADDRESS": self.address,
                                             "CORE_PORT": self.port}}

    def statistics(self) -> dict[str, int]:
        """It has no conferences to count."""
        return dict.fromkeys(COUNTERS, 0)

    def charging(self, pattern: str) -> set[str]:
        """The ICIDs of the records that match."""
        lines = [line for line in self.log_lines()
                 if "charging: " in line and re.search(pattern, line)]
        return {found.group(1) for line in lines
                if (found := re.search(r'icid-value="?([^";]+)', line))}

    def _places(self) -> dict[str, object]:
        assert self.imconf is not None
        return {"MY_ADDRESS": self.address, "MY_PORT": self.port,
                "IMCONF_ADDRESS": self.imconf.address,
                "IMCONF_PORT": self.imconf.port}

    def _answers(self) -> bool:
        return bool(rpc.call(str(self.socket), "core.version"))
