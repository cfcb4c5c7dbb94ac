"""A MongoDB that holds very many reports before anything is measured, filled as fast as it takes them."""

import struct
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from random import Random

import bson
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient

from schema.document import COLLECTION, Document
from tests.bench.engines.documents import make_documents

KINDS = 100_000
"""Different documents, which come again with names, people and pay of their own.

Few kinds of many clones each would have all that they carry in common, and are what privacy takes longest over: seconds
for a breakdown of 5,000 kinds of 200.
"""
INSERTED_AT_ONCE = 2_000
WRITERS = 2
SEED = 7
AMOUNTS = ("total", "first_year", "base", "bonus", "stock", "benefits")


def fill(uri: str, count: int) -> None:
    """Insert this many reports."""
    kinds = [_Kind(document) for document in make_documents(min(KINDS, count), SEED)]
    with MongoClient[Document](uri) as client, ThreadPoolExecutor(WRITERS) as writers:
        reports = client["paygauge"].get_collection(COLLECTION)

        def write(writer: int) -> None:
            documents = _documents(kinds, range(writer, count, WRITERS))
            while batch := [*islice(documents, INSERTED_AT_ONCE)]:
                reports.insert_many(batch, ordered=False)

        for done in [writers.submit(write, writer) for writer in range(WRITERS)]:
            done.result()


class _Kind:
    """A document in BSON, and where in it stands what differs: to encode each anew takes longer than to insert it."""

    def __init__(self, document: Document) -> None:
        named = {**document, "_id": "0" * 32, "subject": "0" * 12, "contributor": "0" * 16}
        self._content = bson.encode(named)
        self._places = [self._content.index(b"\x01%s\x00" % name.encode()) + len(name) + 2 for name in AMOUNTS]
        self._amounts = [document["pay"][name] for name in AMOUNTS]
        texts = (b"_id", b"subject", b"contributor")
        self._texts = [self._content.index(b"\x02%s\x00" % name) + len(name) + 6 for name in texts]

    def document(self, number: int, random: Random) -> RawBSONDocument:
        content, factor = bytearray(self._content), random.uniform(0.8, 1.25)
        for place, amount in zip(self._places, self._amounts, strict=True):
            struct.pack_into("<d", content, place, amount * factor)
        texts = b"%032x" % random.getrandbits(128), b"%012d" % number, b"%016x" % random.getrandbits(64)
        for place, text in zip(self._texts, texts, strict=True):
            content[place : place + len(text)] = text
        return RawBSONDocument(bytes(content))


def _documents(kinds: list[_Kind], numbers: range) -> Iterator[RawBSONDocument]:
    random = Random(SEED + numbers.start)
    for number in numbers:
        yield kinds[number % len(kinds)].document(number, random)
