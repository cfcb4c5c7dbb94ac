"""The brake: stops ingest before a bad deploy sends the whole topic to the dead letters."""

from collections import deque

from schema.errors import IngestStopped


class Brake:
    """Watches the share of rejected messages in a window of at least `window` messages; a `share` of 0 turns it off."""

    def __init__(self, share: float, window: int) -> None:
        self._share, self._window = share, window
        self._batches: deque[tuple[int, int]] = deque()
        self._read = self._rejected = 0

    def check(self, read: int, rejected: int) -> None:
        """Count a batch. Raises IngestStopped where more than `share` of the window's messages were rejected."""
        self._batches.append((read, rejected))
        self._read += read
        self._rejected += rejected
        while self._read - self._batches[0][0] >= self._window:
            old_read, old_rejected = self._batches.popleft()
            self._read -= old_read
            self._rejected -= old_rejected
        if self._share and self._read >= self._window and self._rejected > self._share * self._read:
            raise IngestStopped(
                f"{self._rejected:,} of the last {self._read:,} messages were rejected, which is more than"
                f" {self._share:.0%}: look at `paygauge dead-letters stats`, then mend the producer or this release,"
                " or set PAYGAUGE_BRAKE_SHARE=0 to set them all aside."
            )
