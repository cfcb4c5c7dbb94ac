"""What Schemathesis is told of the API: values of its own scalars, and what counts as an error of ours."""

from typing import Any

import schemathesis
from hypothesis import strategies as st
from schemathesis import graphql
from schemathesis.graphql import nodes

graphql.scalar("Date", st.dates().map(str).map(nodes.String))
graphql.scalar("DateTime", st.datetimes().map(lambda moment: nodes.String(f"{moment.isoformat()}Z")))


@schemathesis.check
def refused_or_answered(_context: Any, response: schemathesis.Response, _case: schemathesis.Case) -> None:
    """Whatever is asked, it is answered, or refused with a code; Schemathesis would take any refusal for a fault."""
    answer = response.json()
    codes = [error["extensions"]["code"] for error in answer.get("errors", [])]
    assert response.status_code < 500, answer
    assert "INTERNAL" not in codes, answer
    assert codes or answer["data"], answer
