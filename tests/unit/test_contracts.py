"""The contracts in schema/ are what the code says, and the code takes what they say."""

import json
from pathlib import Path

import jsonschema
import pytest

import schema
from deploy.contracts import contracts
from schema.contracts import json_schema

FOLDER = Path(schema.__file__).parent
ACCEPTED = sorted((FOLDER / "examples" / "accepted").glob("*.json"))


@pytest.mark.parametrize("name", contracts())
def test_a_committed_contract_is_what_the_code_makes(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == contracts()[name], "run `make contracts` and commit"


def test_the_json_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("path", ACCEPTED, ids=lambda path: path.stem)
def test_an_accepted_example_meets_the_json_schema(path: Path) -> None:
    jsonschema.validate(json.loads(path.read_text(encoding="utf-8")), json_schema())
