"""MongoDB's Kafka sink connector in a standalone Kafka Connect, on the JRE that ingest's bench has anyway."""

import os
import subprocess
import sys
from pathlib import Path

from deploy.embedded.jars import KAFKA_VERSION, java_home
from deploy.embedded.ports import free_ports
from deploy.embedded.process import Process

CONNECTOR_VERSION = "2.0.1"
NAME = "sink"
GROUP = f"connect-{NAME}"
"""What Connect calls the group of a sink."""
HERE = Path(__file__).parent
LOG4J = HERE.parents[2] / "deploy" / "embedded" / "log4j2.properties"

WORKER = """
bootstrap.servers={bootstrap}
key.converter=org.apache.kafka.connect.converters.ByteArrayConverter
value.converter=org.apache.kafka.connect.storage.StringConverter
offset.storage.file.filename={folder}/offsets
offset.flush.interval.ms=500
listeners=http://127.0.0.1:{port}
connector.client.config.override.policy=All
"""

# The id is made of the same two fields as ours, and a write is acknowledged by the journals of a majority, as ours.
SINK = """
name={name}
connector.class=com.mongodb.kafka.connect.MongoSinkConnector
tasks.max={tasks}
topics={topic}
connection.uri={mongo}&w=majority&journal=true
database={database}
collection=reports
document.id.strategy=com.mongodb.kafka.connect.sink.processor.id.strategy.PartialValueStrategy
document.id.strategy.partial.value.projection.type=AllowList
document.id.strategy.partial.value.projection.list=source,subject
writemodel.strategy=com.mongodb.kafka.connect.sink.writemodel.strategy.ReplaceOneDefaultStrategy
bulk.write.ordered=false
errors.tolerance=all
consumer.override.auto.offset.reset=earliest
consumer.override.max.poll.records=2000
consumer.override.group.id={group}
"""


def connect(
    folder: Path,
    downloads: Path,
    *,
    bootstrap: str,
    mongo: str,
    topic: str,
    database: str,
    group: str,
    tasks: int,
) -> Process:
    """Return a Kafka Connect that is not started yet, with one sink into the collection `reports`."""
    folder.mkdir(parents=True, exist_ok=True)
    worker, sink = folder / "worker.properties", folder / "sink.properties"
    worker.write_text(WORKER.format(bootstrap=bootstrap, folder=folder, port=free_ports(1)[0]))
    names = {"name": NAME, "topic": topic, "mongo": mongo, "database": database, "group": group, "tasks": tasks}
    sink.write_text(SINK.format(**names))
    java = [str(java_home() / "bin" / "java"), "-Xmx1g", f"-Dlog4j2.configurationFile={LOG4J}"]
    classpath = os.pathsep.join(map(str, connector_jars(downloads)))
    main = "org.apache.kafka.connect.cli.ConnectStandalone"
    return Process("Kafka Connect", [*java, "-cp", classpath, main, str(worker), str(sink)], folder / "connect.log")


def connector_jars(downloads: Path) -> list[Path]:
    """Return the jars of Kafka Connect and the connector, after downloading them where they are missing."""
    remembered = downloads / f"connect-{KAFKA_VERSION}-{CONNECTOR_VERSION}-jars.txt"
    if not remembered.exists():
        # a process of its own: jgo reads JAVA_HOME from the environment
        run = subprocess.run(
            [sys.executable, "-m", "tests.bench.ingest.connector", str(downloads)],
            env={**os.environ, "JAVA_HOME": str(java_home())},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        remembered.write_text(run.stdout)
    return [downloads / line for line in remembered.read_text().splitlines()]


def _resolve(downloads: Path) -> None:
    from jgo.constants import MAVEN_CENTRAL_URL
    from jgo.env import EnvironmentBuilder
    from jgo.maven import MavenContext

    maven = MavenContext(repo_cache=downloads / "maven", remote_repos={"central": MAVEN_CENTRAL_URL})
    # the jar with everything in it; the plain one asks for ranges of versions, which jgo does not resolve
    sink = maven.project("org.mongodb.kafka", "mongo-kafka-connect").at_version(CONNECTOR_VERSION).artifact("all")
    parts = (
        f"org.apache.kafka:connect-runtime:{KAFKA_VERSION}",
        f"org.apache.kafka:connect-json:{KAFKA_VERSION}!",
        "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4!",
    )
    runtime = EnvironmentBuilder(maven, cache_dir=downloads / "jgo").from_endpoint("+".join(parts))
    for jar in [sink.resolve(), *runtime.all_jars]:
        sys.stdout.write(f"{jar.relative_to(downloads)}\n")


if __name__ == "__main__":
    _resolve(Path(sys.argv[1]))
