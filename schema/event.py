"""The event on the wire: CloudEvents 1.0 in JSON, as producers send it (the guide is docs/producers.md)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from schema.errors import Rejection
from schema.vocabulary import AmountUnit, ChangeKind, MlCentrality, Period, RejectionReason, SourceKind, Verification

TOPIC = "salary.reports"
DEAD_LETTER_TOPIC = "salary.reports.dead-letter"
MAX_EVENT_BYTES = 256 * 1024
STRUCTURED = "application/cloudevents+json"

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)  # seconds as a float would make two microseconds one

SUBMITTED = "org.paygauge.report.submitted.v1"
CORRECTED = "org.paygauge.report.corrected.v1"
WITHDRAWN = "org.paygauge.report.withdrawn.v1"

Text = Annotated[str, Meta(max_length=500)]
Name = Annotated[str, Meta(min_length=1, max_length=500)]
Money = Annotated[float, Meta(ge=0, le=1e13, description="In the report's currency.")]
Years = Annotated[float, Meta(ge=0, le=80)]

Sequence = Annotated[int, Meta(ge=0, le=10**18)] | Annotated[str, Meta(pattern=r"^\d{1,18}$")]


class Amount(Struct, frozen=True, omit_defaults=True, gc=False):
    """An amount or a range. `amount` may be text as people type it ("45 LPA", "120k")."""

    amount: Money | Text | None = None
    min: Money | None = None
    max: Money | None = None
    period: Period = Period.YEAR
    unit: AmountUnit = AmountUnit.MONEY
    payments: Annotated[float, Meta(ge=1, le=20, description="Salaries a year where they are not 12.")] | None = None


class Stock(Struct, frozen=True, omit_defaults=True, gc=False):
    """A stock grant and its vesting, and refreshers that recur each year."""

    grant: Money | None = None
    years: Annotated[float, Meta(gt=0, le=20)] = 4
    first_year_share: Annotated[float, Meta(ge=0, le=1)] | None = None
    per_year: Money | None = None


class Pay(Struct, frozen=True, omit_defaults=True, gc=False):
    """What is paid. At least one of `base` and `total` is required; `total` may be left to us."""

    currency: Annotated[str, Meta(min_length=1, max_length=20, description="ISO 4217 code.")]
    base: Amount | Money | Text | None = None
    bonus: Amount | Money | Text | None = None
    stock: Stock | None = None
    benefits: Amount | Money | Text | None = None
    sign_on: Amount | Money | Text | None = None
    total: Amount | Money | Text | None = None


class Company(Struct, frozen=True, omit_defaults=True, gc=False):
    """The employer."""

    name: Text | None = None
    size: Text | int | None = None
    industry: Text | None = None
    ml: MlCentrality | None = None


class Place(Struct, frozen=True, omit_defaults=True, gc=False):
    """Where the job is, as free text, structured, or both."""

    text: Text | None = None
    country: Text | None = None
    region: Text | None = None
    city: Text | None = None


class Experience(Struct, frozen=True, omit_defaults=True, gc=False):
    """What the person brought."""

    years: Years | None = None
    at_company: Years | None = None
    internship: bool | None = None
    portfolio: bool | None = None


class Education(Struct, frozen=True, omit_defaults=True, gc=False):
    """Highest degree and its field, as free text."""

    degree: Text | None = None
    field: Text | None = None


class FirstOffer(Struct, frozen=True, omit_defaults=True, gc=False):
    """The first offer, annual, in the report's currency."""

    base: Money | None = None
    total: Money | None = None


class NegotiationFacts(Struct, frozen=True, omit_defaults=True, gc=False):
    """Whether the person negotiated, and from where."""

    negotiated: bool | None = None
    first_offer: FirstOffer | None = None


class Change(Struct, frozen=True, omit_defaults=True, gc=False):
    """What led to this pay; `previous_total` is annual, in the report's currency."""

    kind: ChangeKind | None = None
    previous_total: Money | None = None


class ReportData(Struct, frozen=True, omit_defaults=True, gc=False):
    """The report itself. Everything that people type is free text; a code of ours is accepted too."""

    title: Name
    effective: Annotated[str, Meta(min_length=4, max_length=40, description="YYYY, YYYY-MM or YYYY-MM-DD.")]
    pay: Pay
    contributor: Text | None = None
    kind: SourceKind = SourceKind.SURVEY
    verification: Verification = Verification.NONE
    synthetic: bool = False
    level: Text | None = None
    specialization: Text | list[Text] | None = None
    company: Company | None = None
    place: Place | Text | None = None
    work_mode: Text | None = None
    pay_policy: Text | None = None
    employment: Text | None = None
    experience: Experience | None = None
    education: Education | None = None
    skills: Annotated[list[Text], Meta(max_length=100)] = []
    negotiation: NegotiationFacts | None = None
    change: Change | None = None


