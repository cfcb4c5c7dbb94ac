"""The sub-commands of `paygauge`, by what they are for: each imports what it needs, so that `--help` is quick."""
