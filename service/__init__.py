"""MongoDB to answers: columns, figures, GraphQL, the page. Knows no Kafka."""

from importlib.metadata import version

VERSION = version("paygauge")
