"""Synthetic documents as MongoDB holds them, with every field, for measuring how fast they are read."""

from datetime import datetime, timedelta
from random import Random

from schema.document import Document, document_id
from schema.terms import load_terms
from schema.vocabulary import (
    ChangeKind,
    CompanySize,
    EducationLevel,
    Employment,
    Level,
    MlCentrality,
    PayPolicy,
    Verification,
    WorkMode,
)

FIRST_DAY, DAYS = datetime(2020, 1, 1), 1_826
COMPANIES, SKILLS, SKILLS_DRAWN = 20_000, 150, 7


def make_documents(count: int, seed: int) -> list[Document]:
    """Return this many live documents; the same count and seed give the same documents."""
    random = Random(seed)
    metros = [(code, term.parent) for code, term in load_terms("metro").items()]
    roles = list(load_terms("role"))
    return [_document(random, str(number), random.choice(metros), random.choice(roles)) for number in range(count)]


def _document(random: Random, subject: str, place: tuple[str, str | None], role: str) -> Document:
    total = random.lognormvariate(12, 0.4)
    parts = {"base": 0.75, "bonus": 0.1, "stock": 0.13, "benefits": 0.02}
    pay = {name: total * share for name, share in parts.items()}
    return {
        "_id": document_id("urn:bench", subject),
        "source": "urn:bench",
        "subject": subject,
        "version": [1_700_000_000_000_000, 0, subject],
        "normaliser": 1,
        "state": "live",
        "received": FIRST_DAY,
        "effective": FIRST_DAY + timedelta(days=random.randrange(DAYS)),
        "contributor": f"{random.getrandbits(64):016x}",
        "role": role,
        "pay": {
            "currency": "USD",
            "rate": 1.0,
            "rate_date": FIRST_DAY,
            "total": total,
            "first_year": total + 20_000,
            **pay,
            "sign_on": 20_000.0,
        },
        "kind": "offer",
        "verification": random.choice(list(Verification)).value,
        "level": random.choice(list(Level)).value,
        "level_source": "title",
        "specializations": ["nlp"],
        "metro": place[0],
        "region": "US-CA",
        "country": place[1],
        "company": f"company-{random.randrange(COMPANIES)}",
        "company_size": random.choice(list(CompanySize)).value,
        "industry": "software",
        "ml": random.choice(list(MlCentrality)).value,
        "work_mode": random.choice(list(WorkMode)).value,
        "pay_policy": random.choice(list(PayPolicy)).value,
        "employment": random.choice(list(Employment)).value,
        "experience_years": random.randrange(60) / 2,
        "years_at_company": 2.0,
        "internship": random.random() < 0.5,
        "portfolio": random.random() < 0.5,
        "education": random.choice(list(EducationLevel)).value,
        "field": "mathematics",
        "skills": sorted({f"skill-{random.randrange(SKILLS)}" for _ in range(SKILLS_DRAWN)}),
        "change": random.choice(list(ChangeKind)).value,
        "previous_total": total * 0.9,
        "matches": {"role": 3, "level": 2, "place": 3, "company": 2},
    }
