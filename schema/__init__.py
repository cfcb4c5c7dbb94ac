"""What a report and an answer look like at each border: contracts and words. No I/O, no framework, no driver."""
