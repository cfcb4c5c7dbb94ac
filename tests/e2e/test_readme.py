"""The README keeps its word: its query gives its answer, its commands are there, its links lead somewhere."""

import json
import re
import shlex
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from deploy.command import main
from tests.running import Up

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TOLERANCE = 0.15
"""The README's answer is of the demo's 20,000 reports; the test's stack holds the first of them."""


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.S)


def commands(program: str) -> list[list[str]]:
    lines = [line.partition("#")[0].strip() for block in blocks("sh") for line in block.splitlines()]
    return [shlex.split(line) for line in lines if line.split()[:1] and line.split()[0].endswith(program)]


def leaves(answer: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if not isinstance(answer, dict):
        yield path, answer
        return
    for name, value in answer.items():
        yield from leaves(value, (*path, name))


def test_its_query_gives_its_answer(stack: Up) -> None:
    (query,), (answer,) = blocks("graphql"), blocks("json")
    body = json.dumps({"query": query}).encode()
    request = urllib.request.Request(f"{stack.url}/graphql", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as response:
        found = dict(leaves(json.load(response)["data"]))
    told = dict(leaves(json.loads(answer)))
    assert found.keys() == told.keys()
    money = [path for path in told if path[1] == "distribution"]
    assert money
    assert {path: found[path] for path in money} == pytest.approx({path: told[path] for path in money}, rel=TOLERANCE)


@pytest.mark.parametrize("words", commands("make"), ids=" ".join)
def test_its_make_targets_are_there(words: list[str]) -> None:
    target = words[1]
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)


@pytest.mark.parametrize("words", commands("paygauge"), ids=" ".join)
def test_its_commands_are_understood(words: list[str]) -> None:
    command: click.Command = main
    rest = words[1:]
    while isinstance(command, click.Group):
        command = command.commands[rest.pop(0)]
    # files that the reader has need not be here
    names = [word if word.startswith("-") or not re.search(r"\.(jsonl|csv)$", word) else __file__ for word in rest]
    command.make_context("paygauge", names, resilient_parsing=False)


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(((?!http)[^)#]+)\)", README))))
def test_its_links_lead_somewhere(link: str) -> None:
    assert (ROOT / link).exists()
