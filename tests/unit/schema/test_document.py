"""Any order and any repetition of a report's versions must end in the same document."""

from datetime import UTC, date, datetime, timedelta
from functools import reduce
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.document import Document, document_id, fold, holds, rank_of, version_of
from schema.event import WITHDRAWN, Event
from schema.report import AnnualPay, SalaryReport, Version, Withdrawal
from schema.vocabulary import QualityFlag, ReportState

RECEIVED = datetime(2025, 3, 4, tzinfo=UTC)
SOURCE = "https://survey.example.org/2025"

News = SalaryReport | Withdrawal


def report(version: Version, total: float = 100_000.0, subject: str = "r-1", minute: int = 0) -> SalaryReport:
    pay = AnnualPay("USD", 1.0, date(2025, 2, 1), total, total, base=total)
    received = RECEIVED.replace(minute=minute)
    return SalaryReport(SOURCE, subject, version, date(2025, 2, 1), "ml_engineer", pay, received)


def withdrawal(version: Version, subject: str = "r-1", minute: int = 0) -> Withdrawal:
    return Withdrawal(SOURCE, subject, version, RECEIVED.replace(minute=minute))


def folded(*versions: News, normaliser: int = 1, known: Document | None = None) -> Document:
    document = reduce(lambda before, news: fold(before, news, normaliser), versions, known)
    assert document is not None
    return document


@st.composite
def histories(draw: st.DrawFn, endings: tuple[str, ...]) -> list[tuple[News, int]]:
    """Distinct versions of one report, each read by one or more normalisers."""
    history: list[tuple[News, int]] = []
    # few moments and ids, so that ties in each part of the version are the rule
    for moment, sequence, event, ending in draw(
        st.sets(
            st.tuples(st.integers(0, 2), st.integers(0, 1), st.sampled_from("ab"), st.sampled_from(endings)),
            min_size=1,
            max_size=8,
        )
    ):
        version = (moment, sequence, event)
        for normaliser in draw(st.sets(st.integers(1, 2), min_size=1)):
            subject, minute = "r-1" + ending, draw(st.integers(0, 59))
            if draw(st.booleans()):
                history.append((withdrawal(version, subject, minute), normaliser))
            else:
                total = draw(st.integers(1, 500)) * 1000.0
                history.append((report(version, total, subject, minute), normaliser))
    return history


@pytest.mark.parametrize("endings", [("",), ("#min", "#max")], ids=["report", "posting"])
@given(data=st.data())
def test_any_order_and_repetition_of_versions_folds_to_the_same_document(
    endings: tuple[str, ...], data: st.DataObject
) -> None:
    history = data.draw(histories(endings))
    arrivals = data.draw(st.permutations(history))
    again = data.draw(st.lists(st.sampled_from(history), max_size=8))

    once = reduce(lambda known, news: fold(known, *news), history, None)
    disordered = reduce(lambda known, news: fold(known, *news), [*arrivals, *again], None)

    assert disordered == once


@given(history=histories(("",)))
def test_the_document_of_a_report_is_its_newest_version(history: list[tuple[News, int]]) -> None:
    document = reduce(lambda known, news: fold(known, *news), history, None)

    assert document is not None
    assert rank_of(document) == max((news.version, normaliser) for news, normaliser in history)


def test_a_version_that_is_not_newer_leaves_the_known_document_itself() -> None:
    known = folded(report((2, 0, "b")))

    assert fold(known, report((1, 0, "a")), 1) is known
    assert fold(known, report((2, 0, "b")), 1) is known
    assert fold(known, report((2, 0, "b")), 2) is not known


def test_time_comes_before_sequence_and_sequence_before_the_id() -> None:
    in_order = [report((1, 9, "z")), report((2, 0, "z")), report((2, 1, "a")), report((2, 1, "b"))]

    for arrival in permutations(in_order):
        assert version_of(folded(*arrival)) == (2, 1, "b")


def test_a_withdrawal_leaves_no_pay() -> None:
    document = folded(report((1, 0, "a")), withdrawal((2, 0, "b")))

    assert document["state"] == ReportState.WITHDRAWN.value
    assert "pay" not in document


