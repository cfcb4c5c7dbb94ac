"""The demo's people and jobs: who reported when, as what, where. A chunk at a time, in columns."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deploy.sources.demo.companies import load_companies
from deploy.sources.demo.tables import (
    DEGREES,
    EMPLOYMENTS,
    FIELDS,
    INDUSTRIES,
    LEVELS,
    PLACES,
    SKILLS,
    SPECIALIZATIONS,
    TITLES,
    WORK_MODES,
    Floats,
    Indices,
)

Flags = NDArray[np.bool_]

START, END = 2021.0, 2026.83  # January 2021 to October 2026, in years
REPORTS_OF_A_PERSON = (0.62, 0.22, 0.10, 0.06)  # share of people with 1, 2, 3, 4 reports
SOURCES = ("survey", "payroll", "offers", "postings")
SOURCE_SHARES = (0.52, 0.16, 0.14, 0.18)
SURVEY, PAYROLL, OFFERS, POSTINGS = range(4)
CHANGES = (None, "first_job", "raise", "promotion", "switch")
NO_CHANGE, FIRST_JOB, RAISE, PROMOTION, SWITCH = range(5)

YEARS_BETWEEN_REPORTS = 1.15
PROMOTION_SHARE = 0.30
SWITCH_SHARE = 0.35
TOP_OF_LADDER = LEVELS.codes.index("principal")
INTERN = LEVELS.codes.index("intern")


@dataclass(frozen=True)
class Population:
    """Columns, one row a report; consecutive rows may be reports of one person, in order of time."""

    person: Indices
    moment: Floats  # in years
    source: Indices
    title: Indices
    level: Indices
    specialization: Indices
    place: Indices
    company: Indices
    work_mode: Indices
    employment: Indices
    degree: Indices
    field: Indices
    years: Floats
    at_company: Floats
    internship: Flags
    portfolio: Flags
    skills: Flags  # reports x skills
    change: Indices

    @property
    def progress(self) -> Floats:
        """How far each report is from the start of the demo (0) to its end (1)."""
        return _progress(self.moment)


def draw_population(rng: np.random.Generator, reports: int) -> Population:
    """Draw that many reports. The mix moves towards seniority, hubs, remote's end and generative AI."""
    counts = (1 + rng.choice(len(REPORTS_OF_A_PERSON), reports, p=REPORTS_OF_A_PERSON)).astype(np.int64)
    person = np.repeat(np.arange(reports), counts)[:reports]
    first = np.concatenate(([True], person[1:] != person[:-1]))
    nth = np.arange(reports) - np.maximum.accumulate(np.where(first, np.arange(reports), 0))
    last_start = END - YEARS_BETWEEN_REPORTS * (counts[person] - 1)
    # the density grows with time: in twice the time twice the reports a month
    begun: Floats = START + (last_start - START) * rng.power(2, reports)[person]
    moment = begun + YEARS_BETWEEN_REPORTS * nth
    then = _progress(begun)
    source = rng.choice(len(SOURCES), reports, p=SOURCE_SHARES)[person]

    def of_person(drawn: Indices) -> Indices:
        # a person's first row speaks for all of them
        return drawn[np.flatnonzero(first)][person]

    level, promoted = _career(rng, of_person(LEVELS.draw(rng, then)), first)
    company, switched, since = _jobs(rng, first, moment)
    years: Floats = np.maximum(0.0, rng.normal(LEVELS.numbers("years")[level], LEVELS.numbers("years_sd")[level]))
    at_company: Floats = np.minimum(years, np.maximum(since, rng.exponential(1.5, reports)))
    first_job = first & (years < 2) & (rng.random(reports) < 0.6)
    change = np.select(
        [first_job, switched & ~first, promoted, ~first], [FIRST_JOB, SWITCH, PROMOTION, RAISE], NO_CHANGE
    )
    guess = rng.choice([NO_CHANGE, RAISE, PROMOTION, SWITCH], reports, p=[0.4, 0.25, 0.1, 0.25])
    return Population(
        person=person,
        moment=moment,
        source=source,
        title=of_person(TITLES.draw(rng, then)),
        level=level,
        specialization=of_person(SPECIALIZATIONS.draw(rng, then)),
        place=of_person(PLACES.draw(rng, then)),
        company=company,
        work_mode=WORK_MODES.draw(rng, _progress(moment)),
        employment=EMPLOYMENTS.draw(rng, then),
        degree=of_person(DEGREES.draw(rng, then)),
        field=of_person(FIELDS.draw(rng, then)),
        years=years.round(1),
        at_company=at_company.round(1),
        internship=(rng.random(reports) < 0.55)[person],
        portfolio=(rng.random(reports) < 0.40)[person],
        skills=rng.random((reports, len(SKILLS.codes))) < SKILLS.shares(_progress(moment)),
        change=np.where(first & ~first_job & (years > 1), guess, change),
    )


def _progress(moment: Floats) -> Floats:
    return np.clip((moment - START) / (END - START), 0, 1)


def _career(rng: np.random.Generator, start: Indices, first: Flags) -> tuple[Indices, Flags]:
    promoted = ~first & (rng.random(len(first)) < PROMOTION_SHARE) & (start < TOP_OF_LADDER)
    steps = _since_first(np.cumsum(promoted), first)
    return np.where(start < TOP_OF_LADDER, np.minimum(start + steps, TOP_OF_LADDER), start), promoted


def _jobs(rng: np.random.Generator, first: Flags, moment: Floats) -> tuple[Indices, Flags, Floats]:
    begins = first | (rng.random(len(first)) < SWITCH_SHARE)
    stint = np.cumsum(begins) - 1
    industry = INDUSTRIES.draw(rng, _progress(moment[begins]))
    return load_companies().draw(rng, industry)[stint], begins, moment - moment[begins][stint]


def _since_first(running: Indices, first: Flags) -> Indices:
    at_first = np.maximum.accumulate(np.where(first, running, 0))
    return running - at_first
