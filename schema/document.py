"""The document at rest in MongoDB, and how the versions of a report fold into it.

A posting that a source writes as two reports, its minimum and its maximum, is one document: the two subjects differ in
the endings `#min` and `#max` only, and the document keeps both ends. Folding is a function of the set of versions, not
of their order: any order, any repetition, gives the same document.
"""

from datetime import date, datetime, time
from hashlib import blake2b
from typing import Any

import msgspec

from schema.report import AnnualPay, SalaryReport, Version, Withdrawal
from schema.vocabulary import QualityFlag, ReportState

COLLECTION = "reports"
SET_ASIDE_COLLECTION = "set_aside"
Document = dict[str, Any]

POSTING_ENDS = ("#min", "#max")


def document_id(source: str, subject: str) -> str:
    """Return the `_id` of the document that holds this report: 32 hexadecimal digits of BLAKE2b of source + subject."""
    name, _ = _split(subject)
    return blake2b(f"{source}\x00{name}".encode(), digest_size=16).hexdigest()


def version_of(document: Document) -> Version:
    """Return the version of a document: the newest of its ends where it has two."""
    moment, sequence, event = document["version"]
    return moment, sequence, event


def fold(known: Document | None, news: SalaryReport | Withdrawal) -> Document:
    """Return what the document of a report becomes with one more version of it.

    Returns `known` itself where the version is not newer than the one it holds. A withdrawal leaves a tombstone: a
    version without pay, so that an older version that comes late cannot bring the report back.
    """
    key = document_id(news.source, news.subject)
    name, end = _split(news.subject)
    if not end:
        return known if known and version_of(known) >= news.version else {"_id": key, **_version_document(news)}
    ends: dict[str, Document] = dict(known["ends"]) if known else {}
    if end in ends and version_of(ends[end]) >= news.version:
        return known or {}
    ends[end] = _version_document(news)
    return {"_id": key, **_joined(ends), "subject": name, "ends": ends}


def _split(subject: str) -> tuple[str, str]:
    return (subject[:-4], subject[-3:]) if subject.endswith(POSTING_ENDS) else (subject, "")


def _version_document(news: SalaryReport | Withdrawal) -> Document:
    document: Document = msgspec.to_builtins(news, builtin_types=(datetime, date))
    if isinstance(news, Withdrawal):
        return {**document, "state": ReportState.WITHDRAWN.value}
    document["effective"] = _midnight(news.effective)
    document["pay"]["rate_date"] = _midnight(news.pay.rate_date)
    return {**document, "state": ReportState.LIVE.value}


def _midnight(day: date) -> datetime:
    # BSON has no date
    return datetime.combine(day, time.min)


def _joined(ends: dict[str, Document]) -> Document:
    newest = max(ends.values(), key=version_of)
    live = [end for _, end in sorted(ends.items()) if end["state"] == ReportState.LIVE.value]
    if not live:
        return newest
    head = max(live, key=version_of)
    joined = {**head, "version": newest["version"], "received": newest["received"]}
    if len(live) == 1:
        return joined
    flags = sorted({flag for end in live for flag in end.get("flags", ())} | {QualityFlag.RANGE.value})
    return {**joined, "pay": _middle([end["pay"] for end in live]), "flags": flags}


def _middle(pays: list[Document]) -> Document:
    amounts = [name for name in AnnualPay.__struct_fields__ if isinstance(pays[0].get(name), float) and name != "rate"]
    middle = {name: sum(pay.get(name, 0.0) for pay in pays) / len(pays) for name in amounts}
    totals = [(pay["low"], pay["high"]) if "low" in pay else (pay["total"], pay["total"]) for pay in pays]
    low, high = min(low for low, _ in totals), max(high for _, high in totals)
    return {**pays[0], **middle, "low": low, "high": high}
