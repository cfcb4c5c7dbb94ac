"""Any Kafka must be reachable by settings alone, and a wrong setting must be named."""

from pathlib import Path

import pytest

from ingest.settings import IngestSettings, client_options
from schema.errors import SettingsError
from schema.settings import describe_settings, read_settings


def test_servers_of_this_machine_are_the_default() -> None:
    settings = read_settings(IngestSettings, {})

    assert (settings.kafka, settings.mongo) == ("localhost:9092", "mongodb://localhost:27017")
    assert client_options(settings)["security_protocol"] == "PLAINTEXT"


def test_a_kafka_with_tls_and_passwords_is_reached_by_settings() -> None:
    settings = read_settings(
        IngestSettings,
        {
            "PAYGAUGE_KAFKA": "a:9094,b:9094",
            "PAYGAUGE_KAFKA_SECURITY": "SASL_SSL",
            "PAYGAUGE_KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
            "PAYGAUGE_KAFKA_USERNAME": "ingest",
            "PAYGAUGE_KAFKA_PASSWORD": "hunter2",
        },
    )
    options = client_options(settings)

    assert options["bootstrap_servers"] == "a:9094,b:9094"
    assert (options["sasl_mechanism"], options["sasl_plain_username"]) == ("SCRAM-SHA-512", "ingest")
    assert options["ssl_context"].check_hostname
    assert "hunter2" not in str(describe_settings(settings))


def test_an_authority_that_is_not_there_is_named(tmp_path: Path) -> None:
    settings = IngestSettings(kafka_security="SSL", kafka_ca_file=str(tmp_path / "ca.pem"))

    with pytest.raises(SettingsError, match="PAYGAUGE_KAFKA_CA_FILE"):
        client_options(settings)


@pytest.mark.parametrize(
    ("variable", "value"), [("BRAKE_SHARE", "1.5"), ("BATCH_RECORDS", "0"), ("KAFKA_SECURITY", "TLS")]
)
def test_a_wrong_setting_is_named(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"PAYGAUGE_{variable}"):
        read_settings(IngestSettings, {f"PAYGAUGE_{variable}": value})
