# SPDX-License-Identifier: GPL-2.0-or-later
"""`make bench`: every figure, as a table on standard output; what is going on
meanwhile on standard error. Exits with 1 when a figure is not good enough or
a run failed."""

import argparse
import sys

from conference_rate import conference_rate
from conference_state import (WANTED_RATIO as WANTED_NOTIFIES, Filling,
                              Telling, filling, telling)
from churn import STAYING, churn
from fan_out import (TRANSPORT_OPTIONS, WANTED_FROM, WANTED_GROWTH,
                     WANTED_RATIO, Delay, fan_out, growth, last_receiver)
from groups import (WANTED_P99, WANTED_PARALLEL, Waits, joins, medians,
                    member_weight, p99, slow_xdms)
from groups import WANTED_RATIO as WANTED_JOIN_RATIO
from leak import leak
from participant_memory import WANTED as WANTED_BYTES
from participant_memory import participant_memory
from refers import TARGETS, refers
from rooms import (ALLOWED_DELAY, BIG_OCTETS, BIG_RECEIVERS, ROOM_SIZE, ROOMS,
                   SLOW_RATE, SLOW_RECEIVERS, WANTED_BIG_RATIO, WANTED_SHARE,
                   big_message, everybody_talks, slow_receiver)
from server import BenchError, Server, stop_cleanly_when_told

SHARED_MIB = 4096  # answered transactions stay for wt_timer: rate x 5 s


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def judge(good: bool, what: str) -> bool:
    print(f"{'GOOD' if good else 'NOT GOOD'}: {what}", flush=True)
    return good


def bench_fan_out(options: argparse.Namespace) -> bool:
    print("Fan-out: 300-byte messages, receivers idle for "
          f"{options.idle:g} s, median of {options.rounds}")
    print("            deliveries a second                       "
          "us of server CPU a delivery")
    print("receivers     imconf      relay  ratio  frame by frame"
          "    imconf  relay  ratio  frame by frame")
    results = []
    with Server() as server:
        for receivers in options.receivers:
            note(f"fan-out to {receivers} ...")
            result = fan_out(server, receivers, options.rounds, options.idle,
                             options.seconds)
            results.append(result)
            print(f"{receivers:9}{result.imconf.rate:11,.0f}"
                  f"{result.relay.rate:11,.0f}{result.ratio:7.2f}"
                  f"{result.frame_by_frame.rate:16,.0f}"
                  f"{result.imconf.cpu:10.2f}{result.relay.cpu:7.2f}"
                  f"{result.cpu_ratio:7.2f}"
                  f"{result.frame_by_frame.cpu:16.2f}", flush=True)
        print_delays(last_receiver(server, options.receivers[-1],
                                   options.seconds), options.receivers[-1])
    good = judge(all(result.good for result in results),
                 f"at least {WANTED_RATIO} of the relay's deliveries with "
                 f"{WANTED_FROM} receivers or more")
    grown = growth(results)
    if grown is None:
        return good
    return judge(grown[0] <= WANTED_GROWTH,
                 f"a delivery costs {grown[0]:.2f} times as much with 1,000 "
                 f"receivers as with 100, at most {WANTED_GROWTH} (the "
                 f"relay's {grown[1]:.2f})") and good


def print_delays(delays: dict[str, Delay], receivers: int) -> None:
    print(f"until the last of {receivers:,} has a message that is alone, ms:")
    for name, delay in delays.items():
        print(f"    {name:8}{delay.median:8.2f} median{delay.p99:8.2f} "
              "(99 %)", flush=True)


def bench_rooms(options: argparse.Namespace) -> bool:
    note(f"{ROOMS} conferences of {ROOM_SIZE}, all talking ...")
    with Server() as server:
        talk = everybody_talks(server, options.rounds, options.seconds)
        note("one of a hundred does not read ...")
        slow = slow_receiver(server)
    print(f"{ROOMS} conferences of {ROOM_SIZE}, everybody talks")
    print("            deliveries/s    us of server CPU a delivery")
    print(f"imconf      {talk.rate:12,.0f}{talk.cpu:31.2f}")
    print(f"two relays  {talk.relay_rate:12,.0f}{talk.relay_cpu:31.2f}")
    print(f"ratio       {talk.ratio:12.2f}"
          f"{talk.relay_cpu / talk.cpu:31.2f}")
    print("the conference workers' shares of their CPU: "
          + " ".join(f"{share:.2f}" for share in talk.shares))
    good = judge(talk.good, f"each worker at least {WANTED_SHARE}")
    print(f"{SLOW_RATE:,} messages a second to {SLOW_RECEIVERS}, one of whom "
          "stops reading; delay of the others, 99 %:")
    print(f"{slow.before:.2f} ms before, {slow.after:.2f} ms after (at most "
          f"{slow.most:.2f} ms); its leg was "
          f"{'dropped' if slow.dropped else 'NOT dropped'}")
    return judge(slow.good, f"at most {ALLOWED_DELAY} ms more") and good


