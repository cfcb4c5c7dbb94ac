"""Commands that run until they are interrupted."""

import gc
import os
from pathlib import Path

import click

from deploy.commands.options import SEED, given_environ, home_option


@click.command()
@home_option
@click.option("--host", help="Address to answer on. Default: 127.0.0.1. [env: PAYGAUGE_HOST]")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to answer on. Default: 8000. [env: PAYGAUGE_PORT]")
@click.option("--demo/--no-demo", default=True, help="Fill an empty store with synthetic reports. Default: --demo.")
@click.option(
    "--demo-reports",
    type=click.IntRange(min=1),
    default=20_000,
    show_default=True,
    metavar="N",
    help="How many reports the demo has.",
)
@click.option("--seed", type=int, default=SEED, show_default=True, help="Seed of the demo.")
def up(home: Path | None, host: str | None, port: int | None, demo: bool, demo_reports: int, seed: int) -> None:
    """Start everything on this machine.

    That is Kafka, MongoDB, ingest and the service; Ctrl-C stops them. Where PAYGAUGE_KAFKA or PAYGAUGE_MONGO names a
    server, that one is used instead. Data and logs stay in the home; Kafka's jars are downloaded once, to
    PAYGAUGE_DOWNLOADS (default: paygauge in the user's cache directory).
    """
    from deploy.up import Demo, bring_up

    bring_up(given_environ(home=home, host=host, port=port), Demo(demo_reports, seed) if demo else None)


@click.command()
def serve() -> None:
    """Answer GraphQL from what MongoDB holds.

    Runs until interrupted. Reads PAYGAUGE_MONGO, PAYGAUGE_DATABASE, PAYGAUGE_HOST and PAYGAUGE_PORT.
    """
    gc.disable()  # nothing that is imported is garbage, and to look for it takes a tenth of the time
    from schema.settings import read_settings
    from service.ahead import Ahead, Home

    folder = read_settings(Home, os.environ).columns_folder
    ahead = Ahead(folder) if folder else None
    from deploy.serve import serve as run

    run(os.environ, ahead)


@click.command()
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    metavar="N",
    help="How many processes share the partitions; each uses one core.",
)
def ingest(processes: int) -> None:
    """Bring events from Kafka into MongoDB.

    Runs until interrupted. Reads PAYGAUGE_KAFKA, PAYGAUGE_MONGO, PAYGAUGE_DATABASE, PAYGAUGE_TOPIC, PAYGAUGE_GROUP
    and the PAYGAUGE_KAFKA_* options for SASL and TLS. Several may run at once: they share the topic's partitions. With
    PAYGAUGE_METRICS_PORT each of N processes answers Prometheus on a port of its own, from that one on.
    """
    from deploy.consume import consume

    consume(os.environ, processes)
