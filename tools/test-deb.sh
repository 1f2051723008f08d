#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Installs the package into a fresh chroot of this Debian and has the demo's
# three clients hold their conference there, with the package's module and
# example files alone. Needs root, what deb.sh needs and, the first time, the
# network. Called by the Makefile.

set -eu

. tools/chroot.sh
root=$BUILD/package-root
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")

# the clients, and the scripts that start servers; no module and no examples
put_demo()
{
	mkdir -p "$root/demo/test" "$root/demo/build"
	cp -r tools "$root/demo"
	cp -r test/imclient "$root/demo/test"
	ln -sfn /usr/share/doc/kamailio-imconf-modules/examples "$root/demo/etc"
}

require_root "make test-deb"
deb=$(tools/deb.sh)
rm -rf "$root"
make_root "$suite" "$root"
cp "$deb" "$root/tmp"
put_demo
inside "$root" sh -ec '
	apt-get -qq update
	printf "#!/bin/sh\nexit 101\n" >/usr/sbin/policy-rc.d
	chmod 755 /usr/sbin/policy-rc.d
	DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
		install "/tmp/$1" nginx-light python3 netbase
' sh "${deb##*/}" >"$BUILD/test-deb.log" 2>&1 || {
	tail -n 5 "$BUILD/test-deb.log" >&2
	die "the package cannot be installed: see $BUILD/test-deb.log"
}
inside "$root" env -C /demo KAMAILIO=kamailio MODULE=/nowhere PYTHON=python3 \
	BUILD=/demo/build tools/demo.sh
rm -rf "$root"
echo "${deb##*/} works on a fresh Debian $suite"
