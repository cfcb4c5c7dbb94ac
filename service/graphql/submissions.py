"""Reports that come through the API: checked, sent to Kafka, and followed."""

from datetime import date, datetime
from enum import StrEnum

import strawberry

from schema.errors import Rejection
from schema.report import Matches, SalaryReport
from schema.vocabulary import MatchKind, QualityFlag, RejectionReason
from service.figures.dimensions import Dimension
from service.graphql.context import Info
from service.graphql.describe import described
from service.graphql.enums import VALUES, describe_values
from service.graphql.errors import ClientError
from service.graphql.reports import ReportInput, path_shown
from service.graphql.words import Term, term_of
from service.ingestion import Fate
from service.ingestion import ReportStatus as Found
from service.keys import Scope
from service.typed import read_event

strawberry.enum(Fate, name="ReportState", description="What became of a report.")
describe_values(Fate, VALUES["ReportState"])


@described
class ReportIssue:
    """What is wrong with a report."""

    path: str = strawberry.field(description="Where, as in `pay.base.amount`; empty where it is the report as a whole.")
    reason: RejectionReason = strawberry.field(description="What kind of fault it is.")
    message: str = strawberry.field(description="What is wrong.")


@described
class MatchedTerm:
    """A word that was derived from what the report says."""

    term: Term = strawberry.field(description="The agreed word.")
    from_: str | None = strawberry.field(
        name="from", description="The text that it was read from; null where it follows from several."
    )
    match: MatchKind = strawberry.field(description="How it was found.")


@described
class NormalizedReport:
    """A report in agreed words; each derived word says how it was found."""

    terms: list[MatchedTerm] = strawberry.field(description="The words, role first.")
    annual_usd: float = strawberry.field(description="Total pay in US dollars a year, stock annualised.")
    currency: str = strawberry.field(description="ISO 4217 code of the currency that the amounts were in.")
    rate: float = strawberry.field(description="US dollars for one unit of the currency on `rateDate`.")
    rate_date: date = strawberry.field(description="Day of the exchange rate.")
    flags: list[QualityFlag] = strawberry.field(description="What is unusual about it.")


@described
class ReportValidation:
    """What a report would become if it were sent now, or what is wrong with it."""

    ok: bool = strawberry.field(description="Whether it would be accepted.")
    issues: list[ReportIssue] = strawberry.field(description="What is wrong; the first fault found.")
    normalized: NormalizedReport | None = strawberry.field(description="What it would become; null where it is wrong.")


@described
class Receipt:
    """A report that Kafka has acknowledged: it is kept, and soon read. `reportStatus` says what became of it."""

    source: str = strawberry.field(description="Who sent it.")
    id: strawberry.ID = strawberry.field(description="The report's name within the source.")
    accepted_at: datetime = strawberry.field(description="When Kafka took it.")
    partition: int = strawberry.field(description="Partition of Kafka's topic that keeps it.")
    offset: str = strawberry.field(description="Its place in the partition, counted from 0; text: it has 64 bits.")


@described
class SubmitReportPayload:
    """A receipt, or what is wrong; one of them is given."""

    receipt: Receipt | None = strawberry.field(description="Null where the report is wrong: then nothing was sent.")
    user_errors: list[ReportIssue] = strawberry.field(description="What is wrong with it; empty where it was sent.")


@described
class ReportStatus:
    """What became of a report that was sent."""

    state: Fate = strawberry.field(
        description="ACCEPTED: held as sent. REPLACED: another message about the same report is held. MERGED: held in "
        "one with the other end of its posting. WITHDRAWN: taken back. SET_ASIDE: not read, `reason` says why."
    )
    reason: RejectionReason | None = strawberry.field(description="Why it was set aside; else null.")
    message: str | None = strawberry.field(description="What is wrong with it; null where it was not set aside.")
    at: datetime = strawberry.field(description="When Kafka took the message that decided.")


def validate(report: ReportInput) -> ReportValidation:
    """Return what a report would become."""
    try:
        read = read_event(report.event())
    except Rejection as rejection:
        return ReportValidation(ok=False, issues=[_issue(rejection)], normalized=None)
    return ReportValidation(ok=True, issues=[], normalized=_normalized(report, read))


