"""Free ports on the loopback address, remembered so that a server keeps its address from run to run."""

import random
import socket
from pathlib import Path

LOOPBACK = "127.0.0.1"
# Below Linux's range for outgoing connections: a port from that range may be taken while its server restarts.
FIRST, LAST = 20_000, 32_000


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Return whether a server could listen on `port` now."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a closed connection lingers without holding it
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


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
        if is_free(port):
            found.append(port)
        if len(found) == count:
            break
    return found


def remembered_ports(file: Path, count: int) -> list[int]:
    """Return the ports that `file` remembers if they are free now, else new ones, which `file` then remembers."""
    if file.exists():
        ports = [int(word) for word in file.read_text().split()]
        if len(ports) == count and all(map(is_free, ports)):
            return ports
    ports = free_ports(count)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(" ".join(map(str, ports)))
    return ports
