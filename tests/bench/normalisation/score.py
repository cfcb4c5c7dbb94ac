"""Scores: how often each subject's answers are right, unknown and wrong, on one part of the labelled sets."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from tests.bench.normalisation.labelled import INPUTS
from tests.bench.normalisation.subjects import SUBJECTS, Subject
from tests.bench.normalisation.verdict import Verdict

WRONG_BAR = 1.5
"""Percent of wrong answers that every subject must stay under."""


class Score(NamedTuple):
    """The verdicts on one subject."""

    subject: Subject
    verdicts: Counter[Verdict]

    @property
    def examined(self) -> int:
        return self.verdicts.total()

    def share(self, verdict: Verdict) -> float:
        """Return the percentage of answers with this verdict."""
        return 100 * self.verdicts[verdict] / self.examined

    @property
    def reached(self) -> bool:
        enough = self.subject.bar is None or self.share(Verdict.RIGHT) >= self.subject.bar
        return enough and self.share(Verdict.WRONG) < WRONG_BAR


class Miss(NamedTuple):
    """A row that was not answered rightly."""

    subject: Subject
    verdict: Verdict
    given: str
    expected: str
    answer: str


def score(part: str) -> list[Score]:
    """Return the score of every subject on this part."""
    return [Score(subject, Counter(subject.judge(row)[0] for row in subject.rows(part))) for subject in SUBJECTS]


def misses(part: str) -> Iterator[Miss]:
    """Return every row of this part that was not answered rightly."""
    for subject in SUBJECTS:
        for row in subject.rows(part):
            verdict, answer = subject.judge(row)
            if verdict is not Verdict.RIGHT:
                given = "; ".join(row[name] for name in INPUTS[subject.labelled] if row[name])
                yield Miss(subject, verdict, given, row[subject.expected], str(answer or ""))


def table(scores: list[Score]) -> Iterator[str]:
    """Return the lines of a Markdown table."""
    yield "| subject | n | accuracy % | to reach | unknown % | wrong % | reached |"
    yield "|---|---:|---:|---:|---:|---:|---|"
    for one in scores:
        shares = [f"{one.share(verdict):.1f}" for verdict in (Verdict.RIGHT, Verdict.UNKNOWN, Verdict.WRONG)]
        bar = f"{one.subject.bar:g}" if one.subject.bar else ""
        right, unknown, wrong = shares
        reached = "yes" if one.reached else "no"
        yield f"| {one.subject.name} | {one.examined} | {right} | {bar} | {unknown} | {wrong} | {reached} |"
