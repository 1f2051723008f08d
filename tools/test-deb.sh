#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Installs the package into a fresh chroot of this Debian and has the demo's
# three clients hold their conference there: with the package's module and
# example files alone, and then with Debian's own kamailio.cfg, changed as the
# README says. Needs root, what deb.sh needs and, the first time, the
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
inside "$root" env -C /demo PYTHONPATH=test sh -ec '
	tools/stock-config.py /etc/kamailio/kamailio.cfg etc/imconf-fragment.cfg \
		127.0.0.1 "$1"
	kamailio -DD -E -m 64 >/tmp/kamailio.log 2>&1 &
	python3 tools/ports.py wait 127.0.0.1 "$1" $!
	python3 -m imclient demo --proxy "127.0.0.1:$1"
	! grep ERROR /tmp/kamailio.log
' sh "$(python3 tools/ports.py free 127.0.0.1 2)"
rm -rf "$root"
echo "${deb##*/} works on a fresh Debian $suite"
