"""The world's failures: told apart from a message's, translated once, and outlasted."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from aiokafka import errors
from aiokafka.errors import KafkaError

from schema.errors import IngestStopped, Unavailable

log = logging.getLogger(__name__)

T = TypeVar("T")

FIRST_WAIT_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 5.0
WORKED_SECONDS = 60.0
"""An attempt that failed after so long had worked in between: its failure is the first of a new row."""

NEEDS_A_HUMAN = (
    errors.AuthenticationFailedError,
    errors.AuthenticationMethodNotSupported,
    errors.ClusterAuthorizationFailedError,
    errors.CorruptRecordException,
    errors.GroupAuthorizationFailedError,
    errors.IncompatibleBrokerVersion,
    errors.InvalidConfigurationError,
    errors.InvalidGroupIdError,
    errors.InvalidSessionTimeoutError,
    errors.InvalidTopicError,
    errors.MessageSizeTooLargeError,
    errors.PolicyViolationError,
    errors.RecordTooLargeError,
    errors.SaslAuthenticationFailed,
    errors.TopicAuthorizationFailedError,
    errors.UnsupportedCodecError,
    errors.UnsupportedSaslMechanismError,
    errors.UnsupportedVersionError,
)
"""Errors of Kafka that time alone does not mend. aiokafka's `retriable` is no help: a time-out has it false."""


@contextmanager
def kafka_trouble(what: str) -> Iterator[None]:
    """Raise Unavailable for what time mends, IngestStopped for what it does not, when Kafka fails at `what`."""
    try:
        yield
    except NEEDS_A_HUMAN as error:
        raise IngestStopped(f"Kafka, {what}: {str(error) or type(error).__name__}.") from error
    except (KafkaError, OSError, TimeoutError) as error:
        raise Unavailable(f"Kafka, {what}: {str(error) or type(error).__name__}.") from error


async def outlast(attempt: Callable[[], Awaitable[T]]) -> T:
    """Return what `attempt` returns; while it raises Unavailable, try again after a longer and longer while."""
    failures = 0
    while True:
        started = time.monotonic()
        try:
            return await attempt()
        except Unavailable as error:
            failures = 0 if time.monotonic() - started > WORKED_SECONDS else failures
            # jitter, so that many processes do not come back to a server in the same moment
            wait = min(FIRST_WAIT_SECONDS * 2**failures, LONGEST_WAIT_SECONDS) * random.uniform(0.5, 1)
            failures += 1
            log.warning("%s Trying again in %.1f s.", error, wait)
            await asyncio.sleep(wait)
