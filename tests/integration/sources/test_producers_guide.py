"""The Python in docs/producers.md runs, and what it sends is taken."""

import asyncio
import os
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from aiokafka import AIOKafkaConsumer

import schema
from ingest.dead_letters import text_headers
from ingest.normalise import normalise
from ingest.settings import IngestSettings
from ingest.topics import create_topics
from schema.event import TOPIC, decode_event
from schema.report import SalaryReport

GUIDE = (Path(schema.__file__).parents[1] / "docs" / "producers.md").read_text(encoding="utf-8")


async def test_the_python_of_the_guide_sends_a_report_that_is_taken(kafka: str, tmp_path: Path) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    script = tmp_path / "send_report.py"
    script.write_text(program, encoding="utf-8")
    await create_topics(IngestSettings(kafka=kafka))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "error", script, cwd=tmp_path, env={**os.environ, "KAFKA": kafka}
    )
    assert await process.wait() == 0
    async with AIOKafkaConsumer(TOPIC, bootstrap_servers=kafka, auto_offset_reset="earliest") as consumer:
        while b"survey.example.org/2026" not in ((record := await consumer.getone()).value or b""):
            pass  # another test's
    report = normalise(decode_event(record.value, text_headers(record)), datetime.now(UTC))
    assert isinstance(report, SalaryReport)
    assert (record.key, report.role, report.country) == (b"c-1", "machine-learning-engineer", "DE")
