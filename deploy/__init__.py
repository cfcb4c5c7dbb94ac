"""Every way to run Paygauge: the command, the embedded stack, the image."""
