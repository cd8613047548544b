"""How hard the property tests try: quick by default, long with PEGEL_HYPOTHESIS=long (make truth)."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile("quick", max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("PEGEL_HYPOTHESIS", "quick"))