def test_an_older_version_that_comes_late_does_not_bring_a_withdrawn_report_back() -> None:
    document = folded(withdrawal((2, 0, "b")), report((1, 0, "a")))

    assert document["state"] == ReportState.WITHDRAWN.value


def test_a_newer_version_brings_a_withdrawn_report_back() -> None:
    assert folded(withdrawal((2, 0, "b")), report((3, 0, "c")))["state"] == ReportState.LIVE.value


def test_a_newer_normaliser_replaces_its_own_reading_of_the_same_version_only() -> None:
    better = folded(report((2, 0, "b"), 2.0), normaliser=2)

    assert folded(report((2, 0, "b"), 1.0), normaliser=1, known=better) is better
    assert folded(report((2, 0, "b"), 3.0), normaliser=3, known=better)["pay"]["total"] == 3.0
    assert folded(report((1, 0, "a"), 4.0), normaliser=4, known=better) is better


def test_both_ends_of_a_posting_join_to_the_middle_of_the_range() -> None:
    document = folded(report((1, 0, "a"), 100_000.0, "p#min"), report((1, 0, "b"), 150_000.0, "p#max"))

    assert document["subject"] == "p"
    assert document["pay"]["total"] == 125_000.0
    assert (document["pay"]["low"], document["pay"]["high"]) == (100_000.0, 150_000.0)
    assert document["flags"] == [QualityFlag.RANGE.value]


def test_a_posting_whose_one_end_is_withdrawn_is_its_other_end() -> None:
    document = folded(
        report((1, 0, "a"), 100_000.0, "p#min"),
        report((1, 0, "b"), 150_000.0, "p#max"),
        withdrawal((2, 0, "c"), "p#max"),
    )

    assert document["pay"]["total"] == 100_000.0
    assert version_of(document) == (2, 0, "c")
    assert "flags" not in document


def test_a_posting_without_ends_left_is_withdrawn() -> None:
    document = folded(report((1, 0, "a"), subject="p#min"), withdrawal((2, 0, "b"), "p#min"))

    assert document["state"] == ReportState.WITHDRAWN.value
    assert "pay" not in document


def test_one_message_id_may_name_both_ends() -> None:
    ends = [withdrawal((1, 0, "a"), "p#min", minute=1), withdrawal((1, 0, "a"), "p#max", minute=2)]

    assert folded(*ends) == folded(*reversed(ends))


def test_both_ends_share_an_id_and_a_report_of_that_name_has_another() -> None:
    assert document_id(SOURCE, "p#min") == document_id(SOURCE, "p#max")
    assert document_id(SOURCE, "p") != document_id(SOURCE, "p#min")
    assert document_id(SOURCE, "p") != document_id(SOURCE + "p", "")


def test_of_a_known_document_only_its_versions_are_read() -> None:
    whole = folded(report((1, 0, "a"), 100_000.0, "p#min"))
    looked_up = {name: whole[name] for name in ("_id", "version", "normaliser", "ends")}
    other_end = report((1, 0, "b"), 150_000.0, "p#max")

    assert fold(looked_up, other_end, 1) == fold(whole, other_end, 1)


def test_a_document_holds_the_versions_that_it_was_folded_from_last_and_no_others() -> None:
    older, newer, later = (1, 0, "a"), (2, 0, "b"), (3, 0, "c")
    document = folded(report(older), report(newer))
    assert holds(document, "r-1", newer, 1)
    assert not any(holds(document, "r-1", version, 1) for version in (older, later))
    assert not holds(document, "r-1", newer, 2)

    posting = folded(report(newer, subject="r-1#min"), withdrawal(older, subject="r-1#max"))
    assert holds(posting, "r-1#min", newer, 1)
    assert holds(posting, "r-1#max", older, 1)
    assert not holds(posting, "r-1#max", newer, 1)
    assert not holds(folded(report(newer, subject="r-1#min")), "r-1#max", newer, 1)


@given(micros=st.integers(-(10**15), 4 * 10**15))
def test_the_version_of_an_event_has_its_exact_microsecond(micros: int) -> None:
    time = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)

    assert Event(id="e", source=SOURCE, subject="r-1", type=WITHDRAWN, time=time).version == (micros, 0, "e")
