"""A MongoDB that holds very many reports before the stream begins."""

from collections.abc import Iterator
from random import Random

from pymongo import MongoClient

from schema.document import COLLECTION, Document, document_id
from tests.bench.engines.documents import make_documents

KINDS = 5_000
"""Different documents, which come again and again with names, people and pay of their own."""
INSERTED_AT_ONCE = 2_000
SEED = 7


def fill(uri: str, count: int) -> None:
    """Insert this many reports."""
    with MongoClient[Document](uri) as client:
        reports, batch = client["paygauge"][COLLECTION], list[Document]()
        for document in _documents(count):
            batch.append(document)
            if len(batch) == INSERTED_AT_ONCE:
                reports.insert_many(batch, ordered=False)
                batch.clear()
        if batch:
            reports.insert_many(batch, ordered=False)


def _documents(count: int) -> Iterator[Document]:
    random, kinds = Random(SEED), make_documents(KINDS, SEED)
    for number in range(count):
        kind = kinds[number % KINDS]
        factor = random.uniform(0.8, 1.25)
        pay = {name: value * factor if isinstance(value, float) else value for name, value in kind["pay"].items()}
        yield {
            **kind,
            "_id": document_id("urn:bench", f"held-{number}"),
            "subject": f"held-{number}",
            "contributor": f"{random.getrandbits(64):016x}",
            "pay": pay,
        }
