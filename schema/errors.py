"""The small family of errors. The docstring of a class is what a person reads first, `detail` what they read next."""

from schema.vocabulary import RejectionReason


class PaygaugeError(Exception):
    """Paygauge cannot go on."""

    def __init__(self, detail: str = "") -> None:
        message = (type(self).__doc__ or "").strip()
        super().__init__(f"{message} {detail}".strip())
        self.detail = detail


class SettingsError(PaygaugeError):
    """A setting is wrong."""


class Unavailable(PaygaugeError):
    """A server that Paygauge needs does not answer."""


class IngestStopped(PaygaugeError):
    """Ingest has stopped before it committed anything of this; nothing is lost."""


class Rejection(PaygaugeError):
    """The message is wrong."""

    def __init__(self, reason: RejectionReason, path: str, detail: str) -> None:
        super().__init__(f"{path}: {detail}" if path else detail)
        self.reason, self.path, self.detail = reason, path, detail
