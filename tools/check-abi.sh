#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Kamailio loads a module only when version and compile flags are exactly its
# own. Compares those in the module with the installed program's and says in a
# sentence what differs. Needs MODULE (folder of imconf.so) and KAMAILIO (the
# program) in the environment. Called by the Makefile.

set -eu

so=$MODULE/imconf.so

die()
{
	echo "imconf: $*" >&2
	exit 1
}

# the one string of the module that begins like this
module_string()
{
	strings -a -n 12 "$so" | grep -E -m 1 "$1" | sed 's/[ ]*$//'
}

# what `kamailio -I` says after a label
program_string()
{
	"$KAMAILIO" -I | sed -n "s/^ *$1: *//p" | sed 's/[ ]*$//;1q'
}

# Is this the very string that the program compares? `kamailio -I` of CMake
# builds names flags more, of the memory managers.
program_has()
{
	strings -a -n 12 "$(command -v "$KAMAILIO")" | sed 's/[ ]*$//' |
		grep -Fqx -e "$1"
}

# words of the first list that the second lacks
only_in_first()
{
	missing=""
	for flag in $1; do
		case " $2, " in
			*" ${flag%,}, "*) ;;
			*) missing="$missing${missing:+ }${flag%,}" ;;
		esac
	done
	echo "${missing:-nothing}"
}

[ -f "$so" ] || die "there is no $so; run make first"
command -v "$KAMAILIO" >/dev/null ||
	die "there is no program $KAMAILIO to compare the module with"

built=$(module_string '^[A-Za-z-]+ [0-9][^ ]* \(.*/.*\)') ||
	die "$so carries no Kamailio version"
installed=$(program_string Version)
[ "$built" = "$installed" ] ||
	die "the module is built for $built, but $KAMAILIO is $installed;" \
		"build against that version's source with KAMAILIO_SRC="

built=$(module_string '^USE_TCP|, USE_TCP') || built=""
installed=$(program_string 'Compile flags')
[ "$built" = "$installed" ] || program_has "$built" ||
	die "the module's compile flags are not those of $KAMAILIO:" \
		"only in the module: $(only_in_first "$built" "$installed");" \
		"only in $KAMAILIO: $(only_in_first "$installed" "$built")"
