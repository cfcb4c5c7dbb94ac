"""The trend of real postings, against what was computed of the same file by other means before Paygauge was."""

import csv
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from ingest.normalise.title import read_title
from service.figures.money import Basis, Measure
from service.figures.privacy import Policy
from service.figures.trend import AdjustedTrend, Interval, trend_points
from tests.unit.figures.reports import document, snapshot_of

FILE = Path(__file__).parents[4] / "shared" / "data" / "ai_jobs_ml_weekly_stream.csv"
LEVELS = {"EN": "entry", "MI": "mid", "SE": "senior", "EX": "executive"}
SIZES = {"S": "small", "M": "medium", "L": "large"}
MODES = {"0": "onsite", "50": "hybrid", "100": "remote"}


@pytest.mark.skipif(
    not FILE.is_file(), reason="the real postings are not here: ../shared/data is laid beside a checkout"
)
def test_the_raw_trend_is_mostly_a_change_of_mix() -> None:
    with FILE.open(encoding="utf-8", newline="") as rows:
        # as the oracle took them: every row by the week in which it was first seen, a posting's two ends apart
        held = [
            document(
                str(number),
                float(row["salary_in_usd"]),
                effective=datetime.fromisoformat(row["first_seen"]),
                role=read_title(row["job_title"]).role,
                level=LEVELS[row["experience_level"]],
                country=row["company_location"],
                work_mode=MODES[row["remote_ratio"]],
                company_size=SIZES[row["company_size"]],
            )
            for number, row in enumerate(csv.DictReader(rows))
            if row["employment_type"] == "FT"
        ]
    cohort = snapshot_of(held).cohort()
    trend = AdjustedTrend(cohort, Interval.QUARTER, Measure.TOTAL, Basis(), Policy())
    points = {point.period: point for point in trend_points(cohort, Interval.QUARTER)}
    first, last = points["2022-Q1"].cohort, points["2024-Q4"].cohort
    assert len(first) == 103
    raw = np.median(last.column("total")) / np.median(first.column("total")) - 1
    assert raw == pytest.approx(0.92, abs=0.01)
    adjusted = trend.index["2024-Q4"].value / trend.index["2022-Q1"].value - 1
    # +11.5% [0.2, 24.0] with the oracle's own families of titles in the place of our roles
    assert adjusted == pytest.approx(0.115, abs=0.02)
