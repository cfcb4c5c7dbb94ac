"""Ours against DuckDB and chDB on the same synthetic reports: time, memory, loading, and answers over HTTP."""
