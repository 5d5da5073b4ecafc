"""What is measured: facts become counters, gauges and histograms.

No label holds a user, a text, or anything else that a client may choose without bound.
"""

from api.telemetry.metrics.metrics import Metrics

__all__ = ["Metrics"]
