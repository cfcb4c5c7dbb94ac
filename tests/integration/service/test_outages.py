"""Service, mongod and broker are killed while reports arrive and clients ask; tests.bench.outage has the long form."""

from pathlib import Path

from tests.bench.outage.clients import BROKER, MONGOD, SERVICE, Clients
from tests.bench.outage.faults import Faults, check
from tests.bench.outage.path import Arrivals, whole_path


def test_clients_see_clear_errors_while_servers_die_and_right_figures_afterwards(tmp_path: Path) -> None:
    with whole_path(tmp_path) as path:
        with Arrivals(path.settings), Clients(path.url, path.key) as clients:
            faults = Faults(path, clients)
            for name in (SERVICE, MONGOD, BROKER):
                faults.kill(name)
        assert check(path, clients) == []
