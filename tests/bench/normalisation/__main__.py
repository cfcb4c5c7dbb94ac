"""`python -m tests.bench.normalisation`: score the normaliser on the labelled sets, or measure its speed."""

import argparse

from ingest.normalise import NORMALISER_VERSION
from tests.bench.normalisation.labelled import PARTS
from tests.bench.normalisation.outcome import record_outcome
from tests.bench.normalisation.score import misses, score, table
from tests.bench.normalisation.speed import measure


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.normalisation", description=__doc__)
    parser.add_argument("--part", choices=PARTS, help="score this part only")
    parser.add_argument("--show", action="store_true", help="list what was missed in the development part")
    parser.add_argument("--record", action="store_true", help="record the outcome after NORMALISER_VERSION has risen")
    parser.add_argument("--speed", action="store_true", help="measure the time of an event instead")
    given = parser.parse_args()
    if given.show and given.part == "held_out":
        parser.error("misses are shown of the development part only, so that nobody tunes to the held-out part")
    if given.record:
        print(record_outcome())
        return
    if given.speed:
        print("\n".join(measure()))
        return
    for part in [given.part] if given.part else PARTS:
        print(f"\n{part}, normaliser version {NORMALISER_VERSION}\n")
        print("\n".join(table(score(part))))
    if given.show:
        _show()


def _show() -> None:
    subject = None
    for miss in misses("development"):
        if miss.subject is not subject:
            subject = miss.subject
            print(f"\n{subject.name}")
        print(f"  {miss.verdict:8}{miss.given!r}: {miss.answer or 'unknown'}, not {miss.expected or 'unknown'}")


main()
