#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Does to Debian's own kamailio.cfg and to our fragment what the README says
under "Add it to your proxy". For tests; exits with 1 when a place that the
README names is not there.

    stock-config.py KAMAILIO_CFG FRAGMENT ADDRESS PORT"""

import sys
from pathlib import Path

LISTEN = "# listen=udp:10.0.0.10:5060"
MODULES = 'loadmodule "counters.so"\n'
NAT = "\troute(NATDETECT);\n"
AUTH = "\t# authentication\n\troute(AUTH);\n"
OURS = """
	# who asks? our own invitations come back to us and need not say
	if (!has_totag() && !is_method("ACK|CANCEL")
			&& !($si == "{address}" && $sp == {port})) {{
		route(AUTH);
	}}
	route(IMCONF);
"""


def replaced(text: str, old: str, new: str) -> str:
    """`text` with the one place `old` made `new`."""
    if text.count(old) != 1:
        sys.exit(f"the configuration has {text.count(old)} times {old!r}")
    return text.replace(old, new)


def main() -> None:
    config, fragment = map(Path, sys.argv[1:3])
    address, port = sys.argv[3:5]
    domain = f"{address}:{port}"
    text = config.read_text()
    text = replaced(text, LISTEN,
                    f"listen=udp:{domain}\nlisten=tcp:{domain}")
    text = replaced(text, MODULES,
                    MODULES + f'include_file "{fragment.name}"\n')
    text = replaced(text, NAT, NAT + OURS.format(address=address, port=port))
    text = replaced(text, AUTH, "")
    (config.parent / fragment.name).write_text(
        fragment.read_text().replace("example.org", domain)
        + 'modparam("imconf", "trust_from", 1)\n')
    config.write_text(text)


if __name__ == "__main__":
    main()
