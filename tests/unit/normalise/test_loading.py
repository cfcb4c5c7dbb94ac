"""What normalising reads from files is there before the first message."""

import subprocess
import sys

ASK = """
import inspect, sys
from datetime import UTC, datetime
from deploy.sources.demo import demo_events
from ingest.normalise import load_vocabularies, normalise
from schema.errors import Rejection
from schema.event import decode_event

def loaded():
    held = [each for name, module in [*sys.modules.items()] if name.startswith(("ingest.normalise", "schema"))
            for each in vars(module).values() if hasattr(each, "cache_info") and not inspect.signature(each).parameters]
    return {f"{each.__module__}.{each.__name__}" for each in held if each.cache_info().currsize}

before = loaded()
load_vocabularies()
after = loaded()
for message in demo_events(1_000, 3):
    try:
        normalise(decode_event(message.value, {}), datetime.now(UTC))
    except Rejection:
        continue
print(len(after - before) > 10, sorted(loaded() - after))
"""


def test_no_message_waits_for_a_vocabulary() -> None:
    # in a process of its own, since other tests have read them
    asked = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, timeout=120, check=False)
    assert asked.stdout.strip() == "True []", asked.stderr
