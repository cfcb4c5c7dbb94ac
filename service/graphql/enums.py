"""The enums of the domain, made known to GraphQL: names in capitals, each described by its docstring."""

import csv
from collections import defaultdict
from collections.abc import Mapping
from enum import Enum
from importlib.resources import files

import strawberry

from schema.vocabulary import (
    AmountUnit,
    ChangeKind,
    CompanySize,
    EducationLevel,
    Employment,
    Level,
    MatchKind,
    MlCentrality,
    PayPolicy,
    Period,
    QualityFlag,
    RejectionReason,
    SourceKind,
    Verification,
    WorkMode,
)
from service.figures.breakdown import BreakdownOrderField, Direction
from service.figures.comparison import Verdict
from service.figures.dimensions import PROPERTIES, Dimension
from service.figures.estimates import EstimateKind
from service.figures.money import Conversion, Measure, PayBasis
from service.figures.offer import OfferVerdict
from service.figures.privacy import SuppressionReason
from service.figures.quality import ConfidenceGrade, ConfidenceReason
from service.figures.trend import Interval
from service.figures.weighting import Weighting

ENUMS = (
    AmountUnit,
    BreakdownOrderField,
    ChangeKind,
    CompanySize,
    ConfidenceGrade,
    ConfidenceReason,
    Conversion,
    Dimension,
    Direction,
    EducationLevel,
    Employment,
    EstimateKind,
    Interval,
    Level,
    MatchKind,
    Measure,
    MlCentrality,
    OfferVerdict,
    PayBasis,
    PayPolicy,
    Period,
    QualityFlag,
    RejectionReason,
    SourceKind,
    SuppressionReason,
    Verdict,
    Verification,
    Weighting,
    WorkMode,
)


def describe_values(words: type[Enum], descriptions: Mapping[str, str]) -> None:
    """Give each value of an enum that GraphQL knows its description."""
    for value in words.__strawberry_definition__.values:  # type: ignore[attr-defined]
        value.description = descriptions[value.name]


def _values_described() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = defaultdict(dict)
    with (files(__package__) / "enum_values.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            found[row["enum"]][row["value"]] = row["description"]
    found["Dimension"] = {each.name: f"{held.label}. {held.description}" for each, held in PROPERTIES.items()}
    return found


VALUES = _values_described()

for words in ENUMS:
    strawberry.enum(words, description=" ".join((words.__doc__ or "").split()))
    describe_values(words, VALUES[words.__name__])
