"""Six questions put to our columns, DuckDB and chDB in one run: `python -m tests.bench.engines --reports 5000000`.

Every engine answers exactly, with quantiles of type 7, from a table of its own; ours on one thread, the others on all
cores. Times are medians of warm runs, in milliseconds. The answers are compared.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import numpy as np
import pyarrow
from chdb.session import Session
from pyroaring import BitMap
from rich.console import Console
from rich.table import Table

from service.documents import columns_of
from service.figures.cohort import Cohort
from service.figures.columns import EXCLUDING_BITS
from service.figures.conditions import EVERYTHING, AllOf, OneOf
from service.figures.dimensions import Dimension
from service.figures.index import Index
from service.figures.quantiles import quantile, quantile_interval
from service.figures.snapshot import Snapshot
from tests.bench.engines.reports import make_reports

RUNS = 9
PS = (0.1, 0.25, 0.5, 0.75, 0.9)
SEED = 7
LEVEL, COUNTRY, ROLE = 4, 1, 1

Answer = dict[int, tuple[float, ...]]
Ask = Callable[[], Answer]

QUESTIONS = {
    "Q1": "five percentiles of everything",
    "Q2": "level and country: five percentiles",
    "Q3": "by level: medians",
    "Q4": "one role, by metro: medians",
    "Q5": "one role, by month: medians",
    "Q6": "one level, by skill: medians",
}


def ours(snapshot: Snapshot, *, intervals: bool) -> dict[str, Ask]:
    """Return our way to ask each question: a filter that nobody asked before, and the calls that GraphQL makes."""
    names = {dimension: book.values for dimension, book in snapshot.codebooks.items()}

    def cohort(**codes: int) -> Cohort:
        snapshot._cohorts.clear()
        parts = [OneOf(Dimension(name), frozenset({names[Dimension(name)][code]})) for name, code in codes.items()]
        return snapshot.cohort(AllOf(tuple(parts)) if parts else EVERYTHING)

    def read(found: Cohort, ps: tuple[float, ...]) -> tuple[float, ...]:
        if intervals:
            for p in ps:
                quantile_interval(found, p)
        return tuple(quantile(found, p) for p in ps)

    def groups(found: Cohort, dimension: Dimension) -> Answer:
        return {code: read(group, (0.5,)) for code, group in found.groups(dimension).items()}

    return {
        "Q1": lambda: {0: read(cohort(), PS)},
        "Q2": lambda: {0: read(cohort(level=LEVEL, country=COUNTRY), PS)},
        "Q3": lambda: groups(cohort(), Dimension.LEVEL),
        "Q4": lambda: groups(cohort(role=ROLE), Dimension.METRO),
        "Q5": lambda: groups(cohort(role=ROLE), Dimension.MONTH),
        "Q6": lambda: groups(cohort(level=LEVEL), Dimension.SKILL),
    }


def asked_in_sql(five: str, median: str) -> dict[str, str]:
    """Return the questions in SQL; `five` and `median` are the engine's exact quantiles of `total`."""
    return {
        "Q1": f"SELECT {five} FROM reports",
        "Q2": f"SELECT {five} FROM reports WHERE level = {LEVEL} AND country = {COUNTRY}",
        "Q3": f"SELECT level, {median} FROM reports WHERE level > 0 GROUP BY level",
        "Q4": f"SELECT metro, {median} FROM reports WHERE role = {ROLE} AND metro > 0 GROUP BY metro",
        "Q5": f"SELECT month, {median} FROM reports WHERE role = {ROLE} GROUP BY month",
        "Q6": f"SELECT skill, {median} FROM skills WHERE level = {LEVEL} GROUP BY skill",
    }


