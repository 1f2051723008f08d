# SPDX-License-Identifier: GPL-2.0-or-later
"""`make bench`: every figure, as a table on standard output; what is going on
meanwhile on standard error. Exits with 1 when a figure is not good enough or
a run failed."""

import argparse
import sys

from conference_rate import conference_rate
from conference_state import (WANTED_RATIO as WANTED_NOTIFIES, Filling,
                              Telling, filling, telling)
from fan_out import WANTED_FROM, WANTED_RATIO, fan_out
from groups import (WANTED_P99, WANTED_PARALLEL, Waits, joins, medians,
                    member_weight, p99, slow_xdms)
from groups import WANTED_RATIO as WANTED_JOIN_RATIO
from leak import leak
from server import BenchError, Server, stop_cleanly_when_told

SHARED_MIB = 4096  # answered transactions stay for wt_timer: rate x 5 s
PARTS = ("fan-out", "conferences", "state", "groups", "leak")


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def bench_fan_out(options: argparse.Namespace) -> bool:
    print("Fan-out: 300-byte messages, receivers idle for "
          f"{options.idle:g} s, median of {options.rounds}")
    print("            deliveries a second                       "
          "us of server CPU a delivery")
    print("receivers     imconf      relay  ratio  frame by frame"
          "    imconf  relay  frame by frame")
    good = True
    with Server() as server:
        for receivers in options.receivers:
            note(f"fan-out to {receivers} ...")
            result = fan_out(server, receivers, options.rounds, options.idle,
                             options.seconds)
            print(f"{receivers:9}{result.imconf.rate:11,.0f}"
                  f"{result.relay.rate:11,.0f}{result.ratio:7.2f}"
                  f"{result.frame_by_frame.rate:16,.0f}"
                  f"{result.imconf.cpu:10.2f}{result.relay.cpu:7.2f}"
                  f"{result.frame_by_frame.cpu:16.2f}", flush=True)
            good = good and result.good
    if not good:
        print(f"NOT GOOD: below {WANTED_RATIO} of the relay with "
              f"{WANTED_FROM} receivers or more")
    return good


def bench_conferences(options: argparse.Namespace) -> bool:
    print("Conferences with 10 invitees, made and ended, beside plain INVITE "
          f"and BYE; median of {options.rounds}")
    print("invitations        conferences/s   transactions/s   plain tm/s   "
          "ratio")
    ways = {"through the proxy": (),
            "straight": ("WITH_DIRECT_INVITES",)}
    for way, defines in ways.items():
        note(f"conferences, invited {way} ...")
        with Server(defines, SHARED_MIB) as server:
            result = conference_rate(server, options.rounds, options.seconds,
                                     options.window)
        print(f"{way:19}{result.conferences:13,.0f}"
              f"{result.transactions:17,.0f}{result.plain:13,.0f}"
              f"{result.ratio:8.2f}", flush=True)
    return True


def _print_filling(result: Filling) -> None:
    print(f"Conference state: {result.watchers} join and watch in "
          f"{result.seconds:.1f} s, a tick a second")
    print(f"NOTIFYs             {result.notifies:13,}   "
          f"less than {result.limit:,.0f}; each join told at once: "
          f"{result.naive:,}")
    print(f"bytes               {result.bytes:13,.0f}   "
          f"{result.bytes / result.full_bytes:.2f} of full documents")
    print(f"worker's CPU time   {result.cpu:13.2f} s")
    print(f"join to the last    {result.delay_median:13.2f} s "
          f"median, {result.delay_max:.2f} s at most")


def _print_telling(result: Telling) -> None:
    print("watchers    NOTIFYs/s  plain tm/s  ratio   us of CPU a NOTIFY")
    for row in result.rows:
        print(f"{row.watchers:8}{row.rate:13,.0f}{row.plain:12,.0f}"
              f"{row.ratio:7.2f}{row.cpu:21.1f}")
    hold_up = result.hold_up
    print(f"OPTIONS through the worker: {hold_up.idle_median:.2f} ms (99 %: "
          f"{hold_up.idle_p99:.2f}) idle, {hold_up.busy_median:.2f} ms (99 %: "
          f"{hold_up.busy_p99:.2f}, at most {hold_up.busy_max:.2f}) under "
          "NOTIFYs")


