"""How properties are tested: without a deadline, since a pause of the machine is no failure of the code."""

from hypothesis import settings

settings.register_profile("paygauge", deadline=None)
settings.load_profile("paygauge")