@contextmanager
def engines(index: Index, folder: Path) -> Iterator[dict[str, dict[str, Ask]]]:
    """Yield DuckDB's and chDB's ways to ask, over tables of their own with the rows that figures are made of."""
    table, skills = _tables(index)
    duck = duckdb.connect()
    for name, columns in (("reports", table), ("skills", skills)):
        duck.register("given", pyarrow.table(columns))
        duck.execute(f"CREATE TABLE {name} AS SELECT * FROM given")
        duck.execute(f"COPY {name} TO '{folder / name}.parquet' (FORMAT parquet)")
        duck.unregister("given")
    house = Session(str(folder / "chdb"))
    house.query("CREATE DATABASE bench ENGINE = Atomic")
    for name, order in (("reports", "level, country, role"), ("skills", "level, skill")):
        house.query(
            f"CREATE TABLE bench.{name} ENGINE = MergeTree ORDER BY ({order}) AS "
            f"SELECT * FROM file('{folder / name}.parquet', Parquet) "
            "SETTINGS schema_inference_make_columns_nullable = 0"
        )
    house.query("USE bench")
    in_duck = asked_in_sql(f"quantile_cont(total, {list(PS)})", "quantile_cont(total, 0.5)")
    five = f"quantilesExactInclusive({', '.join(map(str, PS))})(total)"
    in_house = asked_in_sql(five, "quantileExactInclusive(0.5)(total)")
    yield {
        "DuckDB": {name: _duck(duck, sql) for name, sql in in_duck.items()},
        "chDB": {name: _house(house, sql) for name, sql in in_house.items()},
    }
    duck.close()
    house.close()


def _tables(index: Index) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    kept = (index.columns["flags"] & EXCLUDING_BITS) == 0
    rows = np.flatnonzero(kept).astype(np.uint32)
    table = {name: index.columns[name][rows] for name in ("total", "level", "country", "role", "metro")}
    table["month"] = index.codes(Dimension.MONTH, rows)
    parts = []
    for code, held in index.bitmaps(Dimension.SKILL).items():
        named = np.frombuffer(held.to_array(), np.uint32)
        named = named[kept[named]]
        parts.append((named, np.full(len(named), code, np.uint16)))
    named = np.concatenate([rows for rows, _ in parts])
    skills = {name: index.columns[name][named] for name in ("total", "level")}
    skills["skill"] = np.concatenate([codes for _, codes in parts])
    return table, skills


def _duck(connection: duckdb.DuckDBPyConnection, sql: str) -> Ask:
    def ask() -> Answer:
        rows = connection.execute(sql).fetchall()
        return {0: tuple(rows[0][0])} if len(rows[0]) == 1 else {key: (value,) for key, value in rows}

    return ask


def _house(session: Session, sql: str) -> Ask:
    def ask() -> Answer:
        rows = [line.split("\t") for line in str(session.query(sql, "TSV")).strip().split("\n")]
        if len(rows[0]) == 1:
            return {0: tuple(float(value) for value in rows[0][0].strip("[]").split(","))}
        return {int(key): (float(value),) for key, value in rows}

    return ask


def measure(ask: Ask) -> tuple[float, Answer]:
    """Return the median time of warm runs in milliseconds, and the answer."""
    answer, times = ask(), []
    for _ in range(RUNS):
        started = time.perf_counter()
        answer = ask()
        times.append(1_000 * (time.perf_counter() - started))
    return statistics.median(times), answer


def check(one: Answer, other: Answer) -> None:
    """Compare two answers. Raises AssertionError where they differ."""
    assert one.keys() == other.keys(), (len(one), len(other))
    for key, values in one.items():
        np.testing.assert_allclose(values, other[key], rtol=1e-9)


def bench(count: int, console: Console) -> None:
    """Measure the six questions over this many reports and print the table."""
    reports = make_reports(count, SEED)
    index = Index(reports.columns())
    index.warm()
    snapshot = Snapshot(index, BitMap(), Index(columns_of(())), reports.books)
    bare, honest = ours(snapshot, intervals=False), ours(snapshot, intervals=True)
    table = Table(title=f"{count:,} reports, milliseconds")
    for name in ("question", "ours", "with intervals", "DuckDB", "chDB", "ratio"):
        table.add_column(name, justify="left" if name == "question" else "right")
    with tempfile.TemporaryDirectory() as folder, engines(index, Path(folder)) as peers:
        for name, text in QUESTIONS.items():
            own, answer = measure(bare[name])
            with_intervals, _ = measure(honest[name])
            times = {}
            for peer, asks in peers.items():
                times[peer], theirs = measure(asks[name])
                check(answer, theirs)
            ratio = min(times.values()) / own
            cells = (own, with_intervals, times["DuckDB"], times["chDB"])
            table.add_row(f"{name} {text}", *(f"{cell:,.3f}" for cell in cells), f"{ratio:,.1f}x")
    console.print(table)


def main() -> None:
    """Read the sizes and measure each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, nargs="+", default=[1_000_000, 5_000_000])
    for count in parser.parse_args().reports:
        bench(count, Console(width=120))


if __name__ == "__main__":
    main()
