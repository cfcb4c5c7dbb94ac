"""Two thousand people made up, and what a snooper knows of them: everything but what they earn."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from tests.unit.figures.reports import document

PEOPLE = 2_000
COMPANIES = 60
METROS = (
    ("san-francisco-bay-area", "US-CA", "US"),
    ("new-york", "US-NY", "US"),
    ("seattle", "US-WA", "US"),
    ("los-angeles", "US-CA", "US"),
    ("berlin", "DE-BE", "DE"),
    ("munich", "DE-BY", "DE"),
    ("bengaluru", "IN-KA", "IN"),
    ("london", "GB-ENG", "GB"),
)
ROLES = ("machine-learning-engineer", "data-scientist", "research-scientist", "data-engineer")
LEVELS = ("entry", "mid", "senior", "staff", "principal")
LOG_PAY = dict(zip(LEVELS, (-0.35, 0.0, 0.25, 0.5, 0.7), strict=True))
EDUCATION = ("bachelor", "master", "doctorate")
WORK_MODES = ("onsite", "hybrid", "remote")
EMPLOYMENT = ("full_time", "part_time", "contract")
INDUSTRIES = ("technology", "financial-services", "healthcare", "automotive", "e-commerce", "ai-products")
SIZES = ("small", "medium", "large", "enterprise")
SKILLS = ("python", "pytorch", "sql", "tensorflow", "spark")


@dataclass(frozen=True)
class Population:
    """Documents, and each person's pay in their order, which the snooper does not see."""

    documents: list[dict[str, Any]]
    pay: np.ndarray


def population(seed: int = 1, people: int = PEOPLE) -> Population:
    """Return people of whom most are like others: employers have few places, one size and one industry."""
    rng = np.random.default_rng(seed)

    def choose(values: Any, weights: Any = None) -> Any:
        return values[int(rng.choice(len(values), p=weights))]

    weights = 1 / np.arange(1, COMPANIES + 1) ** 0.8
    homes = rng.integers(0, len(METROS), COMPANIES)
    effects = rng.normal(0, 0.12, COMPANIES)
    documents, pay = [], []
    for number in range(people):
        company = int(rng.choice(COMPANIES, p=weights / weights.sum()))
        metro, region, country = METROS[homes[company]] if rng.random() < 0.6 else choose(METROS)
        level = choose(LEVELS, [0.2, 0.3, 0.3, 0.13, 0.07])
        noise = rng.normal(0, 0.2)
        total = float(np.exp(11.8 + LOG_PAY[level] + effects[company] - 0.3 * (country != "US") + noise))
        documents.append(
            document(
                str(number),
                total,
                role=choose(ROLES, [0.5, 0.25, 0.15, 0.1]),
                level=level,
                metro=metro,
                region=region,
                country=country,
                company=f"company-{company}",
                company_size=SIZES[company % len(SIZES)],
                industry=INDUSTRIES[company % len(INDUSTRIES)],
                work_mode=choose(WORK_MODES),
                employment=choose(EMPLOYMENT, [0.95, 0.03, 0.02]),
                education=choose(EDUCATION),
                experience_years=float(rng.integers(0, 20)),
                skills=[skill for skill in SKILLS if rng.random() < 0.4],
                effective=datetime(int(rng.integers(2023, 2026)), int(rng.integers(1, 13)), int(rng.integers(1, 28))),
            )
        )
        pay.append(total)
    return Population(documents, np.array(pay))
