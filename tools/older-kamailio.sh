#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# For a Debian whose mirror has the package of the installed Kamailio, but not
# its source: fetches the newest earlier source package that is there and builds
# the core, kamcmd and the modules that the examples and tests load, with
# Debian's flags. The versions are those of the package's own changelog; the
# signature has to be a Debian developer's. Everything goes below FOLDER: the
# source into FOLDER/source, what runs into FOLDER/installed. Prints the
# version. Called by matrix.sh in a chroot, in the project's folder; needs root.
#
#   older-kamailio.sh FOLDER

set -eu

folder=$1
TRIED_MOST=5
# debian-keyring: whose signatures count; the rest is to build with
PACKAGES="dpkg-dev debian-keyring cmake g++ flex bison libssl-dev libxml2-dev
	libcurl4-gnutls-dev libsqlite3-dev"

die()
{
	echo "imconf: $*" >&2
	exit 1
}

# the folder of the mirror that the installed package came from
pool()
{
	repository=$(apt-get indextargets --format '$(REPO_URI)' \
		'Created-By: Packages' | head -n 1)
	file=$(apt-cache show --no-all-versions kamailio |
		sed -n 's/^Filename: //p')
	echo "${repository%/}/${file%/*}"
}

# newest first, without the installed one
earlier_versions()
{
	zcat /usr/share/doc/kamailio/changelog.Debian.gz |
		sed -n 's/^kamailio (\(.*\)).*/\1/p' |
		sed 1d | head -n $TRIED_MOST
}

# a file of the pool into the current folder; with a checksum, only if it fits
#   download NAME [SHA256]
download()
{
	/usr/lib/apt/apt-helper download-file "$mirror/$1" "$1" \
		${2:+"SHA256:$2"} >/dev/null 2>&1
}

# "checksum size name" of each file that a .dsc lists
files_of()
{
	sed -n '/^Checksums-Sha256:/,/^[^ C]/s/^ //p' "$1"
}

fetch_version()
{
	dsc=kamailio_${1#*:}.dsc
	download "$dsc" || return 1
	files_of "$dsc" | while read -r sum _ name; do
		download "$name" "$sum" || exit 1
	done
}

fetch()
{
	mirror=$(pool)
	for version in $(earlier_versions); do
		fetch_version "$version" || continue
		rm -rf ../source
		dpkg-source --require-valid-signature --require-strong-checksums \
			-x "kamailio_${version#*:}.dsc" ../source >&2
		echo "$version" >../version
		return 0
	done
	die "no source of Kamailio of the last $TRIED_MOST versions on the mirror"
}

modules()
{
	grep -rhoE 'loadmodule "[a-z0-9_]+\.so"' etc test/scenario |
		sed 's/.*"\(.*\)\.so"/\1/' | grep -vx imconf | sort -u | tr '\n' ' '
}

build()
{
	export DEB_BUILD_MAINT_OPTIONS=hardening=+all
	eval "$(dpkg-buildflags --export=sh)"
	cmake -S "$folder/source" -B "$folder/build" -Wno-dev \
		-DCMAKE_BUILD_TYPE=None -DCMAKE_INSTALL_PREFIX="$folder/installed" \
		-DUSE_GIT=OFF -DMODULE_GROUP_NAME= -DINCLUDE_MODULES="$(modules)" &&
		cmake --build "$folder/build" -j"$(nproc)" &&
		cmake --install "$folder/build"
}

# shellcheck disable=SC2086 # a list of words
tools/install-packages.sh $PACKAGES >&2
mkdir -p "$folder/download"
[ -e "$folder/version" ] || (cd "$folder/download" && fetch)
build >"$folder/log" 2>&1 || {
	tail -n 5 "$folder/log" >&2
	die "cannot build Kamailio: see $folder/log"
}
cat "$folder/version"
