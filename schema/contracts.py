"""The JSON Schema of an event, from the Structs that decode it."""

from typing import Any

import msgspec

from schema.event import CORRECTED, SUBMITTED, WITHDRAWN, Event

SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCHEMA_ID = "https://paygauge.org/schema/salary-report.v1.json"

Json = dict[str, Any]


def json_schema() -> Json:
    """Return the JSON Schema of an event in structured mode: what `schema.event.decode_event` takes.

    Bounds that need more than the message itself (a currency's rate, a date in the future) are not in it.
    """
    _, definitions = msgspec.json.schema_components([Event], ref_template="#/$defs/{name}")
    event = definitions.pop("Event")
    properties = event["properties"]
    properties["specversion"] = {"const": "1.0"}
    properties["type"] = {"enum": [SUBMITTED, CORRECTED, WITHDRAWN], "description": "What happened to the report."}
    properties["source"]["description"] = "Who reports: a URI of the producer's own."
    properties["subject"]["description"] = (
        "The report's name within the source; `#min` and `#max` at its end name the two ends of a posting's range."
    )
    properties["id"]["description"] = "The message's name within the source."
    properties["time"]["description"] = "When this version was made; with `sequence` it orders a report's versions."
    data = properties.pop("data")["anyOf"][0]
    return {
        "$schema": SCHEMA_DIALECT,
        "$id": SCHEMA_ID,
        "title": "Salary report event, version 1",
        "description": "A CloudEvents 1.0 message in structured mode. Unknown attributes and fields pass.",
        "type": "object",
        "properties": properties,
        "required": ["specversion", *event["required"]],
        "if": {"properties": {"type": {"const": WITHDRAWN}}},
        "else": {"properties": {"data": data}, "required": ["data"]},
        "$defs": definitions,
    }
