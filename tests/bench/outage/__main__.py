"""Kill and start again for minutes while reports arrive and clients ask: `python -m tests.bench.outage --minutes 10`.

Prints what clients were told by what was away. Exits with 1 where that is not explained by what was away, where a
report with a receipt is lost, or where the figures in the end are not those of a service that reads everything anew.
"""

import argparse
import itertools
import logging
import os
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

from tests.bench.outage.clients import BROKER, MONGOD, SERVICE, Clients, Seen
from tests.bench.outage.faults import Faults, Outage, check
from tests.bench.outage.path import Arrivals, whole_path

CALM_SECONDS = 2.0  # between two outages
SHOWN = 10  # differences


def print_seen(seen: Iterable[Seen]) -> None:
    """Print what each client was told, and its longest wait, by what was away when it asked."""
    told: defaultdict[tuple[str, str], list[Seen]] = defaultdict(list)
    for each in seen:
        told[each.away[0], each.client].append(each)
    for (away, client), answers in sorted(told.items()):
        counts = ", ".join(f"{outcome} {n:,}" for outcome, n in Counter(each.outcome for each in answers).most_common())
        longest = max(each.seconds for each in answers)
        print(f"{away} away, {client}: {counts}; longest wait {longest:.1f} s")


def print_outages(outages: Iterable[Outage]) -> None:
    """Print how long it took until all was well again."""
    found: defaultdict[str, list[Outage]] = defaultdict(list)
    for each in outages:
        found[each.name].append(each)
    for name, times in found.items():
        ready, back = (max(getattr(each, field) for each in times) for field in ("ready_seconds", "back_seconds"))
        after = f"ready {ready:.1f} s and all answered {back:.1f} s after its start, at most"
        print(f"{name} killed {len(times)} times: {after}")


def main() -> None:
    """Run the whole path on this machine, kill, and compare."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.outage", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    seconds = 60 * parser.parse_args().minutes
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # our own clients meet the broker's deaths, too
    outages: list[Outage] = []
    with tempfile.TemporaryDirectory(prefix="paygauge-") as folder, whole_path(Path(folder)) as path:
        with Arrivals(path.settings) as arrivals, Clients(path.url, path.key) as clients:
            faults, started = Faults(path, clients), time.monotonic()
            for name in itertools.cycle((SERVICE, MONGOD, BROKER)):
                outages.append(faults.kill(name))
                time.sleep(CALM_SECONDS)
                if time.monotonic() > started + seconds:
                    break
        wrong = check(path, clients)
        reports = path.figures()["about"]["reports"]
    print_outages(outages)
    print_seen(clients.seen)
    print(f"{arrivals.sent:,} messages and {len(clients.receipts):,} reports through the API, {reports:,} reports held")
    print(f"load of the machine {os.getloadavg()[1]:.1f}")
    print(f"{len(wrong):,} things are wrong", *wrong[:SHOWN], sep="\n  ")
    sys.exit(bool(wrong))


main()
