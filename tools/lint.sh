#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Everything that can be said about the sources without running them. Each
# check is named, its output is shown when it fails, and the last line counts
# them. Needs KSRC, KAMAILIO, MODULE, BUILD, JOBS and PYTHON in the environment.
# Called by the Makefile; with names as arguments only those checks are done.
#
#   lint.sh [CHECK...]

set -u

out=$BUILD/lint
mkdir -p "$out"
passed=0
failed=0

# The Kamailio tree counts as system headers: their warnings are not ours.
# Script and callback signatures are fixed, so a parameter may stay unused.
compile_flags()
{
	sed -n 's/^C_DEFS= *//p' "$KSRC/config.mak"
	pkg-config --cflags libevent_core libxml-2.0 json-c libcurl gnutls
	echo "-DMOD_NAME='\"imconf\"' -I$MODULE"
	echo "-isystem $KSRC/modules/tm -isystem $KSRC"
	echo "-std=gnu11 -Wall -Wextra -Wno-unused-parameter"
}

# each file read from the input, in parallel, with the compile flags at the end
each_file()
{
	xargs -r -P "$JOBS" -I {} sh -c "$* $(compile_flags | tr '\n' ' ')"
}

check_format()
{
	tools/c-files.sh | xargs -r clang-format --dry-run -Werror
}

check_warnings()
{
	{
		tools/c-files.sh --sources
		tools/c-files.sh --standalone
	} | each_file "gcc -O2 -Werror -c {} -o /dev/null"
}

# memleak is left to the sanitizers: cppcheck does not see a pointer leave in a
# compound literal; without <sys/queue.h> it takes a TAILQ_FOREACH for a call
check_cppcheck()
{
	queue=$(echo '#include <sys/queue.h>' | "${CC:-cc}" -E -x c - |
		sed -n 's/^# 1 "\(.*queue\.h\)".*/\1/p' | head -n 1)
	tools/c-files.sh --sources | xargs -r cppcheck --quiet -j "$JOBS" \
		--std=c11 --language=c --error-exitcode=1 --inline-suppr \
		--enable=warning,performance,portability \
		--suppress=missingIncludeSystem --suppress=memleak \
		--include="$queue" \
		-I "$MODULE" -DMODULE_VERSION= -D__linux__
}

check_clang_tidy()
{
	tools/c-files.sh --sources |
		each_file "clang-tidy --quiet {} -- -Wno-unknown-warning-option" \
			2>"$out/clang-tidy.err" || {
		grep -v 'warnings\? generated' "$out/clang-tidy.err" >&2
		return 1
	}
}

check_python()
{
	PYTHONPYCACHEPREFIX=$out/pycache "$PYTHON" -m compileall -q test
}

check_shell()
{
	status=0
	for file in $(find tools test -name '*.sh') .ci/run; do
		interpreter=$(sed -n '1s|^#! *\([^ ]*\).*|\1|p' "$file")
		"${interpreter:-sh}" -n "$file" || status=1
	done
	return $status
}

# one configuration with the given defines, against the module just built
kamailio_accepts()
{
	file=$1
	shift
	"$KAMAILIO" -c -f "$file" -L "$(tools/module-path.sh)" "$@" \
		>"$out/kamailio.log" 2>&1 && return 0
	echo "$file $*"
	cat "$out/kamailio.log"
	return 1
}

check_configurations()
{
	status=0
	for config in etc/*.cfg; do
		[ "$config" != etc/imconf-fragment.cfg ] || continue
		kamailio_accepts "$PWD/$config" || status=1
		for define in $(grep -oE '^#!ifdef WITH_[A-Z_]+' "$config" |
			cut -d' ' -f2 | sort -u); do
			kamailio_accepts "$PWD/$config" -A "$define" || status=1
		done
	done
	return $status
}

# the fragment as its own comment says it is used
check_fragment()
{
	cat >"$out/fragment.cfg" <<-END
		listen=udp:127.0.0.1:5060
		loadmodule "tm.so"
		loadmodule "sl.so"
		loadmodule "rr.so"
		include_file "$PWD/etc/imconf-fragment.cfg"
		request_route {
			route(IMCONF);
			t_relay();
		}
	END
	kamailio_accepts "$out/fragment.cfg"
}

# the pages that are made from other files
check_docs()
{
	tools/docs.sh --check
}

run_check()
{
	log=$out/$1.log
	if "check_$1" >"$log" 2>&1; then
		echo "ok      $1"
		passed=$((passed + 1))
	else
		echo "FAILED  $1"
		sed 's/^/    /' "$log"
		failed=$((failed + 1))
	fi
}

[ $# -gt 0 ] || set -- format warnings cppcheck clang_tidy python shell \
	configurations fragment docs
for check in "$@"; do
	run_check "$check"
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
