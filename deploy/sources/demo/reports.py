"""The demo's reports before anybody writes them down: true facts, one row each."""

from dataclasses import fields
from typing import NamedTuple

import numpy as np

from deploy.sources.demo.pay import draw_pay
from deploy.sources.demo.population import draw_population


class Report(NamedTuple):
    """The columns of Population and of DrawnPay, one row; codes are positions in the tables."""

    person: int
    moment: float
    source: int
    title: int
    level: int
    specialization: int
    place: int
    company: int
    work_mode: int
    employment: int
    degree: int
    field: int
    years: float
    at_company: float
    internship: bool
    portfolio: bool
    skills: list[bool]
    change: int
    base: float
    bonus: float
    stock: float
    benefits: float
    sign_on: float
    negotiated: bool
    first_base: float
    previous_total: float


def draw_reports(rng: np.random.Generator, count: int) -> list[Report]:
    """Draw that many reports; those of one person stand together, in order of time."""
    population = draw_population(rng, count)
    pay = draw_pay(rng, population)
    columns = [getattr(part, field.name).tolist() for part in (population, pay) for field in fields(part)]
    return [Report(*row) for row in zip(*columns, strict=True)]
