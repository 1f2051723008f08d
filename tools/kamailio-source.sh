#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Puts the source of exactly the installed Kamailio package below FOLDER, with
# FOLDER/kamailio pointing to it. Reads the machine's own package sources, but
# changes nothing outside FOLDER: apt works there with a configuration of its
# own. Does nothing when the source is there already. Called by the Makefile.
#
#   kamailio-source.sh FOLDER

set -eu

folder=$1
apt_dir=$folder/apt
etc_apt=${IMCONF_ETC_APT:-/etc/apt}

die()
{
	echo "imconf: $*" >&2
	exit 1
}

# the files apt itself reads: its two suffixes, and no other character in the
# name than these
source_files()
{
	ls "$etc_apt/sources.list.d" 2>/dev/null |
		grep -E "^[A-Za-z0-9_.-]+\\.$1\$" |
		sed "s|^|$etc_apt/sources.list.d/|"
}

# one-line form: every deb becomes deb-src, once
convert_list()
{
	cat -- "$@" |
		sed -n -E 's/^[[:space:]]*deb(-src)?[[:space:]]+/deb-src /p' |
		sort -u
}

# deb822 form: every stanza's types become deb-src
convert_deb822()
{
	awk '
		tolower($0) ~ /^types:/ { print "Types: deb-src"; skip = 1; next }
		skip && /^[ \t]/ { next }
		{ skip = 0; print }
	' "$1"
}

write_sources()
{
	rm -rf "$apt_dir/sources"
	mkdir -p "$apt_dir/sources"
	lists=$(source_files list)
	[ ! -f "$etc_apt/sources.list" ] || lists="$etc_apt/sources.list $lists"
	if [ -n "$lists" ]; then
		# shellcheck disable=SC2086 # names without spaces
		convert_list $lists >"$apt_dir/sources/machine.list"
	fi
	for file in $(source_files sources); do
		convert_deb822 "$file" >"$apt_dir/sources/${file##*/}"
	done
}

# apt with folders of its own; keys, proxies and passwords are the machine's
private_apt()
{
	apt-get -qq \
		-o Dir::Etc::sourcelist=/dev/null \
		-o Dir::Etc::sourceparts="$apt_dir/sources" \
		-o Dir::State::lists="$apt_dir/lists" \
		-o Dir::Cache="$apt_dir/cache" \
		-o APT::Sandbox::User="$(id -un)" \
		-o Acquire::Languages=none \
		-o APT::Update::Post-Invoke= \
		-o APT::Update::Post-Invoke-Success= \
		"$@"
}

fetch()
{
	mkdir -p "$apt_dir/lists/partial" "$apt_dir/cache/archives/partial" \
		"$folder/download"
	write_sources
	# a source without a source index is no failure as long as another one
	# has the package; nor is a mirror that lacks a tarball's signature:
	# dpkg-source tells what cannot be done without
	private_apt update >"$apt_dir/log" 2>&1 || true
	(cd "$folder/download" &&
		private_apt source --only-source --download-only \
			"$package=$version" >>"$apt_dir/log" 2>&1) || true
	[ -e "$folder/download/${package}_${version#*:}.dsc" ]
}

installed=$(dpkg-query -W -f '${db:Status-Status} ${source:Package} ${source:Version}' \
	kamailio 2>/dev/null) || installed=""
# shellcheck disable=SC2086 # three words
set -- $installed
[ "${1:-}" = installed ] ||
	die "Kamailio is not installed as a package; name its source with" \
		"KAMAILIO_SRC=<folder>"
package=$2
version=$3
tree=kamailio-$version

if [ ! -d "$folder/$tree" ]; then
	echo "Fetching the source of $package $version (once)"
	fetch || {
		tail -n 3 "$apt_dir/log" >&2
		die "this machine's package sources do not give the source of" \
			"$package $version; name one with KAMAILIO_SRC=<folder>"
	}
	rm -rf "$folder/$tree.new"
	dpkg-source --no-check --no-copy -x \
		"$folder/download/${package}_${version#*:}.dsc" \
		"$folder/$tree.new" >>"$apt_dir/log" 2>&1 || {
		tail -n 3 "$apt_dir/log" >&2
		die "cannot unpack the source of $package $version"
	}
	mv "$folder/$tree.new" "$folder/$tree"
	rm -rf "$folder/download" "$apt_dir"
fi
[ "$(readlink "$folder/kamailio" 2>/dev/null)" = "$tree" ] ||
	ln -sfn "$tree" "$folder/kamailio"
