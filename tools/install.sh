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

# a configuration that somebody has adapted stays; ours goes beside it
put_configuration()
{
	target=$destdir$2/${1##*/}
	if [ -e "$target" ] && ! cmp -s "$1" "$target"; then
		target=$target.sample
	fi
	install -D -m 644 "$1" "$target"
	echo "$target"
}

modules=$destdir$(module_folder)
install -D -m 755 "$MODULE/imconf.so" "$modules/imconf.so"
echo "$modules/imconf.so"
put_configuration etc/kamailio-imconf.cfg "$sysconfdir/kamailio"
put_configuration etc/imconf-fragment.cfg "$sysconfdir/kamailio"
put_configuration etc/kamailio-core.cfg "$sysconfdir/kamailio"
