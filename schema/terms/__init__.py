"""The agreed words that an editor may extend: one CSV per subject, read once per process.

Every file has the columns `code,label,parent,aliases` (aliases separated by `|`; matching ignores case, accents and
punctuation) and may have more, which stand in `Term.extra`. `unknown` is never a code: a missing word is None.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Term:
    """One value of an open vocabulary: `code` is what filters take, `label` is for people."""

    code: str
    label: str
    parent: str | None = None
    aliases: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)


@cache
def load_terms(subject: str) -> Mapping[str, Term]:
    """Return the terms of `<subject>.csv` by code, in the file's order. Raises KeyError where there is no such file."""
    path = FOLDER / f"{subject}.csv"
    if not path.is_file():
        raise KeyError(subject)
    with path.open(encoding="utf-8", newline="") as lines:
        return MappingProxyType({row["code"]: _term_of(row) for row in csv.DictReader(lines)})


def _term_of(row: dict[str, str]) -> Term:
    known = {"code", "label", "parent", "aliases"}
    aliases = tuple(alias.strip() for alias in (row.get("aliases") or "").split("|") if alias.strip())
    extra = MappingProxyType({name: value for name, value in row.items() if name not in known})
    return Term(row["code"], row["label"], row.get("parent") or None, aliases, extra)
