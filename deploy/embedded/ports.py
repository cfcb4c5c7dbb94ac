"""Free ports on the loopback address, remembered so that a server keeps its address from run to run."""

import random
import socket
from pathlib import Path

LOOPBACK = "127.0.0.1"
# Below Linux's range for outgoing connections: a port from that range may be taken while its server restarts.
FIRST, LAST = 20_000, 32_000


def listening_error(port: int, host: str = LOOPBACK) -> str | None:
    """Return why no server could listen on `port` now, None if one could."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a closed connection does not hold a port
            probe.bind(address)
    except OSError as error:
        return error.strerror or str(error)
    return None


def answers(port: int, host: str = LOOPBACK) -> bool:
    """Return whether something accepts connections on `port`."""
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


def free_ports(count: int) -> list[int]:
    """Return `count` different ports that are free now."""
    found: list[int] = []
    for port in random.sample(range(FIRST, LAST), LAST - FIRST):
        if not listening_error(port):
            found.append(port)
        if len(found) == count:
            break
    return found


def remembered_ports(file: Path, count: int) -> list[int]:
    """Return the ports that `file` remembers if they are free now, else new ones, which `file` then remembers."""
    if file.exists():
        ports = [int(word) for word in file.read_text().split()]
        if len(ports) == count and not any(map(listening_error, ports)):
            return ports
    ports = free_ports(count)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(" ".join(map(str, ports)))
    return ports
