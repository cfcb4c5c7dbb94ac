"""Read the ai-jobs CSV: one event a row; a posting's minimum and maximum are the two ends of one report.

The columns are those of github.com/foorilla/ai-jobs-net-salaries with `first_seen`, the week a row first appeared.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

import msgspec

from deploy.sources.publish import Message
from schema.document import partition_key
from schema.errors import PaygaugeError
from schema.event import SUBMITTED
from schema.vocabulary import CompanySize, Employment, Level, SourceKind, WorkMode

SOURCE = "https://github.com/foorilla/ai-jobs-net-salaries"
COLUMNS = (
    "first_seen",
    "work_year",
    "experience_level",
    "employment_type",
    "job_title",
    "salary",
    "salary_currency",
    "salary_in_usd",
    "employee_residence",
    "remote_ratio",
    "company_location",
    "company_size",
)
ATTRIBUTES = tuple(column for column in COLUMNS if column not in ("salary", "salary_in_usd"))

WIDEST_RANGE = 3.0
"""Maximum over minimum of a range that still says something about pay; docs/producers.md has the measurement."""

LEVELS = {"EN": Level.ENTRY, "MI": Level.MID, "SE": Level.SENIOR, "EX": Level.EXECUTIVE}
EMPLOYMENTS = {
    "FT": Employment.FULL_TIME,
    "PT": Employment.PART_TIME,
    "CT": Employment.CONTRACT,
    "FL": Employment.FREELANCE,
}
WORK_MODES = {"0": WorkMode.ONSITE, "50": WorkMode.HYBRID, "100": WorkMode.REMOTE}
SIZES = {"S": CompanySize.SMALL, "M": CompanySize.MEDIUM, "L": CompanySize.LARGE}

Row = dict[str, str]


class NotAiJobs(PaygaugeError):
    """The file is not an ai-jobs CSV."""


def read_ai_jobs(path: Path) -> Iterator[Message]:
    """Yield one message a row, in the file's order. Raises NotAiJobs where columns are missing or it is no CSV.

    A report is named by its week and its place among the rows of that week, so reading a file again, or a longer one
    that begins with the same rows, names the same reports.
    """
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines, restval="")
        try:
            if missing := set(COLUMNS) - set(reader.fieldnames or ()):
                raise NotAiJobs(f"{path.name} lacks the columns {', '.join(sorted(missing))}.")
            yield from _messages(reader)
        except csv.Error as error:
            raise NotAiJobs(f"{path.name}, after line {reader.line_num:,}: {error}.") from error


def _messages(rows: Iterable[Row]) -> Iterator[Message]:
    rows_of_week: Counter[str] = Counter()
    for _, run in groupby(rows, _attributes):
        alike = list(run)
        week = alike[0]["first_seen"]
        for row, (position, end) in zip(alike, _names(alike), strict=True):
            yield _message(row, f"{week}/{rows_of_week[week] + position:05}{end}")
        rows_of_week[week] += len(alike)


def pair_ends(salaries: list[float]) -> list[tuple[int, int]]:
    """Return (maximum, minimum) positions of the postings in a run of rows that agree in everything but the salary.

    n equal salaries followed by m equal ones that are lower, at least a third as high (WIDEST_RANGE), are min(n, m)
    postings; what is left of the m may be the maximum of what follows. Taken from the top: high, low, high, low are two
    postings.
    """
    pairs: list[tuple[int, int]] = []
    above: list[int] = []
    for salary, block in groupby(range(len(salaries)), salaries.__getitem__):
        here = list(block)
        if above and 0 < salary < salaries[above[0]] <= WIDEST_RANGE * salary:
            found = list(zip(above, here, strict=False))
            pairs += found
            here = here[len(found) :]
        above = here
    return pairs


def _attributes(row: Row) -> tuple[str, ...]:
    return tuple(row[column] for column in ATTRIBUTES)


def _names(rows: list[Row]) -> list[tuple[int, str]]:
    names = [(position, "") for position in range(len(rows))]
    for high, low in pair_ends([_number(row["salary"]) for row in rows]):
        names[high], names[low] = (high, "#max"), (high, "#min")
    return names


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _message(row: Row, subject: str) -> Message:
    data = {
        "kind": SourceKind.POSTING,
        "effective": _effective(row),
        "title": row["job_title"],
        "level": LEVELS.get(row["experience_level"], row["experience_level"]),
        "employment": EMPLOYMENTS.get(row["employment_type"], row["employment_type"]),
        "work_mode": WORK_MODES.get(row["remote_ratio"], row["remote_ratio"]),
        # the contracting branch: where the job is (docs/producers.md says why not the employee's residence)
        "place": {"country": row["company_location"]},
        "company": {"size": SIZES.get(row["company_size"], row["company_size"])},
        "pay": {
            "currency": row["salary_currency"],
            # text that is no number is sent as it is: the dead letters then show it
            "base": {"amount": _number(row["salary"]) or row["salary"], "period": "year"},
        },
    }
    event = {
        "specversion": "1.0",
        "id": subject,
        "source": SOURCE,
        "subject": subject,
        "type": SUBMITTED,
        "time": f"{row['first_seen']}T00:00:00Z",
        "datacontenttype": "application/json",
        "data": data,
    }
    return Message(partition_key(SOURCE, subject), msgspec.json.encode(event))


def _effective(row: Row) -> str:
    year, seen = row["work_year"], row["first_seen"]
    return seen[:7] if seen[:4] == year else year
