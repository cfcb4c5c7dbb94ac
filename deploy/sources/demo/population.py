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
    Table,
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
FIRST_JOB_SHARE = 0.6  # of first reports within two years of the start
BEFORE_US = (NO_CHANGE, RAISE, PROMOTION, SWITCH)  # what led to the pay of a first report
BEFORE_US_SHARES = (0.4, 0.25, 0.1, 0.25)
INTERNSHIP_SHARE, PORTFOLIO_SHARE = 0.55, 0.40
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
    """Draw that many reports. The mix moves towards seniority, hubs, the end of remote work and generative AI."""
    person, first, begun, moment = _visits(rng, reports)
    then, now = _progress(begun), _progress(moment)

    def of_person(table: Table) -> Indices:
        return table.draw(rng, then[first])[person]

    level, promoted, years = _career(rng, of_person(LEVELS), first, moment - begun)
    company, switched, since = _jobs(rng, first, moment)
    at_company: Floats = np.minimum(years, np.maximum(since, rng.exponential(1.5, reports)))
    return Population(
        person=person,
        moment=moment,
        source=rng.choice(len(SOURCES), reports, p=SOURCE_SHARES)[person],
        title=of_person(TITLES),
        level=level,
        specialization=of_person(SPECIALIZATIONS),
        place=of_person(PLACES),
        company=company,
        work_mode=WORK_MODES.draw(rng, now),
        employment=EMPLOYMENTS.draw(rng, now),
        degree=of_person(DEGREES),
        field=of_person(FIELDS),
        years=years.round(1),
        at_company=at_company.round(1),
        internship=(rng.random(reports) < INTERNSHIP_SHARE)[person],
        portfolio=(rng.random(reports) < PORTFOLIO_SHARE)[person],
        skills=rng.random((reports, len(SKILLS.codes))) < SKILLS.shares(now),
        change=_changes(rng, first, promoted, switched, years),
    )


def _visits(rng: np.random.Generator, reports: int) -> tuple[Indices, Flags, Floats, Floats]:
    counts = (1 + rng.choice(len(REPORTS_OF_A_PERSON), reports, p=REPORTS_OF_A_PERSON)).astype(np.int64)
    person = np.repeat(np.arange(reports), counts)[:reports]
    first = np.concatenate(([True], person[1:] != person[:-1]))
    nth = _since_first(np.arange(reports), first)
    latest = END - YEARS_BETWEEN_REPORTS * (counts[person] - 1)
    # the density grows with time: in twice the time twice the reports a month
    begun: Floats = START + (latest - START) * rng.power(2, reports)[person]
    return person, first, begun, begun + YEARS_BETWEEN_REPORTS * nth


def _progress(moment: Floats) -> Floats:
    return np.clip((moment - START) / (END - START), 0, 1)


def _career(rng: np.random.Generator, start: Indices, first: Flags, elapsed: Floats) -> tuple[Indices, Flags, Floats]:
    """Return level, whether it is new, and years of experience."""
    promoted = ~first & (rng.random(len(first)) < PROMOTION_SHARE) & (start < TOP_OF_LADDER)
    steps = _since_first(np.cumsum(promoted), first)
    level = np.where(start < TOP_OF_LADDER, np.minimum(start + steps, TOP_OF_LADDER), start)
    at_start = rng.normal(LEVELS.numbers("years")[start], LEVELS.numbers("years_sd")[start])
    person = np.cumsum(first) - 1
    return level, promoted, np.maximum(0.0, at_start[first])[person] + elapsed


def _jobs(rng: np.random.Generator, first: Flags, moment: Floats) -> tuple[Indices, Flags, Floats]:
    begins = first | (rng.random(len(first)) < SWITCH_SHARE)
    stint = np.cumsum(begins) - 1
    industry = INDUSTRIES.draw(rng, _progress(moment[begins]))
    return load_companies().draw(rng, industry)[stint], begins, moment - moment[begins][stint]


def _changes(rng: np.random.Generator, first: Flags, promoted: Flags, switched: Flags, years: Floats) -> Indices:
    before_us = rng.choice(BEFORE_US, len(first), p=BEFORE_US_SHARES)
    new = (years < 2) & (rng.random(len(first)) < FIRST_JOB_SHARE)
    return np.select(
        [first & new, first & (years > 1), first, switched, promoted],
        [FIRST_JOB, before_us, NO_CHANGE, SWITCH, PROMOTION],
        RAISE,
    )


def _since_first(running: Indices, first: Flags) -> Indices:
    at_first = np.maximum.accumulate(np.where(first, running, 0))
    return running - at_first
