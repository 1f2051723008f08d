#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Makes build/kamailio-imconf-modules_<version>_<arch>.deb: the built module,
# for exactly the installed Kamailio package, with its README, the example
# configurations and the XDMS samples. Needs BUILD, MODULE and KAMAILIO in the
# environment. Called by the Makefile.

set -eu

NAME=kamailio-imconf-modules
EXAMPLES=/usr/share/doc/$NAME/examples

die()
{
	echo "imconf: $*" >&2
	exit 1
}

# The version says what was packed: release, commit, and the Kamailio it is for.
package_version()
{
	release=$(sed -n 's/.*IMCONF_VERSION "\(.*\)"/\1/p' \
		"$MODULE/imconf_version.h")
	commit=$(git log -1 --format=%cd.%h --date=format:%Y%m%d 2>/dev/null) ||
		commit=0
	echo "$release+$commit+k${kamailio%%[-+~]*}"
}

# the packages of the libraries that the module names
library_packages()
{
	mkdir -p "$stage/debian"
	: >"$stage/debian/control"
	(cd "$stage" && dpkg-shlibdeps -O --ignore-missing-info "$1" 2>/dev/null) |
		sed -n 's/^shlibs:Depends=//p'
	rm -rf "$stage/debian"
}

write_control()
{
	mkdir -p "$stage/DEBIAN"
	cat >"$stage/DEBIAN/control" <<END
Package: $NAME
Version: $version
Architecture: $arch
Section: net
Priority: optional
Maintainer: The imconf team <imconf@localhost>
Depends: kamailio (= $kamailio), $libraries
Installed-Size: $(du -sk --exclude=DEBIAN "$stage" | cut -f 1)
Description: OMA SIMPLE IM conference server for Kamailio
 imconf makes a Kamailio proxy an IM conference server: ad-hoc conferences,
 groups that an XDMS defines, conference state by SUBSCRIBE and NOTIFY, and the
 MSRP switch that carries the chat.
 .
 The module fits exactly this version of Kamailio.
END
}

stage_files()
{
	tools/install.sh "$stage" /usr /not-packed >/dev/null
	rm -r "$stage/not-packed"
	mkdir -p "$stage$EXAMPLES"
	cp -r etc/. "$stage$EXAMPLES"
	cp README.md COPYING "$stage${EXAMPLES%/*}"
	cp -r docs "$stage${EXAMPLES%/*}"
	find "$stage" -type d -exec chmod 755 {} +
	find "$stage" -type f -exec chmod 644 {} +
}

kamailio=$(dpkg-query -W -f '${Version}' kamailio 2>/dev/null) ||
	die "a package is for an installed Kamailio package, and there is none"
arch=$(dpkg --print-architecture)
version=$(package_version)
stage=$(mktemp -d "$BUILD/deb.XXXXXX")
trap 'rm -rf "$stage"' EXIT
stage_files
so=$(cd "$stage" && find . -name imconf.so)
strip --strip-unneeded "$stage/$so"
libraries=$(library_packages "$so")
write_control
deb=$BUILD/${NAME}_${version}_$arch.deb
dpkg-deb --root-owner-group --build "$stage" "$deb" >/dev/null
echo "$deb"
