"""Each subject of the examination: a labelled set, the question to the real functions, and how the answer is judged."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from ingest.normalise.company import find_company, find_size
from ingest.normalise.education import find_degree, find_field
from ingest.normalise.industry import find_industry
from ingest.normalise.level import find_level
from ingest.normalise.place import find_place
from ingest.normalise.skill import find_skills
from ingest.normalise.title import ReadTitle, read_title
from ingest.normalise.work import find_employment, find_pay_policy, find_work_mode
from schema.event import Place
from schema.vocabulary import Level, MatchKind
from tests.bench.normalisation.employers import judge_employer
from tests.bench.normalisation.labelled import NOT_EXAMINED, Row, read_set
from tests.bench.normalisation.paid import judge_flags, judge_pay
from tests.bench.normalisation.verdict import Verdict, judge_code, judge_role, judge_set

Judged = tuple[Verdict, object]
"""A verdict and the answer that it is on."""


class Subject(NamedTuple):
    """`expected` names the column that holds the right answer; `bar` is the accuracy to reach, in percent."""

    name: str
    labelled: str
    expected: str
    judge: Callable[[Row], Judged]
    bar: float | None

    def rows(self, part: str) -> Iterator[Row]:
        """Return the rows of a part that examine this subject."""
        return (row for row in read_set(self.labelled, part) if row[self.expected] != NOT_EXAMINED)


def _role(row: Row) -> Judged:
    title = read_title(row["text"])
    understood = title.role != "other" or title.match is not MatchKind.NONE
    answer = title.role if understood else None
    return judge_role(answer, row["role"]), answer


def _level_of(title: ReadTitle) -> Level | None:
    return find_level(None, None, title.level, None, title.grade).level


def _title_level(row: Row) -> Judged:
    answer = _level_of(read_title(row["text"]))
    return judge_code(answer, row["level"]), answer


def _specializations(row: Row) -> Judged:
    answer = frozenset(read_title(row["text"]).specializations)
    return judge_set(answer, row["specializations"]), "|".join(sorted(answer))


def _level(row: Row) -> Judged:
    answer = find_level(row["text"], find_company(row["company"])[0], None, None).level
    return judge_code(answer, row["level"]), answer


def _place(row: Row, of: str) -> Judged:
    country, region, city = (row[f"{name}_given"] or None for name in ("country", "region", "city"))
    structured = country or region or city
    found = find_place(Place(row["text"] or None, country, region, city) if structured else row["text"])
    answer: str | None = getattr(found, of)
    return judge_code(answer, row[of]), answer


def _country(row: Row) -> Judged:
    return _place(row, "country")


def _region(row: Row) -> Judged:
    return _place(row, "region")


def _metro(row: Row) -> Judged:
    return _place(row, "metro")


def _size(row: Row) -> Judged:
    answer = find_size(row["text"])
    return judge_code(answer, row["size"]), answer


def _industry(row: Row) -> Judged:
    answer = find_industry(row["text"], None)[0]
    return judge_code(answer, row["industry"]), answer


def _degree(row: Row) -> Judged:
    answer = find_degree(row["text"])[0]
    return judge_code(answer, row["degree"]), answer


def _field(row: Row) -> Judged:
    answer = find_field(row["text"]).code
    return judge_code(answer, row["field"]), answer


def _skills(row: Row) -> Judged:
    answer = frozenset(find_skills([row["text"]])[0])
    return judge_set(answer, row["skills"]), "|".join(sorted(answer))


WORK = {"work_mode": find_work_mode, "employment": find_employment, "pay_policy": find_pay_policy}


def _work(row: Row) -> Judged:
    answer = WORK[row["kind"]](row["text"])
    return judge_code(answer, row["expected"]), answer


SUBJECTS = (
    Subject("role", "titles", "role", _role, 97.0),
    Subject("level in a title", "titles", "level", _title_level, 95.0),
    Subject("specialisations in a title", "titles", "specializations", _specializations, None),
    Subject("level", "levels", "level", _level, 95.0),
    Subject("country", "places", "country", _country, 99.0),
    Subject("region", "places", "region", _region, None),
    Subject("metro", "places", "metro", _metro, 95.0),
    Subject("pay as text", "pay", "low", judge_pay, 99.0),
    Subject("pay in parts", "pay_whole", "low", judge_pay, 99.0),
    Subject("suspect pay flagged", "pay", "flag", judge_flags, None),
    Subject("company", "companies", "employer", judge_employer, 95.0),
    Subject("company size", "sizes", "size", _size, None),
    Subject("industry", "industries", "industry", _industry, None),
    Subject("degree", "degrees", "degree", _degree, 97.0),
    Subject("field of study", "fields", "field", _field, 97.0),
    Subject("skills", "skills", "skills", _skills, 97.0),
    Subject("mode, contract, pay policy", "work", "expected", _work, None),
)
"""The bars are those of issue 4; where it names none, only the bar on wrong answers holds."""
