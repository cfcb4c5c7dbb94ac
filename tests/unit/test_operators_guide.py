"""The operators' guide names every setting of every process."""

from pathlib import Path

import msgspec
import pytest

from deploy.settings import StackSettings
from ingest.settings import IngestSettings
from schema.rates import RateSettings
from schema.settings import PREFIX
from service.settings import ServiceSettings

GUIDE = (Path(__file__).parents[2] / "docs" / "operators.md").read_text(encoding="utf-8")
KINDS: tuple[type[msgspec.Struct], ...] = (StackSettings, IngestSettings, ServiceSettings, RateSettings)
VARIABLES = sorted({PREFIX + name.upper() for kind in KINDS for name in kind.__struct_fields__})


@pytest.mark.parametrize("variable", VARIABLES)
def test_every_setting_is_in_the_guide(variable: str) -> None:
    assert f"`{variable}`" in GUIDE
