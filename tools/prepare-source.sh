#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Makes a Kamailio source tree ready to build modules against: fetches it when
# a command for that is given, then writes its config.mak. Needs KSRC (the
# tree's src folder) and KAMAILIO (the program that shall load the module) in
# the environment. Called by the Makefile.
#
#   prepare-source.sh [COMMAND...]

set -eu

die()
{
	echo "imconf: $*" >&2
	exit 1
}

# Binaries that CMake built have one lock method only and say so in the flags
# that the loader compares; the lock itself is the same.
unwanted_defines()
{
	flags=$("$KAMAILIO" -I 2>/dev/null | grep 'Compile flags:') || return 0
	case $flags in
		*FAST_LOCK-ADAPTIVE_WAIT*) ;;
		*) echo "-DFAST_LOCK -DADAPTIVE_WAIT -DADAPTIVE_WAIT_LOOPS=1024" ;;
	esac
}

[ $# -eq 0 ] || "$@"
[ -f "$KSRC/Makefile.defs" ] || die "$KSRC is no Kamailio source tree"
[ ! -f "$KSRC/config.mak" ] || exit 0
make -s -C "$KSRC" cfg-defs DEFS_RM="$(unwanted_defines)" >/dev/null ||
	die "cannot configure $KSRC"
