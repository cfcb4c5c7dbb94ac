"""The producers that come with Paygauge: files of events, the ai-jobs CSV, the demo."""
