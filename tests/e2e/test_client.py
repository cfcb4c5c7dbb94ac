"""A typed client: what graphql-codegen makes of the schema and the example operations satisfies the compiler."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "client"
BIN = Path(sys.executable).parent
"""Where the locked environment has node and npm, as `make web` uses them."""
SECONDS = 240


def npm(*arguments: str) -> None:
    path = os.pathsep.join((str(BIN), os.environ["PATH"]))
    if not shutil.which("npm", path=path):
        pytest.skip("npm is not installed; `make test` brings it with the extra `embedded`")
    command = ["npm", *arguments, "--loglevel=error"]
    ended = subprocess.run(
        command, cwd=FOLDER, env={**os.environ, "PATH": path}, capture_output=True, text=True, timeout=SECONDS
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.fixture(scope="module")
def client() -> Path:
    """The folder, with its packages installed as the lock file has them."""
    lock, installed = FOLDER / "package-lock.json", FOLDER / "node_modules" / ".package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        npm("ci", "--no-audit", "--no-fund")
    return FOLDER


def test_a_page_over_the_generated_client_type_checks(client: Path) -> None:
    shutil.rmtree(client / "generated", ignore_errors=True)
    npm("run", "generate")
    npm("run", "check")


def test_a_field_that_is_not_there_is_found_by_the_compiler(client: Path) -> None:
    wrong = client / "generated" / "wrong.ts"
    wrong.write_text(
        'import type { DashboardQuery } from "./graphql";\nexport type Wrong = DashboardQuery["salaries"];\n'
    )
    try:
        with pytest.raises(AssertionError, match="salaries"):
            npm("run", "check")
    finally:
        wrong.unlink()
