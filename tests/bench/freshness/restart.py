"""How soon a service is ready: `python -m tests.bench.freshness.restart --reports 5000000`.

With a mongod of its own in a temporary folder, which is filled; then the service is started thrice: once it reads
everything from MongoDB, and twice what it kept. With `--kept` MongoDB holds next to nothing, and what is kept is
synthetic: that is ready for measuring in seconds.
"""

import argparse
import http.client
import os
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

from pymongo import MongoClient

from deploy.embedded.mongo import MongoServer
from schema.document import COLLECTION, Document
from service.documents import Encoder
from service.figures.dimensions import new_codebooks
from service.figures.index import Index
from service.reader import Reader
from service.shelf import Moment, Shelf
from service.stream import token_of_now
from tests.bench.engines.reports import make_reports
from tests.bench.freshness.held import fill
from tests.bench.freshness.service import Service, Started, ask, cpu_seconds
from tests.bench.freshness.traffic import BREAKDOWN

COMPILED_REPORTS = 10_000
SEED, STARTS = 7, 2


def bench_kept(count: int, folder: Path) -> None:
    """Measure starts from what is kept only, and print what was found."""
    with MongoServer(folder / "mongo", folder / "mongo.log") as mongo:
        mongo.wait_until_ready()
        fill(mongo.uri, 1)
        with MongoClient[Document](mongo.uri) as client:
            collection = client["paygauge"][COLLECTION]
            reports, resume = make_reports(count, SEED), token_of_now(collection)
            uuid = str(next(iter(client["paygauge"].list_collections()))["info"]["uuid"])
        base = Index(reports.columns())
        base.warm()
        Shelf(folder / "columns", uuid).save_base(base, Moment(resume, 1, None, reports.books))
        service = Service({**os.environ, "PAYGAUGE_MONGO": mongo.uri}, folder)
        for _ in range(STARTS):
            with service.running() as ready:
                _tell("from what was kept", service, ready)


def bench(count: int, folder: Path) -> None:
    """Measure, and print what was found."""
    with MongoServer(folder / "mongo", folder / "mongo.log") as mongo:
        mongo.wait_until_ready()
        _compile()
        started = time.monotonic()
        fill(mongo.uri, count)
        print(f"{count:,} reports inserted in {time.monotonic() - started:.0f} s", flush=True)
        service, before = Service({**os.environ, "PAYGAUGE_MONGO": mongo.uri}, folder), cpu_seconds(mongo)
        with service.running() as ready:
            spent = cpu_seconds(mongo) - before
            _tell("read from MongoDB", service, ready)
            wall, own, its = (1e6 * each / count for each in (ready.ready - ready.answers, ready.processor, spent))
            print(
                f"  a report takes {wall:.1f} us, {own:.1f} us of the service's and {its:.1f} us of MongoDB's processor"
            )
        for _ in range(STARTS):
            with service.running() as ready:
                _tell("from what was kept", service, ready)


def _compile() -> None:
    # which happens once on a machine, and is not what is measured
    list(Reader(Encoder(new_codebooks())).read(b""))
    Index(make_reports(COMPILED_REPORTS, SEED).columns()).warm()


def _tell(source: str, service: Service, started: Started) -> None:
    asked = time.monotonic()
    connection = http.client.HTTPConnection(urlsplit(service.url).netloc, timeout=60)
    ask(connection, BREAKDOWN, {"level": ["SENIOR"], "place": ["US"]})
    connection.close()
    first, reports, load = time.monotonic() - asked, service.about()["reports"], os.getloadavg()[0]
    print(
        f"ready after {started.ready:.1f} s, {source}, with {reports:,} reports; it answered at all after "
        f"{started.answers:.1f} s, loaded for {service.load_seconds():.1f} s, and computed for "
        f"{started.processor:.1f} s; a breakdown asked at once took {first:.1f} s (load {load:.1f})",
        flush=True,
    )


def main() -> None:
    """Read the size and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=1_000_000)
    parser.add_argument("--kept", action="store_true", help="starts from what is kept only")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="paygauge-restart-") as folder:
        (bench_kept if given.kept else bench)(given.reports, Path(folder))


if __name__ == "__main__":
    main()
