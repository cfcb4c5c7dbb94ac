"""What the normaliser makes of the labelled strings, as digests: tells whether it reads anything differently.

`outcome.json` holds those of the version that was last recorded. Rows added to a set since do not count: of each part,
only as many are compared as were recorded. A changed vocabulary always tells; changed code only where it changes the
answer to a labelled string.
"""

import json
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from ingest.normalise import NORMALISER_VERSION
from ingest.normalise.gazetteer import INDEX
from schema.terms import FOLDER
from tests.bench.normalisation.labelled import PARTS
from tests.bench.normalisation.subjects import SUBJECTS

RECORDED = Path(__file__).with_name("outcome.json")
RECORD_COMMAND = "python -m tests.bench.normalisation --record"


class Outcome(NamedTuple):
    """`vocabulary` is the digest of all vocabularies; `answers` has rows and the digest of their answers by subject."""

    version: int
    vocabulary: str
    answers: dict[str, tuple[int, str]]


def recorded_outcome() -> Outcome:
    """Return what was last recorded."""
    version, vocabulary, answers = json.loads(RECORDED.read_text()).values()
    return Outcome(version, vocabulary, {name: (rows, digest) for name, (rows, digest) in answers.items()})


def current_outcome(like: Outcome | None = None) -> Outcome:
    """Return the outcome as it is now, of all rows or of as many as another outcome has."""
    answers = {}
    for subject in SUBJECTS:
        for part in PARTS:
            name = f"{subject.name}, {part}"
            found = [str(subject.judge(row)[1] or "") for row in subject.rows(part)]
            answers[name] = _digest_of(found[: like.answers.get(name, (0, ""))[0]] if like else found)
    files = [INDEX, *sorted(FOLDER.glob("*.csv"))]
    return Outcome(NORMALISER_VERSION, _digest_of([file.read_text("utf-8") for file in files])[1], answers)


def differences(recorded: Outcome, current: Outcome) -> list[str]:
    """Return what is read differently: the names of subjects, and `vocabulary`."""
    changed = [name for name, answers in recorded.answers.items() if current.answers.get(name) != answers]
    return [*(["vocabulary"] if recorded.vocabulary != current.vocabulary else []), *changed]


def record_outcome() -> str:
    """Write `outcome.json` and return what was done. Refuses where the version did not rise although it should have."""
    recorded = recorded_outcome() if RECORDED.exists() else Outcome(0, "", {})
    changed = differences(recorded, current_outcome(recorded))
    if changed and recorded.version == NORMALISER_VERSION:
        return f"Not recorded, raise NORMALISER_VERSION above {recorded.version} first: {', '.join(changed)} changed."
    RECORDED.write_text(json.dumps(current_outcome()._asdict(), indent=1) + "\n")
    return f"Recorded the outcome of normaliser version {NORMALISER_VERSION}."


def _digest_of(texts: Sequence[str]) -> tuple[int, str]:
    return len(texts), blake2b("\x1f".join(texts).encode(), digest_size=8).hexdigest()
