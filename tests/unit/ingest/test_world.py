"""What time mends must be outlasted; what it does not mend must stop ingest."""

import pytest
from aiokafka import errors

from ingest import world
from ingest.world import kafka_trouble, outlast
from schema.errors import IngestStopped, Unavailable


@pytest.mark.parametrize(
    "error",
    [
        errors.KafkaConnectionError("no broker"),
        errors.KafkaTimeoutError(),
        errors.GroupCoordinatorNotAvailableError(),
        errors.NotLeaderForPartitionError(),
        errors.CommitFailedError(),
        errors.IllegalStateError(),
        errors.OutOfOrderSequenceNumber(),
        errors.KafkaError("Unexpected error during coordination"),
        ConnectionRefusedError(),
        TimeoutError(),
    ],
    ids=repr,
)
def test_time_mends(error: Exception) -> None:
    with pytest.raises(Unavailable, match=r"Kafka, fetching: .+"), kafka_trouble("fetching"):
        raise error


@pytest.mark.parametrize(
    "error",
    [
        errors.TopicAuthorizationFailedError(),
        errors.SaslAuthenticationFailed(),
        errors.UnsupportedCodecError("Libraries for lz4 compression codec not found"),
        errors.RecordTooLargeError(),
        errors.CorruptRecordException(),
    ],
    ids=repr,
)
def test_time_does_not_mend(error: Exception) -> None:
    with pytest.raises(IngestStopped, match=r"Kafka, fetching: .+"), kafka_trouble("fetching"):
        raise error


def test_an_error_of_ours_is_no_trouble_of_kafkas() -> None:
    with pytest.raises(ZeroDivisionError), kafka_trouble("fetching"):
        raise ZeroDivisionError


async def test_an_attempt_is_repeated_until_the_world_is_right_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world, "FIRST_WAIT_SECONDS", 0.0001)
    attempts = 0

    async def attempt() -> str:
        nonlocal attempts
        attempts += 1
        if attempts < 4:
            raise Unavailable("MongoDB.")
        return "done"

    assert await outlast(attempt) == "done"
    assert attempts == 4


async def test_any_other_error_is_not_repeated() -> None:
    attempts = 0

    async def attempt() -> None:
        nonlocal attempts
        attempts += 1
        raise IngestStopped

    with pytest.raises(IngestStopped):
        await outlast(attempt)
    assert attempts == 1
