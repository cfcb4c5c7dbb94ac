"""Schemathesis asks the running service what its schema allows, in thousands of ways that nobody thought of."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from deploy import keys
from service.keys import Scope
from tests.integration.service.conftest import until
from tests.integration.service.sending import REPORTS, Way
from tests.serving import post, running

WORDS = Path(__file__).with_name("fuzzing.toml")
HOOKS = "tests.integration.service.fuzz_hooks"
SECONDS = 60
REPORTS_HELD = 500
FEWEST_CASES = 200
"""On a machine so slow that fewer are asked in a minute, nothing has been shown."""


@pytest.fixture
def key(way: Way) -> str:
    """A key that may do anything, so that no question ends at the door; the service has reports to answer from."""
    with running("demo", "--reports", str(REPORTS_HELD), environ=way.environ, log=subprocess.DEVNULL) as demo:
        demo.wait(60)
    until(lambda: post(way.url, REPORTS)["data"]["about"]["reports"] >= REPORTS_HELD, 60)
    return keys.create(way.environ, "fuzzing", list(Scope))


def test_no_question_that_the_schema_allows_ends_in_an_error_of_ours(way: Way, key: str, tmp_path: Path) -> None:
    st = str(Path(sys.executable).with_name("st"))
    options = ["--phases", "fuzzing", "--max-time", str(SECONDS), "--seed", "1", "--checks", "refused_or_answered"]
    more = ["--header", f"Authorization:Bearer {key}", "--no-color", "--suppress-health-check", "all"]
    root = Path(__file__).parents[3]
    ended = subprocess.run(
        [st, "--config-file", str(WORDS), "run", f"{way.url}/graphql", *options, *more],
        cwd=tmp_path,  # it keeps what it found beside it
        env={**os.environ, "SCHEMATHESIS_HOOKS": HOOKS, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=4 * SECONDS,
    )
    assert ended.returncode == 0, ended.stdout[-10_000:] + ended.stderr
    (cases,) = re.findall(r"([\d,]+) generated", ended.stdout)
    assert int(cases.replace(",", "")) >= FEWEST_CASES, ended.stdout