class Event(Struct, frozen=True, omit_defaults=True, gc=False):
    """A message about one report: `source` + `subject` name the report, `id` names the message."""

    id: Name
    source: Name
    subject: Name
    type: Name
    time: Annotated[datetime, Meta(tz=True)]
    specversion: str = "1.0"
    datacontenttype: str | None = None
    sequence: Sequence = 0
    data: ReportData | None = None

    @property
    def version(self) -> tuple[int, int, str]:
        """Order of the versions of a report: time in microseconds, then sequence; the id breaks ties for good."""
        return _version(self)


class Envelope(Struct):
    """A message's attributes, with its `data` not read yet: enough to tell which version of which report it is."""

    specversion: str
    type: Name
    id: Name
    source: Name
    subject: Name
    time: Annotated[datetime, Meta(tz=True)]
    datacontenttype: str | None = None
    sequence: Sequence = 0
    data: msgspec.Raw = msgspec.Raw()

    @property
    def version(self) -> tuple[int, int, str]:
        """What the event's will be."""
        return _version(self)


def _version(event: Event | Envelope) -> tuple[int, int, str]:
    return (event.time - EPOCH) // MICROSECOND, int(event.sequence), event.id


_decode_envelope = msgspec.json.Decoder(Envelope).decode
_decode_data = msgspec.json.Decoder(ReportData).decode


def decode_event(value: bytes | None, headers: Mapping[str, str]) -> Event:
    """Return the event in a Kafka message in structured or binary mode. Raises Rejection with a typed reason.

    `headers` are the message's headers by lower-case name; unknown attributes and fields pass.
    """
    return event_in(decode_envelope(value, headers))


def decode_envelope(value: bytes | None, headers: Mapping[str, str]) -> Envelope:
    """Return the first half of what `decode_event` does, of which `event_in` is the second. Raises Rejection."""
    if value is not None and len(value) > MAX_EVENT_BYTES:
        raise Rejection(RejectionReason.TOO_LARGE, "", f"{len(value):,} bytes; at most {MAX_EVENT_BYTES:,} are taken")
    try:
        envelope = _binary(value, headers) if "ce_specversion" in headers else _decode_envelope(value or b"")
        _check_version(envelope)
    except msgspec.ValidationError as error:
        raise _rejection_of(str(error), "$") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Rejection(RejectionReason.MALFORMED, "", f"not JSON: {error}") from error
    return envelope


def event_in(envelope: Envelope) -> Event:
    """Return the event, its data read. Raises Rejection with a typed reason."""
    return Event(
        id=envelope.id,
        source=envelope.source,
        subject=envelope.subject,
        type=envelope.type,
        time=envelope.time,
        sequence=envelope.sequence,
        data=None if envelope.type == WITHDRAWN else _data_of(envelope.data),
    )


def convert_data(fields: Mapping[str, Any]) -> ReportData:
    """Return a report from fields that came another way than Kafka. Raises Rejection with a typed reason."""
    try:
        return msgspec.convert(fields, ReportData)
    except msgspec.ValidationError as error:
        raise _rejection_of(str(error), "$.data") from error


def _data_of(raw: bytes | msgspec.Raw) -> ReportData:
    if not raw or bytes(raw) == b"null":  # a Raw equals no bytes
        raise Rejection(RejectionReason.MISSING_FIELD, "$.data", "a report that is submitted or corrected has data")
    try:
        return _decode_data(raw)
    except msgspec.ValidationError as error:
        raise _rejection_of(str(error), "$.data") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Rejection(RejectionReason.MALFORMED, "$.data", f"not JSON: {error}") from error


def _binary(value: bytes | None, headers: Mapping[str, str]) -> Envelope:
    attributes: dict[str, Any] = {name[3:]: text for name, text in headers.items() if name.startswith("ce_")}
    return msgspec.convert({**attributes, "data": msgspec.Raw(value or b"")}, Envelope)


def _check_version(envelope: Envelope) -> None:
    if envelope.specversion != "1.0":
        raise Rejection(RejectionReason.UNSUPPORTED_VERSION, "$.specversion", f"{envelope.specversion!r}; 1.0 is taken")
    if envelope.type not in (SUBMITTED, CORRECTED, WITHDRAWN):
        raise Rejection(RejectionReason.UNSUPPORTED_VERSION, "$.type", f"{envelope.type!r} is not a type of ours")


def _rejection_of(message: str, root: str) -> Rejection:
    detail, _, place = message.partition(" - at ")
    path = root + place.strip("`").removeprefix("$")
    if "missing required field" in detail:
        return Rejection(RejectionReason.MISSING_FIELD, path, detail)
    if ", got " in detail or "RFC3339" in detail:
        return Rejection(RejectionReason.WRONG_TYPE, path, detail)
    return Rejection(RejectionReason.OUT_OF_RANGE, path, detail)
