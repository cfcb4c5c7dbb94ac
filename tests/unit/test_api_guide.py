"""The guide for frontends names every code that an error may have."""

import re
from pathlib import Path

import pytest

import service.app
from schema.errors import PaygaugeError
from service.graphql.errors import code_of
from service.graphql.limits import DEFAULTS

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
SOURCES = [path.read_text(encoding="utf-8") for path in Path(service.__file__).parent.rglob("*.py")]
INSIDE = {"Damaged", "Mismatch", "NoRelease"}  # of files, while loading: no client meets them
WRITTEN = {code for text in SOURCES for code in re.findall(r'(?:ClientError|Refusal)\((?:\s*\d+,)?\s*"(\w+)"', text)}
NAMED = {
    code_of(kind())
    for kind in PaygaugeError.__subclasses__()
    if kind.__module__.startswith("service.") and kind.__name__ not in INSIDE
}


@pytest.mark.parametrize("code", sorted(WRITTEN | NAMED | {"INTERNAL", "UNAVAILABLE", "GRAPHQL_PARSE_FAILED"}))
def test_every_code_is_in_the_guide(code: str) -> None:
    assert f"`{code}`" in GUIDE


def test_the_guide_has_the_limits_that_are_in_force_by_default() -> None:
    for number in (DEFAULTS.tokens, DEFAULTS.fields, DEFAULTS.cost, DEFAULTS.requests_per_minute):
        assert f"{number:,}" in GUIDE


def test_the_codes_are_found() -> None:
    assert {"MALFORMED", "QUERY_TOO_DEAR", "RATE_LIMITED"} <= WRITTEN
    assert {"UNAUTHENTICATED", "BASIS_CONFLICT"} <= NAMED
