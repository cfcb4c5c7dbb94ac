import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.sources.ai_jobs import COLUMNS, WIDEST_RANGE, NotAiJobs, pair_ends, read_ai_jobs
from schema.document import document_id
from schema.event import Event, decode_event

REAL_FILE = Path(__file__).parents[4] / "shared" / "data" / "ai_jobs_ml_weekly_stream.csv"

ROW = {
    "first_seen": "2024-03-17",
    "work_year": "2024",
    "experience_level": "SE",
    "employment_type": "FT",
    "job_title": "Machine Learning Engineer",
    "salary": "200000",
    "salary_currency": "USD",
    "salary_in_usd": "200000",
    "employee_residence": "US",
    "remote_ratio": "0",
    "company_location": "US",
    "company_size": "M",
}


def written(folder: Path, *rows: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> Path:
    path = folder / "jobs.csv"
    lines = [",".join({**ROW, **row}[column] for column in columns) for row in rows]
    path.write_text("\n".join([",".join(columns), *lines, ""]), encoding="utf-8")
    return path


def events_of(folder: Path, *rows: dict[str, str]) -> list[Event]:
    return [decode_event(message.value, {}) for message in read_ai_jobs(written(folder, *rows))]


def test_every_row_is_an_event_in_the_order_of_the_file(tmp_path: Path) -> None:
    titles = ["A", "B", "C", "A"]
    events = events_of(tmp_path, *({"job_title": title} for title in titles))
    assert [event.data and event.data.title for event in events] == titles
    assert [event.subject for event in events] == [f"2024-03-17/{place:05}" for place in range(4)]


def test_a_row_says_what_its_columns_say(tmp_path: Path) -> None:
    row = {"experience_level": "EN", "employment_type": "CT", "remote_ratio": "50", "company_size": "L"}
    path = written(tmp_path, {**row, "salary": "43000", "salary_currency": "EUR", "company_location": "DE"})
    (message,) = read_ai_jobs(path)
    assert json.loads(message.value)["time"] == "2024-03-17T00:00:00Z"
    assert json.loads(message.value)["data"] == {
        "kind": "posting",
        "effective": "2024-03",
        "title": "Machine Learning Engineer",
        "level": "entry",
        "employment": "contract",
        "work_mode": "hybrid",
        "place": {"country": "DE"},
        "company": {"size": "large"},
        "pay": {"currency": "EUR", "base": {"amount": 43000.0, "period": "year"}},
    }


@pytest.mark.parametrize(
    ("seen", "year", "effective"), [("2024-03-17", "2024", "2024-03"), ("2024-03-17", "2022", "2022")]
)
def test_pay_of_an_earlier_year_takes_effect_in_that_year(tmp_path: Path, seen: str, year: str, effective: str) -> None:
    (event,) = events_of(tmp_path, {"first_seen": seen, "work_year": year})
    assert event.data
    assert event.data.effective == effective


def test_a_code_that_is_not_known_is_sent_as_it_is(tmp_path: Path) -> None:
    (event,) = events_of(tmp_path, {"experience_level": "XX", "salary": "a lot"})
    assert event.data
    assert event.data.level == "XX"
    assert event.data.pay.base.amount == "a lot"  # type: ignore[union-attr]  # it was sent as an object


@pytest.mark.parametrize(
    ("salaries", "pairs"),
    [
        ([200, 150], [(0, 1)]),
        ([150, 200], []),
        ([200, 200], []),
        ([300, 100], [(0, 1)]),
        ([301, 100], []),
        ([200, 150, 200, 150], [(0, 1), (2, 3)]),
        ([200, 200, 150, 150], [(0, 2), (1, 3)]),
        ([200, 150, 150], [(0, 1)]),
        ([200, 200, 150], [(0, 2)]),
        ([300, 200, 150], [(0, 1)]),
        ([300, 200, 200, 150], [(0, 1), (2, 3)]),
        ([200, 0], []),
        ([200], []),
        ([], []),
    ],
)
def test_a_maximum_is_paired_with_the_minimum_below_it(salaries: list[float], pairs: list[tuple[int, int]]) -> None:
    assert pair_ends(salaries) == pairs


@given(st.lists(st.integers(0, 12).map(float), max_size=40))
def test_no_row_is_in_two_pairs_and_every_pair_is_a_range(salaries: list[float]) -> None:
    pairs = pair_ends(salaries)
    rows = [row for pair in pairs for row in pair]
    assert len(rows) == len(set(rows))
    for high, low in pairs:
        assert high < low
        assert salaries[low] < salaries[high] <= WIDEST_RANGE * salaries[low]


def test_the_ends_of_a_posting_are_one_document_and_meet_in_one_partition(tmp_path: Path) -> None:
    path = written(tmp_path, {"job_title": "Other"}, {"salary": "250000"}, {"salary": "180000"})
    other, high, low = read_ai_jobs(path)
    assert high.key == low.key != other.key
    events = [decode_event(message.value, {}) for message in (high, low)]
    assert [event.subject for event in events] == ["2024-03-17/00001#max", "2024-03-17/00001#min"]
    assert len({document_id(event.source, event.subject) for event in events}) == 1


@pytest.mark.parametrize("column", [c for c in COLUMNS if c not in ("salary", "salary_in_usd")])
def test_rows_that_differ_in_more_than_the_salary_are_two_reports(tmp_path: Path, column: str) -> None:
    high, low = events_of(tmp_path, {"salary": "250000"}, {"salary": "180000", column: "2023-01-01"})
    assert "#" not in high.subject + low.subject


def test_a_longer_file_names_the_rows_that_it_begins_with_alike(tmp_path: Path) -> None:
    rows = [{"salary": "250000"}, {"salary": "180000"}, {"job_title": "B"}]
    before = events_of(tmp_path, *rows)
    later = events_of(tmp_path, *rows, {"first_seen": "2024-03-24"}, {"first_seen": "2024-03-24", "job_title": "C"})
    assert later[: len(rows)] == before
    assert [event.subject for event in later[len(rows) :]] == ["2024-03-24/00000", "2024-03-24/00001"]


def test_another_csv_is_refused_by_the_names_of_its_missing_columns(tmp_path: Path) -> None:
    path = written(tmp_path, {}, columns=("job_title", "salary"))
    with pytest.raises(NotAiJobs, match=r"lacks the columns .*first_seen.*work_year"):
        list(read_ai_jobs(path))


def test_a_quote_that_is_never_closed_is_named_by_its_line(tmp_path: Path) -> None:
    path = written(tmp_path, {}, {"job_title": '"' + "x" * 200_000})
    with pytest.raises(NotAiJobs, match="after line 2: field larger"):
        list(read_ai_jobs(path))


@pytest.mark.skipif(
    not REAL_FILE.is_file(), reason="shared/data/ai_jobs_ml_weekly_stream.csv is not beside the checkout"
)
def test_all_rows_of_the_real_file_decode_and_its_ranges_are_found() -> None:
    events = [decode_event(message.value, {}) for message in read_ai_jobs(REAL_FILE)]
    assert len({event.subject for event in events}) == len(events) == 25_159
    ends = Counter(event.subject.partition("#")[2] for event in events)
    assert ends == {"": 9_633, "max": 7_763, "min": 7_763}  # docs/producers.md says the same
