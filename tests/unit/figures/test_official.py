"""The table of official figures, and releases of the survey: made up here, and the next one where that is at hand."""

import csv
from pathlib import Path

import pytest

import schema
from service.figures.benchmark import Benchmarks
from service.figures.official import COLUMNS, TABLE, NoRelease, place_of, read_release
from service.figures.privacy import Policy
from tests.unit.figures.reports import document, snapshot_of

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


def made_up(path: Path, *rows: tuple[str, str, str, str]) -> Path:
    """Write a release in which amounts are made up: of kind, area, employed and median."""
    with path.open("w", encoding="utf-8", newline="") as lines:
        written = csv.writer(lines)
        written.writerow(COLUMNS)
        for kind, area, employed, median in rows:
            written.writerow(["May 2031", "15-2051", kind, area, "000000", employed, "50000", "-", median, "-", "-"])
    return path


def beside(release: Path | None, **place: str) -> tuple[str, float, str]:
    pay = {"total": 2e5, "first_year": 2e5, "base": 1e5}
    held = [document(str(n), 1, role="data-scientist", country="US", pay=pay, **place) for n in range(20)]
    found = Benchmarks(release).beside(snapshot_of(held).cohort(), Policy())
    assert found is not None
    return found.official.area, found.official.median, found.official.as_of


def test_a_cohort_stands_beside_the_narrowest_area_that_has_a_figure(tmp_path: Path) -> None:
    release = made_up(
        tmp_path / "release.csv",
        ("N", "U.S.", "9", "70000"),
        ("S", "California", "9", "80000"),
        ("S", "New York", "9", "-"),
        ("M", "San Jose-Sunnyvale-Santa Clara, CA", "2", "95000"),
        ("M", "San Francisco-Oakland-Fremont, CA", "3", "90000"),
    )
    bay = {"metro": "san-francisco-bay-area", "region": "US-CA"}
    assert beside(release, **bay) == ("San Francisco-Oakland-Fremont, CA", 90_000, "2031-05")
    assert beside(release, metro="san-diego", region="US-CA") == ("California", 80_000, "2031-05")
    assert beside(release, metro="new-york", region="US-NY") == ("U.S.", 70_000, "2031-05")
    assert beside(None, **bay)[0] == "United States"


@pytest.mark.parametrize(
    ("kind", "area", "place"),
    [
        ("M", "Austin-Round Rock-San Marcos, TX", "austin"),
        ("M", "New York-Newark-Jersey City, NY-NJ", "new-york"),
        ("M", "Portland-South Portland, ME", None),
        ("M", "Capital/Northern New York nonmetropolitan area", None),
        ("S", "Washington", "US-WA"),
    ],
)
def test_an_area_is_a_place_only_where_city_and_state_agree(kind: str, area: str, place: str | None) -> None:
    assert place_of(kind, area) == place


def test_a_file_that_is_no_release_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(NoRelease, match=r"other\.csv"):
        read_release(tmp_path / "other.csv")


@pytest.mark.skipif(not RELEASE.exists(), reason="the May 2025 release is not in ../shared/data")
def test_a_real_release_has_most_states_and_the_large_metros() -> None:
    held = read_release(RELEASE)
    assert len({each.place for each in held if each.place.startswith("US-")}) > 40
    assert {"san-francisco-bay-area", "new-york", "seattle", "boston", "austin"} <= {each.place for each in held}
    for each in held:
        amounts = [amount for amount in (each.p10, each.p25, each.median, each.p75, each.p90) if amount]
        assert amounts == sorted(amounts)
