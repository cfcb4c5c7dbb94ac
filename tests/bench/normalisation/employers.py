"""Companies: names of one employer must have one code, and names of two employers never.

Which code is not examined: an employer's is the one that the name in the column `employer` gets. A name that keeps a
code of its own because company.csv does not know it is "unknown" where it should have joined others: it splits an
employer, and claims nothing that is false.
"""

from functools import cache

from ingest.normalise.company import find_company
from schema.terms import load_terms
from tests.bench.normalisation.labelled import PARTS, Row, alternatives, read_set
from tests.bench.normalisation.verdict import Verdict


def judge_employer(row: Row) -> tuple[Verdict, str | None]:
    """Return the verdict on a name, and its code."""
    answer = find_company(row["text"])[0]
    expected = alternatives(row["employer"])
    right = {employer for employer in expected if employer}
    if not answer:
        return (Verdict.RIGHT if "" in expected else Verdict.UNKNOWN), answer
    if not right:
        return Verdict.WRONG, answer
    if answer not in load_terms("company") and answer not in _employers_by_code():
        return Verdict.UNKNOWN, answer
    named = _employers_by_code().get(answer, frozenset())
    akin = frozenset().union(*(_akin()[employer] for employer in right))
    return (Verdict.RIGHT if named & right and named <= akin else Verdict.WRONG), answer


@cache
def _akin() -> dict[str, frozenset[str]]:
    """Employers that may count as one or as two, because some row takes either."""
    akin: dict[str, set[str]] = {}
    for part in PARTS:
        for row in read_set("companies", part):
            names = [name for name in alternatives(row["employer"]) if name]
            for name in names:
                akin.setdefault(name, {name}).update(names)
    return {name: frozenset(others) for name, others in akin.items()}


@cache
def _employers_by_code() -> dict[str, frozenset[str]]:
    names: dict[str, set[str]] = {}
    for employer in _akin():
        code = find_company(employer)[0]
        if code:
            names.setdefault(code, set()).add(employer)
    return {code: frozenset(employers) for code, employers in names.items()}
