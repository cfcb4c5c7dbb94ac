"""Ingest as a process of its own, with a flaw where one is named: `python -m tests.bench.chaos.child [FLAW]`."""

import importlib
import os
import sys

from deploy.consume import consume
from tests.integration.ingest.flaws import FLAWS


def main() -> None:
    for flaw in sys.argv[1:]:
        for target, replacement in FLAWS[flaw].items():
            module, _, name = target.rpartition(".")
            setattr(importlib.import_module(module), name, replacement)
    consume(os.environ)


if __name__ == "__main__":
    main()
