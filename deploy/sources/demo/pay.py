"""The demo's pay: a log-linear model of base pay, and the parts that come on top. US dollars a year."""

from dataclasses import dataclass

import numpy as np

from deploy.sources.demo.companies import load_companies
from deploy.sources.demo.population import (
    CHANGES,
    INTERN,
    OFFERS,
    PROMOTION,
    RAISE,
    SWITCH,
    Flags,
    Population,
)
from deploy.sources.demo.tables import (
    DEGREES,
    EMPLOYMENTS,
    FIELDS,
    INDUSTRIES,
    LEVELS,
    PLACES,
    SIZES,
    SKILLS,
    SPECIALIZATIONS,
    TITLES,
    WORK_MODES,
    Floats,
)

MID_LEVEL_BASE = 96_000  # US dollars a year: every premium 0, January 2021
TREND_YEARS = (2021.0, 2022.0, 2022.8, 2023.8, 2025.0, 2026.83)
TREND = (0.0, 0.05, 0.08, 0.07, 0.10, 0.15)  # log of pay at constant mix: 16% in all

YEAR_PREMIUM = 0.012  # for each year beyond what is usual at the level
INTERNSHIP_PREMIUM = 0.06  # at the start of a career; gone after EARLY_YEARS
PORTFOLIO_PREMIUM = 0.05
EARLY_YEARS = 6.0
CORE_PREMIUM = 0.05
FLAT_PAY_COST = 0.35  # how much of a place's cost of labour remains where pay is the same everywhere
PERSON_SPREAD, REPORT_SPREAD = 0.10, 0.10  # standard deviations of the log
FINANCE_BONUS = 1.7
US_STOCK, OTHER_STOCK = 1.2, 0.5
GROWTH = {SWITCH: (0.14, 0.08), PROMOTION: (0.10, 0.04), RAISE: (0.035, 0.02)}  # mean and spread of total's growth
NEGOTIATION_GAIN = (0.07, 0.04)


@dataclass(frozen=True)
class DrawnPay:
    """US dollars a year; 0 where a part is not paid. Grants vest evenly over four years."""

    base: Floats
    bonus: Floats
    stock: Floats
    benefits: Floats
    sign_on: Floats
    negotiated: Flags
    first_base: Floats
    previous_total: Floats  # 0 where nothing led to this pay

    @property
    def total(self) -> Floats:
        """Base, bonus, stock and benefits."""
        return self.base + self.bonus + self.stock + self.benefits


def draw_pay(rng: np.random.Generator, population: Population) -> DrawnPay:
    """Draw what each report of a population is about."""
    count = len(population.moment)
    base = MID_LEVEL_BASE * np.exp(_log_premium(population) + _noise(rng, population))
    us = np.array([row["country"] == "US" for row in PLACES.rows])[population.place]
    companies = load_companies()
    finance = companies.industry[population.company] == INDUSTRIES.codes.index("financial-services")
    bonus_share = LEVELS.numbers("bonus_share")[population.level] * np.where(finance, FINANCE_BONUS, 1)
    stock_share = LEVELS.numbers("stock_share")[population.level] * np.where(us, US_STOCK, OTHER_STOCK)
    stock_share *= SIZES.numbers("stock")[companies.size[population.company]]
    bonus = base * bonus_share * rng.gamma(4, 0.25, count) * (rng.random(count) < 0.72)
    stock = base * stock_share * rng.lognormal(0, 0.5, count) * (rng.random(count) < 0.62)
    benefits = base * 0.06 * rng.lognormal(0, 0.4, count) * (rng.random(count) < 0.35)
    sign_on = base * 0.10 * rng.lognormal(0, 0.5, count)
    sign_on *= rng.random(count) < np.where(population.source == OFFERS, 0.45, 0.12)
    sign_on[population.level == INTERN] = 0
    negotiated = rng.random(count) < np.where(population.years < 2, 0.38, 0.58)
    gain = np.where(negotiated, np.maximum(0, rng.normal(*NEGOTIATION_GAIN, count)), 0)
    total = base + bonus + stock + benefits
    return DrawnPay(
        base, bonus, stock, benefits, sign_on, negotiated, base / (1 + gain), _previous(rng, population, total)
    )


def _log_premium(population: Population) -> Floats:
    companies = load_companies()
    company = population.company
    cost = PLACES.numbers("cost")[population.place] * np.where(companies.flat[company], FLAT_PAY_COST, 1)
    early = np.clip(1 - population.years / EARLY_YEARS, 0, 1)
    degree = (
        early * DEGREES.numbers("premium_early")[population.degree]
        + (1 - early) * DEGREES.numbers("premium_late")[population.degree]
    )
    usual = SKILLS.shares(np.array([0.5]))[0] @ SKILLS.premium
    premiums: Floats = (
        LEVELS.premium[population.level]
        + TITLES.premium[population.title]
        + SPECIALIZATIONS.premium[population.specialization]
        + cost
        + INDUSTRIES.premium[companies.industry[company]]
        + SIZES.premium[companies.size[company]]
        + CORE_PREMIUM * companies.core[company]
        + companies.effect[company]
        + (population.skills @ SKILLS.premium - usual)
        + degree
        + FIELDS.premium[population.field]
        + WORK_MODES.premium[population.work_mode]
        + EMPLOYMENTS.premium[population.employment]
        + YEAR_PREMIUM * (population.years - LEVELS.numbers("years")[population.level])
        + early * (INTERNSHIP_PREMIUM * population.internship + PORTFOLIO_PREMIUM * population.portfolio)
        + np.interp(population.moment, TREND_YEARS, TREND)
    )
    return premiums


def _noise(rng: np.random.Generator, population: Population) -> Floats:
    count = len(population.moment)
    person: Floats = rng.normal(0, PERSON_SPREAD, count)[population.person]
    return person + rng.normal(0, REPORT_SPREAD, count)


def _previous(rng: np.random.Generator, population: Population, total: Floats) -> Floats:
    mean, spread = np.zeros(len(CHANGES)), np.zeros(len(CHANGES))
    for change, (average, deviation) in GROWTH.items():
        mean[change], spread[change] = average, deviation
    growth = rng.normal(mean[population.change], spread[population.change])
    previous: Floats = total / (1 + np.maximum(growth, -0.3)) * (mean[population.change] > 0)
    return previous
