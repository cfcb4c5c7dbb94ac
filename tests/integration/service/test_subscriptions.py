"""Subscriptions over WebSocket: the cohort at once, and again when reports change it, each from one snapshot."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pymongo.collection import Collection
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from service.app import create_app
from service.settings import ServiceSettings
from tests.integration.service.conftest import until
from tests.integration.service.sockets import PROTOCOL, Socket, opened
from tests.serving import stretched
from tests.unit.figures.reports import document

FOLLOW = """
subscription ($where: CohortFilter! = {}, $every: Int! = 100) {
  cohort(where: $where, every: $every) {
    sample { reports }
    distribution { median { value } }
    breakdown(by: [ROLE]) { nodes { keys { code } cohort { sample { reports } } } }
  }
}
"""
COUNT = "{ cohort { sample { reports } } }"

Reports = Collection[dict[str, Any]]


@pytest.fixture
def socket(reports: Reports, client: TestClient) -> Iterator[Socket]:  # noqa: ARG001  dropped after the client ends
    with opened(client) as socket:
        yield socket


def count(data: Any) -> int:
    return int(data["cohort"]["sample"]["reports"])


def next_count(socket: Socket, wanted: int) -> Any:
    """Wait for the cohort of this size; what was sent on the way is smaller."""
    data = socket.data()
    while count(data) != wanted:
        assert count(data) < wanted
        data = socket.data()
    return data


def test_the_cohort_comes_at_once_and_again_when_reports_arrive(socket: Socket, reports: Reports) -> None:
    socket.subscribe("1", FOLLOW)
    assert count(socket.data()) == 0
    started = time.monotonic()
    reports.insert_many([document(str(n), 100_000.0) for n in range(10)])
    data = next_count(socket, 10)
    assert time.monotonic() - started < stretched(2)
    assert data["cohort"]["distribution"]["median"]["value"] == 100_000


def test_every_field_of_an_update_is_of_one_snapshot(socket: Socket, reports: Reports) -> None:
    socket.subscribe("1", FOLLOW)
    for n in range(60):
        reports.insert_one(document(str(n), 100_000.0))
        time.sleep(0.01)
    for data in iter(socket.data, None):
        groups = data["cohort"]["breakdown"]["nodes"]
        assert sum(group["cohort"]["sample"]["reports"] for group in groups) == count(data)
        if count(data) == 60:
            break


def test_reports_that_do_not_change_the_cohort_send_nothing(socket: Socket, reports: Reports) -> None:
    reports.insert_many([document(str(n), 100_000.0, level="senior") for n in range(3)])
    until(lambda: count_over(socket, "probe") == 3)
    socket.subscribe("1", FOLLOW, where={"level": ["SENIOR"]})
    assert count(socket.data()) == 3
    reports.insert_many([document(f"m{n}", 100_000.0, level="mid") for n in range(5)])
    until(lambda: count_over(socket, "probe") == 8)
    time.sleep(0.3)
    assert count_over(socket, "probe") == 8  # the answer is what came next: no update stood before it
    reports.insert_one(document("one more", 100_000.0, level="senior"))
    assert count(socket.data()) == 4


def count_over(socket: Socket, name: str) -> int:
    """Ask a query over the same socket."""
    socket.subscribe(name, COUNT)
    answer = count(socket.data())
    assert socket.receive() == {"id": name, "type": "complete"}
    return answer


def test_a_correction_that_leaves_the_number_of_reports_as_it_was_is_sent(socket: Socket, reports: Reports) -> None:
    reports.insert_many([document(str(n), 100_000.0) for n in range(5)])
    until(lambda: count_over(socket, "probe") == 5)
    socket.subscribe("1", FOLLOW)
    assert socket.data()["cohort"]["distribution"]["median"]["value"] == 100_000
    for n in range(5):
        newer = document(str(n), 200_000.0)
        reports.replace_one({"_id": newer["_id"]}, newer)
    data = socket.data()
    while data["cohort"]["distribution"]["median"]["value"] != 200_000:
        data = socket.data()
    assert count(data) == 5


def test_updates_are_gathered_for_as_long_as_the_client_asked(socket: Socket, reports: Reports) -> None:
    socket.subscribe("1", FOLLOW, every=1000)
    socket.data()

    def insert() -> None:
        for n in range(50):
            reports.insert_one(document(str(n), 100_000.0))
            time.sleep(0.02)

    moments = []
    with ThreadPoolExecutor(1) as executor:  # beside the reading, so that a moment is that of the message
        inserted = executor.submit(insert)
        seen = 0
        while seen < 50:
            seen = count(socket.data())
            moments.append(time.monotonic())
        inserted.result()
    # one a second, with some slack since a message may come late
    assert len(moments) - 1 <= (moments[-1] - moments[0]) / 0.8


def test_each_operation_of_a_socket_sees_what_is_there_when_it_is_asked(socket: Socket, reports: Reports) -> None:
    assert count_over(socket, "a") == 0
    reports.insert_many([document(str(n), 100_000.0) for n in range(5)])
    until(lambda: count_over(socket, "b") == 5)


def test_a_completed_subscription_sends_nothing_more(socket: Socket, reports: Reports) -> None:
    socket.subscribe("1", FOLLOW)
    socket.data()
    socket.complete("1")
    reports.insert_one(document("1", 100_000.0))
    until(lambda: count_over(socket, "probe") == 1)
    time.sleep(0.3)
    assert count_over(socket, "probe") == 1


@pytest.mark.parametrize("every", [0, 99, 60_001, -1])
def test_an_interval_out_of_bounds_is_refused_with_a_code(socket: Socket, every: int) -> None:
    socket.subscribe("1", FOLLOW, every=every)
    message = socket.receive()
    errors = message["payload"] if message["type"] == "error" else message["payload"]["errors"]
    assert errors[0]["extensions"]["code"] == "BAD_USER_INPUT"


def test_a_value_that_is_not_known_is_refused_with_a_hint(socket: Socket) -> None:
    socket.subscribe("1", FOLLOW, where={"role": ["wizard"]})
    message = socket.receive()
    errors = message["payload"] if message["type"] == "error" else message["payload"]["errors"]
    assert errors[0]["extensions"]["code"]
    assert "wizard" in errors[0]["message"]


def test_a_client_has_so_many_subscriptions_over_all_its_sockets(mongo: str, database: str) -> None:
    settings = ServiceSettings(mongo=mongo, database=database, subscriptions_per_client=2)
    with TestClient(create_app(settings)) as client:
        until(lambda: client.get("/health/ready").status_code == 200)
        with opened(client) as first, opened(client) as second:
            first.subscribe("1", FOLLOW)
            first.data()
            second.subscribe("1", FOLLOW)
            second.data()
            second.subscribe("2", FOLLOW)
            message = second.receive()
            assert message["id"] == "2"
            errors = message["payload"] if message["type"] == "error" else message["payload"]["errors"]
            assert errors[0]["extensions"]["code"] == "TOO_MANY_SUBSCRIPTIONS"
            first.complete("1")
            until(lambda: follows(second))


def follows(socket: Socket) -> bool:
    socket.subscribe("again", FOLLOW)
    message = socket.receive()
    while message.get("id") != "again":
        message = socket.receive()
    if message["type"] == "next" and "errors" not in message["payload"]:
        return True
    if message["type"] == "next":
        socket.receive()
    return False


@pytest.mark.parametrize(
    "message",
    [
        "null",
        "1",
        "[]",
        '"x"',
        "{}",
        '{"type": 1}',
        '{"type": "subscribe"}',
        '{"type": "subscribe", "id": [], "payload": {}}',
        '{"type": "subscribe", "id": "1", "payload": "x"}',
        '{"type": "nonsense"}',
        "[" * 100_000,
        "not json",
    ],
)
def test_what_is_no_message_closes_the_socket_with_4400(client: TestClient, message: str) -> None:
    with opened(client) as socket:
        socket.session.send_text(message)
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive()
    assert closed.value.code == 4400


@pytest.mark.parametrize("query", ["{", "subscription { nothing }", "{" + "a{" * 40 + "b" + "}" * 41])
def test_a_fault_in_one_operation_ends_no_other(socket: Socket, query: str) -> None:
    socket.subscribe("wrong", query)
    message = socket.receive()
    assert (message["id"], message["type"]) == ("wrong", "error")
    assert message["payload"][0]["extensions"]["code"]
    assert count_over(socket, "right") == 0


def test_the_legacy_protocol_is_not_spoken(client: TestClient) -> None:
    with (
        pytest.raises(WebSocketDisconnect) as closed,
        client.websocket_connect("/graphql", subprotocols=["graphql-ws"]) as session,
    ):
        session.receive_json()
    assert closed.value.code == 4406


def test_nothing_is_answered_before_the_connection_is_initialised(client: TestClient) -> None:
    with client.websocket_connect("/graphql", subprotocols=[PROTOCOL]) as session:
        Socket(session).subscribe("1", COUNT)
        with pytest.raises(WebSocketDisconnect) as closed:
            session.receive_json()
    assert closed.value.code == 4401
