"""A stream with every kind of disorder, the same for the same seed."""

import random
from collections.abc import Iterator

from schema.event import CORRECTED, SUBMITTED
from tests.integration.ingest.support import Message, submitted, withdrawn

WINDOW = 500  # messages that may change places
REPEATED, BAD, ELSEWHERE = 0.05, 0.01, 0.3
"""Shares of messages that come twice, of wrong ones, and of those that come in any partition instead of the key's."""

CITIES = ("Berlin", "Bengaluru", "Toronto", "Zürich", "Remote", "Nowhere")
TITLES = ("ML Engineer", "Senior Data Scientist", "Staff Research Engineer", "MLOps Lead", "Baker")
SKILLS = ("Python", "k8s", "juggling")


def disorder(reports: int, partitions: int, seed: int) -> Iterator[list[Message]]:
    """Yield windows of messages about so many reports: duplicates, late revisions, early withdrawals, bad messages."""
    luck = random.Random(seed)
    window: list[Message] = []
    for number in range(reports):
        for message in _about(number, luck):
            copies = 2 if luck.random() < REPEATED else 1
            for _ in range(copies):
                elsewhere = copies > 1 or luck.random() < ELSEWHERE
                window.append(message._replace(partition=luck.randrange(partitions)) if elsewhere else message)
        if luck.random() < BAD:
            window.append(_bad(number, luck))
        if len(window) >= WINDOW or number == reports - 1:
            luck.shuffle(window)
            yield window
            window = []


def _about(number: int, luck: random.Random) -> list[Message]:
    name = f"r-{number}"

    def version(moment: int, subject: str = name) -> Message:
        base = luck.randrange(50_000, 400_000)
        more = {"title": luck.choice(TITLES), "place": luck.choice(CITIES), "skills": luck.sample(SKILLS, 2)}
        return submitted(subject, moment, base, type=SUBMITTED if moment == 1 else CORRECTED, **more)

    match luck.randrange(12):
        case 0:
            return [version(1), version(2), version(3)]
        case 1:
            return [version(3), version(1), version(2)]
        case 2:
            return [version(1), withdrawn(name, 2)]
        case 3:
            return [withdrawn(name, 2), version(1)]
        case 4:
            return [withdrawn(name, 2), version(3), version(1)]
        case 5:
            return [version(moment, f"{name}{end}") for moment in (2, 1) for end in ("#min", "#max")]
        case 6:
            return [version(1, f"{name}#max"), withdrawn(f"{name}#max", 2), version(1, f"{name}#min")]
        case _:
            return [version(1)]


def _bad(number: int, luck: random.Random) -> Message:
    name = f"bad-{number}"
    return luck.choice(
        [
            Message(b"{", name.encode()),
            Message(b"\xff\x00", name.encode(), [("trace", b"\x00")]),
            submitted(name, title=...),
            submitted(name, pay={"currency": "ZZZ", "base": 1}),
            submitted(name, effective="2099-01-01"),
        ]
    )