async def submit(info: Info, report: ReportInput) -> SubmitReportPayload:
    """Send a report to Kafka. Raises ClientError NO_KAFKA, Unavailable, Unauthenticated and Forbidden."""
    (await info.context.caller()).check(Scope.REPORTS_WRITE)
    publisher = info.context.publisher
    if publisher is None:
        raise ClientError("NO_KAFKA", "This server takes no reports: PAYGAUGE_KAFKA names no Kafka to send them to.")
    value = report.event()
    try:
        read_event(value)
    except Rejection as rejection:
        return SubmitReportPayload(receipt=None, user_errors=[_issue(rejection)])
    sent = await publisher.publish(report.source, report.id, report.contributor, value)
    receipt = Receipt(
        source=report.source, id=report.id, accepted_at=sent.at, partition=sent.partition, offset=str(sent.offset)
    )
    return SubmitReportPayload(receipt=receipt, user_errors=[])


async def status(info: Info, source: str, name: str, subject: str | None) -> ReportStatus | None:
    """Return what became of a message. Raises Unauthenticated and Forbidden."""
    (await info.context.caller()).check(Scope.REPORTS_WRITE)
    found: Found | None = await info.context.ingestion.status(source, name, subject or name)
    if found is None:
        return None
    return ReportStatus(state=found.state, reason=found.reason, message=found.message, at=found.at)


def _issue(rejection: Rejection) -> ReportIssue:
    return ReportIssue(path=path_shown(rejection.path), reason=rejection.reason, message=rejection.detail)


def _normalized(given: ReportInput, read: SalaryReport) -> NormalizedReport:
    return NormalizedReport(
        terms=[*_matched(given, read), *_stated(given, read)],
        annual_usd=round(read.pay.total, 2),
        currency=read.pay.currency,
        rate=read.pay.rate,
        rate_date=read.pay.rate_date,
        flags=list(read.flags),
    )


def _matched(given: ReportInput, read: SalaryReport) -> list[MatchedTerm]:
    place = ", ".join(filter(None, vars(given.place).values())) if given.place else None
    company, education, found = given.company, given.education, read.matches
    words: list[tuple[Dimension, str | None, str | None, MatchKind]] = [
        (Dimension.ROLE, read.role, given.title, found.role),
        (Dimension.LEVEL, _name(read.level), given.level, found.level),
        *((Dimension.SPECIALIZATION, word, None, found.specialization) for word in read.specializations),
        *_places(read, place, found),
        (Dimension.COMPANY, read.company, company.name if company else None, found.company),
        (Dimension.INDUSTRY, read.industry, company.industry if company else None, found.industry),
        (Dimension.EDUCATION, _name(read.education), education.degree if education else None, found.education),
        (Dimension.FIELD, read.field, education.field if education else None, found.field),
        *((Dimension.SKILL, word, None, found.skills) for word in read.skills),
    ]
    return [MatchedTerm(term=term_of(of, code), from_=text, match=match) for of, code, text, match in words if code]


def _places(
    read: SalaryReport, text: str | None, found: Matches
) -> list[tuple[Dimension, str | None, str | None, MatchKind]]:
    held = {Dimension.METRO: read.metro, Dimension.REGION: read.region, Dimension.COUNTRY: read.country}
    return [(dimension, code, text, found.place) for dimension, code in held.items()]


def _stated(given: ReportInput, read: SalaryReport) -> list[MatchedTerm]:
    """Return the words of closed vocabularies, each as given or in other words."""
    company = given.company
    words: list[tuple[Dimension, StrEnum | None, str | None]] = [
        (Dimension.COMPANY_SIZE, read.company_size, company.size if company else None),
        (Dimension.ML_CENTRALITY, read.ml, company.ml if company else None),
        (Dimension.WORK_MODE, read.work_mode, given.work_mode),
        (Dimension.PAY_POLICY, read.pay_policy, given.pay_policy),
        (Dimension.EMPLOYMENT, read.employment, given.employment),
    ]
    return [
        MatchedTerm(
            term=term_of(dimension, word.name),
            from_=text,
            match=MatchKind.EXACT if (text or "").lower() == word.value else MatchKind.ALIAS,
        )
        for dimension, word, text in words
        if word
    ]


def _name(word: StrEnum | None) -> str | None:
    return word.name if word else None
