"""DuckDB and chDB: tables of their own in the order that suits the questions best, asked in SQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from chdb.session import Session

from service.figures.columns import EXCLUDING_BITS
from service.figures.dimensions import PROPERTIES, UNKNOWN, Dimension
from tests.bench.engines.questions import QUESTIONS, Answer, Ask, Question
from tests.bench.engines.reports import Reports

ORDER = "role, level, country"
"""Five questions of six filter by these: zone maps and primary key skip the rest of the table."""


@contextmanager
def peers(reports: Reports, folder: Path) -> Iterator[dict[str, dict[str, Ask]]]:
    """Yield how to ask each engine each question; the tables hold those reports that figures are made of, no others."""
    file = folder / "reports.parquet"
    with duckdb.connect() as duck:
        _load_duck(duck, reports, file)
        house = Session(str(folder / "chdb"))
        _load_house(house, file)
        yield {
            f"DuckDB {version('duckdb')}": {
                name: partial(_ask_duck, duck, _duck_sql(q)) for name, q in QUESTIONS.items()
            },
            f"chDB {version('chdb')}": {
                name: partial(_ask_house, house, _house_sql(q)) for name, q in QUESTIONS.items()
            },
        }
        house.close()


def _load_duck(duck: duckdb.DuckDBPyConnection, reports: Reports, file: Path) -> None:
    arrays = reports.arrays
    kept = arrays["flags"] & EXCLUDING_BITS == 0
    months = PROPERTIES[Dimension.MONTH].table[arrays["day"]]
    given: dict[str, Any] = {name: arrays[name][kept] for name in ("total", "role", "level", "country", "metro")}
    given["month"] = months[kept]
    places = range(reports.skills.shape[1])
    given |= {f"skill_{place}": np.ascontiguousarray(reports.skills[kept, place]) for place in places}
    listed = ", ".join(f"skill_{place}" for place in places)
    duck.execute(
        f"CREATE TABLE reports AS SELECT total, role, level, country, metro, month, "
        f"list_filter([{listed}], lambda skill: skill > 0) AS skill FROM given ORDER BY {ORDER}"
    )
    duck.execute(f"COPY reports TO '{file}'")


def _load_house(house: Session, file: Path) -> None:
    house.query("CREATE DATABASE bench")
    house.query(
        "CREATE TABLE bench.reports (total Float64, role UInt8, level UInt8, country UInt16, metro UInt16, "
        f"month UInt16, skill Array(UInt8)) ENGINE = MergeTree ORDER BY ({ORDER})"
    )
    house.query(f"INSERT INTO bench.reports SELECT * FROM file('{file}')")
    house.query("OPTIMIZE TABLE bench.reports FINAL")


def _where(question: Question) -> str:
    conditions = [f"{dimension.value} = {code}" for dimension, code in question.where.items()]
    if question.by and not PROPERTIES[question.by].many:
        conditions.append(f"{question.by.value} <> {UNKNOWN}")
    return " AND ".join(conditions) or "true"


def _duck_sql(question: Question) -> str:
    reading = f"quantile_cont(total, {list(question.ps)})"
    if question.by is None:
        return f"SELECT 0, {reading} FROM reports WHERE {_where(question)}"
    named = "unnest(skill) AS skill" if PROPERTIES[question.by].many else question.by.value
    return (
        f"SELECT {question.by.value}, quantile_cont(total, 0.5) "
        f"FROM (SELECT {named}, total FROM reports WHERE {_where(question)}) GROUP BY 1"
    )


def _ask_duck(duck: duckdb.DuckDBPyConnection, sql: str) -> Answer:
    rows = duck.execute(sql).fetchall()
    return {code: tuple(found) if isinstance(found, list) else (found,) for code, found in rows}


def _house_sql(question: Question) -> str:
    # quantileExactInclusive is type 7
    if question.by is None:
        ps = ", ".join(map(str, question.ps))
        return f"SELECT 0, quantilesExactInclusive({ps})(total) FROM bench.reports WHERE {_where(question)}"
    joined = f"ARRAY JOIN {question.by.value}" if PROPERTIES[question.by].many else ""
    return (
        f"SELECT {question.by.value}, quantileExactInclusive(0.5)(total) "
        f"FROM bench.reports {joined} WHERE {_where(question)} GROUP BY {question.by.value}"
    )


def _ask_house(house: Session, sql: str) -> Answer:
    rows = [line.split("\t") for line in str(house.query(sql, "TSV")).splitlines()]
    return {int(code): tuple(map(float, found.strip("[]").split(","))) for code, found in rows}
