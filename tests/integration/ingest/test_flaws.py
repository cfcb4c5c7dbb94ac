"""What would lose or bring back reports is seen by comparing with one reader; tests.bench.chaos has the long form."""

import pytest

from ingest.settings import IngestSettings
from tests.integration.ingest.flaws import FLAWS
from tests.integration.ingest.support import expected, ingest_all, send, stored, submitted, withdrawn

FAULTLESS = "commit-before-write"  # is right until something is killed: see test_crashes


@pytest.mark.parametrize("flaw", [None, *(flaw for flaw in FLAWS if flaw != FAULTLESS)])
async def test_disorder_shows_a_flaw(
    settings: IngestSettings, flaw: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for target, replacement in FLAWS[flaw].items() if flaw else ():
        monkeypatch.setattr(target, replacement)
    late = [submitted("r-1", 2, base=200_000), submitted("r-1", 1), withdrawn("r-2", 2), submitted("r-2", 1)]
    for message in late:  # each by itself, since a batch is put in order before it is written
        await send(settings, [message])
        await ingest_all(settings)

    assert (await stored(settings) == await expected(settings)) is (flaw is None)
