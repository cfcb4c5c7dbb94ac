"""Ingest's settings, and the options that every Kafka client is given because of them."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Meta, Struct

from schema.errors import SettingsError
from schema.event import DEAD_LETTER_TOPIC, TOPIC

if TYPE_CHECKING:
    from ssl import SSLContext

Seconds = Annotated[float, Meta(gt=0, le=3600)]

REQUEST_TIMEOUT_MS = 10_000


class IngestSettings(Struct, frozen=True):
    """Read from `PAYGAUGE_*`. The defaults suit servers on this machine."""

    kafka: str = "localhost:9092"  # bootstrap servers, separated by commas
    mongo: str = "mongodb://localhost:27017"
    database: str = "paygauge"  # where the URI names none
    topic: str = TOPIC
    dead_letter_topic: str = DEAD_LETTER_TOPIC
    group: str = "paygauge-ingest"
    partitions: Annotated[int, Meta(ge=1, le=10_000)] = 6  # of the topic, where it is not there yet
    batch_records: Annotated[int, Meta(ge=1, le=10_000)] = 4_000
    mongo_timeout: Seconds = 5.0  # of one write or look-up; a stop may have to wait for one
    session_timeout: Annotated[float, Meta(ge=6, le=1800)] = 10.0  # s; a killed process holds its partitions as long
    brake_share: Annotated[float, Meta(ge=0, le=1)] = 0.5  # of rejected messages; 0 turns the brake off
    brake_window: Annotated[int, Meta(ge=1)] = 1_000  # messages
    metrics_port: Annotated[int, Meta(ge=0, le=65535)] = 0  # where Prometheus finds /metrics; 0: nowhere
    metrics_host: str = "127.0.0.1"
    kafka_security: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "PLAIN"
    kafka_username: str | None = None
    kafka_password: str | None = None
    kafka_ca_file: str | None = None  # PEM; without it the system's authorities are trusted
    kafka_certificate_file: str | None = None  # PEM, where the broker asks for one of ours
    kafka_key_file: str | None = None


def client_options(settings: IngestSettings) -> dict[str, Any]:
    """Return the options by which any client of aiokafka reaches this Kafka. Raises SettingsError for a bad file."""
    options: dict[str, Any] = {
        "bootstrap_servers": settings.kafka,
        "client_id": "paygauge-ingest",
        "request_timeout_ms": REQUEST_TIMEOUT_MS,
        "security_protocol": settings.kafka_security,
    }
    if "SSL" in settings.kafka_security.split("_"):
        options["ssl_context"] = _ssl_context(settings)
    if settings.kafka_security.startswith("SASL"):
        options["sasl_mechanism"] = settings.kafka_sasl_mechanism
        options["sasl_plain_username"] = settings.kafka_username
        options["sasl_plain_password"] = settings.kafka_password
    return options


def _ssl_context(settings: IngestSettings) -> "SSLContext":
    from aiokafka.helpers import create_ssl_context  # the service reads these settings too, and starts without a client

    try:
        context: SSLContext = create_ssl_context(
            cafile=settings.kafka_ca_file,
            certfile=settings.kafka_certificate_file,
            keyfile=settings.kafka_key_file,
        )
    except (OSError, ValueError) as error:
        raise SettingsError(f"PAYGAUGE_KAFKA_CA_FILE, ..._CERTIFICATE_FILE or ..._KEY_FILE: {error}.") from error
    return context
