"""The contracts as files: GraphQL's SDL, the JSON Schema of an event, and AsyncAPI, each made from the code."""

import json
from pathlib import Path
from typing import Any

import yaml

import schema
from ingest.topics import DEAD_LETTER_CONFIG, TOPIC_CONFIG
from schema.contracts import json_schema
from schema.event import DEAD_LETTER_TOPIC, STRUCTURED, TOPIC
from schema.vocabulary import RejectionReason
from service import VERSION
from service.graphql.schema import sdl

FOLDER = Path(schema.__file__).parent
EVENT_SCHEMA = "salary-report.v1.json"

Json = dict[str, Any]


def write_contracts(folder: Path | None = None) -> list[Path]:
    """Write the contracts into a folder, by default schema/; return their paths."""
    target = folder or FOLDER
    target.mkdir(parents=True, exist_ok=True)
    for name, text in contracts().items():
        (target / name).write_text(text, encoding="utf-8")
    return [target / name for name in contracts()]


def contracts() -> dict[str, str]:
    """Return the text of each contract by file name."""
    return {
        "api.graphql": sdl(),
        EVENT_SCHEMA: json.dumps(json_schema(), indent=2) + "\n",
        "asyncapi.yaml": yaml.safe_dump(asyncapi(), sort_keys=False, width=110, allow_unicode=True),
    }


def asyncapi() -> Json:
    """Return the AsyncAPI 3 document: the topics, their settings, and the messages in them."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Paygauge",
            "version": VERSION,
            "description": "Salary reports, as producers stream them. The guide is docs/producers.md.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": STRUCTURED,
        "channels": {
            "reports": _channel(TOPIC, "Salary reports, kept for ever.", TOPIC_CONFIG, ["structured", "binary"]),
            "deadLetters": _channel(
                DEAD_LETTER_TOPIC, "Messages that were set aside, and why.", DEAD_LETTER_CONFIG, ["deadLetter"]
            ),
        },
        "operations": {
            "ingestReports": {"action": "receive", "channel": {"$ref": "#/channels/reports"}},
            "setAside": {"action": "send", "channel": {"$ref": "#/channels/deadLetters"}},
        },
        "components": {"messages": {"structured": _structured(), "binary": _binary(), "deadLetter": _dead_letter()}},
    }


def _channel(address: str, description: str, config: dict[str, str], messages: list[str]) -> Json:
    topic = {
        "cleanup.policy": [config["cleanup.policy"]],
        "retention.ms": int(config["retention.ms"]),
        "retention.bytes": int(config["retention.bytes"]),
        "max.message.bytes": int(config["max.message.bytes"]),
    }
    return {
        "address": address,
        "description": description,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
        "bindings": {"kafka": {"topic": address, "topicConfiguration": topic, "bindingVersion": "0.5.0"}},
    }


_KEY = {
    "kafka": {
        "key": {"type": "string", "description": "The contributor where there is one, else source + subject."},
        "bindingVersion": "0.5.0",
    }
}


def _structured() -> Json:
    return {
        "title": "Event in structured mode",
        "contentType": STRUCTURED,
        "payload": {"$ref": f"./{EVENT_SCHEMA}"},
        "bindings": _KEY,
    }


def _binary() -> Json:
    event = json_schema()
    attributes = {name: {"type": "string", "description": text} for name, text in _descriptions(event).items()}
    required = [f"ce_{name}" for name in event["required"]]
    headers = {"type": "object", "properties": attributes, "required": required}
    return {
        "title": "Event in binary mode: attributes in headers, data as the value",
        "contentType": "application/json",
        "headers": headers,
        "payload": {"$ref": f"./{EVENT_SCHEMA}#/$defs/ReportData"},
        "bindings": _KEY,
    }


def _descriptions(event: Json) -> dict[str, str]:
    return {f"ce_{name}": held.get("description", name) for name, held in event["properties"].items()}


def _dead_letter() -> Json:
    texts = {
        "paygauge-reason": {"type": "string", "enum": [reason.value for reason in RejectionReason]},
        "paygauge-message": {"type": "string", "description": "What is wrong, in a sentence."},
        "paygauge-path": {"type": "string", "description": "Where in the message it is wrong."},
        "paygauge-topic": {"type": "string", "description": "Topic that the message came from."},
        "paygauge-partition": {"type": "string", "description": "Its partition there."},
        "paygauge-offset": {"type": "string", "description": "Its offset there."},
        "paygauge-normaliser": {"type": "string", "description": "Version of the normaliser that rejected it."},
    }
    return {
        "title": "A message that was set aside, with its original bytes and headers",
        "headers": {"type": "object", "properties": texts, "required": ["paygauge-reason"]},
        "payload": {"description": "The original bytes, whatever they are."},
    }