def bench_big_message(options: argparse.Namespace) -> bool:
    print(f"{BIG_OCTETS:,} octets in chunks of 10 KiB to {BIG_RECEIVERS}; the "
          "relay is always plain TCP")
    print("                    octets/s               us of server CPU a kB")
    print("legs by       imconf          relay  ratio     imconf  relay")
    good = True
    for transport in TRANSPORT_OPTIONS:
        note(f"a large message over {transport} ...")
        with Server(transport=transport) as server:
            big = big_message(server, options.rounds * 2 + 1)
        print(f"{transport:7}{big.rate:14,.0f}{big.relay_rate:15,.0f}"
              f"{big.ratio:7.2f}{big.cpu:11.2f}{big.relay_cpu:7.2f}",
              flush=True)
        if transport == "tcp":
            good = big.good
    return judge(good, f"over TCP at least {WANTED_BIG_RATIO} of the relay")


def bench_churn(options: argparse.Namespace) -> bool:
    note(f"coming and going in a conference of {STAYING} ...")
    result = churn(options.rounds, options.seconds)
    joins, plain = result.medians
    print(f"Joins and leaves in a conference of {STAYING}, all of whom watch, "
          f"median of {options.rounds}")
    print("                                 a second    us of server CPU each")
    print(f"join and leave, NOTIFYs included {joins.rate:8,.0f}"
          f"{joins.cpu:25.0f}")
    print(f"plain INVITE and BYE through tm  {plain.rate:8,.0f}"
          f"{plain.cpu:25.0f}")
    print(f"ratio                            {result.ratio:8.2f}"
          f"{plain.cpu / joins.cpu:25.2f}")
    print(f"NOTIFYs a second meanwhile       {result.notifies:8,.0f}",
          flush=True)
    return True


def bench_refer(options: argparse.Namespace) -> bool:
    note(f"REFERs with {TARGETS} targets ...")
    result = refers(options.rounds)
    print(f"A list of {TARGETS}, invited and in, ms of server CPU, median of "
          f"{options.rounds}")
    print(f"by REFER            {result.refer:8.1f}")
    print(f"by a factory INVITE {result.invite:8.1f}")
    print(f"ratio               {result.invite / result.refer:8.2f}",
          flush=True)
    return True


def bench_participant_memory(options: argparse.Namespace) -> bool:
    note(f"{options.participants} participants stay for a while ...")
    weight = participant_memory(options.participants, 100)
    print(f"An idle participant, of {weight.participants:,} in conferences of "
          f"{weight.size}: {weight.all:,.0f} bytes")
    print(f"    of the workers' memory {weight.heap:,.0f}, of Kamailio's "
          f"shared memory {weight.shared:,.0f}")
    return judge(weight.good, f"at most {WANTED_BYTES:,} bytes")


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


PARTS = {"fan-out": bench_fan_out, "rooms": bench_rooms,
         "big-message": bench_big_message,
         "conferences": bench_conferences, "churn": bench_churn, "refer": bench_refer,
         "state": bench_state, "groups": bench_groups,
         "participant-memory": bench_participant_memory, "leak": bench_leak}


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART",
                        help=f"of {', '.join(PARTS)}; default: all")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0,
                        help="of one measurement")
    parser.add_argument("--idle", type=float, default=10.0)
    parser.add_argument("--receivers", type=int, nargs="+",
                        default=[2, 10, 100, 500, 1000])
    parser.add_argument("--window", type=int, default=16,
                        help="conferences or plain calls at a time")
    parser.add_argument("--watchers", type=int, nargs="+",
                        default=[10, 100, 1000])
    parser.add_argument("--joins", type=float, default=100.0,
                        help="a second, of the conference that fills")
    parser.add_argument("--conferences", type=int, default=10000,
                        help="of the leak run")
    parser.add_argument("--participants", type=int, default=3000,
                        help="of the memory run")
    options = parser.parse_args()
    for part in options.parts:
        if part not in PARTS:
            parser.error(f"no part {part!r}")
    return options


def main() -> int:
    options = read_options()
    stop_cleanly_when_told()
    failed = []
    for part in options.parts or PARTS:
        try:
            good = PARTS[part](options)
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
