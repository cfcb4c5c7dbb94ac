"""MongoDB to answers: columns, figures, GraphQL, the page. Knows no Kafka."""

import os
from importlib.metadata import version

# before numpy is loaded: the matrices here are small, and its threads would wait for each other while others work
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

VERSION = version("paygauge")
