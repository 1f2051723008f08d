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

# as the program spells it: what comes after the slash in "(x86_64/linux)"
system_name()
{
	"$KAMAILIO" -I 2>/dev/null |
		sed -n 's|^ *Version: .*(.*/\([A-Za-z0-9_-]*\)).*|\1|p'
}

# Three things that the loader compares are not in the source, but in how the
# program was built: with OpenSSL's headers at hand or without; and by CMake,
# whose binaries have one lock method only (the lock itself is the same) and
# spell the system's name their own way.
configure()
{
	flags=$("$KAMAILIO" -I 2>/dev/null | grep 'Compile flags:') || flags=""
	set --
	case $flags in
		"") ;;
		*TLS_PTHREAD_MUTEX_SHARED*) set -- LIBSSL_SET_MUTEX_SHARED=1 ;;
		*) set -- LIBSSL_SET_MUTEX_SHARED=0 ;;
	esac
	case $flags in
		"" | *FAST_LOCK-ADAPTIVE_WAIT*) ;;
		*) set -- "$@" DEFS_RM="-DFAST_LOCK -DADAPTIVE_WAIT \
-DADAPTIVE_WAIT_LOOPS=1024" ;;
	esac
	make -s -C "$KSRC" cfg-defs "$@" >/dev/null
	system=$(system_name)
	[ -z "$system" ] || sed -i \
		"s|-DOS_QUOTED='[^']*'|-DOS_QUOTED='\"$system\"'|" "$KSRC/config.mak"
}

[ $# -eq 0 ] || "$@"
[ -f "$KSRC/Makefile.defs" ] || die "$KSRC is no Kamailio source tree"
[ ! -f "$KSRC/config.mak" ] || exit 0
configure || die "cannot configure $KSRC"
