"""The 32 figures in a terminal, asked of a running service."""

import json
import urllib.error
import urllib.request
from typing import Any

from rich.console import Console
from rich.table import Table

from schema.errors import Unavailable

QUERY = """query ($basis: Basis!) { figures(basis: $basis) {
  number section title claim statement unit estimate { value low high kind }
  parts { label estimate { value low high kind } sample { reports contributors } }
  sample { reports contributors } suppression { reason message } query } }"""
ANSWER_SECONDS = 60


def ask_figures(address: str, currency: str) -> list[dict[str, Any]]:
    """Return the figures that a service gives. Raises Unavailable where it does not answer."""
    body = json.dumps({"query": QUERY, "variables": {"basis": {"currency": currency}}}).encode()
    request = urllib.request.Request(f"{address}/graphql", body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as response:
            answer = json.load(response)
    except (urllib.error.URLError, TimeoutError) as error:
        raise Unavailable(f"No service answers at {address}: start one with `paygauge up`.") from error
    if answer.get("errors"):
        raise Unavailable(answer["errors"][0]["message"])
    figures: list[dict[str, Any]] = answer["data"]["figures"]
    return figures


def print_figures(figures: list[dict[str, Any]], console: Console) -> None:
    """Print a figure a row, a section after the other."""
    table = Table(show_lines=False, header_style="bold")
    table.add_column("#", justify="right")
    table.add_column("Figure")
    table.add_column("What the reports say")
    table.add_column("Reports", justify="right")
    section = None
    for figure in figures:
        if figure["section"] != section:
            section = figure["section"]
            table.add_section()
        sample = figure["sample"]
        table.add_row(
            str(figure["number"]), figure["title"], figure["statement"], f"{sample['reports']:,}" if sample else ""
        )
    console.print(table)
