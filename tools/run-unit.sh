#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs cmocka programs and says how many of their tests passed. A program that
# stops before its summary (a crash, a sanitizer's finding) counts as one
# failure. Prints the output of those that failed only.
#
#   run-unit.sh PROGRAM...

set -u

passed=0
failed=0
skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# the number after the word PASSED, FAILED or SKIPPED in cmocka's summary
summary()
{
	grep -Eo "\[  $1 +\] [0-9]+ test" "$log" |
		awk '{ n += $4 } END { print n + 0 }'
}

for program in "$@"; do
	"$program" >"$log" 2>&1
	status=$?
	ok=$(summary PASSED)
	bad=$(summary FAILED)
	if [ "$status" -ne 0 ] || [ "$((ok + bad))" -eq 0 ]; then
		[ "$bad" -gt 0 ] || bad=1
		echo "--- ${program##*/} (exit $status)"
		cat "$log"
	fi
	passed=$((passed + ok))
	failed=$((failed + bad))
	skipped=$((skipped + $(summary SKIPPED)))
done

line="$passed passed, $failed failed"
[ "$skipped" -eq 0 ] || line="$line, $skipped skipped"
echo "$line"
[ "$failed" -eq 0 ]
