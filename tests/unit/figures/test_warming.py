"""What is compiled is ready before the first question."""

import subprocess
import sys

ASK = """
import asyncio
from concurrent.futures import ThreadPoolExecutor
from numba.core.dispatcher import Dispatcher
from service.figures import counting, kinds, tables, warming
from tests.bench.engines.questions import changed, snapshot_of
from tests.bench.engines.reports import make_reports
from tests.bench.figures.__main__ import CASES, ask

def compiled():
    modules = counting, kinds, tables
    held = [each for module in modules for each in vars(module).items() if isinstance(each[1], Dispatcher)]
    return {(name, str(types)) for name, function in held for types in function.signatures}

BREAKDOWN = "{ cohort { breakdown(by: [%s]) { nodes { cohort { distribution { quantiles { p } } } } } } }"
QUERIES = [BREAKDOWN % by for by in ("LEVEL", "COMPANY", "SKILL", "EXPERIENCE_BAND", "QUARTER", "METRO, ROLE")]
QUERIES += [CASES[name].query for name in ("index of 20 quarters at constant mix", "premium of a skill, 6 controls")]

async def ask_all():
    snapshot = snapshot_of(make_reports(20_000, 1))
    with ThreadPoolExecutor(1) as executor:
        for each in (snapshot, changed(snapshot, 2)):
            for query in QUERIES:
                await ask(each, query, executor)

warming.warm()
before = compiled()
asyncio.run(ask_all())
print(sorted(compiled() - before))
"""


def test_no_question_compiles_anything() -> None:
    # in a process of its own, since other tests have compiled what they need
    asked = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, timeout=120, check=False)
    assert asked.stdout.strip() == "[]", asked.stderr
