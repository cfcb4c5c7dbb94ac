"""Apache Kafka as a child process: one KRaft node on the JRE that comes from PyPI."""

import base64
import os
import subprocess
import uuid
from pathlib import Path
from string import Template

from deploy.embedded.jars import java_home, kafka_jars
from deploy.embedded.ports import LOOPBACK, remembered_ports
from deploy.embedded.process import Process, ProcessFailed

START_SECONDS = 60.0  # 4 s on an idle machine
HEAP = "-Xmx512m"
HERE = Path(__file__).parent


class KafkaServer(Process):
    """An Apache Kafka with its data below `folder` and its jars below `downloads`; it keeps its port from run to run.

    `start` returns before it is ready, so that MongoDB can start meanwhile: call `wait_until_ready`.
    """

    def __init__(self, folder: Path, downloads: Path, log: Path) -> None:
        self.folder = folder
        port, controller_port = remembered_ports(folder / "ports", 2)
        self.bootstrap = f"{LOOPBACK}:{port}"
        self._settings = folder / "server.properties"
        self._settings.write_text(
            Template((HERE / "server.properties").read_text()).substitute(
                port=port, controller_port=controller_port, data=folder / "data"
            )
        )
        classpath = os.pathsep.join(map(str, kafka_jars(downloads)))
        self._java = [
            str(java_home() / "bin" / "java"),
            HEAP,
            f"-Dlog4j2.configurationFile={HERE / 'log4j2.properties'}",
        ]
        self._java += ["-cp", classpath]
        super().__init__("Kafka", [*self._java, "kafka.Kafka", str(self._settings)], log)

    def start(self) -> None:
        """Format the data folder where it is new, then start the process."""
        if not (self.folder / "data" / "meta.properties").exists():
            self._format()
        super().start()

    def wait_until_ready(self) -> None:
        """Return when the broker is registered and answers. Raises ProcessFailed with the log's last lines."""
        self.wait_until(lambda: "Kafka Server started" in self.logged(), START_SECONDS)

    def _format(self) -> None:
        cluster = base64.urlsafe_b64encode(b"P" + uuid.uuid4().bytes[1:]).decode()[:22]  # an id must not begin with "-"
        tool = [*self._java, "kafka.tools.StorageTool", "format", "--ignore-formatted", "-t", cluster]
        run = subprocess.run(
            [*tool, "-c", str(self._settings)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if run.returncode != 0:
            raise ProcessFailed(f"Kafka's data folder could not be formatted: {run.stdout[-2000:]}")
