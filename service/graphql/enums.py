"""The enums of the domain, made known to GraphQL: names in capitals, each described by its docstring."""

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
from service.figures.dimensions import Dimension
from service.figures.estimates import EstimateKind
from service.figures.money import Measure, PayBasis
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

for words in ENUMS:
    strawberry.enum(words, description=" ".join((words.__doc__ or "").split()))
