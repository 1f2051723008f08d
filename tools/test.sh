#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# All tests, step by step, and one closing line over everything. A step that
# fails without saying how many tests did counts as one failure. Needs what the
# steps need, see the Makefile, which calls it.

set -u

logs=$BUILD/test
mkdir -p "$logs"
passed=0
failed=0
skipped=0

# the sum of the numbers before the given words in a step's last line that
# counts anything
counted()
{
	grep -E '[0-9]+ (passed|failed|error|skipped)' "$1" | tail -n 1 |
		grep -Eo "[0-9]+ ($2)" | awk '{ n += $1 } END { print n + 0 }'
}

step()
{
	name=$1
	shift
	echo "== $name"
	{
		"$@" 2>&1
		echo $? >"$logs/status"
	} | tee "$logs/$name.log"
	bad=$(counted "$logs/$name.log" 'failed|errors?')
	if [ "$bad" -eq 0 ] && [ "$(cat "$logs/status")" -ne 0 ]; then
		echo "FAILED  $name"
		bad=1
	fi
	failed=$((failed + bad))
	passed=$((passed + $(counted "$logs/$name.log" passed)))
	skipped=$((skipped + $(counted "$logs/$name.log" skipped)))
}

run_pytest()
{
	PYTHONPATH=test "$PYTHON" -m pytest -q -p no:cacheprovider "$@"
}

step lint tools/lint.sh
step unit make --no-print-directory -j"$JOBS" -C test/unit check
step imclient run_pytest -n 2 test/imclient/tests
step scenario run_pytest -n 4 test/scenario

summary="$passed passed, $failed failed"
[ "$skipped" -eq 0 ] || summary="$summary, $skipped skipped"
echo "$summary"
[ "$failed" -eq 0 ]
