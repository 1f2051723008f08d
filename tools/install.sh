#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Puts the module where the installed Kamailio looks for modules, and the
# example configuration beside it. Called by the Makefile.
#
#   install.sh DESTDIR PREFIX SYSCONFDIR

set -eu

destdir=$1
prefix=$2
sysconfdir=$3

# the folder compiled into the program, else Debian's
module_folder()
{
	folder=$("$KAMAILIO" -I 2>/dev/null |
		sed -n 's/.*paths to modules: *\([^ :]*\).*/\1/p')
	[ -n "$folder" ] ||
		folder=$prefix/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH)/kamailio/modules
	echo "$folder"
}

put()
{
	install -D -m "$1" "$2" "$destdir$3/${2##*/}"
	echo "$destdir$3/${2##*/}"
}

put 755 "$MODULE/imconf.so" "$(module_folder)"
put 644 etc/kamailio-imconf.cfg "$sysconfdir/kamailio"
put 644 etc/imconf-fragment.cfg "$sysconfdir/kamailio"