def bench_state(options: argparse.Namespace) -> bool:
    note("a conference of watchers fills ...")
    full = filling(options.watchers[-1], options.joins)
    _print_filling(full)
    note("changes told to all watchers ...")
    told = telling(options.watchers, options.rounds)
    _print_telling(told)
    if not full.good:
        print("NOT GOOD: too many NOTIFYs")
    if not told.good:
        print(f"NOT GOOD: below {WANTED_NOTIFIES} of plain requests")
    return full.good and told.good


def print_waits(waits: Waits) -> None:
    print(f"INVITEs to {waits.groups} groups while every answer of the XDMS "
          f"takes 2 s: through in {waits.seconds:.1f} s,")
    print(f"{waits.parallel} fetches at a time. Meanwhile, in ms:"
          "      median    99th percentile    most")
    for name, values in (("OPTIONS", waits.options),
                         ("message and its 200", waits.messages)):
        middle = sorted(values)[len(values) // 2]
        print(f"{name:20}{len(values):8} of them"
              f"{middle:14.2f}{p99(values):19.2f}{max(values):8.2f}",
              flush=True)
    if not waits.good:
        print(f"NOT GOOD: above {WANTED_P99} ms, or less than "
              f"{WANTED_PARALLEL} fetches at a time")


def bench_groups(options: argparse.Namespace) -> bool:
    note("500 groups of a slow XDMS ...")
    waits = slow_xdms(500, 2.0)
    print("Groups")
    print_waits(waits)
    note("joins ...")
    rates = joins(options.rounds * 2 + 1, options.seconds)
    print("                                               a second    "
          "us of server CPU each")
    for name, values in (("joins to a group with a cached document",
                          rates.cached),
                         ("rejoins of an ad-hoc conference", rates.rejoins)):
        middle = medians(values)
        print(f"{name:45}{middle.rate:10,.0f}{middle.cpu:25.0f}")
    print(f"ratio, median of {len(rates.cached)} pairs{rates.ratio:29.2f}"
          f"{rates.cpu_ratio:25.2f}", flush=True)
    good_ratio = rates.ratio >= WANTED_JOIN_RATIO
    if not good_ratio:
        print(f"NOT GOOD: below {WANTED_JOIN_RATIO}")
    note("10,000 members ...")
    weight = member_weight(10000)
    print(f"bytes of a cached member: {weight.accounted:.0f} by the cache's "
          f"account, {weight.resident:.0f} of memory", flush=True)
    return waits.good and good_ratio


def bench_leak(options: argparse.Namespace) -> bool:
    note(f"{options.conferences} conferences of three, then silence ...")
    with Server() as server:
        result = leak(server, options.conferences)
    print("Memory")
    print("\n".join(result.lines()), flush=True)
    return result.good


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART",
                        help=f"of {', '.join(PARTS)}; default: all")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0,
                        help="of one measurement")
    parser.add_argument("--idle", type=float, default=10.0)
    parser.add_argument("--receivers", type=int, nargs="+",
                        default=[2, 10, 100, 500])
    parser.add_argument("--window", type=int, default=16,
                        help="conferences or plain calls at a time")
    parser.add_argument("--watchers", type=int, nargs="+",
                        default=[10, 100, 1000])
    parser.add_argument("--joins", type=float, default=100.0,
                        help="a second, of the conference that fills")
    parser.add_argument("--conferences", type=int, default=10000,
                        help="of the leak run")
    options = parser.parse_args()
    for part in options.parts:
        if part not in PARTS:
            parser.error(f"no part {part!r}")
    return options


def main() -> int:
    options = read_options()
    stop_cleanly_when_told()
    runs = {"fan-out": bench_fan_out, "conferences": bench_conferences,
            "state": bench_state, "groups": bench_groups,
            "leak": bench_leak}
    failed = []
    for part in options.parts or PARTS:
        try:
            good = runs[part](options)
        except BenchError as error:
            print(f"FAILED: {error}", flush=True)
            good = False
        if not good:
            failed.append(part)
        print()
    print("bench: " + (f"not good: {', '.join(failed)}" if failed else "good"))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
