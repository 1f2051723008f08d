#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Writes what is made from other files: docs/conformance.md, and the module's
# README, by Kamailio's own docbook rules. With --check it exits with 1 and
# says so when what is committed is not what it would write. Fails when a page
# and the module's exports disagree. Needs KSRC, MODULE and BUILD in the
# environment. Called by the Makefile and by lint.
#
#   docs.sh [--check]

set -eu

made="docs/conformance.md modules/imconf/doc/imconf_parameters.xml
modules/imconf/README"

# A copy inside a tree like Kamailio's, since the sources name its entities by
# relative path
write_readme()
{
	work=$BUILD/docs
	rm -rf "$work"
	mkdir -p "$work/src/modules/imconf" "$work/doc"
	cp -r "$MODULE/doc" "$work/src/modules/imconf"
	ln -s "$KSRC/../doc/docbook" "$work/doc/docbook"
	make -s -C "$work/src/modules/imconf/doc" readme >"$work/log" 2>&1 || {
		cat "$work/log" >&2
		return 1
	}
	cp "$work/src/modules/imconf/README" "$MODULE/README"
}

before=$(cat $made 2>/dev/null | cksum)
tools/conformance.py
tools/parameters.py
tools/exports.py
write_readme
[ "${1:-}" = --check ] || exit 0
[ "$before" = "$(cat $made | cksum)" ] && exit 0
echo "they were not current, and are now; look at them: $made"
exit 1
