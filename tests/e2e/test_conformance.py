"""GraphQL over HTTP as its specification has it, by the audits that npm's graphql-http brings."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import service.web
from tests.running import Up

WEB = Path(service.web.__file__).parent
AUDITS = Path(__file__).with_name("audits.mjs")
NODE = shutil.which("node", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))


@pytest.mark.skipif(NODE is None, reason="no Node here: `make web` brings it")
@pytest.mark.skipif(not (WEB / "node_modules/graphql-http").is_dir(), reason="no graphql-http here: run `make web`")
def test_all_audits_of_the_specification_pass_without_a_warning(stack: Up) -> None:
    assert NODE
    command = [NODE, str(AUDITS), f"{stack.url}/graphql"]
    printed = subprocess.run(command, cwd=WEB, capture_output=True, text=True, timeout=120, check=True).stdout
    audits = [json.loads(line) for line in printed.splitlines()]
    assert len(audits) == 61
    assert [audit for audit in audits if audit["status"] != "ok"] == []
