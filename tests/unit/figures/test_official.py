"""The table of official figures beside the next release of the same survey, where that is at hand."""

import csv
from pathlib import Path

import pytest

import schema
from service.figures.benchmark import TABLE

RELEASE = Path(schema.__file__).parents[2] / "shared" / "data" / "oews_2025_ml_relevant.csv"
SHARES = ("p10", "p25", "median", "p75", "p90")
A_YEAR = 0.08
"""No figure of these occupations moved by more from one year to the next."""


def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_every_row_has_its_source_its_month_and_ascending_amounts() -> None:
    for row in rows():
        assert row["source"].startswith("BLS")
        assert row["as_of"] == "2024-05"
        amounts = [float(row[name]) for name in SHARES if row[name]]
        assert amounts == sorted(amounts)


@pytest.mark.skipif(not RELEASE.exists(), reason="the May 2025 release is not in ../shared/data")
def test_every_amount_is_near_that_of_the_year_after() -> None:
    with RELEASE.open(encoding="utf-8", newline="") as lines:
        national = [row for row in csv.DictReader(lines) if (row["area_type"], row["naics_like"]) == ("N", "000000")]
    later = {row["soc"]: row for row in national}
    for row in rows():
        for name, column in zip(SHARES, ("a_p10", "a_p25", "a_p50", "a_p75", "a_p90"), strict=True):
            if row[name]:
                found = float(later[row["soc"]][column])
                assert found == pytest.approx(float(row[name]), rel=A_YEAR), (row["soc"], name)
