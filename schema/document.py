"""The document at rest in MongoDB, and how the versions of a report fold into it.

A posting that a source writes as two reports, its minimum and its maximum, is one document: the two subjects differ in
the endings `#min` and `#max` only, and the document keeps both ends. Folding is a function of the set of versions, not
of their order: any order, any repetition, gives the same document. A version that better vocabularies have normalised
anew is newer than the same version before, so that a replay of the topic improves what is stored.
"""

from datetime import date, datetime, time
from functools import lru_cache
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
    name, end = _split(subject)
    # a report named as a posting is, without an ending, is another report: the two must not fold into one document
    kind = b"posting" if end else b"report"
    return blake2b(f"{source}\x00{name}".encode(), digest_size=16, person=kind).hexdigest()


def partition_key(source: str, subject: str, contributor: str | None = None) -> bytes:
    """Return the Kafka key of a report: its contributor, else source + subject without the ending of a posting's end.

    Messages of one key keep their order, and the two ends of a posting meet in one partition.
    """
    return (contributor or f"{source} {_split(subject)[0]}").encode()


def version_of(document: Document) -> Version:
    """Return the version of a document: the newest of its ends where it has two."""
    moment, sequence, event = document["version"]
    return moment, sequence, event


def rank_of(document: Document) -> tuple[Version, int]:
    """Return what decides between two documents of a report: the version, then the normaliser that read it."""
    return version_of(document), document["normaliser"]


def holds(document: Document, subject: str, version: Version, normaliser: int) -> bool:
    """Return whether a document has just this version of this report, as read by this normaliser.

    Of the document, only `version` and `normaliser` are read, of the whole and of each end.
    """
    _, end = _split(subject)
    held = document["ends"].get(end) if end else document
    return held is not None and rank_of(held) == (version, normaliser)


def fold(known: Document | None, news: SalaryReport | Withdrawal, normaliser: int) -> Document:
    """Return what the document of a report becomes with one more version of it, as read by this normaliser.

    Returns `known` itself where the version is not newer than the one it holds; of `known`, only `version`,
    `normaliser` and `ends` are read. A withdrawal leaves a tombstone: a version without pay, so that an older version
    that comes late cannot bring the report back.
    """
    key = document_id(news.source, news.subject)
    name, end = _split(news.subject)
    rank = (news.version, normaliser)
    if not end:
        return known if known and rank_of(known) >= rank else {"_id": key, **_version_document(news, normaliser)}
    ends: dict[str, Document] = dict(known["ends"]) if known else {}
    if known and end in ends and rank_of(ends[end]) >= rank:
        return known
    ends[end] = _version_document(news, normaliser)
    return {"_id": key, **_joined(ends), "subject": name, "ends": ends}


def _split(subject: str) -> tuple[str, str]:
    return (subject[:-4], subject[-3:]) if subject.endswith(POSTING_ENDS) else (subject, "")


def _version_document(news: SalaryReport | Withdrawal, normaliser: int) -> Document:
    document: Document = msgspec.to_builtins(news, builtin_types=(datetime, date))
    document["normaliser"] = normaliser
    if isinstance(news, Withdrawal):
        document["state"] = ReportState.WITHDRAWN.value
        return document
    document["effective"] = _midnight(news.effective)
    document["pay"]["rate_date"] = _midnight(news.pay.rate_date)
    document["state"] = ReportState.LIVE.value
    return document


@lru_cache(maxsize=10_000)
def _midnight(day: date) -> datetime:
    # BSON has no date
    return datetime.combine(day, time.min)


def _joined(ends: dict[str, Document]) -> Document:
    in_order = [end for _, end in sorted(ends.items())]  # one message id may name both ends: a tie must not be luck
    newest = max(in_order, key=rank_of)
    live = [end for end in in_order if end["state"] == ReportState.LIVE.value]
    if not live:
        return newest
    head = max(live, key=rank_of)
    joined = {**head, **{name: newest[name] for name in ("version", "normaliser", "received")}}
    if len(live) == 1:
        return joined
    flags = sorted({flag for end in live for flag in end.get("flags", ())} | {QualityFlag.RANGE.value})
    return {**joined, "pay": _middle([end["pay"] for end in live]), "flags": flags, "merged": True}


def _middle(pays: list[Document]) -> Document:
    amounts = [name for name in AnnualPay.__struct_fields__ if isinstance(pays[0].get(name), float) and name != "rate"]
    middle = {name: sum(pay.get(name, 0.0) for pay in pays) / len(pays) for name in amounts}
    totals = [(pay["low"], pay["high"]) if "low" in pay else (pay["total"], pay["total"]) for pay in pays]
    low, high = min(low for low, _ in totals), max(high for _, high in totals)
    return {**pays[0], **middle, "low": low, "high": high}
